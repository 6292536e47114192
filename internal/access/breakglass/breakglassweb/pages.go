package breakglassweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Where the pages are.
const (
	PublicPath = "/break-glass"
	AdminPath  = "/admin/break-glass"
	secondPath = PublicPath + "/second/"
)

const (
	smallForm = 16 << 10
	keyForm   = 128 << 10
)

// Cookies keeps what a browser must remember. access/signin/signinweb does.
type Cookies interface {
	// Bind gives the secret that binds what is under way to the browser, and lets
	// it keep the secret for the next minutes; a browser that has none gets one.
	Bind(w http.ResponseWriter, r *http.Request) secret.Value
	// Browser is that secret, empty when the browser has none.
	Browser(r *http.Request) secret.Value
	// SignedIn gives the browser the token of its session.
	SignedIn(w http.ResponseWriter, token secret.Value, session ids.Session)
}

// Deps is what the pages need. All but DemoKeyURL is required.
type Deps struct {
	Desk    *breakglass.Desk
	People  *people.Directory
	Cookies Cookies
	// Invite makes a one-time link for an identity.
	Invite     func(ctx context.Context, actor audit.Actor, person ids.Person) (string, error)
	DemoKeyURL string // where the demo's software key answers; empty outside the demo
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil || deps.People == nil || deps.Cookies == nil || deps.Invite == nil {
		return nil, errors.New("make the pages for emergency access: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages for emergency access: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. The public ones have no pace: whoever wastes it must not
// keep two holders of keys out, and before a key is touched nothing is written.
func (p *Pages) Routes() []web.Route {
	public := web.Need{Permission: web.Public}
	read, write := web.Need{Permission: web.BreakGlassRead, AAL: 2}, web.Need{Permission: web.BreakGlassWrite, AAL: 2}
	one := AdminPath + "/uses/{use}"
	return []web.Route{
		{Method: http.MethodGet, Path: PublicPath, Need: public, Title: "Emergency access", Handler: p.start},
		{Method: http.MethodPost, Path: PublicPath, Need: public, Title: "Begin emergency access", Handler: p.begin, MaxBody: smallForm},
		{Method: http.MethodPost, Path: PublicPath + "/first", Need: public, Title: "What the first key answered", Handler: p.first, MaxBody: keyForm},
		{Method: http.MethodGet, Path: secondPath + "{use}", Need: public, Title: "The second key", Handler: p.showSecond},
		{Method: http.MethodPost, Path: secondPath + "{use}", Need: public, Title: "What the second key answered", Handler: p.second, MaxBody: keyForm},
		{Method: http.MethodGet, Path: AdminPath, Need: read, Title: "Emergency access", Handler: p.list},
		{Method: http.MethodGet, Path: AdminPath + "/keys/{key}", Need: write, Title: "Where a key is kept", Handler: p.askPlace},
		{Method: http.MethodPost, Path: AdminPath + "/keys/{key}", Need: write, Title: "Record where a key is kept", Handler: p.place, MaxBody: smallForm},
		{Method: http.MethodPost, Path: AdminPath + "/link/{person}", Need: write, Title: "Make a link for the key of an identity", Handler: p.link, MaxBody: smallForm},
		{Method: http.MethodGet, Path: one, Need: read, Title: "One emergency access", Handler: p.show},
		{Method: http.MethodPost, Path: one, Need: write, Title: "End it now, or record the review", Handler: p.change, MaxBody: smallForm},
	}
}

func actor(r *http.Request) audit.Actor { return audit.Person(web.ViewerOf(r).Person) }

func mayWrite(r *http.Request) bool {
	may := web.ViewerOf(r).May
	return may != nil && may(web.BreakGlassWrite)
}

// useOf is the use in the address.
func useOf(r *http.Request) (ids.Use, error) {
	id, err := ids.Parse[ids.Use](r.PathValue("use"))
	if err != nil {
		return "", breakglass.NotFound.Because(err)
	}
	return id, nil
}

func row(name, value string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: value}}
}

func back() govuk.BackLink { return govuk.BackLink{Text: "Emergency access", Href: AdminPath} }
