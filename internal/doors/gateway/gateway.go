package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/doors/gateway/identity"
	"github.com/warder-project/warder/internal/doors/gateway/upstream"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/services"
)

// Decider answers for one request.
type Decider interface {
	Ask(ctx context.Context, question *decision.Question) decision.Decision
}

// Tickets turns what the portal handed to the browser into a session for this host.
type Tickets interface {
	Redeem(ctx context.Context, ticket secret.Value, host string) (sessions.Session, secret.Value, error)
	ByToken(ctx context.Context, token secret.Value) (sessions.Session, error)
	End(ctx context.Context, actor audit.Actor, session ids.Session, reason sessions.Reason) error
}

// Deps is what a Gateway needs.
type Deps struct {
	Portal         *url.URL               // public URL of the portal
	Decide         Decider                //
	Routes         func() *services.Table // the routes that are live now
	Tickets        Tickets
	Signer         identity.Signer
	StepUps        StepUps
	TrustedProxies []netip.Prefix // whose forwarded headers are believed; empty: nobody's
	Stylesheet     string         // absolute address of the portal's stylesheet; empty: none
	HelpContact    string
	Log            *slog.Logger
	Now            func() time.Time
}

// Gateway answers on the gateway's own listener (ServeHTTP) and for other
// proxies (Authz).
type Gateway struct {
	deps       Deps
	portal     string
	identities *identity.Book
	onward     *upstream.Onward
	streams    streams
	scales     chan struct{} // as many answers may be weighed at once
}

// scales is how many: each is held in memory, services.MostHeld bytes at most.
const scales = 16

// New returns a Gateway.
func New(deps Deps) *Gateway {
	g := &Gateway{deps: deps, portal: strings.TrimSuffix(deps.Portal.String(), "/")}
	g.identities = identity.NewBook(g.portal, deps.Signer)
	g.streams.open = map[*stream]struct{}{}
	g.onward = upstream.New(deps.Log)
	g.scales = make(chan struct{}, scales)
	return g
}

// ServeHTTP is the gateway's own listener: the reverse proxy, and the few paths
// under /.warder/ by which a browser signs in and out on an application's host.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := g.direct(r)
	if strings.HasPrefix(a.Path, ownPaths) {
		g.own(w, r, &a)
		return
	}
	g.proxy(w, r, &a, false)
}

// proxy decides about a request and passes it on. touched says that the person has
// touched their key for this very request.
func (g *Gateway) proxy(w http.ResponseWriter, r *http.Request, a *asked, touched bool) {
	checked := g.streams.rechecks.Load() // before asking; see streams
	answer := g.ask(r.Context(), a)
	if !allowed(&answer) {
		g.refuse(w, a, &answer)
		return
	}
	if answer.Route == nil || answer.Route.Upstream == "" {
		g.page(w, a, http.StatusNotFound, noUpstream.New())
		return
	}
	var weigh *weighing
	if !touched && len(answer.Target.Actions) > 0 {
		var over bool
		if weigh, over = g.act(w, r, a, &answer); over {
			return
		}
	}
	g.forward(w, r, a, &answer, &forwarding{gateway: g, asked: a, checked: checked, weigh: weigh})
}

// ask asks for a decision now. One a at a time: it fills a in.
func (g *Gateway) ask(ctx context.Context, a *asked) decision.Decision {
	a.At = g.deps.Now()
	if a.token != "" && !a.HasToken {
		a.Token, a.HasToken = hashToken(a.token), true
	}
	return g.deps.Decide.Ask(ctx, &a.Question)
}
