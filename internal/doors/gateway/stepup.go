package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/doors/gateway/actions"
	"github.com/warder-project/warder/internal/registry/services"
)

// StepUps is where requests wait for a touch of the key.
type StepUps interface {
	Ask(ctx context.Context, request stepup.Request) (stepup.Held, error)
	Take(ctx context.Context, request stepup.Request) (bool, error)
	Resume(ctx context.Context, session ids.Session, origin string, id ids.StepUp) (stepup.Held, error)
}

// stepUpPath is where a browser comes back to, with what was kept for it.
const stepUpPath = "step-up/"

// weighing is what is to be found out from the answer to a request.
type weighing struct {
	among   []services.Action
	request stepup.Request
}

// heldBack says that an answer waits for a key.
type heldBack struct{ held stepup.Held }

func (heldBack) Error() string { return "the answer waits for a touch of the key" }

// act looks whether an allowed request asks for a touch of the key. It answers true
// when it has been answered here. What is only seen in the application's answer
// is given back to be weighed.
func (g *Gateway) act(w http.ResponseWriter, r *http.Request, a *asked, answer *decision.Decision) (*weighing, bool) {
	now, weigh := actions.Find(answer.Target.Actions, actions.Request{Method: a.Method, Path: a.Path, Query: a.query, Length: r.ContentLength})
	if now == nil && len(weigh) == 0 {
		return nil, false
	}
	request := a.request(answer, services.Action{})
	if err := content(r, &request); err != nil {
		g.page(w, a, http.StatusBadRequest, bodyUnread.Because(err))
		return nil, true
	}
	if now != nil {
		request.Action, request.Title, request.Keep = now.Name, now.Title, now.Keep
		if !g.granted(r.Context(), w, a, request) {
			return nil, true
		}
	}
	if len(weigh) == 0 {
		return nil, false
	}
	return &weighing{among: weigh, request: request}, false
}

// request describes what waits.
func (a *asked) request(answer *decision.Decision, action services.Action) stepup.Request {
	return stepup.Request{Session: answer.Session, Portal: answer.Subject.Session.Parent, Person: answer.Person, Service: answer.Service, Where: answer.Target.Name,
		Action: action.Name, Title: action.Title, Keep: action.Keep,
		Method: a.Method, Origin: a.origin(), Address: a.address(), Sum: sha256.Sum256(nil)}
}

// content keeps a request's content, if it is short enough, and puts it back.
func content(r *http.Request, request *stepup.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	read, err := io.ReadAll(io.LimitReader(r.Body, stepup.LargestKept+1))
	if err != nil {
		return err
	}
	r.Body = rejoined{io.MultiReader(bytes.NewReader(read), r.Body), r.Body}
	if r.ContentLength > 0 {
		request.Amount = actions.Bytes(r.ContentLength)
	}
	if len(read) > stepup.LargestKept {
		request.Sum = [32]byte{}
		return nil
	}
	request.Body, request.Sum = read, sha256.Sum256(read)
	request.ContentType, request.SentFrom = r.Header.Get("Content-Type"), r.Header.Get("Origin")
	return nil
}

type rejoined struct {
	io.Reader
	io.Closer
}

// granted uses a grant for this very request, or lets the request wait for one.
func (g *Gateway) granted(ctx context.Context, w http.ResponseWriter, a *asked, request stepup.Request) bool {
	taken, err := g.deps.StepUps.Take(ctx, request)
	if err == nil && taken {
		return true
	}
	var held stepup.Held
	if err == nil {
		held, err = g.deps.StepUps.Ask(ctx, request)
	}
	if problem.Is(err, stepup.TooMany) {
		g.page(w, a, http.StatusTooManyRequests, stepup.TooMany.Because(err))
		return false
	}
	if err != nil {
		g.deps.Log.Error("hold a request for a key", "service", string(request.Service), "action", request.Action, "error", err)
		g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
		return false
	}
	g.sendToKey(w, a, held)
	return false
}

// sendToKey sends a person who is looking to the page where their key is asked for,
// and tells a program where that is.
func (g *Gateway) sendToKey(w http.ResponseWriter, a *asked, held stepup.Held) {
	address := g.portal + "/step-up/" + string(held.ID)
	switch {
	case a.personal() && a.nginx:
		w.Header().Set("Warder-Sign-In", address)
	case a.personal():
		seeOther(w, address)
		return
	}
	// RFC 9470 §3.
	w.Header().Set("WWW-Authenticate", `Warder realm="`+quotable(a.Host)+`", error="insufficient_user_authentication", reason="stepup.needed", max_age="0", sign_in="`+quotable(address)+`"`)
	g.problemJSON(w, http.StatusUnauthorized, keyNeeded.Detailf("%s in %s.", held.Title, held.Where), address)
}

// personal reports whether a person is looking at the answer, to a form too.
func (a *asked) personal() bool {
	if mode := a.header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return a.navigation() || a.Method == http.MethodPost && strings.Contains(a.header.Get("Accept"), "text/html") && len(a.header["X-Requested-With"]) == 0
}

// weighed looks at an answer before it is given out. One that is over waits.
func (f *forwarding) weighed(response *http.Response) error {
	ctx := response.Request.Context()
	select {
	case f.gateway.scales <- struct{}{}:
		defer func() { <-f.gateway.scales }()
	case <-ctx.Done():
		return ctx.Err()
	}
	over, err := actions.Weigh(response, f.weigh.among)
	if err != nil || over == nil {
		return err
	}
	request := f.weigh.request
	request.Action, request.Title, request.Keep, request.Amount = over.Action.Name, over.Action.Title, over.Action.Keep, over.Amount
	taken, err := f.gateway.deps.StepUps.Take(ctx, request)
	if err != nil || taken {
		return err
	}
	held, err := f.gateway.deps.StepUps.Ask(ctx, request)
	if err != nil {
		return err
	}
	return heldBack{held}
}

// resume does what a person has touched their key for, with the content that was kept.
func (g *Gateway) resume(w http.ResponseWriter, r *http.Request, a *asked, text string) {
	id, err := ids.Parse[ids.StepUp](text)
	if err != nil {
		g.page(w, a, http.StatusNotFound, stepup.NotFound.Because(err))
		return
	}
	session, err := g.deps.Tickets.ByToken(r.Context(), secret.New(a.token))
	if err != nil || session.Host != withoutUsualPort(a) {
		g.page(w, a, http.StatusForbidden, stepup.NotFound.New())
		return
	}
	held, err := g.deps.StepUps.Resume(r.Context(), session.ID, a.origin(), id)
	if err != nil {
		g.refuseResume(w, a, err)
		return
	}
	again, err := repeated(r, held)
	if err != nil {
		g.refuseResume(w, a, err)
		return
	}
	as := g.direct(again)
	g.proxy(w, again, &as, true)
}

func (g *Gateway) refuseResume(w http.ResponseWriter, a *asked, err error) {
	if found, known := problem.Of(err); known && found.Kind != problem.Internal {
		g.page(w, a, http.StatusForbidden, found)
		return
	}
	g.deps.Log.Error("resume a request that waited for a key", "error", err)
	g.page(w, a, http.StatusServiceUnavailable, notNow.Because(err))
}

// repeated is the request that was held, as the browser would send it again.
func repeated(r *http.Request, held stepup.Held) (*http.Request, error) {
	address, err := url.ParseRequestURI(held.Address)
	if err != nil {
		return nil, err
	}
	again := r.Clone(r.Context())
	again.Method, again.URL, again.RequestURI = held.Method, address, held.Address
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(held.Body)), int64(len(held.Body))
	for name, value := range map[string]string{"Content-Type": held.ContentType, "Origin": held.SentFrom} {
		again.Header.Del(name)
		if value != "" {
			again.Header.Set(name, value)
		}
	}
	again.Header.Del("Referer")
	again.Header.Del("Sec-Fetch-Site") // the browser said it of another request
	return again, nil
}
