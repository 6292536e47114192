// Package methodsweb is the page on which administrators see keys that stopped
// themselves, because there may be a copy of them, and close a case once it has
// been looked into.
package methodsweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Path is where the cases are.
const Path = "/admin/stopped-keys"

const smallForm = 16 << 10

// Deps is what the pages need.
type Deps struct {
	Desk   *methods.Desk
	People *people.Directory
	Keys   *keys.Register
}

// Pages are the pages about cases.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil || deps.People == nil || deps.Keys == nil {
		return nil, errors.New("make the pages about stopped keys: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about stopped keys: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the list, and closing a case. Whoever may block a key may close one:
// both only ever take something away.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: web.Need{Permission: web.KeysRead, AAL: 2}, Title: "Keys that stopped themselves", Handler: p.list},
		{Method: http.MethodPost, Path: Path, Need: web.Need{Permission: web.KeysBlock, AAL: 2}, Title: "Close a case", Handler: p.settle, MaxBody: smallForm},
	}
}

// listView is the open cases.
type listView struct {
	Banner *govuk.NotificationBanner
	Cases  []caseView
	Back   govuk.BackLink
}

// caseView is one case.
type caseView struct {
	Facts   govuk.SummaryList
	Key     ids.Key // empty when the viewer may not close it
	Finding govuk.Input
	Close   govuk.Button
}

// typed is a form that could not be taken.
type typed struct {
	key     ids.Key
	finding string
	cause   error
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, typed{}) }

func (p *Pages) render(w http.ResponseWriter, r *http.Request, wrong typed) error {
	open, err := p.deps.Desk.Cases(r.Context())
	if err != nil {
		return err
	}
	view := listView{Back: govuk.BackLink{Text: "All keys", Href: "/admin/keys"}}
	if r.URL.Query().Get("done") == "settled" {
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "The case is closed, and the registration is gone for good. Take the key back, and give its holder another."}
	}
	page := web.Page{Name: "list.html", Title: "Keys that stopped themselves", Section: "/admin/keys"}
	for _, doubt := range open {
		one, err := p.show(r, doubt)
		if err != nil {
			return err
		}
		if wrong.key == doubt.Credential.Key && wrong.cause != nil && one.Key != "" {
			faults, _ := web.FieldErrors(wrong.cause)
			one.Finding.Value, one.Finding.ErrorMessage = wrong.finding, web.ErrorFor(faults, "finding")
			page.Status, page.Errors = http.StatusUnprocessableEntity, []web.FieldError{{Field: one.Finding.ID, Message: one.Finding.ErrorMessage.Text}}
		}
		view.Cases = append(view.Cases, one)
	}
	page.View = view
	return p.templates.Render(w, r, page)
}

// show says what happened to a key, and offers to close the case to who may.
func (p *Pages) show(r *http.Request, doubt factors.Doubt) (caseView, error) {
	key, err := p.deps.Keys.Get(r.Context(), doubt.Credential.Key)
	if err != nil {
		return caseView{}, err
	}
	name, address := "Somebody who is not in the directory", ""
	person, err := p.deps.People.Get(r.Context(), doubt.Credential.Person)
	switch {
	case err == nil:
		name, address = person.Name+" ("+person.UserName+")", "/admin/people/"+string(person.ID)
	case !problem.Is(err, people.NotFound):
		return caseView{}, err
	}
	row := func(name string, value govuk.SummaryValue) govuk.SummaryRow {
		return govuk.SummaryRow{Key: govuk.Words{Text: name}, Value: value}
	}
	view := caseView{Facts: govuk.SummaryList{
		Card: &govuk.SummaryCard{Title: govuk.CardTitle{Text: "Key of " + name, HeadingLevel: 2}},
		Rows: []govuk.SummaryRow{
			row("What happened", govuk.SummaryValue{Text: happened(doubt.Credential.Reason)}),
			row("Stopped", govuk.SummaryValue{Text: govuk.DateTime(doubt.Since)}),
			row("Holder", govuk.SummaryValue{Text: name, Href: address}),
			row("Key", govuk.SummaryValue{Text: key.Name(), Href: "/admin/keys/" + string(key.ID)}),
			row("State of the key", govuk.SummaryValue{Text: key.State.Label()}),
		},
	}}
	if viewer := web.ViewerOf(r); viewer.May != nil && viewer.May(web.KeysBlock) {
		view.Key = key.ID
		view.Finding = govuk.Input{ID: "finding-" + string(key.ID), Name: "finding", Label: govuk.Label{Text: "What was found"}, Autocomplete: "off",
			Hint: govuk.Hint{Text: "For example: the key was taken apart, and there was a copy. It stays in the audit record."}, Attributes: govuk.Attributes{"maxlength": "200"}}
		view.Close = govuk.Button{Text: "Close this case", Classes: govuk.Secondary, PreventDoubleClick: true, Attributes: govuk.Attributes{"aria-label": "Close this case: key of " + name}}
	}
	return view, nil
}

func happened(reason string) string {
	switch reason {
	case factors.CloneReason:
		return "Its counter ran backwards, as it does when there are two of the same key. One of them may be in foreign hands."
	case factors.BackupReason:
		return "It can suddenly be copied to other devices, or was. A key of hardware never can."
	}
	return "It was stopped: " + reason
}

func (p *Pages) settle(w http.ResponseWriter, r *http.Request) error {
	id, err := ids.Parse[ids.Key](r.PostFormValue("key"))
	if err != nil {
		return keys.NotFound.Because(err)
	}
	finding := r.PostFormValue("finding")
	err = p.deps.Desk.Settle(r.Context(), audit.Person(web.ViewerOf(r).Person), id, finding)
	if problem.Is(err, methods.FindingMissing) {
		return p.render(w, r, typed{key: id, finding: finding, cause: err})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path+"?done=settled")
}
