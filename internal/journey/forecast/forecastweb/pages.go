// Package forecastweb shows administrators whom a draft of the policy would lock out,
// with the list behind each number, and lets two of them go against it.
package forecastweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is the page of a forecast; it takes the number of a version as ?version=.
const Path = "/admin/policy/forecast"

// section is the part of the site under which the pages are.
const section = "/admin/policy"

const smallForm = 16 << 10

// Question is what a page asks for.
type Question struct {
	Version int64 // its number; 0 is the one in force, of which nothing is to be feared
	Days    int   // see lockout.Question
}

// Deps is what the pages need. All of it is required.
type Deps struct {
	// Look works a forecast out and changes nothing; Make keeps that it was made.
	Look func(ctx context.Context, question Question) (*forecast.Forecast, gate.Draft, error)
	Make func(ctx context.Context, actor audit.Actor, question Question) error
	// Pack writes the draft “Privileged first” and gives its number.
	Pack   func(ctx context.Context, actor audit.Actor) (int64, error)
	Gate   *gate.Gate
	People *people.Directory
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Look == nil || deps.Make == nil || deps.Pack == nil || deps.Gate == nil || deps.People == nil {
		return nil, errors.New("make the pages about forecasts: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about forecasts: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Whoever may read decisions may read what they would become;
// only administrators decide.
func (p *Pages) Routes() []web.Route {
	read, decide := web.Need{Permission: web.DecisionsRead, AAL: 2}, web.Need{Permission: web.RolesWrite, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Whom a policy would lock out", Handler: p.show},
		{Method: http.MethodPost, Path: Path, Need: decide, Title: "Make the forecast", Handler: p.make, MaxBody: smallForm},
		{Method: http.MethodPost, Path: Path + "/privileged-first", Need: decide, Title: "Write the draft “Privileged first”", Handler: p.pack, MaxBody: smallForm},
		{Method: http.MethodPost, Path: Path + "/against", Need: decide, Title: "Ask to go against the forecast", Handler: p.ask, MaxBody: smallForm},
		{Method: http.MethodPost, Path: Path + "/against/{override}/approve", Need: decide, Title: "Approve going against the forecast", Handler: p.approve, MaxBody: smallForm},
		{Method: http.MethodPost, Path: Path + "/against/{override}/refuse", Need: decide, Title: "Refuse to go against the forecast", Handler: p.refuse, MaxBody: smallForm},
	}
}

// asked is what the address or the form asks for.
func asked(r *http.Request) (Question, error) {
	var question Question
	var err error
	if number := r.FormValue("version"); number != "" {
		if question.Version, err = strconv.ParseInt(number, 10, 64); err != nil {
			return Question{}, web.NotFound.Because(err)
		}
	}
	if used := r.FormValue("used"); used != "" {
		if question.Days, err = strconv.Atoi(used); err != nil {
			return Question{}, web.NotFound.Because(err)
		}
	}
	return question, nil
}

// address is the page of a question.
func (q Question) address() string {
	address := Path + "?version=" + strconv.FormatInt(q.Version, 10)
	if q.Days > 0 {
		address += "&used=" + strconv.Itoa(q.Days)
	}
	return address
}

func (p *Pages) make(w http.ResponseWriter, r *http.Request) error {
	question, err := asked(r)
	if err != nil {
		return err
	}
	if err := p.deps.Make(r.Context(), audit.Person(web.ViewerOf(r).Person), question); err != nil {
		return err
	}
	return web.SeeOther(w, r, question.address())
}

func (p *Pages) pack(w http.ResponseWriter, r *http.Request) error {
	number, err := p.deps.Pack(r.Context(), audit.Person(web.ViewerOf(r).Person))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Question{Version: number}.address())
}

func by(r *http.Request) gate.By {
	viewer := web.ViewerOf(r)
	return gate.By{Person: viewer.Person, Session: viewer.Session}
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	question, err := asked(r)
	if err != nil {
		return err
	}
	_, draft, err := p.deps.Look(r.Context(), question)
	if err != nil {
		return err
	}
	if _, err := p.deps.Gate.Ask(r.Context(), by(r), draft, r.PostFormValue("reason")); err != nil {
		return err
	}
	return web.SeeOther(w, r, question.address())
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) error {
	return p.decide(w, r, p.deps.Gate.Approve)
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request) error {
	return p.decide(w, r, p.deps.Gate.Refuse)
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request, deed func(context.Context, gate.By, ids.Override) (gate.Override, error)) error {
	id, err := ids.Parse[ids.Override](r.PathValue("override"))
	if err != nil {
		return gate.NotFound.Because(err)
	}
	question, err := asked(r)
	if err != nil {
		return err
	}
	if _, err := deed(r.Context(), by(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, question.address())
}
