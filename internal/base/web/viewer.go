package web

import (
	"context"
	"net/http"

	"github.com/warder-project/warder/internal/base/ids"
)

// Viewer is the person looking at the page. The zero value is somebody who is
// not signed in and may do nothing.
type Viewer struct {
	Person            ids.Person
	Name              string // as shown in the header
	Session           ids.Session
	AAL               int                   // of the session: 0 (nobody), 1, 2 or 3
	May               func(Permission) bool // nil means no to everything
	PhishingResistant bool                  // the session was begun with something no fake website could pass on
}

// SignedIn reports whether anybody is signed in.
func (v Viewer) SignedIn() bool { return v.Person != "" }

// may decides a permission for this viewer; whatever is not known is denied.
func (v Viewer) may(p Permission) bool {
	switch p {
	case Nobody:
		return false
	case Public:
		return true
	case Self:
		return v.SignedIn()
	default:
		return v.SignedIn() && v.May != nil && v.May(p)
	}
}

// Gatekeeper knows who is signed in. It answers with a problem of kind
// problem.Unauthenticated when nobody is; any other error closes every page
// that is not public.
type Gatekeeper interface {
	Viewer(r *http.Request) (Viewer, error)
}

// ViewerOf returns who is looking, as decided before the handler was called.
func ViewerOf(r *http.Request) Viewer {
	if visit := visitOf(r.Context()); visit != nil {
		return visit.viewer
	}
	return Viewer{}
}

// visit is one request on its way through the site.
type visit struct {
	site     *Site
	route    *Route // nil until the route table has been asked, or when nothing matches
	viewer   Viewer
	incident string // set once an incident number has been shown
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	found, _ := ctx.Value(visitKey{}).(*visit)
	return found
}
