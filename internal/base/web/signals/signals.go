// Package signals tells the browser what has become of credentials, so that it stops
// offering those that are good for nothing (WebAuthn Level 3 §5.1.10).
package signals

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/warder-project/warder/internal/base/web"
)

// Script goes into Page.Scripts of a page with signals and no ceremony.
const Script = "account.js"

// Signal is one message. The partial "webauthn-signals" takes a slice of them.
// Browsers without these methods pass over it.
type Signal struct {
	Method  string // of PublicKeyCredential
	Details string // its argument, JSON
}

// Unknown says that a credential is not known here (any more). Only the
// browser that has just named it may be told.
func Unknown(rpID, credentialID string) Signal {
	return signal("signalUnknownCredential", map[string]any{"rpId": rpID, "credentialId": credentialID})
}

// Accepted says which credentials of a person are accepted: all of them, and
// no other. Only that person may be told. A browser may hide or delete the rest.
func Accepted(r *http.Request, user []byte, credentials [][]byte) Signal {
	accepted := make([]string, len(credentials))
	for i, id := range credentials {
		accepted[i] = base64.RawURLEncoding.EncodeToString(id)
	}
	return signal("signalAllAcceptedCredentials", map[string]any{
		"rpId": relyingParty(r), "userId": base64.RawURLEncoding.EncodeToString(user), "allAcceptedCredentialIds": accepted})
}

// User says what a person is called now. Only that person may be told.
func User(r *http.Request, user []byte, userName, name string) Signal {
	return signal("signalCurrentUserDetails", map[string]any{
		"rpId": relyingParty(r), "userId": base64.RawURLEncoding.EncodeToString(user), "name": userName, "displayName": name})
}

func signal(method string, details map[string]any) Signal {
	text, _ := json.Marshal(details) // strings always marshal
	return Signal{Method: method, Details: string(text)}
}

// relyingParty is the id under which keys know the site: its host without a port.
func relyingParty(r *http.Request) string {
	origin, err := url.Parse(web.Origin(r))
	if err != nil {
		return ""
	}
	return origin.Hostname()
}
