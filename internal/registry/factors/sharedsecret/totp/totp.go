// Package totp is the time-based one-time code of RFC 6238: what an authenticator
// app shows for half a minute. It is arithmetic and keeps nothing.
//
// A code says less than people think: it can be read aloud to whoever asks, and a
// fake website can pass it on while it lasts. It is a second factor beside a
// password and nothing more (NIST SP 800-63B-4 §3.1.4).
//
// The window is stated here and is the same for everybody: a code counts in its
// own half minute, the one before and the one after, so a phone's clock may be up
// to half a minute wrong and a person may be slow. Matching tells which time step
// it was, so that whoever keeps the secret can see to it that each code works once
// (RFC 6238 §5.2); that is left to registry/factors/sharedsecret.
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Period is how long a code is shown; RFC 6238 §5.2 recommends 30 seconds, and NIST
// SP 800-63B-4 §3.1.4.1 asks for at most two minutes.
const Period = 30 * time.Second

// Window is how many steps before and after the present one still count.
const Window = 1

// Algorithm is the hash under the HMAC. The zero value is none.
type Algorithm string

// The algorithms of RFC 6238 §1.2. Some well-known apps know only SHA-1 and six
// digits, whatever the QR code says; as an HMAC, SHA-1 is not broken.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

func (a Algorithm) hash() (make func() hash.Hash, size int) {
	switch a {
	case SHA1:
		return sha1.New, sha1.Size
	case SHA256:
		return sha256.New, sha256.Size
	case SHA512:
		return sha512.New, sha512.Size
	}
	return nil, 0
}

// Parameters say how codes are made.
type Parameters struct {
	Algorithm Algorithm
	Digits    int // 6 or 8
}

// Usual is what every authenticator app understands.
func Usual() Parameters { return Parameters{Algorithm: SHA1, Digits: 6} }

// Check says what is wrong with the parameters.
func (p Parameters) Check() error {
	if make, _ := p.Algorithm.hash(); make == nil {
		return fmt.Errorf("one-time codes of an unknown algorithm: expected %s, %s or %s", SHA1, SHA256, SHA512)
	}
	if p.Digits != 6 && p.Digits != 8 {
		return fmt.Errorf("one-time codes of %d digits: expected 6 or 8", p.Digits)
	}
	return nil
}

// Generator makes the codes of one secret. The zero value makes none.
type Generator struct {
	Parameters
	seed []byte
}

// The lengths of a seed. RFC 4226 §4, R6: at least 128 bits.
const (
	seedLeast = 16
	seedMost  = 64
)

// New makes a generator with a fresh seed as long as the output of its hash
// (RFC 6238 §5.1).
func New(parameters Parameters) (Generator, error) {
	if err := parameters.Check(); err != nil {
		return Generator{}, err
	}
	_, size := parameters.Algorithm.hash()
	seed := make([]byte, size)
	rand.Read(seed) // crypto/rand.Read never fails since Go 1.24
	return Generator{Parameters: parameters, seed: seed}, nil
}

// FromSeed makes a generator with a seed that is already there.
func FromSeed(parameters Parameters, seed []byte) (Generator, error) {
	if err := parameters.Check(); err != nil {
		return Generator{}, err
	}
	if len(seed) < seedLeast || len(seed) > seedMost {
		return Generator{}, fmt.Errorf("a seed of %d bytes: expected %d to %d", len(seed), seedLeast, seedMost)
	}
	return Generator{Parameters: parameters, seed: append([]byte(nil), seed...)}, nil
}

// Seed is the secret itself, to be sealed and kept.
func (g Generator) Seed() []byte { return append([]byte(nil), g.seed...) }

// Step numbers the half minute that a moment falls into. Before 1970 it is 0.
func Step(at time.Time) int64 {
	if at.Unix() < 0 {
		return 0
	}
	return at.Unix() / int64(Period/time.Second)
}

// Code is the code of one time step: RFC 4226 §5.3 over the step (RFC 6238 §4.2).
func (g Generator) Code(step int64) string {
	mac := g.mac(step)
	if mac == nil {
		return ""
	}
	offset := mac[len(mac)-1] & 0xf
	number := uint64(binary.BigEndian.Uint32(mac[offset:]) & 0x7fffffff)
	modulus := uint64(1)
	for range g.Digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", g.Digits, number%modulus)
}

func (g Generator) mac(step int64) []byte {
	make, _ := g.Algorithm.hash()
	if make == nil || len(g.seed) == 0 || g.Digits == 0 {
		return nil
	}
	mac := hmac.New(make, g.seed)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	return mac.Sum(nil)
}

// Match says for which time step a code is good at a moment. Every step of the
// window is looked at, in constant time, and the newest that fits is given.
func (g Generator) Match(code string, at time.Time) (step int64, good bool) {
	code, ok := Clean(code)
	if !ok || len(code) != g.Digits {
		return 0, false
	}
	now := Step(at)
	for candidate := now - Window; candidate <= now+Window; candidate++ {
		if candidate < 0 {
			continue
		}
		if subtle.ConstantTimeCompare([]byte(g.Code(candidate)), []byte(code)) == 1 {
			step, good = candidate, true
		}
	}
	return step, good
}

// Clean takes the spaces out that apps show within a code, and reports whether
// six or eight digits are left.
func Clean(code string) (string, bool) {
	if len(code) > 32 {
		return "", false
	}
	var digits strings.Builder
	for _, c := range code {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case c == ' ' || c == '-' || c == '\u00a0' || c == '\u202f':
		default:
			return "", false
		}
	}
	return digits.String(), digits.Len() == 6 || digits.Len() == 8
}

var base = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is the seed as a person types it into an app: base 32, in fours.
func (g Generator) Text() string {
	var groups []string
	for text := base.EncodeToString(g.seed); text != ""; {
		n := min(4, len(text))
		groups = append(groups, text[:n])
		text = text[n:]
	}
	return strings.Join(groups, " ")
}

// URI is the address that the QR code holds, in the form that authenticator apps
// agree on (Google Authenticator's Key URI Format).
func (g Generator) URI(issuer, account string) string {
	// A colon would divide the label in a second place.
	plain := strings.NewReplacer(":", " ")
	query := url.Values{
		"secret": {base.EncodeToString(g.seed)}, "issuer": {plain.Replace(issuer)},
		"algorithm": {string(g.Algorithm)}, "digits": {strconv.Itoa(g.Digits)},
		"period": {strconv.Itoa(int(Period / time.Second))},
	}
	label := url.PathEscape(plain.Replace(issuer)) + ":" + url.PathEscape(plain.Replace(account))
	// Some apps do not read a plus sign as a space.
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// Record writes the generator down for whoever seals it: the parameters and the
// seed. It is not MarshalText, which every logger and encoder would call.
func (g Generator) Record() (string, error) {
	if err := g.Check(); err != nil {
		return "", err
	}
	return fmt.Sprintf("totp$%s$%d$%s", g.Algorithm, g.Digits, base.EncodeToString(g.seed)), nil
}

// Parse reads what Record wrote and nothing else.
func Parse(record string) (Generator, error) {
	fields := strings.Split(record, "$")
	if len(fields) != 4 || fields[0] != "totp" {
		return Generator{}, fmt.Errorf("a one-time code secret of %d parts, expected 4", len(fields))
	}
	digits, err := strconv.Atoi(fields[2])
	if err != nil || strconv.Itoa(digits) != fields[2] {
		return Generator{}, errors.New("a one-time code secret whose number of digits cannot be read")
	}
	seed, err := base.DecodeString(fields[3])
	if err != nil || base.EncodeToString(seed) != fields[3] {
		// The error of the decoder would quote the secret.
		return Generator{}, errors.New("a one-time code secret whose seed cannot be read")
	}
	read, err := FromSeed(Parameters{Algorithm: Algorithm(fields[1]), Digits: digits}, seed)
	if err != nil {
		return Generator{}, fmt.Errorf("read a one-time code secret: %w", err)
	}
	return read, nil
}

// Format keeps the seed out of errors and texts, whatever the verb.
func (g Generator) Format(state fmt.State, _ rune) { fmt.Fprint(state, g.describe()) }

// LogValue keeps it out of logs.
func (g Generator) LogValue() slog.Value { return slog.StringValue(g.describe()) }

func (g Generator) describe() string { return fmt.Sprintf("[%d digits, %s]", g.Digits, g.Algorithm) }
