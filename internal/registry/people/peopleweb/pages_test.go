package peopleweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": showView{}, "add.html": addView{}})
}

// office is the site with the pages on a real store.
type office struct {
	t       *testing.T
	people  *people.Directory
	handler http.Handler
}

func newOffice(t *testing.T, permissions ...web.Permission) *office {
	t.Helper()
	d := dbtest.SQLite(t)
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: testkit.Start})
	directory := people.New(people.Deps{Store: peopledb.New(d), Tx: d, Audit: log, Now: testkit.Start})
	pages, err := New(Deps{People: directory, Now: testkit.Start, Methods: func(context.Context, people.Person) (Methods, error) {
		return Methods{Ways: []string{"attested security key", "password and code from an app"}, Strength: "phishable: has a key, but a password will do too", Spare: "They cannot sign in until somebody helps them."}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &office{t: t, people: directory, handler: webtest.Site(t, webtest.Viewer("Ada", 2, permissions...), pages.Routes()...)}
}

func (o *office) add(person people.NewPerson) people.Person {
	o.t.Helper()
	added, err := o.people.Add(o.t.Context(), audit.Command("test"), person)
	if err != nil {
		o.t.Fatal(err)
	}
	return added
}

func (o *office) get(path string) webtest.Response {
	o.t.Helper()
	response := webtest.Get(o.t, o.handler, path)
	webtest.Structure(o.t, response.Document)
	return response
}

func TestListIsSearchedAndPaged(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.PeopleRead)
	rows := make([]people.Row, 60)
	for i := range rows {
		rows[i] = people.Row{UserName: "p" + string(rune('a'+i/26)) + string(rune('a'+i%26)), Name: "Somebody", Department: "R & D"}
	}
	if _, err := o.people.Import(t.Context(), audit.Command("test"), rows, people.Apply); err != nil {
		t.Fatal(err)
	}
	o.add(people.NewPerson{UserName: "zoe", Name: `Zoë <script>alert("1")</script>`})
	page := o.get(Path)
	if page.Status != http.StatusOK || len(page.Document.All("tr")) != 51 || strings.Contains(page.Document.Text(), "Zoë") {
		t.Errorf("first page: %d, %d lines", page.Status, len(page.Document.All("tr")))
	}
	if !strings.Contains(page.Document.Text(), "61 active, 0 suspended, 0 left") || strings.Contains(page.Document.Text(), "Add a person") {
		t.Errorf("got %s", page.Document.Text())
	}
	next := ""
	for _, link := range page.Document.All("a") {
		if strings.Contains(link.Attribute("href"), "after=") {
			next = link.Attribute("href")
		}
	}
	second := o.get(next)
	if len(second.Document.All("tr")) != 12 || !strings.Contains(second.Document.Text(), `Zoë <script>alert("1")</script>`) {
		t.Errorf("second page %s: %s", next, second.Document.Text())
	}
	for query, want := range map[string]string{"?q=ZO%C3%8B": "zoe", "?department=R+%26+D&q=pcb": "pcb", "?state=left": "Nobody matches", "?state=unknown": "Nobody matches",
		"?q=%25": "Nobody matches", "?q=%00": "Nobody matches", "?q=%ff": "Nobody matches", "?after=zzz": "Nobody matches"} {
		found := o.get(Path + query)
		if found.Status != http.StatusOK || !strings.Contains(found.Document.Text(), want) {
			t.Errorf("%s: %d, no %q in %s", query, found.Status, want, found.Document.Text())
		}
	}
}

func TestPersonPageShowsEmploymentGroupsAndManager(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.PeopleRead)
	boss := o.add(people.NewPerson{UserName: "tomos", Name: "Tomos ap Huw"})
	alice := o.add(people.NewPerson{UserName: "alice", Name: "Alice", Manager: boss.ID, Department: "Finance", JobTitle: "Analyst",
		Starts: days.Date(2026, time.July, 1), Ends: days.Date(2026, time.November, 23)})
	if _, err := o.people.AddGroup(t.Context(), audit.Command("test"), "payroll"); err != nil {
		t.Fatal(err)
	}
	if err := o.people.AddMember(t.Context(), audit.Command("test"), "payroll", alice.ID); err != nil {
		t.Fatal(err)
	}
	page := o.get(pathOf(alice.ID))
	for _, want := range []string{"Alice", "payroll", "Tomos ap Huw", "1 July 2026", "23 November 2026", "today is their last working day", "Analyst"} {
		if !strings.Contains(page.Document.Text(), want) {
			t.Errorf("no %q in %s", want, page.Document.Text())
		}
	}
	for _, path := range []string{pathOf(ids.New[ids.Person]()), Path + "/nonsense", Path + "/key_00000000000000000000000000"} {
		if missing := o.get(path); missing.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, missing.Status)
		}
	}
}

// Capability C27.3, where a person is shown: to whoever sees keys.
func TestPersonPageSaysWhatTheirAccountIsWorth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		permissions []web.Permission
		shown       bool
	}{{[]web.Permission{web.PeopleRead, web.KeysRead}, true}, {[]web.Permission{web.PeopleRead}, false}} {
		o := newOffice(t, test.permissions...)
		text := o.get(pathOf(o.add(people.NewPerson{UserName: "alice", Name: "Alice"}).ID)).Document.Text()
		for _, words := range []string{"attested security key; or password and code from an app", "but a password will do too", "until somebody helps them"} {
			if strings.Contains(text, words) != test.shown {
				t.Errorf("%v: %q in %s: want %v", test.permissions, words, text, test.shown)
			}
		}
	}
}

func TestAddedPersonIsShown(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.PeopleRead, web.PeopleWrite)
	o.add(people.NewPerson{UserName: "tomos", Name: "Tomos"})
	o.get(Path + "/add")
	form := url.Values{"name": {" Amira Khan "}, "user_name": {"Amira.Khan"}, "email": {"amira@example.org"}, "manager": {"tomos"}, "kind": {"guest"},
		"starts": {"2026-11-01"}, "ends": {"2027-01-31"}}
	done := webtest.Post(t, o.handler, Path+"/add", form)
	if done.Status != http.StatusSeeOther {
		t.Fatalf("got %d: %s", done.Status, done.Document.Text())
	}
	page := o.get(done.Header.Get("Location"))
	if !strings.Contains(page.Document.Text(), "The person is in the directory") || page.Document.Heading() != "Amira Khan" {
		t.Errorf("got %s", page.Document.Text())
	}
	stored, err := o.people.ByUserName(t.Context(), "amira.khan")
	if err != nil || stored.Kind != people.KindGuest || stored.Ends != days.Date(2027, time.January, 31) {
		t.Errorf("stored %+v, %v", stored, err)
	}
}

func TestFormSaysWhatIsWrongBesideItsField(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.PeopleRead, web.PeopleWrite)
	o.add(people.NewPerson{UserName: "taken", Name: "T", Email: "taken@example.org"})
	for name, test := range map[string]struct {
		form  url.Values
		field string
		says  string
	}{
		"no name":      {url.Values{"user_name": {"a"}}, "name", "Enter the person’s name"},
		"no user name": {url.Values{"name": {"A"}}, "user_name", "Enter a user name"},
		"bad name":     {url.Values{"name": {"A"}, "user_name": {"a b"}}, "user_name", "User name: "},
		"taken name":   {url.Values{"name": {"A"}, "user_name": {"taken"}}, "user_name", "Somebody already has this user name"},
		"taken email":  {url.Values{"name": {"A"}, "user_name": {"a"}, "email": {"TAKEN@example.org"}}, "email", "Somebody already has this e-mail address"},
		"no manager":   {url.Values{"name": {"A"}, "user_name": {"a"}, "manager": {"nobody"}}, "manager", "Nobody has this user name"},
		"bad date":     {url.Values{"name": {"A"}, "user_name": {"a"}, "starts": {"1/2/2026"}}, "starts", "First working day: "},
		"wrong order":  {url.Values{"name": {"A"}, "user_name": {"a"}, "starts": {"2026-02-01"}, "ends": {"2026-01-01"}}, "ends", "before the first"},
		"bad kind":     {url.Values{"name": {"A"}, "user_name": {"a"}, "kind": {"robot"}}, "kind", "is not a kind"},
	} {
		answer := webtest.Post(t, o.handler, Path+"/add", test.form)
		webtest.Structure(t, answer.Document)
		message, ok := answer.Document.ByID(test.field + "-error")
		if answer.Status != http.StatusUnprocessableEntity || !ok || !strings.Contains(message.Text(), test.says) || !strings.HasPrefix(answer.Document.Title(), "Error: ") {
			t.Errorf("%s: got %d, %q: %s", name, answer.Status, answer.Document.Title(), answer.Document.Text())
		}
	}
	counts, err := o.people.Count(t.Context())
	if err != nil || counts.Active != 1 {
		t.Errorf("stored %+v, %v", counts, err)
	}
}

func TestOnlyThoseWhoMayChangePeopleCanAddThem(t *testing.T) {
	t.Parallel()
	reader, stranger := newOffice(t, web.PeopleRead), newOffice(t, web.KeysRead)
	form := url.Values{"name": {"A"}, "user_name": {"a"}}
	for name, answer := range map[string]webtest.Response{
		"form by a reader":     webtest.Get(t, reader.handler, Path+"/add"),
		"adding by a reader":   webtest.Post(t, reader.handler, Path+"/add", form),
		"list by a stranger":   webtest.Get(t, stranger.handler, Path),
		"adding by a stranger": webtest.Post(t, stranger.handler, Path+"/add", form),
	} {
		if answer.Status != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", name, answer.Status)
		}
	}
	if _, err := reader.people.ByUserName(t.Context(), "a"); err == nil {
		t.Error("a reader added somebody")
	}
}

func TestPersonPageOffersWhatTheirStateAndTheViewerAllow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		permissions []web.Permission
		suspended   bool
		want        []string
	}{
		"an auditor":                  {[]web.Permission{web.PeopleRead, web.SessionsRead, web.RolesRead}, false, []string{"/risk"}},
		"a desk":                      {[]web.Permission{web.PeopleRead, web.SessionsEnd}, false, []string{"/sign-out"}},
		"an administrator":            {[]web.Permission{web.PeopleRead, web.PeopleWrite}, false, []string{"/suspend", "/leave"}},
		"an administrator, suspended": {[]web.Permission{web.PeopleRead, web.PeopleWrite, web.SessionsEnd}, true, []string{"/reinstate", "/leave"}},
	} {
		o := newOffice(t, test.permissions...)
		person := o.add(people.NewPerson{UserName: "alice", Name: "Alice"})
		if test.suspended {
			if _, err := o.people.Suspend(t.Context(), audit.Command("test"), person.ID, time.Time{}, "inquiry"); err != nil {
				t.Fatal(err)
			}
		}
		page := o.get(pathOf(person.ID))
		var got []string
		for _, link := range page.Document.All("a") {
			if deed, ok := strings.CutPrefix(link.Attribute("href"), pathOf(person.ID)); ok && deed != "" {
				got = append(got, deed)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s is offered %v, want %v", name, got, test.want)
		}
		if sees := strings.Contains(page.Document.Text(), "Show their roles"); sees != slices.Contains(test.permissions, web.RolesRead) {
			t.Errorf("%s sees the way to their roles: %v", name, sees)
		}
	}
}
