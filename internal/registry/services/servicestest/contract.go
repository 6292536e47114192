// Package servicestest holds the promises every services.Store must keep.
package servicestest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/services"
)

// Opened is an empty store to try.
type Opened struct {
	Store services.Store
	Tx    tx.Runner
	Owner ids.Person // somebody in the directory
}

// Contract tries a store; open gives a new empty one.
func Contract(t *testing.T, open func(t *testing.T) Opened) {
	for _, promise := range []struct {
		name string
		keep func(t *testing.T, s Opened)
	}{
		{"EveryFieldComesBackAsWritten", fieldsComeBack},
		{"ServicesComeInOrderWithTheirRoutes", inOrder},
		{"SlugsAndRoutesAreUnique", unique},
		{"OwnersAndServicesMustExist", parents},
		{"ActionsComeBackAsWrittenAndAreReplacedByName", actionsComeBack},
		{"OfManyWhoWantTheSameRouteOneGetsIt", raceForARoute},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.keep(t, open(t))
		})
	}
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A is a complete admitted service of that slug without routes, for tests.
func A(slug string) services.Service {
	return services.Service{ID: ids.New[ids.Service](), Slug: slug, Name: "Service " + slug, Impact: 3, State: services.Admitted,
		Identity: services.DefaultHeaders(), CreatedAt: start, ChangedAt: start}
}

// RouteOf is a route to a service, for tests.
func RouteOf(service services.Service, host, prefix string, methods ...string) services.Route {
	return services.Route{ID: ids.New[ids.Route](), Service: service.ID, Host: host, PathPrefix: prefix, Methods: methods, CreatedAt: start}
}

func (s Opened) do(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (s Opened) add(t *testing.T, service services.Service) {
	t.Helper()
	s.do(t, func(ctx context.Context) error {
		if err := s.Store.Add(ctx, service); err != nil {
			return err
		}
		for _, route := range service.Routes {
			if err := s.Store.AddRoute(ctx, route); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Opened) refused(t *testing.T, want problem.Definition, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx.InTx(t.Context(), fn); !problem.Is(err, want) {
		t.Errorf("got %v, want %s", err, want.Code)
	}
}

func fieldsComeBack(t *testing.T, s Opened) {
	full := A("payroll")
	full.Owner, full.Name, full.Obligations = s.Owner, "Gehälter & Löhne", []string{"caf-b2", "nhs-mfa-2023"}
	full.Identity = services.IdentityHeaders{User: "X-User", Email: "X-Mail", Name: "X-Name", Groups: "X-Groups"}
	full.Routes = []services.Route{RouteOf(full, "a.test", "/"), RouteOf(full, "a.test", "/x", "GET", "POST"), RouteOf(full, "b.test:8420", "/y")}
	full.Routes[2].Upstream = "http://127.0.0.1:9000/base"
	s.add(t, full)
	changed := full
	changed.Owner, changed.Name, changed.Impact, changed.State, changed.ChangedAt = "", "Closed", 0, services.Retired, start.Add(time.Hour)
	changed.Identity, changed.Obligations = services.DefaultHeaders(), nil
	for _, want := range []services.Service{full, changed} {
		if want.State == services.Retired {
			s.do(t, func(ctx context.Context) error { return s.Store.Change(ctx, want) })
		}
		byID, err := s.Store.ByID(t.Context(), full.ID)
		if err != nil {
			t.Fatal(err)
		}
		bySlug, err := s.Store.BySlug(t.Context(), "payroll")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]services.Service{want, want}, []services.Service{byID, bySlug}); diff != "" {
			t.Errorf("service (-want +got):\n%s", diff)
		}
	}
}

func inOrder(t *testing.T, s Opened) {
	var want []services.Service
	for _, slug := range []string{"alpha", "beta", "gamma"} {
		service := A(slug)
		if slug != "beta" {
			service.Routes = []services.Route{RouteOf(service, slug+".test", "/"), RouteOf(service, slug+".test", "/admin")}
		}
		want = append(want, service)
	}
	for _, i := range []int{2, 0, 1} {
		s.add(t, want[i])
	}
	got, err := s.Store.All(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("services (-want +got), %v:\n%s", err, diff)
	}
	for _, slug := range []string{"", "Alpha", "alpha ", "nothing"} {
		if got, err := s.Store.BySlug(t.Context(), slug); !problem.Is(err, services.NotFound) {
			t.Errorf("%q: got %+v, %v", slug, got, err)
		}
	}
}

func unique(t *testing.T, s Opened) {
	first, second := A("first"), A("second")
	first.Routes = []services.Route{RouteOf(first, "a.test", "/x"), RouteOf(first, "a.test", "/x", "POST")}
	s.add(t, first)
	s.add(t, second)
	s.refused(t, services.SlugTaken, func(ctx context.Context) error { return s.Store.Add(ctx, A("first")) })
	for _, route := range []services.Route{RouteOf(second, "a.test", "/x"), RouteOf(second, "a.test", "/x", "POST")} {
		s.refused(t, services.RouteTaken, func(ctx context.Context) error { return s.Store.AddRoute(ctx, route) })
	}
	s.do(t, func(ctx context.Context) error { return s.Store.AddRoute(ctx, RouteOf(second, "a.test", "/x", "PUT")) })
}

func parents(t *testing.T, s Opened) {
	orphan, real := A("orphan"), A("real")
	orphan.Owner = ids.New[ids.Person]()
	s.refused(t, services.OwnerNotFound, func(ctx context.Context) error { return s.Store.Add(ctx, orphan) })
	s.add(t, real)
	real.Owner = orphan.Owner
	s.refused(t, services.OwnerNotFound, func(ctx context.Context) error { return s.Store.Change(ctx, real) })
	s.refused(t, services.NotFound, func(ctx context.Context) error { return s.Store.Change(ctx, A("nobody")) })
	s.refused(t, services.NotFound, func(ctx context.Context) error { return s.Store.AddRoute(ctx, RouteOf(orphan, "a.test", "/")) })
}

func raceForARoute(t *testing.T, s Opened) {
	const racers = 6
	all := make([]services.Service, racers)
	for i := range all {
		all[i] = A(fmt.Sprintf("s%d", i))
		s.add(t, all[i])
	}
	results := make([]error, racers)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() {
			results[i] = s.Tx.InTx(t.Context(), func(ctx context.Context) error {
				return s.Store.AddRoute(ctx, RouteOf(all[i], "a.test", "/"))
			})
		})
	}
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !problem.Is(err, services.RouteTaken) {
			t.Errorf("got %v, want %s", err, services.RouteTaken.Code)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d got the route", won, racers)
	}
}

func actionsComeBack(t *testing.T, s Opened) {
	payroll, other := A("payroll"), A("other")
	export := services.Action{Name: "export", Title: "Export the payroll", Methods: []string{"GET"}, Path: "/payroll/export", Query: "format=csv",
		ResponseOver: 10 << 20, RowsOver: 5000, Keep: 5 * time.Minute}
	pay := services.Action{Name: "pay", Title: "Pay", Path: "/", BodyOver: 1000}
	s.do(t, func(ctx context.Context) error {
		for _, one := range []services.Service{payroll, other} {
			if err := s.Store.Add(ctx, one); err != nil {
				return err
			}
		}
		return errors.Join(s.Store.SetAction(ctx, payroll.ID, pay), s.Store.SetAction(ctx, payroll.ID, export), s.Store.SetAction(ctx, other.ID, pay))
	})
	export.RowsOver, export.Methods = 100, []string{"GET", "POST"}
	s.do(t, func(ctx context.Context) error {
		return errors.Join(s.Store.SetAction(ctx, payroll.ID, export), s.Store.RemoveAction(ctx, other.ID, "pay"), s.Store.RemoveAction(ctx, other.ID, "nothing"))
	})
	all, err := s.Store.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]services.Action{}
	for _, one := range all {
		got[one.Slug] = one.Actions
	}
	if diff := cmp.Diff(map[string][]services.Action{"payroll": {export, pay}, "other": nil}, got); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	err = s.Tx.InTx(t.Context(), func(ctx context.Context) error { return s.Store.SetAction(ctx, ids.New[ids.Service](), pay) })
	if !problem.Is(err, services.NotFound) {
		t.Errorf("an action of no service: %v", err)
	}
}
