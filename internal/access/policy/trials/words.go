package trials

import (
	"fmt"
	"strings"
)

// String is the count for people: "3 people: 5 times asked to sign in, 1 time refused".
func (c Count) String() string {
	people := fmt.Sprintf("%d people", c.People)
	if c.People == 1 {
		people = "1 person"
	}
	return fmt.Sprintf("%s: %s asked to sign in again, %s refused; %s with less", people, times(c.SteppedUp), times(c.Stopped), times(c.Eased))
}

func times(count int64) string {
	if count == 1 {
		return "1 time"
	}
	return fmt.Sprintf("%d times", count)
}

// Text is the report for a terminal; called names a service by its id. It ends with a
// line break.
func (r Report) Text(called func(id string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "It was asked about %d decisions.\n", r.Judged)
	fmt.Fprintf(&b, "It would have met %s.\n", r.Total)
	for _, row := range r.Services {
		fmt.Fprintf(&b, "  at %-24s %s\n", called(row.Name), row.Count)
	}
	for _, row := range r.Departments {
		name := row.Name
		if name == "" {
			name = "no department"
		}
		fmt.Fprintf(&b, "  in %-24s %s\n", name, row.Count)
	}
	return b.String()
}
