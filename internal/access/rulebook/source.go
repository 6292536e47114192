package rulebook

import (
	"bytes"
	"strings"
	"unicode"

	yaml "go.yaml.in/yaml/v3"
)

// source is a text by its lines, for finding the place of something inside a value.
type source [][]rune

func newSource(text []byte) source {
	var lines source
	for _, line := range strings.Split(string(bytes.TrimPrefix(text, []byte("\ufeff"))), "\n") {
		lines = append(lines, []rune(line))
	}
	return lines
}

// place finds, in the text, the character of a value that is on a line and in a column of
// the value. What YAML does to a value (quotes, escapes, indents, folded lines) changes
// nothing but white space and escapes, so the rest is found by going through both side
// by side. Where they differ, the place is where the value begins.
func (s source) place(node *yaml.Node, line, column int) (int, int) {
	at := cursor{source: s, line: node.Line - 1, column: node.Column - 1}
	switch node.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		at.line, at.column = at.line+1, 0 // behind the header
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		at.column++
	case yaml.TaggedStyle, yaml.FlowStyle:
	}
	row, col := 1, 1
	for _, c := range node.Value {
		if row > line || row == line && col >= column {
			break
		}
		if !unicode.IsSpace(c) {
			if !at.pass(c, node.Style) {
				return node.Line, node.Column
			}
		}
		if col++; c == '\n' {
			row, col = row+1, 1
		}
	}
	if !at.skip() {
		return node.Line, node.Column
	}
	return at.line + 1, at.column + 1
}

// cursor is a place in a source, from 0.
type cursor struct {
	source       source
	line, column int
}

// skip goes on to what is not white space; false at the end.
func (c *cursor) skip() bool {
	for ; c.line < len(c.source); c.line, c.column = c.line+1, 0 {
		if c.line < 0 {
			return false
		}
		for ; c.column < len(c.source[c.line]); c.column++ {
			if !unicode.IsSpace(c.source[c.line][c.column]) {
				return true
			}
		}
	}
	return false
}

// pass goes over one character of a value; false when it is not there.
func (c *cursor) pass(want rune, style yaml.Style) bool {
	for c.skip() {
		line := c.source[c.line]
		got := line[c.column]
		next := rune(0)
		if c.column+1 < len(line) {
			next = line[c.column+1]
		}
		switch {
		case style == yaml.SingleQuotedStyle && got == '\'' && next == '\'':
			c.column += 2
			return want == '\''
		case style == yaml.DoubleQuotedStyle && got == '\\' && strings.ContainsRune("tn ", next):
			c.column += 2 // white space
		case style == yaml.DoubleQuotedStyle && got == '\\' && next == 0:
			c.column++ // the line goes on
		case style == yaml.DoubleQuotedStyle && got == '\\':
			c.column += 2
			return want == next
		default:
			c.column++
			return want == got
		}
	}
	return false
}
