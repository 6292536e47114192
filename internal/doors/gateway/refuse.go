package gateway

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func allowed(answer *decision.Decision) bool { return answer.Verdict.Effect == policy.Allow }

// canSignIn reports whether signing in (again, or more strongly) can help.
func canSignIn(answer *decision.Decision) bool { return answer.Verdict.Effect == policy.StepUp }

// refuse sends a person who is looking to the sign-in page or to an
// explanation, and a program a status it understands.
func (g *Gateway) refuse(w http.ResponseWriter, a *asked, answer *decision.Decision) {
	switch {
	case canSignIn(answer) && a.navigation():
		seeOther(w, g.signInAddress(a, answer))
	case canSignIn(answer):
		g.challenge(w, a, answer)
	default:
		g.page(w, a, http.StatusForbidden, refusal(answer))
	}
}

// seeOther sends the browser to an absolute address. Relative ones will not do:
// Traefik takes them relative to us, not to the application.
func seeOther(w http.ResponseWriter, address string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}

// stepOf is the level to raise a living session to, as the portal knows it; 0
// when there is no such session, and signing in is all that is asked. Only keys
// of level 3 are known to be attested hardware, and known not to be copied.
func stepOf(answer *decision.Decision) int {
	need := answer.Verdict.Require
	switch {
	case answer.State != policy.SessionAlive || !canSignIn(answer):
		return 0
	case need.HardwareBound || need.Attested || need.Forbid&assurance.Exportable != 0:
		return int(assurance.AAL3)
	}
	return int(need.AAL)
}

// anyWay is what the portal is told when the service's own rule is content with a
// sign-in that could be phished, such as a password and a code.
const anyWay = "any"

func phishable(need assurance.Requirement) bool {
	return !need.PhishingResistant && !need.HardwareBound && !need.Attested && !need.UserVerified &&
		need.Forbid&assurance.TOTP.Weaknesses() == 0
}

// refusal puts the policy's own sentence into the problem.
func refusal(answer *decision.Decision) *problem.Error {
	found := refused.New()
	var sentences []string
	for _, reason := range answer.Verdict.Reasons {
		sentences = append(sentences, reason.Sentence)
	}
	found.Detail = strings.Join(sentences, " ")
	return found
}

// challenge answers 401 to what is not a navigation. The sign-in address stands
// in Location as a hint only: a 401 is not followed by any client by itself.
// RFC 9110 §11.6.1 asks for WWW-Authenticate; acr_values and max_age speak as
// RFC 9470 §3 does, so that a program can tell what is missing.
func (g *Gateway) challenge(w http.ResponseWriter, a *asked, answer *decision.Decision) {
	address := g.portal + "/"
	if a.Method == http.MethodGet {
		address = g.signInAddress(a, answer)
	}
	var header strings.Builder
	header.WriteString(`Warder realm="` + quotable(a.Host) + `"`)
	reason := "policy.no_session"
	if len(answer.Verdict.Reasons) > 0 {
		reason = string(answer.Verdict.Reasons[0].Code)
	}
	if answer.Person != "" {
		header.WriteString(`, error="insufficient_user_authentication"`)
	}
	header.WriteString(`, reason="` + quotable(reason) + `"`)
	if need := answer.Verdict.Require; need.Defined() {
		if need.PhishingResistant {
			acr := "phr"
			if need.HardwareBound {
				acr = "phrh"
			}
			header.WriteString(`, acr_values="` + acr + `"`)
		}
		if need.MaxAge > 0 {
			header.WriteString(`, max_age="` + strconv.Itoa(int(need.MaxAge/time.Second)) + `"`)
		}
	}
	header.WriteString(`, sign_in="` + quotable(address) + `"`)
	w.Header().Set("WWW-Authenticate", header.String())
	w.Header().Set("Location", address)
	found := signInNeeded.New()
	found.Detail = refusal(answer).Detail
	g.problemJSON(w, http.StatusUnauthorized, found, address)
}

// quotable keeps a quoted-string a quoted-string (RFC 9110 §5.6.4).
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r > '~' {
			return '_'
		}
		return r
	}, text)
}

// problemJSON writes RFC 9457 problem details.
func (g *Gateway) problemJSON(w http.ResponseWriter, status int, found *problem.Error, signIn string) {
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Status int    `json:"status"`
		Code   string `json:"code"`
		Title  string `json:"title"`
		Detail string `json:"detail,omitempty"`
		Next   string `json:"next"`
		SignIn string `json:"sign_in,omitempty"`
	}{"about:blank", status, found.Code, found.Sentence, found.Detail, found.Next, signIn})
	if err != nil {
		g.deps.Log.Error("encode problem", "error", err)
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone; nobody is left to tell
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page shows a problem to a person. It works without the portal's stylesheet.
func (g *Gateway) page(w http.ResponseWriter, a *asked, status int, found *problem.Error) {
	if !a.navigation() {
		g.problemJSON(w, status, found, "")
		return
	}
	var body bytes.Buffer
	err := pageTemplate.Execute(&body, struct{ Sentence, Heading, Detail, Next, Code, Help, Portal, Stylesheet string }{
		found.Sentence, strings.TrimSuffix(found.Sentence, "."), found.Detail, found.Next, found.Code, g.deps.HelpContact, g.portal, g.deps.Stylesheet})
	if err != nil {
		g.deps.Log.Error("render page", "error", err)
		http.Error(w, found.Sentence+" "+found.Next, status)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src %s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", origin(g.deps.Portal)))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client has gone; nobody is left to tell
}

func origin(address *url.URL) string { return address.Scheme + "://" + address.Host }
