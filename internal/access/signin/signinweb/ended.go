package signinweb

import (
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// explainFor is how long the end of a session is explained.
const explainFor = 7 * 24 * time.Hour

// endOfLast says in a sentence why the browser's last session is over; empty
// when there was none, or when it is too long ago to matter.
func (p *Pages) endOfLast(r *http.Request) (string, error) {
	if r.URL.Query().Has("signed-out") {
		return "You have signed out.", nil
	}
	id := p.deps.Cookies.last(r)
	if id == "" {
		return "", nil
	}
	session, err := p.deps.Sessions.Get(r.Context(), id)
	if problem.Is(err, sessions.NoSuch) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if session.EndedAt.IsZero() || p.deps.Now().Sub(session.EndedAt) > explainFor {
		return "", nil
	}
	if session.EndReason == sessions.KeyLost || session.EndReason == sessions.KeyStolen {
		return p.endOfKey(r, session)
	}
	return sentence(session.EndReason), nil
}

// endOfKey says when the key behind a session was reported.
func (p *Pages) endOfKey(r *http.Request, session sessions.Session) (string, error) {
	key, err := p.deps.Keys.Get(r.Context(), session.Key)
	if err != nil {
		return "", err
	}
	what := "lost"
	if session.EndReason == sessions.KeyStolen {
		what = "stolen"
	}
	text := "This key was reported " + what + " on " + govuk.DateTime(session.EndedAt) + ", so you were signed out"
	if key.Label != "" {
		text = "Your key “" + key.Label + "” was reported " + what + " on " + govuk.DateTime(session.EndedAt) + ", so you were signed out"
	}
	return text + ". Sign in with another key, or ask the service desk.", nil
}

// sentence says why a session ended.
func sentence(reason sessions.Reason) string {
	switch reason {
	case risk.NotMe:
		return "Your session was ended because somebody said that it was not you. If that was wrong, sign in again; if you cannot, ask the service desk."
	case risk.EndedByMail:
		return "Your session was ended from a message that was sent to you. Sign in again."
	case sessions.IdleTooLong:
		return "You were signed out because you had not used Warder for a while."
	case sessions.Expired:
		return "You were signed out because your session had reached its longest time."
	case sessions.EndedByHolder:
		return "This session was ended from your list of sessions."
	case sessions.EndedByDesk:
		return "The service desk ended your session."
	case sessions.KeyRemoved:
		return "The key you signed in with here was removed from your account, so you were signed out. Sign in with your other key."
	case sessions.KeyWithdrawn:
		return "You were signed out because keys of this model may no longer be used. Sign in with another key, or ask the service desk."
	case sessions.PersonLeft:
		return "Your account is no longer active. If that is wrong, ask your line manager."
	case sessions.SignedOut, sessions.Replaced, sessions.KeyLost, sessions.KeyStolen:
		return ""
	}
	return "Your session was ended."
}
