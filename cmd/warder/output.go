package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
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

func (t *table) flush() error { return t.out.Flush() }
