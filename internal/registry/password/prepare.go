package password

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/warder-project/warder/internal/base/secret"
)

// The lengths, in Unicode code points after normalisation.
const (
	Least = 15  // NIST SP 800-63B-4 §3.1.1.2: where it is the only factor
	Most  = 256 // the same asks for at least 64
)

// bytesMost bounds what is looked at: no text of more bytes has so few characters.
const bytesMost = 4 * Most

// What can be wrong with a text as a password. None of these quotes it.
var (
	ErrShort      = errors.New("the password is too short")
	ErrLong       = errors.New("the password is too long")
	ErrUnreadable = errors.New("the password has characters that cannot be typed everywhere")
)

// Prepared is a password in the one form in which it is hashed and compared.
type Prepared struct{ text secret.Value }

// Format keeps it out of logs and errors: fmt does not ask a field that is not
// exported how it wants to be printed.
func (p Prepared) Format(state fmt.State, verb rune) { p.text.Format(state, verb) }

// Prepare normalises what somebody typed, whole: NIST SP 800-63B-4 §3.1.1.2 asks for
// Normalization Form C by the process for stabilized strings (UAX #15 §12.1), which
// refuses characters that are not assigned. Control characters are refused as well:
// no keyboard types them.
func Prepare(typed secret.Value) (Prepared, error) {
	text := typed.Reveal()
	switch {
	case len(text) > bytesMost:
		return Prepared{}, ErrLong
	case !utf8.ValidString(text):
		return Prepared{}, ErrUnreadable
	}
	text = norm.NFC.String(text)
	for _, c := range text {
		if !unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cf, unicode.Co) ||
			unicode.In(c, unicode.Zl, unicode.Zp) {
			return Prepared{}, ErrUnreadable
		}
	}
	if utf8.RuneCountInString(text) > Most {
		return Prepared{}, ErrLong
	}
	return Prepared{text: secret.New(text)}, nil
}

// LongEnough says whether it may be set as a password. What is checked against a
// kept hash is not asked: it is right or wrong.
func (p Prepared) LongEnough() error {
	if utf8.RuneCountInString(p.text.Reveal()) < Least {
		return ErrShort
	}
	return nil
}
