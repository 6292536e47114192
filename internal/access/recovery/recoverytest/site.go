package recoverytest

import (
	"net/http"
	"testing"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

// Site is a site as a member sees it who has touched their key this moment, with
// the permissions of their roles.
func (m Member) Site(t testing.TB, routes ...web.Route) http.Handler {
	t.Helper()
	by := m.Now(t)
	held, err := m.house.Roster.Of(t.Context(), m.ID)
	must(t, err)
	return webtest.Site(t, web.Viewer{Person: m.ID, Name: m.Name, Session: by.Session, AAL: 3, PhishingResistant: true,
		May: func(asked web.Permission) bool { return roles.Allows(held, string(asked)) }}, routes...)
}
