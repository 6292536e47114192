package table

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/problem"
)

// decode looks at the byte order mark (RFC 3629 §6, RFC 2781 §3.2) and returns
// the rest as UTF-8.
func decode(source io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(source, 64<<10)
	start, err := text.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err = text.Discard(3)
	case bytes.HasPrefix(start, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(start, []byte("\x00\x00\xfe\xff")):
		return nil, BadText.New().At(problem.Field{Line: 1, Column: 1, Message: "this is UTF-32 text; expected UTF-8"})
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		_, err = text.Discard(2)
		return bufio.NewReaderSize(&wide{source: text, order: binary.LittleEndian, line: 1}, 64<<10), err
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		_, err = text.Discard(2)
		return bufio.NewReaderSize(&wide{source: text, order: binary.BigEndian, line: 1}, 64<<10), err
	default:
		err = nil
	}
	return text, err
}

// wide turns UTF-16 into UTF-8. Half a surrogate pair and half a unit are
// errors, not replacement characters: the file is damaged.
type wide struct {
	source *bufio.Reader
	order  binary.ByteOrder
	line   int
	ready  []byte // text not yet handed out
	room   [4 << 10]byte
	failed error
}

func (w *wide) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(w.ready) == 0 && w.failed == nil {
		w.fill()
	}
	if len(w.ready) == 0 {
		return 0, w.failed
	}
	n := copy(p, w.ready)
	w.ready = w.ready[n:]
	return n, nil
}

func (w *wide) fill() {
	text := w.room[:0]
	for len(text)+utf8.UTFMax <= cap(text) {
		r, err := w.rune()
		if err != nil {
			w.failed = err
			break
		}
		if r == '\n' {
			w.line++
		}
		text = utf8.AppendRune(text, r)
	}
	w.ready = text
}

// rune reads one character, io.EOF at the end.
func (w *wide) rune() (rune, error) {
	first, err := w.unit()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	second, err := w.unit()
	if err != nil && err != io.EOF {
		return 0, err
	}
	r := utf16.DecodeRune(first, second)
	if err == io.EOF || r == utf8.RuneError {
		return 0, w.damaged("found half of a UTF-16 surrogate pair")
	}
	return r, nil
}

func (w *wide) unit() (rune, error) {
	var pair [2]byte
	_, err := io.ReadFull(w.source, pair[:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, w.damaged("the file ends in the middle of a character")
	}
	return rune(w.order.Uint16(pair[:])), err
}

func (w *wide) damaged(message string) error {
	return BadText.New().At(problem.Field{Line: w.line, Message: message + "; expected UTF-16 text"})
}

// signatures are the first bytes of files people choose by mistake.
var signatures = []struct{ start, name string }{
	{"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)"},
	{"PK\x05\x06", "an empty ZIP archive"},
	{"%PDF", "a PDF document"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word document (.xls, .doc)"},
	{"\x1f\x8b", "a gzip archive"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"},
	{"SQLite format 3\x00", "a SQLite database"},
	{"{", "JSON"},
	{"[", "JSON"},
	{"<", "HTML or XML"},
}

// sniff refuses what is recognisably something else.
func sniff(text *bufio.Reader) error {
	start, err := text.Peek(64)
	if err != nil && err != io.EOF {
		return err
	}
	start = bytes.TrimLeft(start, " \t\r\n")
	if len(start) == 0 && err == io.EOF {
		return Empty.New().At(problem.Field{Line: 1, Column: 1, Message: "expected a first line with the names of the columns"})
	}
	for _, signature := range signatures {
		if bytes.HasPrefix(start, []byte(signature.start)) {
			return WrongFileType.New().At(problem.Field{Line: 1, Column: 1,
				Message: fmt.Sprintf("found %s; expected comma-separated text", signature.name)})
		}
	}
	return nil
}
