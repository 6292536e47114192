// Package ids makes and checks the typed identifiers of everything Warder
// keeps: a readable prefix, an underscore, and 128 random bits in base 32
// (prs_…, key_…, svc_…). A type per thing keeps a person's id out of a
// parameter that wants a key's.
package ids

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
)

type (
	Person     string // somebody who works here
	Group      string // a named set of people
	Key        string // the physical object
	Credential string // a WebAuthn registration
	Service    string // something people sign in to
	Route      string // one way into a service
	Session    string // a browser session
	Attempt    string // one sign-in or registration under way
	Invitation string // a one-time link or a pass
	Recovery   string // a case of somebody who cannot sign in any more
	Decision   string // one allow, step-up or deny
	Entry      string // one line of the audit record
	Review     string // one look at an exception
	Evidence   string // one original file kept as proof
	Mail       string // one message to a person
	Retirement string // one weak method that was taken from somebody
	Node       string // one running Warder
	Use        string // one use of the emergency access, or a test of it
	RiskCase   string // somebody's word that a sign-in was not theirs
	Exception  string // leave to sign in with less, for a time
	Calendar   string // one import of who is on leave when
	Forecast   string // whom a draft of the policy would lock out, as worked out once
	Override   string // the word of two people against a forecast
	StepUp     string // one request that waits for a touch of the key
)

// Prefixes, one per type.
func (Person) Prefix() string     { return "prs" }
func (Group) Prefix() string      { return "grp" }
func (Key) Prefix() string        { return "key" }
func (Credential) Prefix() string { return "crd" }
func (Service) Prefix() string    { return "svc" }
func (Route) Prefix() string      { return "rte" }
func (Session) Prefix() string    { return "ses" }
func (Attempt) Prefix() string    { return "att" }
func (Invitation) Prefix() string { return "inv" }
func (Recovery) Prefix() string   { return "rec" }
func (Decision) Prefix() string   { return "dec" }
func (Entry) Prefix() string      { return "aud" }
func (Review) Prefix() string     { return "rvw" }
func (Evidence) Prefix() string   { return "evd" }
func (Retirement) Prefix() string { return "ret" }
func (Mail) Prefix() string       { return "msg" }
func (Node) Prefix() string       { return "nod" }
func (Calendar) Prefix() string   { return "cal" }
func (Forecast) Prefix() string   { return "fct" }
func (Override) Prefix() string   { return "ovr" }
func (Use) Prefix() string        { return "use" }
func (RiskCase) Prefix() string   { return "rsk" }
func (Exception) Prefix() string  { return "exc" }
func (StepUp) Prefix() string     { return "stp" }

// Kind is any of the identifier types above.
type Kind interface {
	~string
	Prefix() string
}

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns a fresh identifier of type T.
func New[T Kind]() T {
	var random [16]byte
	rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
	var kind T
	return T(kind.Prefix() + "_" + encoding.EncodeToString(random[:]))
}

// Parse checks that text is an identifier of type T.
func Parse[T Kind](text string) (T, error) {
	var kind T
	rest, ok := strings.CutPrefix(text, kind.Prefix()+"_")
	if !ok {
		return kind, fmt.Errorf("identifier does not start with %s_", kind.Prefix())
	}
	random, err := encoding.DecodeString(rest)
	// Decoding passes over line breaks and over bits that mean nothing. An identifier
	// has one spelling, or it would be two keys of one map and a second line in a log.
	if err != nil || len(random) != 16 || encoding.EncodeToString(random) != rest {
		return kind, fmt.Errorf("identifier %s_… is malformed", kind.Prefix())
	}
	return T(text), nil
}
