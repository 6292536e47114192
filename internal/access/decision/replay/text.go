package replay

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Text is the report for a terminal. person gives the name of somebody; it ends with
// a line break.
func (r *Report) Text(person func(ids.Person) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Draft      %s\n", r.Draft)
	fmt.Fprintf(&b, "Since      %s\n", r.Span.Since.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "Until      %s\n", r.Span.Until.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "Decisions  %d made again, for %d requests\n", r.Total.Judged(), r.Requests)
	for _, kind := range []Kind{Unjudged, Elsewhere} {
		if count := r.Total.Of(kind); count > 0 {
			fmt.Fprintf(&b, "           %d %s\n", count, kind.Words())
		}
	}
	if r.Total.Different() == 0 {
		fmt.Fprintf(&b, "\nNothing would have been decided otherwise.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "\n%d of them would have been decided otherwise, for %d people:\n", r.Total.Different(), r.People)
	for _, kind := range Kinds() {
		if count := r.Total.Of(kind); count > 0 {
			fmt.Fprintf(&b, "  %8d  %s\n", count, kind.Words())
		}
	}
	writeLines(&b, "By service", r.Services)
	writeLines(&b, "By department", r.Departments)
	writeLines(&b, "Because of the rules", r.Rules)
	persons := make([]Line, len(r.Persons))
	for i, line := range r.Persons {
		line.Name = person(ids.Person(line.Name))
		persons[i] = line
	}
	writeLines(&b, "By person", persons[:min(len(persons), shownPersons)])
	if rest := r.People - shownPersons; rest > 0 {
		fmt.Fprintf(&b, "  and %d more\n", rest)
	}
	writeLines(&b, "Decided under version", r.Versions)
	return b.String()
}

// shownPersons is how many people a terminal shows.
const shownPersons = 10

func writeLines(b *strings.Builder, title string, lines []Line) {
	fmt.Fprintf(b, "\n%s\n", title)
	table := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0)
	fmt.Fprint(table, "  \tSTOPPED\tASKED\tLET IN\tASKED, NOT REFUSED\n")
	for _, line := range lines {
		if line.Counts.Different() > 0 {
			fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\n", line.Named(), line.Counts.Of(Stopped), line.Counts.Of(Asked), line.Counts.Of(LetIn), line.Counts.Of(Offered))
		}
	}
	table.Flush()
}

// Named is the name of the line, or what stands in its place.
func (l *Line) Named() string {
	if l.Name == "" {
		return "not known"
	}
	return l.Name
}
