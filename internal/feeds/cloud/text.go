package cloud

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/problem"
)

// Limit is the size above which an export that must be held in memory is
// refused: 100 MiB, some 200,000 users of Entra a page. A credential report in plain CSV is streamed and has
// StreamLimit instead.
const (
	Limit       = 100 << 20
	StreamLimit = 2 << 30
	maxFaults   = 20
)

// WrongKind is the refusal of a file that is something else.
func WrongKind(name string, got, want Kind) error {
	return problemWrongKind.Detailf("%s looks like %s, not %s.", name, got.Name(), want.Name()).
		At(problem.Field{File: name, Line: 1, Column: 1, Message: fmt.Sprintf("found %s, expected %s", got.Name(), want.Name())})
}

// Malformed is the refusal of a file with faults at known places; the first
// twenty are told.
func Malformed(fields ...problem.Field) error {
	if len(fields) > maxFaults {
		fields = fields[:maxFaults]
	}
	return problemMalformed.New().At(fields...)
}

// Truncated is the refusal of a file that ends too early.
func Truncated(field problem.Field) error { return problemTruncated.New().At(field) }

// TooLarge is the refusal of a file above a limit of bytes.
func TooLarge(name string, limit int64) error {
	return problemTooLarge.Detailf("%s has more than %d MB.", name, limit>>20).
		At(problem.Field{File: name, Message: fmt.Sprintf("expected at most %d MB", limit>>20)})
}

// Unreadable is a fault of the reader, not of the content.
func Unreadable(name string, cause error) error {
	failed := problemUnreadable.Because(cause)
	failed.Fields = []problem.Field{{File: name, Message: "reading stopped before the end of the file"}}
	return failed
}

// ReadAll reads a whole export of a kind into memory as UTF-8: the byte order
// mark is taken off and UTF-16 (Windows PowerShell writes it) is turned round.
func ReadAll(name string, r io.Reader, want Kind) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, Limit+1))
	if err != nil {
		return nil, Unreadable(name, err)
	}
	if len(content) > Limit {
		return nil, TooLarge(name, Limit)
	}
	if got := Sniff(content[:min(len(content), 512)]); got == compressed || got == spreadsheet || got == webPage {
		return nil, WrongKind(name, got, want)
	}
	text := plain(content)
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, Truncated(problem.Field{File: name, Line: 1, Column: 1, Message: "the file is empty, expected " + want.Name()})
	}
	if at := invalidUTF8(text); at >= 0 {
		line, column := position(text, at)
		return nil, Malformed(problem.Field{File: name, Line: line, Column: column, Message: "a byte that is not UTF-8 text; expected UTF-8 or UTF-16 with a byte order mark"})
	}
	return text, nil
}

// plain is the text without byte order mark, in UTF-8. Half a character at the
// end of UTF-16 becomes U+FFFD.
func plain(content []byte) []byte {
	switch {
	case bytes.HasPrefix(content, []byte{0xef, 0xbb, 0xbf}):
		return content[3:]
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		return fromUTF16(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		return fromUTF16(content[2:], binary.BigEndian)
	}
	return content
}

func fromUTF16(content []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(content)/2)
	for len(content) >= 2 {
		unit := rune(order.Uint16(content))
		content = content[2:]
		if utf16.IsSurrogate(unit) && len(content) >= 2 {
			if pair := utf16.DecodeRune(unit, rune(order.Uint16(content))); pair != utf8.RuneError {
				unit, content = pair, content[2:]
			}
		}
		out = utf8.AppendRune(out, unit)
	}
	if len(content) == 1 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return out
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// position is the 1-based line and column (in characters) of a byte.
func position(text []byte, at int) (line, column int) {
	before := text[:min(max(at, 0), len(text))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// isEnd reports whether err says that the content ended too early.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
