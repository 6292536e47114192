package objectionsweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// ownView is what was unusual about a person's own sign-ins.
type ownView struct {
	Back   govuk.BackLink
	Banner *govuk.NotificationBanner
	Sights []ownSight
}

type ownSight struct {
	Facts govuk.SummaryList
	Deeds deeds
}

func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	open, err := p.deps.Objections.Open(r.Context(), web.ViewerOf(r).Person)
	if err != nil {
		return err
	}
	view := ownView{Back: govuk.BackLink{Text: "My keys", Href: "/me"}}
	switch r.URL.Query().Get("done") {
	case wasNotMe:
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: said(risk.WasNotMe)}
	case wasMe:
		view.Banner = &govuk.NotificationBanner{Type: "success", Text: said(risk.WasMe)}
	}
	for i := range open {
		one := facts(&open[i])
		when := govuk.DateTime(open[i].At)
		one.Card = &govuk.SummaryCard{Title: govuk.CardTitle{Text: "Signed in on " + when, HeadingLevel: 2}}
		view.Sights = append(view.Sights, ownSight{Facts: one, Deeds: answers(OwnPath, string(open[i].Session), when)})
	}
	return p.templates.Render(w, r, web.Page{Name: "own.html", Title: "Unusual sign-ins", Section: "/me", View: view})
}

func (p *Pages) answerOwn(w http.ResponseWriter, r *http.Request) error {
	session, err := ids.Parse[ids.Session](r.PostFormValue("session"))
	if err != nil {
		return objections.NoSuchSight.Because(err)
	}
	answer, do := r.PostFormValue(fieldAnswer), p.deps.Objections.ObjectOwn
	switch answer {
	case wasNotMe:
	case wasMe:
		do = p.deps.Objections.CancelOwn
	default:
		return objections.NoSuchSight.New()
	}
	if err := do(r.Context(), web.ViewerOf(r).Person, session); err != nil {
		return err
	}
	return web.SeeOther(w, r, OwnPath+"?done="+answer)
}
