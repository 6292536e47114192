package recoveryweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// ownView is what a person sees about cases that concern them.
type ownView struct {
	Back   govuk.BackLink
	Banner *govuk.NotificationBanner
	Case   *ownCase
	Vouch  []vouchView
	None   bool
}

// ownCase is a case in the viewer's own name.
type ownCase struct {
	Opened string
	State  string
	Until  string // when it has cooled off; "" when it does not
	Action string
	Stop   govuk.Button
}

// vouchView asks the viewer about a colleague.
type vouchView struct {
	Name         string
	Why          string
	VouchAction  string
	DisownAction string
	Vouch        govuk.Button
	Disown       govuk.Button
}

func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	view := ownView{Back: govuk.BackLink{Text: "My keys", Href: "/me"}}
	c, ok, err := p.deps.Desk.OpenOf(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	if ok {
		view.Case = &ownCase{Opened: govuk.DateTime(c.OpenedAt), State: c.State.Label(), Until: govuk.DateTime(c.CoolsUntil), Action: OwnPath + "/stop",
			Stop: govuk.Button{Text: "This was not me: stop it", Classes: govuk.Warning, PreventDoubleClick: true}}
	}
	asked, err := p.deps.Desk.ToVouch(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	for _, one := range asked {
		person, err := p.deps.People.Get(r.Context(), one.Person)
		if err != nil {
			return err
		}
		path := OwnPath + "/" + string(one.ID)
		view.Vouch = append(view.Vouch, vouchView{Name: person.Name, Why: one.Why.Label(), VouchAction: path + "/vouch", DisownAction: path + "/disown",
			Vouch:  govuk.Button{Text: "I have spoken to " + person.Name + ": it is them", PreventDoubleClick: true},
			Disown: govuk.Button{Text: "It is not " + person.Name, Classes: govuk.Warning, PreventDoubleClick: true}})
	}
	view.None = view.Case == nil && len(view.Vouch) == 0
	switch r.URL.Query().Get("done") {
	case "stopped":
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "It is stopped. Nothing that was issued for it works. Now tell the service desk."}
	case "vouched":
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "Thank you. The service desk goes on from here."}
	case "disowned":
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: "Thank you. It is stopped. Now tell the service desk what you know."}
	}
	return p.templates.Render(w, r, web.Page{Name: "own.html", Title: "Help with signing in", Section: "/me", View: view})
}

func (p *Pages) stopOwn(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.deps.Desk.StopOwn(r.Context(), by(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, OwnPath+"?done=stopped")
}

func (p *Pages) vouch(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	if _, err := p.deps.Desk.Vouch(r.Context(), by(r), which); err != nil {
		return err
	}
	return web.SeeOther(w, r, OwnPath+"?done=vouched")
}

func (p *Pages) disown(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	if _, err := p.deps.Desk.Disown(r.Context(), by(r), which); err != nil {
		return err
	}
	return web.SeeOther(w, r, OwnPath+"?done=disowned")
}

// notMeView is the page of the address that somebody was sent.
type notMeView struct {
	Over   bool // there is nothing to stop any more
	Ended  string
	Opened string
	Action string
	Stop   govuk.Button
}

// askNotMe changes nothing, so that a mail program that looks at the address does
// not stop anything. It does not say whose case it is.
func (p *Pages) askNotMe(w http.ResponseWriter, r *http.Request) error {
	c, err := p.deps.Desk.Objected(r.Context(), secret.New(r.PathValue("token")))
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "notme.html", Title: "Somebody says that you cannot sign in", View: notMeView{
		Over: c.State.Over(), Ended: c.State.Label(), Opened: govuk.DateTime(c.OpenedAt), Action: r.URL.Path,
		Stop: govuk.Button{Text: "This was not me: stop it", Classes: govuk.Warning, PreventDoubleClick: true},
	}})
}

func (p *Pages) notMe(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.deps.Desk.Object(r.Context(), secret.New(r.PathValue("token"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, r.URL.Path)
}
