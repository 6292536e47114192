// Package stepupweb is the page on which a person touches their key for something
// that they are about to do in an application. It says what, where, how much and when
// it was asked, and sends them on.
package stepupweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

//go:embed *.html
var files embed.FS

// Path is where the pages are.
const Path = "/step-up"

// resumePath is where the gateway takes a browser back that has something to repeat.
const resumePath = "/.warder/step-up/"

// Deps is what the pages need.
type Deps struct {
	Desk       *stepup.Desk
	DemoKeyURL string // only in a demo
}

// Pages are the pages about step-ups.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil {
		return nil, errors.New("make the pages for a touch of the key: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages for a touch of the key: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the page of one request, its answer, and no.
func (p *Pages) Routes() []web.Route {
	need := web.Need{Permission: web.Self, AAL: 1, Phishable: true} // the key that is touched is what counts
	return []web.Route{
		{Method: http.MethodGet, Path: Path + "/{step}", Need: need, Title: "Touch your key for one action", Handler: p.show},
		{Method: http.MethodPost, Path: Path + "/{step}", Need: need, Title: "The answer of the key", Handler: p.answer},
		{Method: http.MethodPost, Path: Path + "/{step}/no", Need: need, Title: "Decline", Handler: p.decline},
	}
}

// askView is what waits.
type askView struct {
	Facts    govuk.SummaryList
	Again    bool   // the person must send it again afterwards
	Back     string // origin of the application
	Where    string
	Ceremony web.Ceremony
	NoPath   string
	No       govuk.Button
}

// doneView is the end of it, where the browser is not sent on.
type doneView struct {
	Heading, Text string
	Back          string // origin of the application
	Where         string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, nil) }

func (p *Pages) render(w http.ResponseWriter, r *http.Request, wrong error) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	held, err := p.deps.Desk.Open(r.Context(), byOf(r), id)
	if err != nil {
		return err
	}
	row := func(name, text string) govuk.SummaryRow {
		return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
	}
	rows := []govuk.SummaryRow{row("What", held.Title), row("Where", held.Where)}
	if held.Amount != "" {
		rows = append(rows, row("How much", held.Amount))
	}
	rows = append(rows, row("Address", held.Method+" "+held.Address), row("Asked", govuk.DateTime(held.AskedAt)), row("Waits until", govuk.DateTime(held.Until)))
	action := Path + "/" + string(id)
	view := askView{Facts: govuk.SummaryList{Rows: rows}, Again: !held.Repeats(), Back: held.Origin, Where: held.Where, NoPath: action + "/no",
		Ceremony: web.NewCeremony(r, web.GetCredential, held.Options, action),
		No:       govuk.Button{Text: "No, I do not want this", Classes: govuk.Secondary, PreventDoubleClick: true}}
	view.Ceremony.DemoKeyURL = p.deps.DemoKeyURL
	page := web.Page{Name: "ask.html", Title: "Touch your key: " + held.Title, View: view, Scripts: []string{web.CeremonyScript},
		FormActions: []string{held.Origin}, Errors: web.Complaints(wrong)}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	held, err := p.deps.Desk.Grant(r.Context(), byOf(r), id, []byte(r.PostFormValue(web.CeremonyAnswer)))
	switch found, known := problem.Of(err); {
	case known && found.Code != stepup.NotFound.Code && found.Code != stepup.Over.Code && found.Kind != problem.Internal:
		return p.render(w, r, err)
	case err != nil:
		return err
	case !held.Repeats():
		return p.templates.Render(w, r, web.Page{Name: "done.html", Title: "You can send it now",
			View: doneView{Heading: "You can send it now", Back: held.Origin, Where: held.Where,
				Text: "It was too large to wait here. Go back and send it again within five minutes: it goes through once."}})
	}
	address := held.Origin + held.Address
	if held.Body != nil {
		address = held.Origin + resumePath + string(id)
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

func (p *Pages) decline(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	held, err := p.deps.Desk.Find(r.Context(), byOf(r), id)
	if err != nil {
		return err
	}
	if err := p.deps.Desk.Decline(r.Context(), byOf(r), id); err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "done.html", Title: "Nothing was done",
		View: doneView{Heading: "Nothing was done", Back: held.Origin, Where: held.Where,
			Text: "If it was not you who asked for this, tell the service desk: somebody may be using your session."}})
}

func byOf(r *http.Request) stepup.By {
	viewer := web.ViewerOf(r)
	return stepup.By{Person: viewer.Person, Session: viewer.Session}
}

func idOf(r *http.Request) (ids.StepUp, error) {
	id, err := ids.Parse[ids.StepUp](r.PathValue("step"))
	if err != nil {
		return "", stepup.NotFound.Because(err)
	}
	return id, nil
}
