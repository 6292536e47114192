package account

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
)

// removeView says what will happen when a key is removed.
type removeView struct {
	Key      govuk.SummaryList
	Action   string
	Sessions string
	Here     bool // this very browser is signed out as well
	OneLeft  bool // the person is not complete any more
	Remove   govuk.Button
	LostPath string
	Back     string
}

// keptView says why the last key cannot be removed, and what can be done instead.
type keptView struct {
	Key      govuk.SummaryList
	AddKey   string
	LostPath string
	HelpDesk string
	Back     govuk.BackLink
}

// removedView says what has been done, and what is to be done with the key itself.
type removedView struct {
	Panel      govuk.Panel
	Sessions   string
	SignedOut  bool
	OneLeft    bool
	HelpDesk   string
	SignInPath string
	Back       string
}

// freshLevel is the level at which somebody must have used a key a moment ago.
const freshLevel = 2

func (p *Pages) askRemove(w http.ResponseWriter, r *http.Request) error {
	session, err := p.deps.Sessions.Get(r.Context(), web.ViewerOf(r).Session)
	if err != nil {
		return err
	}
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	preview, err := p.deps.Methods.Preview(r.Context(), session, key.ID)
	if err != nil {
		return p.notRemoved(w, r, key, err)
	}
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "remove.html", Title: "Remove a key", Section: Path, View: removeView{
		Key: about(key, model), Action: keyPath(key.ID, "remove"), LostPath: lostPath(key.ID), Back: Path,
		Sessions: count(preview.Sessions, "No session is open that was begun with it.", "1 session that was begun with it ends.", " sessions that were begun with it end."),
		Here:     preview.Here, OneLeft: preview.Left == 1,
		Remove: govuk.Button{Text: "Remove this key now", Classes: govuk.Warning, PreventDoubleClick: true},
	}})
}

// notRemoved explains a refusal: the last key stays, and who has not just used a
// key is asked to.
func (p *Pages) notRemoved(w http.ResponseWriter, r *http.Request, key keys.Key, cause error) error {
	switch {
	case problem.Is(cause, methods.NotFresh):
		return web.StepUpTo(freshLevel)
	case !problem.Is(cause, methods.LastStrong):
		return cause
	}
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	page := web.Page{Name: "kept.html", Title: "This key cannot be removed yet", Section: Path, View: keptView{
		Key: about(key, model), AddKey: addKeyPath, LostPath: lostPath(key.ID), HelpDesk: p.deps.HelpDesk,
		Back: govuk.BackLink{Text: "My keys", Href: Path},
	}}
	if r.Method == http.MethodPost {
		page.Status = http.StatusConflict
	}
	return p.templates.Render(w, r, page)
}

// remove takes the key out of use. The answer is a page and not a redirect: the
// session that would have to follow one may have just ended.
func (p *Pages) remove(w http.ResponseWriter, r *http.Request) error {
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	viewer := web.ViewerOf(r)
	session, err := p.deps.Sessions.Get(r.Context(), viewer.Session)
	if err != nil {
		return err
	}
	outcome, err := p.deps.Methods.Remove(r.Context(), session, key.ID)
	if err != nil {
		return p.notRemoved(w, r, key, err)
	}
	view := removedOf(outcome, session.Key)
	view.HelpDesk = p.deps.HelpDesk
	return p.templates.Render(w, r, web.Page{Name: "removed.html", Title: view.Panel.TitleText, Section: Path, View: view, SignedOut: view.SignedOut})
}

func removedOf(outcome methods.Outcome, here ids.Key) removedView {
	return removedView{
		Panel:    govuk.Panel{TitleText: "The key is removed", Text: "Nobody can sign in with “" + keyName(outcome.Key) + "” any more."},
		Sessions: count(outcome.SessionsEnded, "No session was open that was begun with it.", "1 session was ended.", " sessions were ended."),
		OneLeft:  outcome.Left == 1, SignedOut: here == outcome.Key.ID,
		SignInPath: web.SignInPath, Back: Path,
	}
}
