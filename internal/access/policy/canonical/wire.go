package canonical

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The kinds of field, in the lowest bit of its key.
const (
	number = 0 // a uvarint
	text   = 1 // a uvarint of its length, then its bytes
)

// field is the number of a field. Numbers are kept in databases: none is used for
// anything else, ever, and a new one goes to the end.
type field uint64

// writer appends fields that say something.
type writer struct{ out []byte }

func (w *writer) number(f field, value uint64) {
	if value == 0 {
		return
	}
	w.out = binary.AppendUvarint(w.out, uint64(f)<<1|number)
	w.out = binary.AppendUvarint(w.out, value)
}

func (w *writer) text(f field, value string) {
	if value == "" {
		return
	}
	w.out = binary.AppendUvarint(w.out, uint64(f)<<1|text)
	w.out = appendText(w.out, value)
}

// list writes each entry with its length. size is what all of them take.
func (w *writer) list(f field, entries []string) {
	if len(entries) == 0 {
		return
	}
	size := 0
	for _, entry := range entries {
		size += uvarintLength(uint64(len(entry))) + len(entry)
	}
	w.out = binary.AppendUvarint(w.out, uint64(f)<<1|text)
	w.out = binary.AppendUvarint(w.out, uint64(size))
	for _, entry := range entries {
		w.out = appendText(w.out, entry)
	}
}

// time writes a moment as milliseconds in one field, and what is left of the
// millisecond, which is usually nothing, in the next.
func (w *writer) time(f field, moment time.Time) {
	if moment.IsZero() {
		return
	}
	w.number(f, zigzag(moment.UnixMilli())+1)
	w.number(f+1, uint64(moment.Nanosecond()%int(time.Millisecond)))
}

func appendText(out []byte, value string) []byte {
	out = binary.AppendUvarint(out, uint64(len(value)))
	return append(out, value...)
}

func uvarintLength(value uint64) int {
	length := 1
	for ; value >= 0x80; value >>= 7 {
		length++
	}
	return length
}

func zigzag(value int64) uint64   { return uint64(value<<1) ^ uint64(value>>63) }
func unzigzag(value uint64) int64 { return int64(value>>1) ^ -int64(value&1) }

var errCut = errors.New("it ends in the middle of a field")

// reader takes fields from the front. The first fault stays, and everything after it
// is nothing.
type reader struct {
	rest  string
	next  field // key of the field at the front; zero at the end
	kind  uint64
	fault error
}

func (r *reader) fail(format string, args ...any) {
	if r.fault == nil {
		r.fault = fmt.Errorf(format, args...)
	}
	r.rest, r.next = "", 0
}

// advance reads the key of the next field, which must be of a higher number.
func (r *reader) advance() {
	if r.rest == "" {
		r.next = 0
		return
	}
	before := r.next
	key := r.uvarint()
	if r.fault != nil {
		return
	}
	r.next, r.kind = field(key>>1), key&1
	if r.next <= before {
		r.fail("field %d comes after field %d", r.next, before)
	}
}

// uvarint reads a number in its shortest form.
func (r *reader) uvarint() uint64 {
	var value uint64
	for i := range min(len(r.rest), binary.MaxVarintLen64) {
		b := r.rest[i]
		if i == binary.MaxVarintLen64-1 && b > 1 {
			r.fail("a number is too large")
			return 0
		}
		value |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if b == 0 && i > 0 {
				r.fail("a number is written longer than it need be")
				return 0
			}
			r.rest = r.rest[i+1:]
			return value
		}
	}
	r.fail("%w", errCut)
	return 0
}

// piece reads a length and as much text.
func (r *reader) piece() string {
	length := r.uvarint()
	if length > uint64(len(r.rest)) {
		r.fail("%w", errCut)
		return ""
	}
	value := r.rest[:length]
	r.rest = r.rest[length:]
	return value
}

// number is the value of a field, if it is the next one; otherwise zero.
func (r *reader) number(f field) uint64 {
	if r.next != f {
		return 0
	}
	if r.kind != number {
		r.fail("field %d is not a number", f)
		return 0
	}
	value := r.uvarint()
	if value == 0 {
		r.fail("field %d says nothing", f)
	}
	r.advance()
	return value
}

// below is a number less than most.
func (r *reader) below(f field, most uint64) uint64 {
	value := r.number(f)
	if value >= most {
		r.fail("field %d is %d, which means nothing", f, value)
		return 0
	}
	return value
}

func (r *reader) text(f field) string {
	if r.next != f {
		return ""
	}
	if r.kind != text {
		r.fail("field %d is not text", f)
		return ""
	}
	value := r.piece()
	if value == "" {
		r.fail("field %d says nothing", f)
	}
	r.advance()
	return value
}

func (r *reader) list(f field) []string {
	packed := r.text(f)
	if packed == "" {
		return nil
	}
	inner := reader{rest: packed}
	entries := make([]string, 0, 8)
	for inner.rest != "" {
		entries = append(entries, inner.piece())
	}
	if inner.fault != nil {
		r.fail("field %d: %w", f, inner.fault)
		return nil
	}
	return entries
}

func (r *reader) time(f field) time.Time {
	millis, rest := r.number(f), r.below(f+1, uint64(time.Millisecond))
	if millis == 0 {
		if rest != 0 {
			r.fail("field %d stands without field %d", f+1, f)
		}
		return time.Time{}
	}
	moment := time.UnixMilli(unzigzag(millis - 1)).Add(time.Duration(rest)).UTC()
	if moment.IsZero() {
		r.fail("field %d says nothing", f)
	}
	return moment
}
