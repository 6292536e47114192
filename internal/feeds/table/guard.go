package table

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/problem"
)

// guard stands between the source and the CSV reader. It checks whole chunks
// with the fast routines of the standard library, so that the rows themselves
// need no second look: no NUL bytes, valid UTF-8, no more than maxBytes, and no
// single row that grows without end.
//
// What is good before a bad byte is handed on first, so the rows before it are
// still read and their faults listed.
type guard struct {
	source   io.Reader
	consumed func() int64 // how far the CSV reader has made rows of what it got
	maxBytes int64

	given  int64  // bytes handed on
	line   int    // line ends handed on
	column int    // bytes handed on since the last line end
	split  []byte // the first bytes of a character whose rest is still to come
	small  [2 * utf8.UTFMax]byte
	ready  []byte // checked, and not handed on because p was small
	failed error
}

func (g *guard) Read(p []byte) (int, error) {
	if len(g.ready) == 0 && len(p) < len(g.small) {
		// A whole character may not fit into what is left of the caller's buffer.
		n, err := g.fill(g.small[:])
		if err != nil {
			return 0, err
		}
		g.ready = g.small[:n]
	}
	if len(g.ready) > 0 {
		n := copy(p, g.ready)
		g.ready = g.ready[n:]
		return n, nil
	}
	return g.fill(p)
}

func (g *guard) fill(p []byte) (int, error) {
	if g.failed != nil {
		return 0, g.failed
	}
	// What the CSV reader got and has not made into rows is one row in progress
	// and at most one buffer full of later ones.
	if open := g.given - g.consumed(); open > maxRecord+bufferSize {
		g.failed = TooLarge.New().At(problem.Field{Line: g.line + 1,
			Message: fmt.Sprintf("one row is longer than %d bytes; expected a row to end before here. Is a quotation mark not closed?", maxRecord)})
		return 0, g.failed
	}
	held := copy(p, g.split)
	g.split = nil
	n, err := g.source.Read(p[held:])
	n += held
	good := g.check(p[:n], err == io.EOF)
	if g.failed == nil && err != nil {
		g.failed = err
	}
	if good == 0 && g.failed != nil {
		return 0, g.failed
	}
	return good, nil
}

// check returns how many bytes of chunk may be handed on, and remembers why not
// more of them.
func (g *guard) check(chunk []byte, last bool) int {
	good := len(chunk)
	if at := bytes.IndexByte(chunk, 0); at >= 0 {
		good = g.bad(chunk, at, "found a NUL byte, which is not text")
	}
	if !utf8.Valid(chunk[:good]) {
		at := invalidAt(chunk[:good])
		if !last && g.failed == nil && !utf8.FullRune(chunk[at:good]) {
			// The chunk ends in the middle of a character; the rest comes with the next.
			g.split = bytes.Clone(chunk[at:good])
			good = at
		} else {
			good = g.bad(chunk, at, fmt.Sprintf("found the byte 0x%02x, which is not UTF-8 text", chunk[at]))
		}
	}
	if g.given+int64(good) > g.maxBytes {
		good = int(g.maxBytes - g.given)
		g.failed = TooLarge.New().At(problem.Field{Line: g.line + 1 + bytes.Count(chunk[:good], []byte{'\n'}),
			Message: fmt.Sprintf("the file is larger than %d MiB", g.maxBytes>>20)})
	}
	g.advance(chunk[:good])
	return good
}

// bad remembers a byte that is not text, with its place.
func (g *guard) bad(chunk []byte, at int, message string) int {
	line, column := g.line, g.column
	before := chunk[:at]
	if count := bytes.Count(before, []byte{'\n'}); count > 0 {
		line += count
		column = at - bytes.LastIndexByte(before, '\n') - 1
	} else {
		column += at
	}
	g.failed = BadText.New().At(problem.Field{Line: line + 1, Column: column + 1, Message: message + "; expected text in UTF-8"})
	return at
}

func (g *guard) advance(good []byte) {
	g.given += int64(len(good))
	if last := bytes.LastIndexByte(good, '\n'); last >= 0 {
		g.line += bytes.Count(good, []byte{'\n'})
		g.column = len(good) - last - 1
		return
	}
	g.column += len(good)
}

func invalidAt(text []byte) int {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(text)
}
