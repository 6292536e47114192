package breakglassweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// listView is the administrators' page.
type listView struct {
	Banner     *govuk.NotificationBanner
	Ready      bool
	Identities []identityView
	Uses       govuk.Table
	None       bool
	Next       string
	Public     string
	MayAdd     bool
}

// identityView is one identity with its keys.
type identityView struct {
	Name    string
	Faults  []string
	Keys    []govuk.SummaryList
	Link    string // where a link for its key is made; "" when it has one, or the viewer may not
	LinkDo  govuk.Button
	Profile string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ready, err := p.deps.Desk.Readiness(r.Context())
	if err != nil {
		return err
	}
	after, _ := ids.Parse[ids.Use](r.URL.Query().Get("after")) // anything else is the first page
	uses, next, err := p.deps.Desk.Uses(r.Context(), after)
	if err != nil {
		return err
	}
	view := listView{Banner: banner(r), Ready: ready.Ready(), Public: PublicPath, None: len(uses) == 0, MayAdd: mayWrite(r)}
	for _, identity := range ready.Identities {
		view.Identities = append(view.Identities, viewOf(identity, mayWrite(r)))
	}
	view.Uses = govuk.Table{Caption: "Uses and tests", CaptionClasses: "govuk-table__caption--m",
		Head: []govuk.Cell{{Text: "When"}, {Text: "What"}, {Text: "Who"}, {Text: "State"}}}
	for _, use := range uses {
		who := use.First.Holder
		if use.Second.Holder != "" {
			who += " and " + use.Second.Holder
		}
		view.Uses.Rows = append(view.Uses.Rows, []govuk.Cell{
			{Text: govuk.DateTime(use.BegunAt), Href: pathOf(use.ID)}, {Text: purposeName(use.Purpose)}, {Text: who}, {Text: stateName(use)}})
	}
	if next != "" {
		view.Next = AdminPath + "?after=" + string(next)
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Emergency access", Section: AdminPath, View: view})
}

func viewOf(identity breakglass.Identity, mayWrite bool) identityView {
	view := identityView{Name: identity.Person.Name, Profile: "/admin/people/" + string(identity.Person.ID)}
	for _, fault := range identity.Faults {
		view.Faults = append(view.Faults, fault.Sentence())
	}
	for _, held := range identity.Keys {
		view.Keys = append(view.Keys, keyList(held, mayWrite))
	}
	if mayWrite && len(identity.Keys) == 0 && identity.Person.State == people.Active {
		view.Link = AdminPath + "/link/" + string(identity.Person.ID)
		view.LinkDo = govuk.Button{Text: "Make a one-time link for its key", Classes: govuk.Secondary, PreventDoubleClick: true}
	}
	return view
}

func keyList(held breakglass.Held, mayWrite bool) govuk.SummaryList {
	place := row("Kept", orElse(held.Key.Place, "Not recorded"))
	if mayWrite {
		place.Actions.Items = []govuk.Action{{Text: "Change", VisuallyHiddenText: "where " + keyName(held.Key) + " is kept", Href: AdminPath + "/keys/" + string(held.Key.ID)}}
	}
	tested := "Never"
	if !held.Touched.IsZero() {
		tested = govuk.DateTime(held.Touched)
	}
	faults := "Nothing"
	for i, fault := range held.Faults {
		if i == 0 {
			faults = fault.Sentence()
		} else {
			faults += " " + fault.Sentence()
		}
	}
	return govuk.SummaryList{Rows: []govuk.SummaryRow{row("Key", keyName(held.Key)), place, row("Last tested or used", tested), row("What is wrong", faults)}}
}

func keyName(key keys.Key) string {
	if key.Serial != "" {
		return key.Label + ", serial number " + key.Serial
	}
	return key.Label
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func pathOf(use ids.Use) string { return AdminPath + "/uses/" + string(use) }

func purposeName(purpose breakglass.Purpose) string {
	switch purpose {
	case breakglass.Emergency:
		return "Emergency"
	case breakglass.Test:
		return "Test"
	case breakglass.Recovery:
		return "Recovery on the host"
	}
	return "Not known"
}

func stateName(use breakglass.Use) string {
	switch use.State {
	case breakglass.Waiting:
		return "One key touched"
	case breakglass.Open:
		return "Open until " + govuk.Clock(use.Until)
	case breakglass.Closed:
		return "Over, to be reviewed"
	case breakglass.Tested:
		return "Passed"
	case breakglass.Lapsed:
		return "Not completed"
	case breakglass.Reviewed:
		return "Reviewed"
	}
	return "Not known"
}

func banner(r *http.Request) *govuk.NotificationBanner {
	switch r.URL.Query().Get("done") {
	case "place":
		return &govuk.NotificationBanner{Type: "success", Text: "The place is recorded."}
	case "ended":
		return &govuk.NotificationBanner{Type: "success", Text: "The emergency access is ended. It waits for a review."}
	case "reviewed":
		return &govuk.NotificationBanner{Type: "success", Text: "The review is recorded."}
	}
	return nil
}
