package invitations

import (
	"crypto/rand"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
)

// alphabet is Crockford's base 32: no letter that is taken for a digit.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A code has sixteen characters: fifteen of five random bits each, and a check.
// NIST SP 800-63B-4 §3.1.2.2 would have a look-up secret of less than 112 bits
// stretched. This one is 75 bits, salted with its person, and worth nothing
// after an hour, in which nobody tries more than a vanishing part of them.
const (
	codeLength = 16
	groupOf    = 4
)

// newCode is a fresh code as it is told: "4Q7M-X0TB-9KZP-2WRC".
func newCode() secret.Value {
	var random [codeLength - 1]byte
	rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
	values := make([]byte, 0, codeLength)
	for _, one := range random {
		values = append(values, one&31)
	}
	values = append(values, check(values))
	var told strings.Builder
	for i, value := range values {
		if i > 0 && i%groupOf == 0 {
			told.WriteByte('-')
		}
		told.WriteByte(alphabet[value])
	}
	return secret.New(told.String())
}

// check is a polynomial over the field of 32 elements (x⁵+x²+1), so that any one
// wrong character, and any two that changed places, are noticed.
func check(values []byte) byte {
	var sum byte
	for _, value := range values {
		sum = double(sum) ^ value
	}
	return double(sum)
}

func double(value byte) byte {
	value <<= 1
	if value&32 != 0 {
		value ^= 0b100101
	}
	return value
}

// readCode reads a code as a person may type it: small letters, spaces, no
// hyphens, O for 0, I and L for 1. ok is false when there is a slip in it.
func readCode(typed string) (code string, ok bool) {
	if len(typed) > 4*codeLength {
		return "", false
	}
	values := make([]byte, 0, codeLength)
	for _, character := range strings.ToUpper(typed) {
		switch character {
		case ' ', '-', '\t', '\r', '\n', '‐', '–', '—', '\u00a0':
			continue
		case 'O':
			character = '0'
		case 'I', 'L':
			character = '1'
		}
		value := strings.IndexRune(alphabet, character)
		if value < 0 || len(values) == codeLength {
			return "", false
		}
		values = append(values, byte(value))
	}
	if len(values) != codeLength || check(values[:codeLength-1]) != values[codeLength-1] {
		return "", false
	}
	var read strings.Builder
	for _, value := range values {
		read.WriteByte(alphabet[value])
	}
	return read.String(), true
}

// hashOf is what is kept of a pass: the code together with whom it is for, so that
// it opens nothing for anybody else, and cannot be looked for in all passes at once.
func hashOf(person ids.Person, code string) [32]byte {
	return secret.New("pass " + string(person) + " " + code).Hash()
}
