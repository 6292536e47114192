// Package helpdeskweb is the page of the service desk: one person is looked up, by
// exactly their user name or employee number, and what they need is begun.
package helpdeskweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is the page.
const Path = "/desk"

const (
	mayUse    web.Permission = "desk.use" // as access/roles has it
	smallForm                = 16 << 10
)

// Deps is what the pages need.
type Deps struct {
	Desk     *helpdesk.Desk
	CasePath string // below it stand the pages of cases
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil {
		return nil, errors.New("make the service desk’s pages: the desk is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the service desk’s pages: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. A look-up is sent as a form: what was typed is in no
// address, no history and no log.
func (p *Pages) Routes() []web.Route {
	need := web.Need{Permission: mayUse, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: need, Title: "Service desk", Handler: p.start},
		{Method: http.MethodPost, Path: Path, Need: need, Title: "Look one person up", Handler: p.lookUp, MaxBody: smallForm},
		{Method: http.MethodPost, Path: Path + "/cases", Need: need, Title: "Open a recovery case", Handler: p.open, MaxBody: smallForm},
	}
}

// startView asks for a name.
type startView struct {
	Banner *govuk.NotificationBanner
	Text   govuk.Input
	Find   govuk.Button
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error { return p.renderStart(w, r, nil) }

func (p *Pages) renderStart(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	view := startView{
		Text: govuk.Input{Name: "who", Label: govuk.Label{Text: "User name or employee number"}, Hint: govuk.Hint{Text: "All of it, exactly. Every look-up is on record."},
			Value: r.PostFormValue("who"), Autocomplete: "off", Classes: "govuk-input--width-20", ErrorMessage: web.ErrorFor(faults, "who"),
			Attributes: govuk.Attributes{"maxlength": "128", "spellcheck": "false"}},
		Find: govuk.Button{Text: "Look up", PreventDoubleClick: true},
	}
	if r.URL.Query().Get("done") == "sign-out" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "All their sessions have ended."}
	}
	page := web.Page{Name: "start.html", Title: "Service desk", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// foundView is one person, as much as is needed.
type foundView struct {
	Heading string
	Facts   govuk.SummaryList
	Open    string // path of the open case; "" when there is none
	Keys    []keyView
	SignOut string
	Case    *caseForm // nil when a case cannot be opened
	Back    govuk.BackLink
}

// keyView is a key that can be reported.
type keyView struct{ Name, Report string }

// caseForm opens a case.
type caseForm struct {
	Action string
	Person string
	Why    govuk.Radios
	Lost   *govuk.Checkboxes
	Stolen *govuk.Checkboxes
	Open   govuk.Button
}

func by(r *http.Request) recovery.By {
	viewer := web.ViewerOf(r)
	return recovery.SignedIn(viewer.Person, viewer.Session)
}

func (p *Pages) lookUp(w http.ResponseWriter, r *http.Request) error {
	found, err := p.deps.Desk.LookUp(r.Context(), by(r), r.PostFormValue("who"))
	if problem.Is(err, helpdesk.Nobody) {
		return p.renderStart(w, r, []web.FieldError{{Field: "who", Message: helpdesk.Nobody.Sentence + " " + helpdesk.Nobody.Next}})
	}
	if err != nil {
		return err
	}
	return p.renderFound(w, r, found, nil)
}

func (p *Pages) renderFound(w http.ResponseWriter, r *http.Request, found helpdesk.Found, faults []web.FieldError) error {
	view := foundView{Heading: found.Name, Facts: facts(found), SignOut: "/admin/people/" + string(found.Person) + "/sign-out",
		Back: govuk.BackLink{Text: "Look up somebody else", Href: Path}}
	for _, key := range found.Keys {
		if key.State.MayBecome(keys.StateLost) || key.State.MayBecome(keys.StateStolen) {
			view.Keys = append(view.Keys, keyView{Name: keyName(key), Report: "/admin/keys/" + string(key.ID) + "/block"})
		}
	}
	switch {
	case found.Open != nil:
		view.Open = p.deps.CasePath + "/" + string(found.Open.ID)
	case found.MaySignIn && found.Person != web.ViewerOf(r).Person:
		view.Case = form(r, found, faults)
	}
	page := web.Page{Name: "found.html", Title: found.Name, Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func facts(found helpdesk.Found) govuk.SummaryList {
	row := func(name, text string) govuk.SummaryRow {
		return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: govuk.SummaryValue{Text: text}}
	}
	state := "May not sign in: " + string(found.State)
	switch {
	case found.MaySignIn:
		state = "Works here"
	case found.State == people.Active:
		state = "May not sign in today: their dates of employment, or what the account is for"
	}
	able, role, last := "No", "No", "None"
	if found.Able {
		able = "Yes"
	}
	if found.Privileged {
		role = "Yes: two people must approve, and the desk cannot help alone"
	}
	if found.Last != nil {
		last = found.Last.State.Label() + ", " + govuk.DateTime(found.Last.ClosedAt)
	}
	return govuk.SummaryList{Rows: []govuk.SummaryRow{row("User name", found.UserName), row("State", state),
		row("Has a key that works", able), row("Holds a role", role), row("Last case", last)}}
}

func keyName(key keys.Key) string {
	switch {
	case key.Label != "" && key.Serial != "":
		return key.Label + " (ends in " + key.Serial[max(0, len(key.Serial)-4):] + ")"
	case key.Label != "":
		return key.Label
	case key.Serial != "":
		return "Key that ends in " + key.Serial[max(0, len(key.Serial)-4):]
	}
	return "Key without a number"
}

func form(r *http.Request, found helpdesk.Found, faults []web.FieldError) *caseForm {
	view := &caseForm{Action: Path + "/cases", Person: string(found.Person), Open: govuk.Button{Text: "Open a case", PreventDoubleClick: true},
		Why: govuk.Radios{Name: "why", Value: r.PostFormValue("why"), ErrorMessage: web.ErrorFor(faults, "why"),
			Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "Why can they not sign in?", Classes: "govuk-fieldset__legend--s"}}}}
	for _, why := range recovery.Whys() {
		view.Why.Items = append(view.Why.Items, govuk.Choice{Value: string(why), Text: why.Label()})
	}
	var items []govuk.Choice
	for _, key := range found.Keys {
		if key.State.MayBecome(keys.StateLost) || key.State.MayBecome(keys.StateStolen) {
			items = append(items, govuk.Choice{Value: string(key.ID), Text: keyName(key)})
		}
	}
	if len(items) > 0 {
		boxes := func(name, legend string) *govuk.Checkboxes {
			return &govuk.Checkboxes{Name: name, Values: r.PostForm[name], Items: items, Hint: govuk.Hint{Text: "What you tick is blocked at once, and whatever was signed in with it is signed out."},
				Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: legend, Classes: "govuk-fieldset__legend--s"}}}
		}
		view.Lost, view.Stolen = boxes("lost", "Which keys are lost?"), boxes("stolen", "Which keys were stolen?")
	}
	return view
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	person, err := ids.Parse[ids.Person](strings.TrimSpace(r.PostFormValue("person")))
	if err != nil {
		return helpdesk.Nobody.Because(err)
	}
	said := recovery.Opening{Person: person, Why: recovery.Why(r.PostFormValue("why"))}
	// What somebody says is both is taken for the worse.
	for _, list := range []struct {
		name string
		how  keys.Reason
	}{{"lost", keys.Lost}, {"stolen", keys.Stolen}} {
		for _, text := range r.PostForm[list.name] {
			key, err := ids.Parse[ids.Key](text)
			if err != nil {
				return recovery.NotTheirKey.Because(err)
			}
			said.Lost = append(said.Lost, recovery.Loss{Key: key, How: list.how})
		}
	}
	opened, err := p.deps.Desk.Open(r.Context(), by(r), said)
	if faults, ok := web.FieldErrors(err); ok {
		found, err := p.deps.Desk.About(r.Context(), by(r), person)
		if err != nil {
			return err
		}
		return p.renderFound(w, r, found, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.deps.CasePath+"/"+string(opened.ID))
}
