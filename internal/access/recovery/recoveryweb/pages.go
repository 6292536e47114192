// Package recoveryweb is the pages about people who cannot sign in any more: one
// case, the list of cases that wait for an approval, what a person is told on their
// own page about a case in their name, the line manager’s word, and the address with
// which somebody who cannot sign in says that it was not them.
//
// What may be done with a case is decided by access/recovery; the pages offer what
// would not be refused.
package recoveryweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/pace"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Where the pages are.
const (
	ListPath = "/admin/recovery"
	CasePath = "/desk/cases"
	OwnPath  = "/me/recovery"
	NotMe    = "/not-me/"
)

// The permissions, as access/roles has them.
const (
	mayUse     web.Permission = "desk.use"
	mayRead    web.Permission = "recovery.read"
	mayApprove web.Permission = "recovery.approve"
)

const smallForm = 16 << 10

// Deps is what the pages need.
type Deps struct {
	Desk     *recovery.Desk
	People   *people.Directory
	PassPath string // where a pass is typed
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil || deps.People == nil {
		return nil, errors.New("make the pages about recovery: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about recovery: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. What lets somebody further needs AAL3; the room below asks
// besides that the key was touched a moment ago.
func (p *Pages) Routes() []web.Route {
	read, use := web.Need{Permission: mayRead, AAL: 2}, web.Need{Permission: mayUse, AAL: 2}
	self, public := web.Need{Permission: web.Self, AAL: 1}, web.Need{Permission: web.Public}
	one, rare := CasePath+"/{case}", pace.Pace{Burst: 60, Refill: time.Second}
	return []web.Route{
		{Method: http.MethodGet, Path: ListPath, Need: read, Title: "Recovery cases", Handler: p.list},
		{Method: http.MethodGet, Path: one, Need: read, Title: "One recovery case", Handler: p.show},
		{Method: http.MethodPost, Path: one + "/identity", Need: use, Title: "Record how somebody was identified", Handler: p.identity, MaxBody: smallForm},
		{Method: http.MethodPost, Path: one + "/approve", Need: web.Need{Permission: mayApprove, AAL: 3}, Title: "Approve a case", Handler: p.approve, MaxBody: smallForm},
		{Method: http.MethodPost, Path: one + "/refuse", Need: web.Need{Permission: mayApprove, AAL: 2}, Title: "Refuse a case", Handler: p.ending(p.deps.Desk.Refuse), MaxBody: smallForm},
		{Method: http.MethodPost, Path: one + "/pass", Need: web.Need{Permission: mayUse, AAL: 3}, Title: "Issue a pass", Handler: p.issue, MaxBody: smallForm},
		{Method: http.MethodPost, Path: one + "/withdraw", Need: use, Title: "Withdraw a case", Handler: p.ending(p.deps.Desk.Withdraw), MaxBody: smallForm},
		{Method: http.MethodPost, Path: one + "/stop", Need: use, Title: "Stop a case: it was not them", Handler: p.stop, MaxBody: smallForm},
		{Method: http.MethodGet, Path: OwnPath, Need: self, Title: "Help with signing in, in my name", Handler: p.own},
		{Method: http.MethodPost, Path: OwnPath + "/stop", Need: self, Title: "Say that it was not me", Handler: p.stopOwn, MaxBody: smallForm},
		{Method: http.MethodPost, Path: OwnPath + "/{case}/vouch", Need: web.Need{Permission: web.Self, AAL: 3}, Title: "Vouch for a colleague", Handler: p.vouch, MaxBody: smallForm},
		{Method: http.MethodPost, Path: OwnPath + "/{case}/disown", Need: self, Title: "Say that a colleague has not asked", Handler: p.disown, MaxBody: smallForm},
		{Method: http.MethodGet, Path: NotMe + "{token}", Need: public, Title: "This was not me", Handler: p.askNotMe, Pace: rare},
		{Method: http.MethodPost, Path: NotMe + "{token}", Need: public, Title: "Stop a case without signing in", Handler: p.notMe, MaxBody: smallForm, Pace: rare},
	}
}

// by is who is at the page.
func by(r *http.Request) recovery.By {
	viewer := web.ViewerOf(r)
	return recovery.SignedIn(viewer.Person, viewer.Session)
}

func may(r *http.Request, permission web.Permission) bool {
	viewer := web.ViewerOf(r)
	return viewer.May != nil && viewer.May(permission)
}

// caseOf is the case in the address.
func (p *Pages) caseOf(r *http.Request) (recovery.Case, error) {
	id, err := ids.Parse[ids.Recovery](r.PathValue("case"))
	if err != nil {
		return recovery.Case{}, recovery.NotFound.Because(err)
	}
	return p.deps.Desk.Get(r.Context(), id)
}

func pathOf(id ids.Recovery) string { return CasePath + "/" + string(id) }

// called is an actor in words.
func (p *Pages) called(ctx context.Context, actor audit.Actor) (string, error) {
	switch actor.Kind {
	case audit.ActorPerson:
		person, err := p.deps.People.Get(ctx, ids.Person(actor.ID))
		return person.Name, err
	case audit.ActorCommand:
		return "The command line (" + actor.ID + ")", nil
	case audit.ActorSystem:
		return "Warder", nil
	case audit.ActorNobody:
	}
	return "Nobody yet", nil
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
