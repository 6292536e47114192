package rolesweb

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": showView{}, "change.html": changeView{}})
}

// as is the site seen by somebody with their roles.
func as(t *testing.T, h *signintest.House, person ids.Person) *signintest.Browser {
	t.Helper()
	pages, err := New(Deps{Roster: h.Roster, People: h.People})
	if err != nil {
		t.Fatal(err)
	}
	held, err := h.Roster.Of(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	var permissions []web.Permission
	for _, name := range roles.Permissions(held...) {
		permissions = append(permissions, web.Permission(name))
	}
	viewer := webtest.Viewer("Viewer", 2, permissions...)
	viewer.Person = person
	return signintest.NewBrowser(webtest.Site(t, viewer, pages.Routes()...))
}

func with(t *testing.T, h *signintest.House, userName string, role roles.Role) ids.Person {
	t.Helper()
	person := h.Somebody(t, userName)
	if err := h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, role); err != nil {
		t.Fatal(err)
	}
	return person.ID
}

func shows(t *testing.T, got webtest.Response, status int, words ...string) {
	t.Helper()
	for _, one := range words {
		if got.Status != status || !strings.Contains(got.Document.Text(), one) {
			t.Fatalf("answered %d:\n%s\nwant %d with %q", got.Status, got.Document.Text(), status, one)
		}
	}
}

func TestRoleIsGivenAndTakenAfterItIsSaidWhatThatChanges(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	browser := as(t, h, with(t, h, "admin", roles.Administrator))
	clerk := with(t, h, "clerk", roles.ServiceDesk)
	shows(t, browser.Get(t, Path), http.StatusOK, "Name of admin", "Administrator", "Name of clerk", "Service desk", "put keys into stock and issue them")
	path := change(clerk, roles.KeyCustodian, "grant")
	preview := browser.Get(t, path)
	shows(t, preview, http.StatusOK, "Make Name of clerk Key custodian", "put keys into stock and issue them")
	if strings.Contains(preview.Document.Text(), "report keys lost or stolen") {
		t.Error("the preview names what they may do already")
	}
	if got := browser.Post(t, path, nil); got.Header.Get("Location") != pathOf(clerk)+"?done=given" {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	shows(t, browser.Get(t, pathOf(clerk)+"?done=given"), http.StatusOK, "The role is given", "Key custodian", "Take away")
	path = change(clerk, roles.ServiceDesk, "revoke")
	shows(t, browser.Get(t, path), http.StatusOK, "they may no longer", "end sessions")
	if got := browser.Post(t, path, nil); got.Header.Get("Location") != pathOf(clerk)+"?done=taken" {
		t.Fatalf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
	held, err := h.Roster.Of(t.Context(), clerk)
	if err != nil || !slices.Equal(held, []roles.Role{roles.KeyCustodian}) {
		t.Errorf("they hold %v, %v", held, err)
	}
	if got := h.Actions(t, string(clerk)); !slices.Contains(got, "role.revoked") {
		t.Errorf("the record says %v", got)
	}
}

func TestPagesKeepTheRulesAboutRoles(t *testing.T) {
	t.Parallel()
	h := signintest.Open(t, dbtest.SQLite(t))
	admin, auditor := with(t, h, "admin", roles.Administrator), with(t, h, "auditor", roles.Auditor)
	browser := as(t, h, admin)
	own := browser.Get(t, pathOf(admin))
	for _, offer := range []string{"Take away", "Give a role"} {
		if strings.Contains(own.Document.Text(), offer) {
			t.Errorf("the last administrator is offered %q about themselves", offer)
		}
	}
	for _, ask := range []func(string) webtest.Response{
		func(path string) webtest.Response { return browser.Get(t, path) },
		func(path string) webtest.Response { return browser.Post(t, path, nil) },
	} {
		shows(t, ask(change(admin, roles.Administrator, "revoke")), http.StatusConflict, "This is the last administrator")
		shows(t, ask(change(admin, roles.Auditor, "grant")), http.StatusForbidden, "You cannot give yourself a role")
		shows(t, ask(change(auditor, "emperor", "grant")), http.StatusBadRequest, "There is no such role")
		shows(t, ask(change(ids.New[ids.Person](), roles.Auditor, "grant")), http.StatusNotFound, "")
	}
	reader := as(t, h, auditor)
	if text := reader.Get(t, pathOf(admin)).Document.Text(); strings.Contains(text, "Take away") || strings.Contains(text, "Give the role") {
		t.Errorf("an auditor is offered a change: %s", text)
	}
	if got := reader.Post(t, change(auditor, roles.Administrator, "grant"), nil); got.Status != http.StatusForbidden {
		t.Errorf("an auditor was answered %d", got.Status)
	}
	if held, err := h.Roster.Of(t.Context(), auditor); err != nil || len(held) != 1 {
		t.Errorf("the auditor holds %v, %v", held, err)
	}
}
