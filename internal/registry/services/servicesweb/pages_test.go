package servicesweb

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": showView{}, "add.html": addView{}, "addroute.html": routeView{}})
}

// office is the site with the pages on a real store.
type office struct {
	t        *testing.T
	services *services.Catalogue
	owner    people.Person
	handler  http.Handler
}

func newOffice(t *testing.T, permissions ...web.Permission) *office {
	t.Helper()
	d := dbtest.SQLite(t)
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: testkit.Start})
	directory := people.New(people.Deps{Store: peopledb.New(d), Tx: d, Audit: log, Now: testkit.Start})
	catalogue := services.New(services.Deps{Store: servicesdb.New(d), Tx: d, Audit: log, Now: testkit.Start})
	owner, err := directory.Add(t.Context(), audit.Command("test"), people.NewPerson{UserName: "tomos", Name: "Tomos ap Huw"})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := New(Deps{Services: catalogue, People: directory})
	if err != nil {
		t.Fatal(err)
	}
	return &office{t: t, services: catalogue, owner: owner, handler: webtest.Site(t, webtest.Viewer("Ada", 2, permissions...), pages.Routes()...)}
}

func (o *office) add(slug string, routes ...services.NewRoute) services.Service {
	o.t.Helper()
	added, err := o.services.Add(o.t.Context(), audit.Command("test"), services.NewService{Slug: slug, Name: "Service " + slug, Owner: o.owner.ID, Impact: 4, Routes: routes})
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

func TestListAndPageShowOwnerImpactAndRoutes(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.ServicesRead)
	if page := o.get(Path); !strings.Contains(page.Document.Text(), "There are no services yet") {
		t.Errorf("got %s", page.Document.Text())
	}
	payroll := o.add("payroll", services.NewRoute{Host: "payroll.test"}, services.NewRoute{Host: "payroll.test", PathPrefix: "/runs", Methods: []string{"POST"}, Upstream: "http://127.0.0.1:9000"},
		services.NewRoute{Host: "a.test"}, services.NewRoute{Host: "b.test"})
	old := o.add("old")
	if _, err := o.services.Retire(t.Context(), audit.Command("test"), old.ID, ""); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		Path:               {"Service payroll", "Tomos ap Huw (tomos)", "4: great harm", "a.test/, b.test/, payroll.test/ and 1 more", "No route", "Retired", "Admitted"},
		pathOf(payroll.ID): {"Remote-User", "Remote-Groups", "payroll.test", "/runs", "POST", "http://127.0.0.1:9000", "another proxy asks Warder"},
		pathOf(old.ID):     {"Retired", "cannot be reached"},
	} {
		page := o.get(path)
		for _, want := range wants {
			if page.Status != http.StatusOK || !strings.Contains(page.Document.Text(), want) {
				t.Errorf("%s: no %q in %s", path, want, page.Document.Text())
			}
		}
		if strings.Contains(page.Document.Text(), "Add a ") {
			t.Errorf("%s offers a reader to add something", path)
		}
	}
	for _, path := range []string{pathOf(ids.New[ids.Service]()), Path + "/payroll"} {
		if missing := o.get(path); missing.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, missing.Status)
		}
	}
}

func TestAddedServiceAndRouteAreShown(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.ServicesRead, web.ServicesWrite)
	form := o.get(Path + "/add")
	if field, ok := form.Document.ByID("header_user"); !ok || field.Attribute("value") != "Remote-User" {
		t.Errorf("the usual header is not filled in")
	}
	done := webtest.Post(t, o.handler, Path+"/add", url.Values{"name": {"Payroll"}, "slug": {"payroll"}, "owner": {"tomos"}, "impact": {"5"},
		"header_user": {"X-Staff"}, "header_email": {""}, "header_name": {"Remote-Name"}, "header_groups": {"Remote-Groups"}})
	if done.Status != http.StatusSeeOther {
		t.Fatalf("got %d: %s", done.Status, done.Document.Text())
	}
	page := o.get(done.Header.Get("Location"))
	if page.Document.Heading() != "Payroll" || !strings.Contains(page.Document.Text(), "X-Staff") || !strings.Contains(page.Document.Text(), "Remote-Email") {
		t.Errorf("got %s", page.Document.Text())
	}
	stored, err := o.services.BySlug(t.Context(), "payroll")
	if err != nil || stored.Owner != o.owner.ID || stored.Impact != 5 {
		t.Fatalf("stored %+v, %v", stored, err)
	}
	o.get(pathOf(stored.ID) + "/add-route")
	done = webtest.Post(t, o.handler, pathOf(stored.ID)+"/add-route", url.Values{"host": {"Payroll.Example.org"}, "path": {"/x/"}, "methods": {"get, post"}, "upstream": {"http://127.0.0.1:9000"}})
	if done.Status != http.StatusSeeOther {
		t.Fatalf("got %d: %s", done.Status, done.Document.Text())
	}
	page = o.get(done.Header.Get("Location"))
	if !strings.Contains(page.Document.Text(), "payroll.example.org /x GET, POST http://127.0.0.1:9000") {
		t.Errorf("got %s", page.Document.Text())
	}
}

func TestFormsSayWhatIsWrongBesideTheField(t *testing.T) {
	t.Parallel()
	o := newOffice(t, web.ServicesRead, web.ServicesWrite)
	taken := o.add("taken", services.NewRoute{Host: "a.test"})
	service := func(change ...string) url.Values {
		form := url.Values{"name": {"N"}, "slug": {"n"}, "impact": {"1"}}
		form.Set(change[0], change[1])
		return form
	}
	route := func(change ...string) url.Values {
		form := url.Values{"host": {"b.test"}, "path": {"/"}}
		form.Set(change[0], change[1])
		return form
	}
	for name, test := range map[string]struct {
		path  string
		form  url.Values
		field string
		says  string
	}{
		"no name":        {Path + "/add", service("name", ""), "name", "Enter the name of the service"},
		"bad slug":       {Path + "/add", service("slug", "Not Good"), "slug", "Short name: "},
		"taken slug":     {Path + "/add", service("slug", "taken"), "slug", "already a service"},
		"no such owner":  {Path + "/add", service("owner", "nobody"), "owner", "Nobody has this user name"},
		"bad impact":     {Path + "/add", service("impact", "lots"), "impact", "Choose how much"},
		"grave impact":   {Path + "/add", service("impact", "9"), "impact", "is 9; expected 1"},
		"cookie header":  {Path + "/add", service("header_user", "Cookie"), "header_user", "meaning of its own"},
		"no host":        {pathOf(taken.ID) + "/add-route", route("host", ""), "host", "Enter the host"},
		"bad host":       {pathOf(taken.ID) + "/add-route", route("host", "https://b.test"), "host", "Host: "},
		"bad path":       {pathOf(taken.ID) + "/add-route", route("path", "/a/../b"), "path", "Path: "},
		"bad method":     {pathOf(taken.ID) + "/add-route", route("methods", "GET;POST"), "methods", "Methods: "},
		"bad upstream":   {pathOf(taken.ID) + "/add-route", route("upstream", "ftp://b.test"), "upstream", "Passed on to: "},
		"route is taken": {pathOf(taken.ID) + "/add-route", route("host", "a.test"), "path", "It belongs to taken."},
	} {
		answer := webtest.Post(t, o.handler, test.path, test.form)
		webtest.Structure(t, answer.Document)
		message, ok := answer.Document.ByID(test.field + "-error")
		if answer.Status != http.StatusUnprocessableEntity || !ok || !strings.Contains(message.Text(), test.says) || !strings.HasPrefix(answer.Document.Title(), "Error: ") {
			t.Errorf("%s: got %d, %q: %s", name, answer.Status, answer.Document.Title(), answer.Document.Text())
		}
	}
	all, err := o.services.List(t.Context())
	if err != nil || len(all) != 1 || len(all[0].Routes) != 1 {
		t.Errorf("stored %+v, %v", all, err)
	}
}

func TestOnlyThoseWhoMayChangeServicesCan(t *testing.T) {
	t.Parallel()
	reader, stranger := newOffice(t, web.ServicesRead), newOffice(t, web.PeopleRead)
	service := reader.add("payroll")
	form := url.Values{"name": {"A"}, "slug": {"a"}, "host": {"a.test"}}
	for name, answer := range map[string]webtest.Response{
		"form by a reader":   webtest.Get(t, reader.handler, Path+"/add"),
		"adding by a reader": webtest.Post(t, reader.handler, Path+"/add", form),
		"route by a reader":  webtest.Post(t, reader.handler, pathOf(service.ID)+"/add-route", form),
		"list by a stranger": webtest.Get(t, stranger.handler, Path),
	} {
		if answer.Status != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", name, answer.Status)
		}
	}
}
