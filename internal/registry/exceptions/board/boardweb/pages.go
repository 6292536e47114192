// Package boardweb shows exceptions: the board of all of them, the page for the
// organisation's own board, what would break without them, one with everything that is
// known about it, the form that asks for one, and what may be done with one, each said
// before it is done.
package boardweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/board"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin; OwnPath is where those of whoever answers for an
// exception, or for its service, begin.
const (
	Path    = "/admin/exceptions"
	OwnPath = "/me/exceptions"
)

// largeForm is the largest form these pages take, in bytes.
const largeForm = 64 << 10

// Use is what one person did from one place because of an exception.
type Use struct {
	Person   ids.Person
	Service  ids.Service
	Address  string // IP address
	Requests int
	Last     time.Time
}

// Deps is what the pages need. All of it is required.
type Deps struct {
	Register *exceptions.Register
	Reviews  *reviews.Book
	Board    *board.Desk
	People   *people.Directory
	Services *services.Catalogue
	// Uses are those of an exception, the latest first.
	Uses func(ctx context.Context, id ids.Exception) ([]Use, error)
	Now  func() time.Time
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Register == nil || deps.Reviews == nil || deps.Board == nil || deps.People == nil || deps.Services == nil || deps.Uses == nil || deps.Now == nil {
		return nil, errors.New("make the pages about exceptions: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about exceptions: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. What is asked of a deed by its permission alone is the least;
// the register judges the rest.
func (p *Pages) Routes() []web.Route {
	read, write := web.Need{Permission: web.ExceptionsRead, AAL: 2}, web.Need{Permission: web.ExceptionsWrite, AAL: 2}
	own := web.Need{Permission: web.Self, AAL: 2}
	routes := []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Exceptions", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/board", Need: read, Title: "Exceptions for the board", Handler: p.board},
		{Method: http.MethodGet, Path: Path + "/what-breaks", Need: read, Title: "What would break without exceptions", Handler: p.breaks},
		{Method: http.MethodGet, Path: Path + "/new", Need: write, Title: "Ask for an exception", Handler: p.askNew},
		{Method: http.MethodPost, Path: Path + "/new", Need: write, Title: "Propose an exception", Handler: p.propose, MaxBody: largeForm},
		{Method: http.MethodGet, Path: Path + "/{exception}", Need: read, Title: "One exception", Handler: p.show},
		{Method: http.MethodGet, Path: OwnPath, Need: own, Title: "Exceptions you answer for", Handler: p.listOwn},
		{Method: http.MethodGet, Path: OwnPath + "/{exception}", Need: own, Title: "An exception you answer for", Handler: p.show},
		{Method: http.MethodGet, Path: OwnPath + "/{exception}/do/{deed}", Need: own, Title: "Do something with an exception of yours", Handler: p.ask},
		{Method: http.MethodPost, Path: OwnPath + "/{exception}/do/{deed}", Need: own, Title: "Do it now", Handler: p.do, MaxBody: largeForm},
	}
	for _, deed := range deeds() {
		path, need := Path+"/{exception}/do/"+deed.word, web.Need{Permission: deed.needs, AAL: 2}
		routes = append(routes,
			web.Route{Method: http.MethodGet, Path: path, Need: need, Title: deed.title, Handler: p.ask},
			web.Route{Method: http.MethodPost, Path: path, Need: need, Title: deed.title + " now", Handler: p.do, MaxBody: largeForm})
	}
	return routes
}

// reviewPath is where a review is opened; its pages are another room's.
func reviewPath(id ids.Review) string { return Path + "/reviews/" + string(id) }

// base is where the pages begin on which a request is.
func base(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, OwnPath) {
		return OwnPath
	}
	return Path
}

// find is the exception in the address. On their own pages people find those that they
// own, and those at services that they answer for; every other is not there.
func (p *Pages) find(r *http.Request) (exceptions.Exception, error) {
	e, err := p.deps.Register.Named(r.Context(), r.PathValue("exception"))
	if err != nil || base(r) == Path {
		return e, err
	}
	mine, err := p.mine(r, e)
	if err == nil && !mine {
		return exceptions.Exception{}, exceptions.NotFound.New()
	}
	return e, err
}

// mine reports whether the viewer answers for an exception or for its service.
func (p *Pages) mine(r *http.Request, e exceptions.Exception) (bool, error) {
	viewer := web.ViewerOf(r).Person
	if e.Owner == viewer || e.ProposedBy == audit.Person(viewer) {
		return true, nil
	}
	if e.Subject.Service == "" {
		return false, nil
	}
	service, err := p.deps.Services.Get(r.Context(), e.Subject.Service)
	if problem.Is(err, services.NotFound) {
		return false, nil
	}
	return service.Owner == viewer, err
}

func by(r *http.Request) exceptions.By {
	viewer := web.ViewerOf(r)
	return exceptions.SignedIn(viewer.Person, viewer.Session)
}

func may(r *http.Request, permission web.Permission) bool {
	viewer := web.ViewerOf(r)
	return viewer.May != nil && viewer.May(permission)
}

// who is a person in words.
func (p *Pages) who(ctx context.Context, id ids.Person) (string, error) {
	if id == "" {
		return "Nobody yet", nil
	}
	person, err := p.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	return person.Name, err
}

// actorName is who did something, in words.
func (p *Pages) actorName(ctx context.Context, actor audit.Actor) (string, error) {
	switch actor.Kind {
	case audit.ActorPerson:
		return p.who(ctx, ids.Person(actor.ID))
	case audit.ActorSystem:
		return "Warder itself", nil
	case audit.ActorCommand:
		return "A command by " + actor.ID, nil
	case audit.ActorNobody:
	}
	return "Nobody", nil
}

// where is what an exception is for, in words.
func (p *Pages) where(ctx context.Context, subject exceptions.Subject) (string, error) {
	if subject.Service == "" {
		return "Every service", nil
	}
	service, err := p.deps.Services.Get(ctx, subject.Service)
	if problem.Is(err, services.NotFound) {
		return "A service that is gone", nil
	}
	if err != nil {
		return "", err
	}
	for _, route := range service.Routes {
		if route.ID == subject.Route {
			return service.Name + ", at " + route.Host + route.PathPrefix, nil
		}
	}
	return service.Name, nil
}

// whom is whom an exception is for, one line for each of the first and how many more.
func (p *Pages) whom(ctx context.Context, subject exceptions.Subject) ([]string, error) {
	if subject.Everybody() {
		return []string{"Everybody"}, nil
	}
	const shown = 8
	var lines []string
	for i, id := range subject.People {
		if i == shown {
			lines = append(lines, govuk.Number(len(subject.People)-shown)+" more people")
			break
		}
		name, err := p.who(ctx, id)
		if err != nil {
			return nil, err
		}
		lines = append(lines, name)
	}
	for _, name := range subject.Groups {
		lines = append(lines, "Group “"+name+"”")
	}
	return lines, nil
}

func row(name, text string) govuk.SummaryRow {
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
}

func lines(name string, all []string) govuk.SummaryRow {
	if len(all) == 0 {
		return row(name, "None")
	}
	return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: all[0], Lines: all[1:]}}
}

// stateTag is how an exception stands at a moment, by its dates and not by what has been
// written down.
func stateTag(e exceptions.Exception, at time.Time) *govuk.Tag {
	switch {
	case e.InForce(at):
		return &govuk.Tag{Text: "In force", Classes: govuk.Orange}
	case e.State == exceptions.Approved && at.Before(e.Start):
		return &govuk.Tag{Text: "To come", Classes: govuk.Blue}
	case e.State == exceptions.Approved:
		return &govuk.Tag{Text: "Over", Classes: govuk.Grey}
	case e.State == exceptions.Proposed && at.Before(e.End):
		return &govuk.Tag{Text: e.State.Label(), Classes: govuk.Yellow}
	case e.State == exceptions.Proposed:
		return &govuk.Tag{Text: "Over, never approved", Classes: govuk.Grey}
	}
	return &govuk.Tag{Text: e.State.Label(), Classes: govuk.Grey}
}

// left is how long something has still to go, in words.
func left(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d <= 0:
		return "Over"
	case d < time.Hour:
		return counted(int((d+time.Minute-1)/time.Minute), "minute")
	case d < 2*day:
		return counted(int(d/time.Hour), "hour")
	}
	return counted(int(d/day), "day")
}

func headcount(n int) string {
	if n == 1 {
		return "1 person"
	}
	return govuk.Number(n) + " people"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return govuk.Number(n) + " " + what + "s"
}
