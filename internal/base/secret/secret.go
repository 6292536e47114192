// Package secret holds values that must not leak by accident: they print, log
// and marshal as [redacted], compare in constant time, and give up their text
// only when Reveal is called on purpose.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Value is a secret text. The zero value is empty and equals nothing.
type Value struct{ text string }

// New wraps text.
func New(text string) Value { return Value{text: text} }

// Token returns a fresh secret of 256 random bits in unpadded base64url
// (43 characters). NIST SP 800-63B-4 §5.1 asks for at least 64 bits.
func Token() Value {
	var random [32]byte
	rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
	return Value{text: base64.RawURLEncoding.EncodeToString(random[:])}
}

// Reveal returns the text. Search for its callers when you ask who can see secrets.
func (v Value) Reveal() string { return v.text }

// Empty reports whether there is no secret.
func (v Value) Empty() bool { return v.text == "" }

// Equal compares in constant time. An empty secret equals nothing.
func (v Value) Equal(other Value) bool {
	return v.text != "" && subtle.ConstantTimeCompare([]byte(v.text), []byte(other.text)) == 1
}

// Hash returns the SHA-256 of the text. It is what is stored for a token of
// full entropy; it is not fit for passwords.
func (v Value) Hash() [32]byte { return sha256.Sum256([]byte(v.text)) }

func (Value) String() string               { return redacted }
func (Value) GoString() string             { return redacted }
func (Value) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format is for every verb: with one that does not fit, such as %d, fmt would
// look inside instead of asking String.
func (Value) Format(state fmt.State, _ rune) { fmt.Fprint(state, redacted) }
