package fido

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"

	"github.com/warder-project/warder/internal/base/problem"
)

const (
	mostBytes        = 64 << 20 // today's list has about 10 MB, most of it pictures
	mostEntries      = 20_000   // today's has a few hundred
	mostCertificates = 8
)

// List is one list of the Metadata Service, its signature verified.
type List struct {
	Number      int64     // grows with every list
	NextUpdate  time.Time // the day by which the next one should have been fetched, 00:00 UTC
	LegalHeader string    // what whoever uses the list agrees to
	Hash        [32]byte  // SHA-256 of the payload
	Signer      string    // subject of the signing certificate
	Root        Root
	Entries     []Entry // those about FIDO2 and U2F; never nil
	Ignored     int     // entries about UAF, which browsers do not speak
}

// Stale reports whether the next list should have been here.
func (l *List) Stale(at time.Time) bool { return !at.Before(l.NextUpdate.AddDate(0, 0, 1)) }

// Read reads a list and verifies it at a moment (FIDO MDS 3.1.1 §3.2). Problems: all
// but RolledBack, NumberReused, RootMissing, RootMalformed and NotListed.
func Read(name string, from io.Reader, trust Trust, at time.Time) (*List, error) {
	text, err := io.ReadAll(io.LimitReader(from, mostBytes+1))
	if err != nil {
		return nil, Unreadable.Because(err).At(problem.Field{File: name, Message: "It ends in an error."})
	}
	if len(text) > mostBytes {
		return nil, TooLarge.New().At(problem.Field{File: name, Message: fmt.Sprintf("It is longer than %d MB.", mostBytes>>20)})
	}
	list, err := read(bytes.TrimSpace(text), trust, at)
	if found, ok := problem.Of(err); ok {
		for i := range found.Fields {
			found.Fields[i].File = name
		}
		if len(found.Fields) == 0 {
			found.Fields = []problem.Field{{File: name, Message: "Nothing was taken from this file."}}
		}
		return nil, found
	}
	return list, err
}

func read(text []byte, trust Trust, at time.Time) (*List, error) {
	if err := looksRight(text); err != nil {
		return nil, err
	}
	// §3.1.7: RS256 is what the service signs with; ES256 is what its examples use.
	signed, err := jose.ParseSignedCompact(string(text), []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) {
		return nil, Algorithm.Because(fmt.Errorf("algorithm %q", algorithm.Got))
	}
	if err != nil || len(signed.Signatures) != 1 {
		refusal := malformed("header", "It is not a signed token that can be read: a part of it is missing, or not base64url, or its header or certificates are broken.")
		refusal.Cause = err
		return nil, refusal
	}
	chain, err := chainOf(signed.Signatures[0].Protected, trust, at)
	if err != nil {
		return nil, err
	}
	payload, err := signed.Verify(chain[0].PublicKey)
	if err != nil {
		return nil, SignatureInvalid.Because(err)
	}
	list, err := readPayload(payload)
	if err != nil {
		return nil, err
	}
	list.Hash, list.Signer, list.Root = sha256.Sum256(payload), chain[0].Subject.String(), rootOf(chain[len(chain)-1])
	return list, nil
}

// looksRight tells people who brought another file what it is.
func looksRight(text []byte) error {
	switch {
	case len(text) == 0:
		return malformed("", "It is empty.")
	case text[0] == '{' || text[0] == '[':
		return malformed("", "It is plain JSON, without a signature. The list comes as one long line with two dots in it.")
	case text[0] == '<':
		return malformed("", "It is a web page. The list comes as one long line with two dots in it.")
	case !utf8.Valid(text) || bytes.ContainsFunc(text, func(r rune) bool { return r > 'z' }):
		return malformed("", "It has letters in it that a signed token never has.")
	case bytes.Count(text, []byte(".")) != 2:
		return malformed("", fmt.Sprintf("It has %d dots in it, expected two: it is cut off, or something else.", bytes.Count(text, []byte("."))))
	}
	return nil
}

// chainOf verifies the certificates in the header: §3.2, step 5. The signing certificate
// is first, the root last.
func chainOf(header jose.Header, trust Trust, at time.Time) ([]*x509.Certificate, error) {
	if _, elsewhere := header.ExtraHeaders["x5u"]; elsewhere {
		return nil, malformed("header.x5u", "Its certificates are said to be on the web (x5u), where Warder does not go. Expected them in the file (x5c).")
	}
	if len(trust.Roots) == 0 {
		return nil, Untrusted.Because(errors.New("no root is trusted"))
	}
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	for _, root := range trust.Roots {
		options.Roots.AddCert(root)
	}
	chains, err := header.Certificates(options)
	if errors.Is(err, jose.ErrMissingX5cHeader) {
		return nil, malformed("header.x5c", "It names no certificates.")
	}
	if err != nil {
		refusal := Untrusted.Because(err)
		var invalid x509.CertificateInvalidError
		if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			refusal.Detail = fmt.Sprintf("The certificate of %q is good from %s to %s, and now it is %s.", invalid.Cert.Subject.CommonName,
				invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly), at.UTC().Format(time.DateOnly))
		}
		return nil, refusal
	}
	if len(chains[0]) > mostCertificates {
		return nil, Untrusted.Because(fmt.Errorf("a chain of %d certificates", len(chains[0])))
	}
	if err := trust.fits(chains[0][0]); err != nil {
		return nil, WrongSigner.Because(err)
	}
	return chains[0], nil
}

// readPayload reads the payload dictionary of §3.1.6.
func readPayload(payload []byte) (*List, error) {
	var raw struct {
		LegalHeader *string           `json:"legalHeader"`
		Number      *int64            `json:"no"`
		NextUpdate  *string           `json:"nextUpdate"`
		Entries     []json.RawMessage `json:"entries"`
	}
	if err := decode(payload, &raw); err != nil {
		return nil, malformed(err.place, err.message)
	}
	switch {
	case raw.Number == nil || *raw.Number < 0:
		return nil, malformed("no", "The number of the list is missing or negative.")
	case raw.NextUpdate == nil:
		return nil, malformed("nextUpdate", "The day of the next list is missing.")
	case raw.LegalHeader == nil || strings.TrimSpace(*raw.LegalHeader) == "":
		return nil, malformed("legalHeader", "It does not say to what whoever uses it agrees.")
	case len(*raw.LegalHeader) > 4096:
		return nil, malformed("legalHeader", "It is longer than 4096 bytes.")
	case raw.Entries == nil:
		return nil, malformed("entries", "There is no list of entries.")
	case len(raw.Entries) > mostEntries:
		return nil, malformed("entries", fmt.Sprintf("There are more than %d.", mostEntries))
	}
	next, err := time.Parse(time.DateOnly, *raw.NextUpdate)
	if err != nil {
		return nil, malformed("nextUpdate", "It is not a day written as YYYY-MM-DD.")
	}
	list := &List{Number: *raw.Number, NextUpdate: next, LegalHeader: *raw.LegalHeader, Entries: []Entry{}}
	for i, text := range raw.Entries {
		entry, fault := readEntry(text)
		if fault != nil {
			return nil, malformed(strings.TrimSuffix(fmt.Sprintf("entries[%d].%s", i, fault.place), "."), fault.message)
		}
		if entry.AAGUID == "" && len(entry.CertificateKeys) == 0 {
			list.Ignored++
			continue
		}
		list.Entries = append(list.Entries, entry)
	}
	return list, nil
}

// fault is what is wrong with a piece of JSON, and where in it.
type fault struct{ place, message string }

// decode reads a JSON value that ends where the text ends.
func decode(text []byte, into any) *fault {
	err := json.Unmarshal(text, into)
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil && !bytes.Equal(bytes.TrimSpace(text), []byte("null")):
		return nil
	case err == nil:
		return &fault{"", "There is nothing."}
	case errors.As(err, &kind):
		return &fault{kind.Field, "It is " + aKindOf(kind.Value) + ", expected something else."}
	case errors.As(err, &syntax):
		return &fault{"", fmt.Sprintf("It is no JSON at byte %d.", syntax.Offset)}
	}
	return &fault{"", "It is no JSON that can be read."}
}

func aKindOf(value string) string {
	known := []string{"number", "string", "bool", "object", "array"}
	word, _, _ := strings.Cut(value, " ")
	switch {
	case !slices.Contains(known, word):
		return "of a wrong kind"
	case word == "object" || word == "array":
		return "an " + word
	}
	return "a " + word
}

func malformed(place, message string) *problem.Error {
	return Malformed.New().At(problem.Field{Name: place, Message: message})
}
