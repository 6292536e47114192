package hr

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/table"
	"github.com/warder-project/warder/internal/registry/people"
)

// File is an HR file as read.
type File struct {
	Name   string       // as the person named it
	Rows   []people.Row // in the order of the file
	Passed []string     // columns that are not ours and were passed over
}

// ParsePeople reads an HR file and returns its rows. name is for problems. Every
// problem is one of table.Problems or of Problems; see Parse.
func ParsePeople(name string, r io.Reader) ([]people.Row, error) {
	file, err := Parse(name, r)
	return file.Rows, err
}

// Parse reads an HR file. It is strict: when anything in it is wrong there are no
// rows, and one problem that names up to 20 places by line and column.
func Parse(name string, r io.Reader) (File, error) { return parse(name, r, MostPeople) }

// MostPeople is how many people one file may have: more than any department
// employs, and few enough that all of them fit into memory.
const MostPeople = 500_000

func parse(name string, r io.Reader, most int) (File, error) {
	rows, err := table.Open(r, table.Options{File: name, Required: []string{"user_name", "name"}})
	if err != nil {
		return File{}, err
	}
	p := newParser(name, rows)
	for rows.Next() {
		if len(p.parsed) == most {
			return File{}, TooManyPeople.New().At(problem.Field{File: name, Line: rows.Line(), Column: 1, Message: fmt.Sprintf("expected at most %d people in one file", most)})
		}
		p.row()
	}
	if err := rows.Err(); err != nil {
		return File{}, err
	}
	if len(p.parsed) == 0 {
		return File{}, NoRows.New().At(problem.Field{File: name, Line: 2, Column: 1, Message: "expected at least one row after the names of the columns"})
	}
	return File{Name: name, Rows: p.parsed, Passed: rows.Unknown(columns...)}, nil
}

// columns are the names we know.
var columns = []string{"user_name", "name", "email", "employee_id", "department", "job_title", "manager", "starts", "ends", "kind", "groups"}

// optional is what is kept as stored when the file has no such column.
var optional = map[string]people.Fields{
	"email": people.FieldEmail, "employee_id": people.FieldEmployeeID, "department": people.FieldDepartment, "job_title": people.FieldJobTitle,
	"manager": people.FieldManager, "starts": people.FieldStarts, "ends": people.FieldEnds, "kind": people.FieldKind, "groups": people.FieldGroups,
}

type parser struct {
	name   string
	rows   *table.Rows
	at     map[string]int // column name → position, -1 when it is not there
	keep   people.Fields
	lines  map[string]int    // user name → line it was first seen on
	emails map[string]int    // lower-case address → line it was first seen on
	known  map[string]string // texts many rows share, each kept once
	parsed []people.Row
}

func newParser(name string, rows *table.Rows) *parser {
	p := &parser{name: name, rows: rows, at: map[string]int{}, lines: map[string]int{}, emails: map[string]int{}, known: map[string]string{}}
	for _, column := range columns {
		p.at[column] = rows.Column(column)
		if p.at[column] < 0 {
			p.keep |= optional[column]
		}
	}
	return p
}

// row reads one row. A row with a fault is noted and not kept; the whole file is
// refused in the end, but everything that is wrong in it is told at once.
func (p *parser) row() {
	row := people.Row{
		File: p.name, Line: p.rows.Line(), Keep: p.keep,
		UserName:   strings.ToLower(p.text("user_name")),
		Name:       strings.Clone(p.text("name")),
		Email:      strings.Clone(p.text("email")),
		EmployeeID: strings.Clone(p.text("employee_id")),
		Department: p.shared(p.text("department")),
		JobTitle:   p.shared(p.text("job_title")),
		Manager:    p.shared(strings.ToLower(p.text("manager"))),
		Kind:       people.Kind(p.shared(strings.ToLower(p.text("kind")))),
	}
	row.UserName = strings.Clone(row.UserName)
	row.Starts, row.Ends = p.date("starts"), p.date("ends")
	for name := range strings.SplitSeq(p.text("groups"), ";") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			row.Groups = append(row.Groups, p.shared(name))
		}
	}
	for _, fault := range row.Check() {
		p.fault(fault.Name, fault.Message)
	}
	p.once(p.lines, "user_name", row.UserName)
	p.once(p.emails, "email", strings.ToLower(row.Email))
	p.parsed = append(p.parsed, row)
}

// text returns a field without the space around it.
func (p *parser) text(column string) string {
	return strings.TrimSpace(p.rows.Field(p.at[column]))
}

// shared keeps one copy of a text that many rows have in common.
func (p *parser) shared(text string) string {
	if kept, ok := p.known[text]; ok {
		return kept
	}
	text = strings.Clone(text)
	p.known[text] = text
	return text
}

func (p *parser) date(column string) time.Time {
	day, err := days.Parse(p.text(column))
	if err != nil {
		p.fault(column, err.Error())
	}
	return day
}

func (p *parser) fault(column, message string) { p.rows.Fault(p.at[column], message) }

// once refuses a value that an earlier row has, and names both lines.
func (p *parser) once(seen map[string]int, column, value string) {
	if value == "" {
		return
	}
	if first, twice := seen[value]; twice {
		p.fault(column, fmt.Sprintf("%q is on line %d and on line %d; expected it once", clip(value), first, p.rows.Line()))
		return
	}
	seen[value] = p.rows.Line()
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
