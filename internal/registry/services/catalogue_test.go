package services_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var root = audit.Command("root")

// shelf is a catalogue on a real store.
type shelf struct {
	*services.Catalogue
	t     *testing.T
	audit *audit.Log
	told  []tx.Change
}

func newShelf(t *testing.T, d *db.DB) *shelf {
	clock := testkit.NewClock()
	s := &shelf{t: t, audit: audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: clock.Now})}
	s.Catalogue = services.New(services.Deps{Store: servicesdb.New(d), Tx: d, Audit: s.audit, Now: clock.Now})
	var mu sync.Mutex
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		mu.Lock()
		defer mu.Unlock()
		s.told = append(s.told, changes...)
	})
	return s
}

func (s *shelf) add(slug string, routes ...services.NewRoute) services.Service {
	s.t.Helper()
	added, err := s.Add(s.t.Context(), root, services.NewService{Slug: slug, Name: "Service " + slug, Routes: routes})
	if err != nil {
		s.t.Fatal(err)
	}
	return added
}

func TestAddedServiceIsCleanedKeptRecordedAndTold(t *testing.T) {
	t.Parallel()
	s := newShelf(t, dbtest.SQLite(t))
	added, err := s.Add(t.Context(), root, services.NewService{Slug: "payroll", Name: " Payroll ", Impact: 4,
		Identity: services.IdentityHeaders{User: "X-Staff"},
		Routes: []services.NewRoute{
			{Host: " Payroll.Example.ORG:443 ", PathPrefix: "/runs/", Methods: []string{"post", "PUT", "POST"}},
			{Host: "payroll.example.org", Upstream: "http://127.0.0.1:9000"},
		}})
	if err != nil {
		t.Fatal(err)
	}
	want := services.Service{Slug: "payroll", Name: "Payroll", Impact: 4, State: services.Admitted, CreatedAt: testkit.Start(), ChangedAt: testkit.Start(),
		Identity: services.IdentityHeaders{User: "X-Staff", Email: "Remote-Email", Name: "Remote-Name", Groups: "Remote-Groups"},
		Routes: []services.Route{
			{Host: "payroll.example.org", PathPrefix: "/", Upstream: "http://127.0.0.1:9000", CreatedAt: testkit.Start()},
			{Host: "payroll.example.org", PathPrefix: "/runs", Methods: []string{"POST", "PUT"}, CreatedAt: testkit.Start()},
		}}
	got, err := s.BySlug(t.Context(), " PAYROLL ")
	if err != nil {
		t.Fatal(err)
	}
	without := cmp.Options{cmpopts.IgnoreFields(services.Service{}, "ID"), cmpopts.IgnoreFields(services.Route{}, "ID", "Service")}
	if diff := cmp.Diff(want, got, without); diff != "" {
		t.Errorf("service (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(added, got); diff != "" {
		t.Errorf("what Add returned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]tx.Change{{Topic: tx.Service, Ref: string(got.ID)}}, s.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	entries, err := s.audit.List(t.Context(), audit.Filter{Subject: string(got.ID)})
	if err != nil || len(entries) != 3 {
		t.Errorf("recorded %+v, %v", entries, err)
	}
}

func TestWhatCannotBeStoredIsNamedFieldByField(t *testing.T) {
	t.Parallel()
	s := newShelf(t, dbtest.SQLite(t))
	headers := func(user, email string) services.NewService {
		return services.NewService{Slug: "x", Name: "X", Identity: services.IdentityHeaders{User: user, Email: email}}
	}
	route := func(route services.NewRoute) services.NewService {
		return services.NewService{Slug: "x", Name: "X", Routes: []services.NewRoute{route}}
	}
	for name, test := range map[string]struct {
		wanted services.NewService
		fields string
	}{
		"nothing":              {services.NewService{}, "slug name"},
		"slug":                 {services.NewService{Slug: "Pay roll", Name: "P"}, "slug"},
		"slug starts with -":   {services.NewService{Slug: "-x", Name: "P"}, "slug"},
		"impact":               {services.NewService{Slug: "x", Name: "P", Impact: 6}, "impact"},
		"owner":                {services.NewService{Slug: "x", Name: "P", Owner: "tomos"}, "owner"},
		"line break":           {services.NewService{Slug: "x", Name: "P\nQ"}, "name"},
		"cookie header":        {headers("Cookie", ""), "header_user"},
		"our header":           {headers("Warder-Assertion", ""), "header_user"},
		"underscore":           {headers("Remote_User", ""), "header_user"},
		"same header twice":    {headers("X-A", "x-a"), "header_email"},
		"header break":         {headers("X-A:\r\nX-B", ""), "header_user"},
		"no host":              {route(services.NewRoute{}), "host"},
		"host with path":       {route(services.NewRoute{Host: "a.test/x"}), "host"},
		"host with scheme":     {route(services.NewRoute{Host: "https://a.test"}), "host"},
		"wildcard host":        {route(services.NewRoute{Host: "*.a.test"}), "host"},
		"host not in ASCII":    {route(services.NewRoute{Host: "büro.test"}), "host"},
		"port":                 {route(services.NewRoute{Host: "a.test:99999"}), "host"},
		"half an address":      {route(services.NewRoute{Host: "[::1"}), "host"},
		"path without slash":   {route(services.NewRoute{Host: "a.test", PathPrefix: "x"}), "path"},
		"path with dots":       {route(services.NewRoute{Host: "a.test", PathPrefix: "/x/../y"}), "path"},
		"path with dot at end": {route(services.NewRoute{Host: "a.test", PathPrefix: "/x./y"}), "path"},
		"encoded path":         {route(services.NewRoute{Host: "a.test", PathPrefix: "/caf%C3%A9"}), "path"},
		"double slash":         {route(services.NewRoute{Host: "a.test", PathPrefix: "//x"}), "path"},
		"parameter in path":    {route(services.NewRoute{Host: "a.test", PathPrefix: "/x;y"}), "path"},
		"very long path":       {route(services.NewRoute{Host: "a.test", PathPrefix: "/" + strings.Repeat("x", 250)}), "path"},
		"method":               {route(services.NewRoute{Host: "a.test", Methods: []string{"GET POST"}}), "methods"},
		"file upstream":        {route(services.NewRoute{Host: "a.test", Upstream: "file:///etc/passwd"}), "upstream"},
		"password in upstream": {route(services.NewRoute{Host: "a.test", Upstream: "http://u:p@b.test"}), "upstream"},
		"query in upstream":    {route(services.NewRoute{Host: "a.test", Upstream: "http://b.test/?x=1"}), "upstream"},
		"no host in upstream":  {route(services.NewRoute{Host: "a.test", Upstream: "http:b.test"}), "upstream"},
	} {
		_, err := s.Add(t.Context(), root, test.wanted)
		found, _ := problem.Of(err)
		if !problem.Is(err, services.Malformed) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		var fields []string
		for _, field := range found.Fields {
			fields = append(fields, field.Name)
		}
		if got := strings.Join(fields, " "); got != test.fields {
			t.Errorf("%s: got %q, want %q", name, got, test.fields)
		}
	}
	if all, err := s.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("stored %+v, %v", all, err)
	}
}

func TestRoutesDoNotOverlap(t *testing.T) {
	t.Parallel()
	s := newShelf(t, dbtest.SQLite(t))
	s.add("first", services.NewRoute{Host: "a.test", PathPrefix: "/x"}, services.NewRoute{Host: "a.test", PathPrefix: "/y", Methods: []string{"GET", "POST"}})
	second := s.add("second")
	for _, test := range []struct {
		route services.NewRoute
		want  bool
	}{
		{services.NewRoute{Host: "A.test:80", PathPrefix: "/x/"}, false},
		{services.NewRoute{Host: "a.test", PathPrefix: "/X"}, false},
		{services.NewRoute{Host: "a.test", PathPrefix: "/y", Methods: []string{"PUT", "POST"}}, false},
		{services.NewRoute{Host: "a.test", PathPrefix: "/y", Methods: []string{"PUT"}}, true},
		{services.NewRoute{Host: "a.test", PathPrefix: "/x", Methods: []string{"PUT"}}, true},
		{services.NewRoute{Host: "a.test", PathPrefix: "/x/z"}, true},
		{services.NewRoute{Host: "a.test:8443", PathPrefix: "/x"}, true},
	} {
		_, err := s.AddRoute(t.Context(), root, second.ID, test.route)
		if test.want != (err == nil) || err != nil && !problem.Is(err, services.RouteTaken) {
			t.Errorf("%+v: got %v", test.route, err)
		}
	}
}

func TestRetiredServiceIsClosedAndKeepsItsPlace(t *testing.T) {
	t.Parallel()
	s := newShelf(t, dbtest.SQLite(t))
	s.add("intranet", services.NewRoute{Host: "a.test"})
	payroll := s.add("payroll", services.NewRoute{Host: "a.test", PathPrefix: "/payroll"})
	for range 2 {
		if got, err := s.Retire(t.Context(), root, payroll.ID, "replaced"); err != nil || got.State != services.Retired {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	table, err := s.Table(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := found(table, "a.test", "/payroll/x", "GET"); got != "service_closed" {
		t.Errorf("got %s", got)
	}
	if _, err := s.AddRoute(t.Context(), root, payroll.ID, services.NewRoute{Host: "b.test"}); !problem.Is(err, services.StateRefused) {
		t.Errorf("got %v", err)
	}
	if _, err := s.AddRoute(t.Context(), root, ids.New[ids.Service](), services.NewRoute{Host: "b.test"}); !problem.Is(err, services.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestOverlappingRoutesAddedAtTheSameTimeLeaveOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShelf(t, d)
		const racers = 6
		errs := make([]error, racers)
		var group sync.WaitGroup
		for i := range racers {
			service := s.add(fmt.Sprintf("s%d", i))
			// Different lists of methods that share one: no constraint of the
			// database sees that, only the check within the unit of work.
			route := services.NewRoute{Host: "a.test", PathPrefix: "/x", Methods: []string{"GET", fmt.Sprintf("X%d", i)}}
			group.Go(func() { _, errs[i] = s.AddRoute(t.Context(), root, service.ID, route) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !problem.Is(err, services.RouteTaken) {
				t.Errorf("got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d overlapping routes were stored", won)
		}
	})
}

func TestProblemsAreComplete(t *testing.T) {
	t.Parallel()
	for _, definition := range services.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "services.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}

func TestObligationCountsInEveryEdition(t *testing.T) {
	t.Parallel()
	s := newShelf(t, dbtest.SQLite(t))
	service := s.add("records")
	kept, err := s.Oblige(t.Context(), root, service.ID, []string{" NHS-MFA-2023", "caf-b2", "caf-b2"})
	if err != nil || !slices.Equal(kept.Obligations, []string{"caf-b2", "nhs-mfa-2023"}) {
		t.Fatalf("held to %v, %v", kept.Obligations, err)
	}
	for word, want := range map[string]bool{services.NHSMFA: true, "nhs-mfa-2023": true, "caf-b2": true, "nhs-mfa-20": false, "cyber-essentials": false} {
		if kept.Owes(word) != want {
			t.Errorf("owes %s: %v", word, !want)
		}
	}
	if (services.Service{Obligations: []string{"nhs-mfaother"}}).Owes(services.NHSMFA) {
		t.Error("a word that only begins like it was taken for it")
	}
	if _, err := s.Oblige(t.Context(), root, service.ID, []string{"not a word"}); !problem.Is(err, services.Malformed) {
		t.Errorf("nonsense was taken: %v", err)
	}
}
