package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/warder-project/warder/internal/base/problem"
)

// table writes rows in columns.
type table struct {
	out  *tabwriter.Writer
	rows int
}

func newTable(out io.Writer, titles ...string) *table {
	t := &table{out: tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)}
	fmt.Fprintln(t.out, strings.Join(titles, "\t"))
	return t
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		if cell == "" {
			cells[i] = "–"
		}
	}
	fmt.Fprintln(t.out, strings.Join(cells, "\t"))
	t.rows++
}

// all writes the rows, unless there was an error.
func (t *table) all(rows [][]string, err error) error {
	if err != nil {
		return err
	}
	for _, row := range rows {
		t.row(row...)
	}
	return t.flush()
}

func (t *table) flush() error { return t.out.Flush() }

// fileMessage says what is wrong with a file in words, without repeating its path.
func fileMessage(name string, err error) problem.Field {
	message := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		message = path.Err.Error()
	}
	return problem.Field{File: name, Message: message}
}

var unwritable = problem.Define(problem.Invalid, "usage.unwritable_file", "A file cannot be written.", "Check the path, the free space, and that this user may write there.")
