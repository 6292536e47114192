package table

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// readHeader reads the first row and checks the names in it.
func (r *Rows) readHeader() error {
	r.reader.FieldsPerRecord = 0 // the first row says how many fields every row has
	record, err := r.reader.Read()
	switch {
	case err == io.EOF:
		return placed(Empty.New().At(problem.Field{Line: 1, Column: 1, Message: "expected a first line with the names of the columns"}), r.options.File)
	case err != nil:
		r.refuse(nil, err)
		return r.failed
	}
	r.record = record
	names := make([]string, len(record))
	for i, name := range record {
		names[i] = normal(strings.Clone(name))
	}
	r.header = names
	r.checkNames()
	if len(r.faults) == 0 {
		r.checkRequired()
	}
	r.record = nil
	if len(r.faults) > 0 {
		return BadHeader.New().At(r.faults...)
	}
	return nil
}

func (r *Rows) checkNames() {
	seen := make(map[string]int, len(r.header))
	for column, name := range r.header {
		_, at := r.Place(column)
		first, twice := seen[name]
		switch {
		case name == "":
			r.Fault(column, "this column has no name; expected one, or no comma at the end of the line")
		case strings.ContainsRune(name, '\r'):
			r.Fault(column, "the lines end with carriage returns only; expected line feeds (save the file as CSV again)")
			return
		case len(name) > r.options.MaxField:
			r.header[column] = name[:64]
			r.Fault(column, "this name is too long to be a column name")
		case twice:
			_, firstAt := r.Place(first)
			r.Fault(column, fmt.Sprintf("the name %q is used twice, at column %d and at column %d; expected every name once", name, firstAt, at))
		default:
			seen[name] = column
		}
	}
}

// checkRequired names the missing columns, and says so when the file is
// probably separated by something else.
func (r *Rows) checkRequired() {
	var missing []string
	for _, name := range r.options.Required {
		if !slices.Contains(r.header, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return
	}
	for _, separator := range []struct{ mark, word string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}} {
		if len(r.header) == 1 && separator.mark != string(r.options.Comma) && strings.Contains(r.header[0], separator.mark) {
			r.Fault(0, fmt.Sprintf("the columns seem to be separated by %s; expected %s", separator.word, commaWord(r.options.Comma)))
			return
		}
	}
	for _, name := range missing {
		r.note(problem.Field{Name: name, Line: 1, Column: 1,
			Message: fmt.Sprintf("there is no column %q; found %s", name, listed(r.header))})
	}
}

func commaWord(comma rune) string {
	if comma == ',' {
		return "commas"
	}
	return fmt.Sprintf("%q", comma)
}

// listed quotes the first few names.
func listed(names []string) string {
	const most = 12
	quoted := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		runes := []rune(name)
		if len(runes) > 40 {
			name = string(runes[:40]) + "…"
		}
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
