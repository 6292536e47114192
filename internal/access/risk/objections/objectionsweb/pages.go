// Package objectionsweb is the pages on which people say whether a sign-in was them:
// at the address they were sent, without signing in, and on their own pages; and the
// administrators' page of the cases that are open.
package objectionsweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/pace"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Where the pages are.
const (
	NotMePath = "/not-me/sign-in/"
	OwnPath   = "/me/unusual"
	CasesPath = "/admin/risk"
)

const smallForm = 16 << 10

// Deps is what the pages need. All of it is required.
type Deps struct {
	Objections *objections.Desk
	People     *people.Directory
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Objections == nil || deps.People == nil {
		return nil, errors.New("make the pages about objections: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about objections: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. To say "this was not me" takes nothing but the message or a
// session of the person's, however weak: it only ever takes something away.
func (p *Pages) Routes() []web.Route {
	read, end := web.Need{Permission: web.SessionsRead, AAL: 2}, web.Need{Permission: web.SessionsEnd, AAL: 2}
	self, public := web.Need{Permission: web.Self, AAL: 1, Phishable: true}, web.Need{Permission: web.Public}
	rare := pace.Pace{Burst: 60, Refill: time.Second}
	return []web.Route{
		{Method: http.MethodGet, Path: NotMePath + "{token}", Need: public, Title: "Was this sign-in you?", Handler: p.askNotMe, Pace: rare},
		{Method: http.MethodPost, Path: NotMePath + "{token}", Need: public, Title: "Say whether a sign-in was you, without signing in", Handler: p.notMe, MaxBody: smallForm, Pace: rare},
		{Method: http.MethodGet, Path: OwnPath, Need: self, Title: "Unusual sign-ins of mine", Handler: p.own},
		{Method: http.MethodPost, Path: OwnPath, Need: self, Title: "Say whether a sign-in was me", Handler: p.answerOwn, MaxBody: smallForm},
		{Method: http.MethodGet, Path: CasesPath, Need: read, Title: "Sign-ins that were not them", Handler: p.cases},
		{Method: http.MethodPost, Path: CasesPath, Need: end, Title: "Close a case about a sign-in", Handler: p.close, MaxBody: smallForm},
	}
}

// What the forms say.
const (
	fieldAnswer = "answer"
	wasNotMe    = "not-me"
	wasMe       = "me"
)

// deeds are the two answers: they do not mean the same.
type deeds struct {
	Action  string
	Session string // "" on the page of a message
	NotMe   govuk.Button
	Me      govuk.Button
}

func answers(action, session, about string) deeds {
	named := func(text string) govuk.Attributes {
		if about == "" {
			return nil
		}
		return govuk.Attributes{"aria-label": text + ": " + about}
	}
	return deeds{Action: action, Session: session,
		NotMe: govuk.Button{Text: "This was not me: end it and block it", Name: fieldAnswer, Value: wasNotMe, Classes: govuk.Warning, PreventDoubleClick: true, Attributes: named("This was not me: end it and block it")},
		Me:    govuk.Button{Text: "It was me: only end it", Name: fieldAnswer, Value: wasMe, Classes: govuk.Secondary, PreventDoubleClick: true, Attributes: named("It was me: only end it")}}
}

// notMeView is the page of the address that somebody was sent.
type notMeView struct {
	Answer string // what was said already
	Facts  govuk.SummaryList
	Deeds  deeds
}

// askNotMe changes nothing, so that a mail program that looks at the address ends
// nothing. It does not say whose sign-in it is.
func (p *Pages) askNotMe(w http.ResponseWriter, r *http.Request) error {
	sight, err := p.deps.Objections.Objected(r.Context(), secret.New(r.PathValue("token")))
	if err != nil {
		return err
	}
	view := notMeView{Answer: said(sight.Answer), Facts: facts(&sight), Deeds: answers(r.URL.Path, "", "")}
	return p.templates.Render(w, r, web.Page{Name: "notme.html", Title: "Was this you?", View: view})
}

func said(answer risk.Answer) string {
	switch answer {
	case risk.WasNotMe:
		return "You said that it was not you. It is ended and blocked for a week, and the security team looks into it. Now look whether every security key of yours is in your hands, and report the ones that are not."
	case risk.WasMe:
		return "You said that it was you, and that it is to end. It is ended."
	case risk.Confirmed:
		return "It was confirmed with a security key, so there is nothing to say any more. If that was not you, report that key lost now."
	case risk.NoAnswer:
	}
	return ""
}

func facts(sight *risk.Sight) govuk.SummaryList {
	list := govuk.SummaryList{Rows: []govuk.SummaryRow{
		row("When", govuk.DateTime(sight.At)), row("Where", orElse(sight.Place.Called(), "Not known")), row("Network address", sight.Address.String())}}
	if why := sight.Why(); why != "" {
		list.Rows = append(list.Rows, row("Unusual because", why))
	}
	return list
}

func (p *Pages) notMe(w http.ResponseWriter, r *http.Request) error {
	token := secret.New(r.PathValue("token"))
	do := p.deps.Objections.Object
	switch r.PostFormValue(fieldAnswer) {
	case wasNotMe:
	case wasMe:
		do = p.deps.Objections.Cancel
	default:
		return objections.NoSuchSight.New()
	}
	if err := do(r.Context(), token); err != nil {
		return err
	}
	return web.SeeOther(w, r, r.URL.Path)
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
