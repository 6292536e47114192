package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// The limits that hold unless Options says otherwise.
const (
	usualMaxBytes  = 200 << 20
	usualMaxField  = 64 << 10
	usualMaxFaults = 20

	bufferSize = 1 << 20
	// maxRecord bounds one row, and with it the memory a quotation mark that is
	// never closed can take.
	maxRecord = 4 << 20
)

// Options says what is expected. The zero value is a comma-separated file with
// any columns and the usual limits.
type Options struct {
	File      string   // the file as the person named it, for problems
	Required  []string // columns that must be there, lower case
	Comma     rune     // 0 is ','
	MaxBytes  int64    // bytes of text after decoding; 0 is 200 MiB
	MaxField  int      // bytes of one field; 0 is 64 KiB
	MaxFaults int      // places after which reading stops; 0 is 20
}

// Rows reads one table. It is used by one goroutine.
type Rows struct {
	options Options
	guard   *guard
	reader  *csv.Reader
	header  []string // as normalised: lower case, without space around
	record  []string
	from    int64 // offset at which the current record starts
	faults  []problem.Field
	more    bool // there was something wrong beyond the last place kept
	failed  error
}

// Open looks at the first bytes, reads the header and checks it.
func Open(source io.Reader, options Options) (*Rows, error) {
	options = options.filled()
	text, err := decode(source)
	if err != nil {
		return nil, placed(err, options.File)
	}
	if err := sniff(text); err != nil {
		return nil, placed(err, options.File)
	}
	rows := &Rows{options: options, guard: &guard{source: text, maxBytes: options.MaxBytes}}
	// csv.NewReader keeps a bufio.Reader it is given, so there is one buffer.
	rows.reader = csv.NewReader(bufio.NewReaderSize(rows.guard, bufferSize))
	rows.reader.Comma = options.Comma
	rows.reader.ReuseRecord = true
	rows.guard.consumed = rows.reader.InputOffset
	if err := rows.readHeader(); err != nil {
		return nil, err
	}
	return rows, nil
}

func (o Options) filled() Options {
	if o.Comma == 0 {
		o.Comma = ','
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = usualMaxBytes
	}
	if o.MaxField == 0 {
		o.MaxField = usualMaxField
	}
	if o.MaxFaults == 0 {
		o.MaxFaults = usualMaxFaults
	}
	return o
}

// Header lists the column names in the order of the file: lower case, without
// space around them. The slice belongs to the caller.
func (r *Rows) Header() []string { return slices.Clone(r.header) }

// Column returns the position of a column by its lower-case name, or -1.
func (r *Rows) Column(name string) int { return slices.Index(r.header, name) }

// Unknown lists the columns of the file that are not among known, in its order.
func (r *Rows) Unknown(known ...string) []string {
	var unknown []string
	for _, name := range r.header {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// Next reads the next row, passing over rows that are malformed (they become
// faults). It returns false at the end, and when reading has to stop.
func (r *Rows) Next() bool {
	for r.failed == nil && !r.more {
		r.from = r.reader.InputOffset()
		record, err := r.reader.Read()
		if err == nil {
			r.record = record
			if r.reader.InputOffset()-r.from <= int64(r.options.MaxField) || r.fieldsFit() {
				return true
			}
			continue
		}
		r.record = nil
		if err == io.EOF {
			return false
		}
		r.refuse(record, err)
	}
	r.record = nil
	return false
}

// Field returns the text of a column in the current row, exactly as it stands in
// the file. A column of -1, which is how Column says "not there", is "".
func (r *Rows) Field(column int) string {
	if uint(column) >= uint(len(r.record)) {
		return ""
	}
	return r.record[column]
}

// Record returns the current row. The slice, not its strings, is overwritten by Next.
func (r *Rows) Record() []string { return r.record }

// Line returns the 1-based line on which the current row starts, or 0.
func (r *Rows) Line() int {
	if len(r.record) == 0 {
		return 0
	}
	line, _ := r.reader.FieldPos(0)
	return line
}

// Place returns the 1-based line and column at which a field of the current row
// starts. The column counts bytes of UTF-8 text.
func (r *Rows) Place(column int) (line, at int) {
	if len(r.record) == 0 {
		return 0, 0
	}
	if uint(column) >= uint(len(r.record)) {
		column = 0
	}
	return r.reader.FieldPos(column)
}

// Fault notes that a field of the current row is wrong. The message says what
// was found and what was expected. After Options.MaxFaults of them reading stops.
func (r *Rows) Fault(column int, message string) {
	line, at := r.Place(column)
	name := ""
	if uint(column) < uint(len(r.header)) {
		name = r.header[column]
	}
	r.note(problem.Field{Name: name, Line: line, Column: at, Message: message})
}

// Err returns everything that was wrong as one problem, or nil. An error of the
// source itself (a broken disk) is returned as it is.
func (r *Rows) Err() error {
	if r.failed != nil {
		return r.failed
	}
	if len(r.faults) == 0 {
		return nil
	}
	found := BadRows.New()
	if r.more {
		found = BadRows.Detailf("These are the first %d places; there are more.", len(r.faults))
	}
	return found.At(r.faults...)
}

func (r *Rows) note(field problem.Field) {
	if len(r.faults) >= r.options.MaxFaults {
		r.more = true
		return
	}
	field.File = r.options.File
	r.faults = append(r.faults, field)
}

// fieldsFit is asked only about rows that are longer than a field may be.
func (r *Rows) fieldsFit() bool {
	fit := true
	for column, text := range r.record {
		if len(text) > r.options.MaxField {
			fit = false
			r.Fault(column, fmt.Sprintf("is %d bytes long; expected at most %d. Is a quotation mark not closed?",
				len(text), r.options.MaxField))
		}
	}
	return fit
}

// refuse turns an error of the reader into a fault, or into the end of reading
// when what follows cannot be trusted to be rows any more.
func (r *Rows) refuse(record []string, err error) {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		line, at := r.reader.FieldPos(min(len(record), len(r.header)+1) - 1)
		r.note(problem.Field{Line: line, Column: at, Message: fmt.Sprintf("this row has %s; expected %d, as in the first line",
			fields(len(record)), len(r.header))})
	case errors.As(err, &parse):
		// What comes after a stray quotation mark may be read in the wrong way,
		// so the places found before it are listed and nothing after it.
		r.note(problem.Field{Line: parse.Line, Column: parse.Column, Message: quoteMessage(parse)})
		r.failed = r.Err()
	default:
		r.failed = placed(err, r.options.File)
	}
}

func quoteMessage(parse *csv.ParseError) string {
	if errors.Is(parse.Err, csv.ErrBareQuote) {
		return `found a quotation mark inside a field that does not start with one; expected the whole field in quotation marks and the mark doubled ("")`
	}
	return fmt.Sprintf(`found a quotation mark that is not closed properly in the row that starts on line %d; expected a comma or the end of the line after it, or the mark doubled ("")`, parse.StartLine)
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

// placed names the file in a problem that knows only line and column.
func placed(err error, file string) error {
	found, ok := problem.Of(err)
	if !ok {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if len(found.Fields) == 0 {
		found.At(problem.Field{Line: 1, Column: 1, Message: "expected comma-separated text"})
	}
	for i := range found.Fields {
		found.Fields[i].File = file
	}
	return found
}

func normal(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
