package adoptionweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"split.html": splitView{}, "list.html": listView{}, "single.html": singleView{}})
}

// office is the site with the pages, and people of every kind: an administrator with
// two keys, alice with one and a password and an app beside it, and bob with nothing.
func office(t *testing.T, permissions ...web.Permission) (*signintest.House, http.Handler) {
	t.Helper()
	h := signintest.Open(t, dbtest.SQLite(t))
	boss, _ := h.Holder(t, "boss")
	factorstest.Enrol(t, h.Factors, h.Batch.NewKey(), factors.Holder{ID: boss.ID, UserName: boss.UserName, Name: boss.Name}, signintest.Origin)
	if err := h.Roster.Grant(t.Context(), signintest.Desk(), boss.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	alice, _ := h.Holder(t, "alice")
	h.Somebody(t, "bob")
	secrets := func(_ context.Context, only ids.Person, yield func(ids.Person, adoption.Holding) error) error {
		if only != "" && only != alice.ID {
			return nil
		}
		if err := yield(alice.ID, adoption.Holding{Method: assurance.TOTP, Accepted: true}); err != nil {
			return err
		}
		return yield(alice.ID, adoption.Holding{Method: assurance.Password, Accepted: true})
	}
	counter := adoption.New(adoption.Deps{People: h.People, Factors: h.Factors, Roles: h.Roster, Now: h.Clock.Now, Secrets: secrets})
	pages, err := New(Deps{Counter: counter, Keys: h.Keys})
	if err != nil {
		t.Fatal(err)
	}
	return h, webtest.Site(t, webtest.Viewer("Auditor", 2, permissions...), pages.Routes()...)
}

// get opens a page that must be there.
func get(t *testing.T, site http.Handler, path string) webtest.Response {
	t.Helper()
	got := webtest.Get(t, site, path)
	webtest.Structure(t, got.Document)
	if got.Status != http.StatusOK {
		t.Fatalf("%s was answered %d", path, got.Status)
	}
	return got
}

// Capability C36.1: each number opens to the list behind it, which is as long.
func TestEachNumberOpensToItsList(t *testing.T) {
	t.Parallel()
	_, site := office(t, web.MaturityRead)
	page := get(t, site, Path)
	for _, words := range []string{"Two attested security keys 1 0 1 0", "One attested security key 0 1 1 1", "Nothing: cannot sign in 0 1 1 0", "Everybody 1 2 3 1",
		"1 of 3 people have two keys", "It cannot be said that everybody signs in strongly.", "1 person has nothing to sign in with."} {
		if text := strings.Join(strings.Fields(page.Document.Text()), " "); !strings.Contains(text, words) {
			t.Errorf("no %q in %s", words, text)
		}
	}
	opened := 0
	for _, link := range page.Document.All("a") {
		address := link.Attribute("href")
		if !strings.HasPrefix(address, adoption.ListPage+"?") {
			continue
		}
		opened++
		count, err := strconv.Atoi(link.Text())
		if err != nil {
			t.Fatal(err)
		}
		list := get(t, site, address)
		if got := len(list.Document.WithClass("govuk-table__row")) - 1; got != count {
			t.Errorf("%s says %d, and lists %d", address, count, got)
		}
	}
	if opened < 10 {
		t.Errorf("only %d numbers open to a list", opened)
	}
	undone := get(t, site, adoption.ListPage+"?undone=security_key_attested").Document.Text()
	if !strings.Contains(undone, "has attested security key, but password and code from an app will do too") {
		t.Errorf("alice's account is not called undone: %s", undone)
	}
}

func TestListsThatAreNoneAreNotFound(t *testing.T) {
	t.Parallel()
	_, site := office(t, web.MaturityRead)
	for _, query := range []string{"?rung=", "?rung=gold", "?rung=weak&who=all", "?undone=gold", "?have=laser", "?only=", "?have=unrecognised"} {
		if got := webtest.Get(t, site, adoption.ListPage+query); got.Status != http.StatusNotFound {
			t.Errorf("%q was answered %d", query, got.Status)
		}
	}
	_, closed := office(t, web.PeopleRead, web.KeysRead)
	for _, path := range []string{Path, SinglePath, adoption.ListPage + "?rung=none"} {
		if got := webtest.Get(t, closed, path); got.Status != http.StatusForbidden {
			t.Errorf("%s was answered %d to somebody without the permission", path, got.Status)
		}
	}
}

func TestLongListsArePaged(t *testing.T) {
	t.Parallel()
	h, site := office(t, web.MaturityRead)
	for i := range pageLength + 5 {
		h.Somebody(t, "clerk"+strconv.Itoa(1000+i))
	}
	first := get(t, site, adoption.ListPage+"?rung=none")
	next := ""
	for _, link := range first.Document.All("a") {
		if strings.Contains(link.Attribute("href"), "after=") {
			next = link.Attribute("href")
		}
	}
	second := get(t, site, next)
	if rows := len(first.Document.WithClass("govuk-table__row")) - 1; rows != pageLength || !strings.Contains(first.Document.Text(), "106 people") {
		t.Errorf("the first page has %d rows", rows)
	}
	if rows := len(second.Document.WithClass("govuk-table__row")) - 1; rows != 6 || strings.Contains(second.Document.Text(), "Next page") {
		t.Errorf("the second page has %d rows", rows)
	}
}

// Capability C30.4 on its page.
func TestPageListsWhoHangsFromOneKey(t *testing.T) {
	t.Parallel()
	_, site := office(t, web.MaturityRead)
	text := get(t, site, SinglePath).Document.Text()
	if !strings.Contains(text, "Name of alice") || strings.Contains(text, "Name of boss") || strings.Contains(text, "Name of bob") || !strings.Contains(text, "There are none.") {
		t.Error(text)
	}
}
