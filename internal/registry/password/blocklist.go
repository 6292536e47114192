package password

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Blocklist is an operator's list of passwords that are not taken. Of each it holds
// eight bytes of a hash, so a list of ten million takes 80 MB. A nil list has none.
type Blocklist struct{ sorted []uint64 }

// The limits of a list.
const (
	linesMost = 20_000_000
	lineMost  = 1024 // bytes
)

// ListFault says what is wrong with a list, and in which line. It quotes nothing.
type ListFault struct {
	Line    int // 1-based
	Message string
}

func (f *ListFault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Message) }

// ReadBlocklist reads a list: UTF-8, one password a line, in any order. Upper and
// lower case are the same, empty lines are passed over. What is shorter than any
// password may be is read too, and does no harm. Problems are *ListFault.
func ReadBlocklist(from io.Reader) (*Blocklist, error) {
	list := &Blocklist{}
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 512), lineMost+2)
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		switch {
		case len(line) == 0:
			continue
		case !utf8.Valid(line) || bytes.ContainsRune(line, 0):
			return nil, &ListFault{Line: number, Message: "is not UTF-8 text: expected one password a line"}
		case len(list.sorted) == linesMost:
			return nil, &ListFault{Line: number, Message: fmt.Sprintf("is beyond the %d passwords that a list may have", linesMost)}
		}
		list.sorted = append(list.sorted, short(string(line)))
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, &ListFault{Line: number + 1, Message: fmt.Sprintf("is longer than %d bytes: expected one password a line", lineMost)}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read list of passwords after line %d: %w", number, err)
	}
	if len(list.sorted) == 0 {
		return nil, &ListFault{Line: 1, Message: "there is no password in the list"}
	}
	slices.Sort(list.sorted)
	list.sorted = slices.Clip(slices.Compact(list.sorted))
	return list, nil
}

// Len is how many different passwords are in the list.
func (b *Blocklist) Len() int {
	if b == nil {
		return 0
	}
	return len(b.sorted)
}

func (b *Blocklist) has(text string) bool {
	if b == nil {
		return false
	}
	_, found := slices.BinarySearch(b.sorted, short(text))
	return found
}

// short is what a list remembers of a password. That a good password falls together
// with a listed one has a chance of one in 10^12 with ten million listed.
func short(text string) uint64 {
	sum := sha256.Sum256([]byte(strings.ToLower(norm.NFC.String(text))))
	return binary.BigEndian.Uint64(sum[:8])
}
