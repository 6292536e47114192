package web

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web/govuk"
)

// CeremonyKind says what is asked of the key.
type CeremonyKind string

// The kinds, by the name of the browser's call.
const (
	CreateCredential CeremonyKind = "create" // navigator.credentials.create: register a key
	GetCredential    CeremonyKind = "get"    // navigator.credentials.get: sign in with a key
)

// CeremonyScript goes into Page.Scripts of a page with a Ceremony.
const CeremonyScript = "webauthn.js"

// CeremonyAnswer is the form field in which the key's answer is posted: a
// RegistrationResponseJSON or AuthenticationResponseJSON of WebAuthn Level 3 §5.1.
const CeremonyAnswer = "answer"

// Ceremony is the form in which a security key answers, for the partial
// "webauthn-ceremony". The buttons appear only with script, because nothing
// works without; the form says so otherwise.
type Ceremony struct {
	ID         string // id of the form; "ceremony" when empty
	Kind       CeremonyKind
	Options    string // JSON for the browser, with or without "publicKey" around it
	Action     string // path the answer is posted to
	Origin     string // where the page must be for the key to work
	Button     string // "Use your security key"
	Hidden     []HiddenField
	DemoKeyURL string // only in a demo: path that answers for the software key
}

// HiddenField is sent along with a form.
type HiddenField struct{ Name, Value string }

// NewCeremony is a ceremony at the address of the site that r came through.
func NewCeremony(r *http.Request, kind CeremonyKind, options []byte, action string) Ceremony {
	return Ceremony{Kind: kind, Options: string(options), Action: action, Origin: Origin(r),
		Button: "Use your security key"}
}

// Origin is the scheme and host of the site that r came through, as a browser
// writes it; empty outside a site.
func Origin(r *http.Request) string {
	if current := visitOf(r.Context()); current != nil {
		return current.site.origin()
	}
	return ""
}

// FormID is the id of the form.
func (c Ceremony) FormID() string {
	if c.ID == "" {
		return "ceremony"
	}
	return c.ID
}

// Answer is the name of the field with the answer.
func (c Ceremony) Answer() string { return CeremonyAnswer }

// StartButton asks the key.
func (c Ceremony) StartButton() govuk.Button {
	return govuk.Button{Text: c.Button, Type: "button",
		Attributes: govuk.Attributes{"data-ceremony-start": "", "hidden": ""}}
}

// DemoButton asks the software key of the demo.
func (c Ceremony) DemoButton() govuk.Button {
	return govuk.Button{Text: "Use the demo key", Type: "button", Classes: govuk.Secondary,
		Attributes: govuk.Attributes{"data-ceremony-demo": "", "hidden": ""}}
}
