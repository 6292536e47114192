package standingweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// deedView says what will happen and asks for it.
type deedView struct {
	Heading    string
	Refused    []string // why it cannot be done, and what to do instead; then there is nothing else
	About      string
	SessionsIn string
	Sessions   *govuk.Table // nil when none would end
	KeysIn     string       // "" when none are asked for
	Keys       []string
	Action     string
	On         *govuk.Input
	Reason     *govuk.Input
	Do         govuk.Button
	Back       govuk.BackLink
}

func (p *Pages) ask(one words) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return p.render(w, r, one, nil) }
}

func (p *Pages) do(one words) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		order, faults, err := read(r, one)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return p.render(w, r, one, faults)
		}
		_, err = p.deps.Desk.Do(r.Context(), audit.Person(web.ViewerOf(r).Person), order)
		if found, ok := web.FieldErrors(err); ok {
			return p.render(w, r, one, found)
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, back(r, order.Person)+"?"+url.Values{"done": {string(one.deed)}}.Encode())
	}
}

// read is the order as it stands in the address and the form.
func read(r *http.Request, one words) (standing.Order, []web.FieldError, error) {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return standing.Order{}, nil, people.NotFound.Because(err)
	}
	order := standing.Order{Deed: one.deed, Person: id, Reason: strings.TrimSpace(r.PostFormValue("reason"))}
	var faults []web.FieldError
	if text := strings.TrimSpace(r.PostFormValue("on")); one.day && text != "" {
		if order.On, err = time.Parse(time.DateOnly, text); err != nil {
			faults = append(faults, web.FieldError{Field: "on", Message: "Write the last working day as YYYY-MM-DD, such as 2026-11-23"})
		}
	}
	if one.reason && order.Reason == "" {
		faults = append(faults, web.FieldError{Field: "reason", Message: "Say why; it goes into the record"})
	}
	return order, faults, nil
}

// render shows what would happen at once: whoever asks for a later day sees the most it can be.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, one words, faults []web.FieldError) error {
	id, err := ids.Parse[ids.Person](r.PathValue("person"))
	if err != nil {
		return people.NotFound.Because(err)
	}
	preview, err := p.deps.Desk.Preview(r.Context(), standing.Order{Deed: one.deed, Person: id})
	if found, ok := problem.Of(err); ok && found.Kind == problem.Conflict {
		return p.refuse(w, r, one, id, found)
	}
	if err != nil {
		return err
	}
	view := deedView{
		Heading: fmt.Sprintf(one.heading, preview.Person.Name), About: one.about, Action: pathOf(id) + "/" + string(one.deed),
		SessionsIn: sessionsIn(preview), Sessions: sessionsTable(preview),
		Do:   govuk.Button{Text: one.button, Classes: govuk.Warning, PreventDoubleClick: true},
		Back: govuk.BackLink{Text: "Back to " + preview.Person.Name, Href: back(r, id)},
	}
	if one.deed == standing.Reinstate {
		view.Do.Classes = ""
	}
	if one.deed == standing.Leave {
		view.KeysIn, view.Keys = keysIn(preview)
	}
	if one.day {
		view.On = &govuk.Input{Name: "on", Value: r.PostFormValue("on"), Label: govuk.Label{Text: "Last working day"}, Classes: "govuk-input--width-10",
			Hint: govuk.Hint{Text: "As YYYY-MM-DD. Leave it empty if they leave now."}, ErrorMessage: web.ErrorFor(faults, "on")}
	}
	if one.reason {
		view.Reason = &govuk.Input{Name: "reason", Value: r.PostFormValue("reason"), Label: govuk.Label{Text: "Why"},
			Hint: govuk.Hint{Text: "For the record of what was done, which others can read."}, ErrorMessage: web.ErrorFor(faults, "reason")}
	}
	page := web.Page{Name: "deed.html", Title: view.Heading, Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// refuse says what stands in the way. Looking is not refused, so this is an ordinary page.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, one words, id ids.Person, found *problem.Error) error {
	view := deedView{Heading: one.title + ": this cannot be done", Back: govuk.BackLink{Text: "Back to the person", Href: back(r, id)}}
	for _, sentence := range []string{found.Sentence, found.Detail, found.Next} {
		if sentence != "" {
			view.Refused = append(view.Refused, sentence)
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "deed.html", Title: view.Heading, Section: Path, View: view})
}

func sessionsIn(preview standing.Preview) string {
	switch count := len(preview.Sessions); count {
	case 0:
		return "They are not signed in anywhere, so no session ends."
	case 1:
		return "One session ends at once."
	default:
		return strconv.Itoa(count) + " sessions end at once."
	}
}

func sessionsTable(preview standing.Preview) *govuk.Table {
	if len(preview.Sessions) == 0 {
		return nil
	}
	table := govuk.Table{Caption: "Sessions that end", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Signed in to"}, {Text: "Browser"}, {Text: "Network address"}, {Text: "Last used"}}}
	for _, session := range preview.Sessions {
		table.Rows = append(table.Rows, []govuk.Cell{{Text: session.Place()}, {Text: session.Browser()}, {Text: session.IP}, {Text: govuk.DateTime(session.LastSeenAt)}})
	}
	return &table
}

func keysIn(preview standing.Preview) (string, []string) {
	var names []string
	for _, key := range preview.Keys {
		name := "Security key without a serial number"
		if key.Serial != "" {
			name = "Security key " + key.Serial
		}
		if key.Label != "" {
			name += " (" + key.Label + ")"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "They hold no key that must come back.", nil
	}
	return "What must come back from them:", names
}

// back is where the viewer came from: the person's page, or the service desk, which
// has no list of people.
func back(r *http.Request, person ids.Person) string {
	if viewer := web.ViewerOf(r); viewer.May != nil && viewer.May("desk.use") && !viewer.May(web.PeopleRead) {
		return "/desk"
	}
	return pathOf(person)
}

func pathOf(person ids.Person) string { return Path + "/" + string(person) }
