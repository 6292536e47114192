package hr

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/table"
)

// Leave is one row of a leave calendar.
type Leave struct {
	Line     int
	UserName string
	First    time.Time
	Last     time.Time // inclusive
}

// ParseLeave reads a leave calendar: a CSV table with the columns user_name, first and
// last, one row an absence. A file with no rows says that nobody is away. It is as
// strict as Parse.
func ParseLeave(name string, r io.Reader) ([]Leave, error) {
	rows, err := table.Open(r, table.Options{File: name, Required: []string{"user_name", "first", "last"}})
	if err != nil {
		return nil, err
	}
	user, first, last := rows.Column("user_name"), rows.Column("first"), rows.Column("last")
	date := func(column int) time.Time {
		day, err := days.Parse(strings.TrimSpace(rows.Field(column)))
		switch {
		case err != nil:
			rows.Fault(column, err.Error())
		case day.IsZero():
			rows.Fault(column, "is empty; expected a day, such as 2026-12-24")
		}
		return day
	}
	var parsed []Leave
	for rows.Next() {
		if len(parsed) == MostPeople {
			return nil, TooManyPeople.New().At(problem.Field{File: name, Line: rows.Line(), Column: 1, Message: fmt.Sprintf("expected at most %d absences in one file", MostPeople)})
		}
		row := Leave{Line: rows.Line(), UserName: strings.Clone(strings.ToLower(strings.TrimSpace(rows.Field(user)))), First: date(first), Last: date(last)}
		if row.UserName == "" {
			rows.Fault(user, "is empty; expected a user name")
		}
		if !row.First.IsZero() && !row.Last.IsZero() && row.Last.Before(row.First) {
			rows.Fault(last, "is before the first day")
		}
		parsed = append(parsed, row)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return parsed, nil
}
