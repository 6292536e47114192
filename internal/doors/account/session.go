package account

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
)

// sessionsView is the page with where a person is signed in.
type sessionsView struct {
	Banner    *govuk.NotificationBanner
	Sessions  []sessionView
	EndOthers *govuk.Button // nil when there are no others
	Back      govuk.BackLink
}

// sessionView is one browser that is signed in.
type sessionView struct {
	Browser  string
	Address  string
	Method   string
	Key      string
	Began    string
	LastUsed string
	Services []string // hosts entered from it
	Current  bool
	EndPath  string
	End      govuk.Button
}

func (p *Pages) showSessions(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	held, err := p.deps.Keys.HeldBy(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	names := make(map[ids.Key]string, len(held))
	for _, key := range held {
		names[key.ID] = keyName(key)
	}
	view := sessionsView{Banner: banner(r), Back: govuk.BackLink{Text: "My keys", Href: Path}}
	for filter := (sessions.Filter{Person: viewer.Person, Limit: 500}); ; {
		open, next, err := p.deps.Sessions.List(r.Context(), filter)
		if err != nil {
			return err
		}
		for i := range open {
			view.Sessions = append(view.Sessions, viewOf(&open[i], viewer.Session, names))
		}
		if filter.After = next; next == "" {
			break
		}
	}
	if len(view.Sessions) > 1 {
		view.EndOthers = &govuk.Button{Text: "Sign out everywhere else", Classes: govuk.Warning, PreventDoubleClick: true}
	}
	return p.templates.Render(w, r, web.Page{Name: "sessions.html", Title: "Where I am signed in", Section: Path, View: view})
}

func viewOf(session *sessions.Open, current ids.Session, keyNames map[ids.Key]string) sessionView {
	browser, began := session.Browser(), govuk.DateTime(session.CreatedAt)
	return sessionView{
		Browser: browser, Address: orElse(session.IP, "Not known"), Method: session.Method(),
		Key: keyOf(session, keyNames), Began: began, LastUsed: govuk.DateTime(session.LastUsed()),
		Services: session.Hosts(), Current: session.ID == current,
		EndPath: sessionsPath + "/" + string(session.ID) + "/end",
		End: govuk.Button{Text: "End this session", Classes: govuk.Secondary, PreventDoubleClick: true,
			Attributes: govuk.Attributes{"aria-label": "End this session: " + browser + ", begun " + began}},
	}
}

// endSession ends one of the viewer's own sessions; those of others do not exist here.
func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	id, err := ids.Parse[ids.Session](r.PathValue("session"))
	if err != nil {
		return sessions.NoSuch.Because(err)
	}
	session, err := p.deps.Sessions.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if session.Person != viewer.Person {
		return sessions.NoSuch.New()
	}
	if err := p.deps.Sessions.End(r.Context(), audit.Person(viewer.Person), id, sessions.EndedByHolder); err != nil {
		return err
	}
	return web.SeeOther(w, r, sessionsPath+"?session=ended")
}

// endOthers ends every session of the viewer but the one in use.
func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	viewer := web.ViewerOf(r)
	open, err := p.deps.Sessions.OfPerson(r.Context(), viewer.Person)
	if err != nil {
		return err
	}
	for _, session := range open {
		if session.ID == viewer.Session || session.Parent == viewer.Session {
			continue
		}
		err := p.deps.Sessions.End(r.Context(), audit.Person(viewer.Person), session.ID, sessions.EndedByHolder)
		if err != nil && !problem.Is(err, sessions.NoSuch) { // it may have ended with its parent
			return err
		}
	}
	return web.SeeOther(w, r, sessionsPath+"?session=others-ended")
}

// keyOf names the key behind a session, where there is one.
func keyOf(session *sessions.Open, names map[ids.Key]string) string {
	if session.Key == "" {
		return "None"
	}
	return orElse(names[session.Key], "A key you no longer hold")
}
