package breakglassweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

const (
	formID      = "ceremony"
	fieldSealed = "sealed"
	fieldHolder = "holder"
)

// startView is the form of the first person.
type startView struct {
	Action  string
	Purpose govuk.Radios
	Reason  govuk.Textarea
	Holder  govuk.Input
	Go      govuk.Button
}

// keyView is the page on which a key is touched.
type keyView struct {
	Heading  string
	Second   bool
	First    string // who touched the first key
	Until    string
	Test     bool
	Holder   govuk.Input
	Ceremony web.Ceremony
	Restart  string
}

// doneView is the end of a test.
type doneView struct{ First, Second, At string }

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error { return p.renderStart(w, r, nil) }

func (p *Pages) renderStart(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	holder := holderField("Your name", "You hold the first key. The second person gives their own name afterwards.", faults)
	holder.Value = r.PostFormValue(fieldHolder)
	view := startView{
		Action: PublicPath,
		Purpose: govuk.Radios{Name: "purpose", Value: r.PostFormValue("purpose"), ErrorMessage: web.ErrorFor(faults, "purpose"),
			Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What is it for?", Classes: "govuk-fieldset__legend--m"}},
			Items: []govuk.Choice{
				{Value: string(breakglass.Emergency), Text: "An emergency", Hint: govuk.Hint{Text: "Nobody who administers Warder can sign in, and it cannot wait."}},
				{Value: string(breakglass.Test), Text: "A test", Hint: govuk.Hint{Text: "Both keys are touched, and nothing is opened."}},
			}},
		Reason: govuk.Textarea{Name: "reason", Label: govuk.Label{Text: "What has happened?"}, Rows: 3, Value: r.PostFormValue("reason"),
			Hint:         govuk.Hint{Text: "Everybody who administers Warder is told at once, with this text. It is kept for good."},
			ErrorMessage: web.ErrorFor(faults, "reason"), Attributes: govuk.Attributes{"maxlength": "1000"}},
		Holder: holder,
		Go:     govuk.Button{Text: "Continue to the first key", PreventDoubleClick: true},
	}
	page := web.Page{Name: "start.html", Title: "Emergency access", View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func holderField(label, hint string, faults []web.FieldError) govuk.Input {
	return govuk.Input{Name: fieldHolder, Label: govuk.Label{Text: label}, Hint: govuk.Hint{Text: hint}, Classes: "govuk-input--width-20",
		Autocomplete: "name", Attributes: govuk.Attributes{"maxlength": "100"}, ErrorMessage: web.ErrorFor(faults, fieldHolder)}
}

// begin shows the page of the first key. Nothing is kept, so a reload does no harm.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	ask := breakglass.Ask{Purpose: breakglass.Purpose(r.PostForm.Get("purpose")), Reason: r.PostForm.Get("reason"), Holder: r.PostForm.Get(fieldHolder)}
	asked, err := p.deps.Desk.Begin(r.Context(), ask, p.deps.Cookies.Bind(w, r))
	if problem.Is(err, breakglass.Malformed) {
		return p.renderStart(w, r, web.Complaints(err))
	}
	if err != nil {
		return err
	}
	return p.renderFirst(w, r, asked, nil)
}

func (p *Pages) renderFirst(w http.ResponseWriter, r *http.Request, asked breakglass.Challenge, wrong error) error {
	return p.renderKey(w, r, keyView{Heading: "Touch the first key", Ceremony: p.ceremony(r, asked, PublicPath+"/first")}, wrong)
}

func (p *Pages) ceremony(r *http.Request, asked breakglass.Challenge, action string) web.Ceremony {
	ceremony := web.NewCeremony(r, web.GetCredential, asked.Options, action)
	ceremony.ID, ceremony.DemoKeyURL, ceremony.Button = formID, p.deps.DemoKeyURL, "Use the key"
	ceremony.Hidden = []web.HiddenField{{Name: fieldSealed, Value: asked.Sealed}}
	return ceremony
}

func (p *Pages) renderKey(w http.ResponseWriter, r *http.Request, view keyView, wrong error) error {
	view.Restart = PublicPath
	page := web.Page{Name: "key.html", Title: view.Heading, View: view, Scripts: []string{web.CeremonyScript}, Errors: web.Complaints(wrong)}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) answerOf(r *http.Request) breakglass.Answer {
	given := breakglass.Answer{Sealed: r.PostForm.Get(fieldSealed), Browser: p.deps.Cookies.Browser(r), Response: []byte(r.PostForm.Get(web.CeremonyAnswer)),
		Holder: r.PostForm.Get(fieldHolder), Session: web.ViewerOf(r).Session, UserAgent: r.UserAgent()}
	if client := web.Client(r); client.IsValid() {
		given.IP = client.String()
	}
	return given
}

func (p *Pages) first(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	given := p.answerOf(r)
	use, err := p.deps.Desk.First(r.Context(), given)
	if mayTryAgain(err) {
		asked, again := p.deps.Desk.Again(r.Context(), given.Sealed, given.Browser)
		if again != nil {
			return again
		}
		return p.renderFirst(w, r, asked, err)
	}
	if err != nil {
		return err
	}
	p.deps.Cookies.Bind(w, r) // for ten minutes more
	return web.SeeOther(w, r, secondPath+string(use.ID))
}

// mayTryAgain says that the same page can be shown again, with what was wrong.
func mayTryAgain(err error) bool {
	known, ok := problem.Of(err)
	if !ok || problem.Is(err, breakglass.OtherBrowser) || problem.Is(err, breakglass.TooLate) {
		return false
	}
	return known.Kind == problem.Forbidden || known.Kind == problem.Invalid
}

func (p *Pages) showSecond(w http.ResponseWriter, r *http.Request) error {
	return p.renderSecond(w, r, nil)
}

func (p *Pages) renderSecond(w http.ResponseWriter, r *http.Request, wrong error) error {
	id, err := useOf(r)
	if err != nil {
		return err
	}
	use, asked, err := p.deps.Desk.Next(r.Context(), id, p.deps.Cookies.Browser(r))
	if err != nil {
		return err
	}
	if use.State != breakglass.Waiting {
		return p.afterwards(w, r, use)
	}
	holder := holderField("Name of the second person", "The person who holds the second key gives their own name.", web.Complaints(wrong))
	holder.Value = r.PostFormValue(fieldHolder)
	holder.Attributes["form"] = formID // it stands before the button, outside its form
	return p.renderKey(w, r, keyView{
		Heading: "Touch the second key", Second: true, First: use.First.Holder, Until: govuk.Clock(use.Until), Test: use.Purpose == breakglass.Test,
		Holder: holder, Ceremony: p.ceremony(r, asked, secondPath+string(id)),
	}, wrong)
}

// afterwards is what the page of a use says once both keys were touched.
func (p *Pages) afterwards(w http.ResponseWriter, r *http.Request, use breakglass.Use) error {
	if use.State == breakglass.Tested {
		return p.templates.Render(w, r, web.Page{Name: "done.html", Title: "The test has passed",
			View: doneView{First: use.First.Holder, Second: use.Second.Holder, At: govuk.DateTime(use.OpenedAt)}})
	}
	if viewer := web.ViewerOf(r); use.Session != "" && viewer.Session == use.Session {
		return web.SeeOther(w, r, AdminPath)
	}
	return breakglass.MovedOn.New()
}

func (p *Pages) second(w http.ResponseWriter, r *http.Request) error {
	id, err := useOf(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	opened, err := p.deps.Desk.Second(r.Context(), id, p.answerOf(r))
	if mayTryAgain(err) {
		return p.renderSecond(w, r, err)
	}
	if err != nil {
		return err
	}
	if opened.Token.Empty() {
		return web.SeeOther(w, r, secondPath+string(id))
	}
	p.deps.Cookies.SignedIn(w, opened.Token, opened.Use.Session)
	return web.SeeOther(w, r, AdminPath)
}
