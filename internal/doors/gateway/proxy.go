package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/doors/gateway/actions"
	"github.com/warder-project/warder/internal/doors/gateway/identity"
	"github.com/warder-project/warder/internal/doors/gateway/upstream"
)

// forwarding is what there is to know about one allowed request on its way.
// It is the upstream.Passage of that request.
type forwarding struct {
	gateway  *Gateway
	upstream *url.URL
	identity *identity.Identity
	asked    *asked
	checked  uint64 // see streams
	weigh    *weighing
}

// forward passes an allowed request on to the application.
func (g *Gateway) forward(w http.ResponseWriter, r *http.Request, a *asked, answer *decision.Decision, f *forwarding) {
	if !upgradable(r.Header) {
		g.page(w, a, http.StatusBadRequest, upgradeRefused.New())
		return
	}
	to, err := g.onward.Address(answer.Route.Upstream)
	if err != nil {
		g.deps.Log.Error("upstream address", "route", string(answer.Route.ID), "error", err)
		g.page(w, a, http.StatusBadGateway, upstreamDown.Because(err))
		return
	}
	who, err := g.identities.Of(answer)
	if err != nil {
		g.deps.Log.Error("sign identity", "error", err)
		g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
		return
	}
	f.upstream, f.identity = to, who
	g.onward.Pass(w, r, to, f)
}

// upgradable reports whether a request asks to go on in no other protocol than
// WebSocket (RFC 6455 §4.1). Behind any other, such as h2c (RFC 7540 §3.2), the client
// would have a tunnel to the application, with requests that nobody decides about.
func upgradable(header http.Header) bool {
	protocols := header["Upgrade"]
	return len(protocols) == 0 || len(protocols) == 1 && strings.EqualFold(protocols[0], "websocket")
}

// Dress takes out of a client's headers what it must not say, and adds what we say.
func (f *forwarding) Dress(header http.Header, in *http.Request) {
	f.identity.Strip(header)
	if from := f.cameFrom(in); from != "" {
		header["X-Forwarded-For"] = []string{from}
	}
	header["X-Forwarded-Host"] = []string{in.Host}
	if f.asked.secure() {
		header["X-Forwarded-Proto"] = https
	} else {
		header["X-Forwarded-Proto"] = plainHTTP
	}
	withoutOwnCookies(header)
	f.identity.Write(header)
	if f.weigh != nil {
		actions.Measurable(header)
	}
}

// cameFrom is the way that a request has come: what a proxy we trust says, and
// the address of whoever spoke to us.
func (f *forwarding) cameFrom(in *http.Request) string {
	nearest, _, err := net.SplitHostPort(in.RemoteAddr)
	if err != nil {
		return ""
	}
	if prior := in.Header["X-Forwarded-For"]; f.asked.trusted && len(prior) > 0 {
		return strings.Join(prior, ", ") + ", " + nearest
	}
	return nearest
}

// Header values that are never changed, shared by all requests.
var (
	https     = []string{"https"}
	plainHTTP = []string{"http"}
)

// Answered looks at the application's answer before it goes to the browser: what
// stays open is watched, and our cookies are ours to set.
func (f *forwarding) Answered(response *http.Response) error {
	if f.weigh != nil {
		if err := f.weighed(response); err != nil {
			return err
		}
	}
	withoutOwnSetCookies(response.Header)
	if upstream.Stays(response) {
		f.gateway.watch(response, f)
	}
	return nil
}

func withoutOwnSetCookies(header http.Header) {
	lines := header["Set-Cookie"]
	if len(lines) == 0 {
		return
	}
	kept := lines[:0]
	for _, line := range lines {
		if !ownCookie(line) {
			kept = append(kept, line)
		}
	}
	header["Set-Cookie"] = kept
}

// Failed says that the application does not answer.
func (f *forwarding) Failed(w http.ResponseWriter, _ *http.Request, err error) {
	var back heldBack
	if errors.As(err, &back) {
		f.gateway.sendToKey(w, f.asked, back.held)
		return
	}
	if errors.Is(err, context.Canceled) {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	f.gateway.deps.Log.Warn("application does not answer", "upstream", f.upstream.Host, "error", err)
	f.gateway.page(w, f.asked, http.StatusBadGateway, upstreamDown.Because(err))
}

// withoutOwnCookies keeps our cookies from the application: whoever holds one
// holds the session.
func withoutOwnCookies(header http.Header) {
	lines := header["Cookie"]
	if len(lines) == 0 {
		return
	}
	var kept []string
	for _, line := range lines {
		if rest := withoutOwn(line); rest != "" {
			kept = append(kept, rest)
		}
	}
	if len(kept) == 0 {
		delete(header, "Cookie")
		return
	}
	header["Cookie"] = kept
}

// withoutOwn takes our cookies out of one Cookie line.
func withoutOwn(line string) string {
	if !strings.Contains(line, "warder_") {
		return line
	}
	var rest strings.Builder
	for part := range strings.SplitSeq(line, ";") {
		part = strings.TrimSpace(part)
		if part == "" || ownCookie(part) {
			continue
		}
		if rest.Len() > 0 {
			rest.WriteString("; ")
		}
		rest.WriteString(part)
	}
	return rest.String()
}

// ownCookie reports whether "name=value…" is one of ours.
func ownCookie(text string) bool {
	return strings.HasPrefix(strings.TrimPrefix(strings.TrimLeft(text, " \t"), securePrefix), "warder_")
}
