package services

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deps is what a Catalogue needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
}

// Catalogue is the room's entry: every service, open or retired.
type Catalogue struct{ deps Deps }

// New returns a catalogue.
func New(deps Deps) *Catalogue { return &Catalogue{deps: deps} }

// Add stores a new, admitted service with its routes.
func (c *Catalogue) Add(ctx context.Context, actor audit.Actor, wanted NewService) (Service, error) {
	service := wanted.service(ids.New[ids.Service](), moment(c.deps.Now()))
	obligations, faults := cleanObligations(wanted.Obligations)
	service.Obligations = obligations
	if faults = append(checkService(service), faults...); len(faults) > 0 {
		return Service{}, Malformed.New().At(faults...)
	}
	err := c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		service.Routes = nil
		if err := c.deps.Store.Add(ctx, service); err != nil {
			return err
		}
		if err := c.record(ctx, actor, "service.added", service.ID, map[string]string{
			"slug": service.Slug, "owner": string(service.Owner), "impact": strconv.Itoa(service.Impact), "obligations": strings.Join(obligations, " ")}); err != nil {
			return err
		}
		for _, route := range wanted.Routes {
			kept, err := c.keepRoute(ctx, actor, service, route)
			if err != nil {
				return err
			}
			service.Routes = append(service.Routes, kept)
		}
		sortRoutes(service.Routes)
		return tx.Publish(ctx, tx.Service, string(service.ID))
	})
	if err != nil {
		return Service{}, fmt.Errorf("add service: %w", err)
	}
	return service, nil
}

// AddRoute gives a service one more way in.
func (c *Catalogue) AddRoute(ctx context.Context, actor audit.Actor, id ids.Service, wanted NewRoute) (Route, error) {
	var route Route
	err := c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		service, err := c.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		if service.State != Admitted {
			return StateRefused.New()
		}
		route, err = c.keepRoute(ctx, actor, service, wanted)
		if err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Service, string(id))
	})
	if err != nil {
		return Route{}, fmt.Errorf("add route to %s: %w", id, err)
	}
	return route, nil
}

// Retire closes a service for good. Its routes stay, closed, so that no wider
// route of another service answers for them. Doing it twice changes nothing.
func (c *Catalogue) Retire(ctx context.Context, actor audit.Actor, id ids.Service, reason string) (Service, error) {
	var service Service
	err := c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		service, err = c.deps.Store.ByID(ctx, id)
		if err != nil || service.State == Retired {
			return err
		}
		service.State, service.ChangedAt = Retired, moment(c.deps.Now())
		if err := c.deps.Store.Change(ctx, service); err != nil {
			return err
		}
		if err := c.record(ctx, actor, "service.retired", id, map[string]string{"reason": reason}); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Service, string(id))
	})
	if err != nil {
		return Service{}, fmt.Errorf("retire service %s: %w", id, err)
	}
	return service, nil
}

// Get returns a service with its routes, or problem NotFound.
func (c *Catalogue) Get(ctx context.Context, id ids.Service) (Service, error) {
	return c.deps.Store.ByID(ctx, id)
}

// BySlug returns a service with its routes, or problem NotFound. Case and space
// around the slug do not matter.
func (c *Catalogue) BySlug(ctx context.Context, slug string) (Service, error) {
	return c.deps.Store.BySlug(ctx, strings.ToLower(strings.TrimSpace(slug)))
}

// List returns every service with its routes, retired ones too, in order of slug.
func (c *Catalogue) List(ctx context.Context) ([]Service, error) { return c.deps.Store.All(ctx) }

// Table returns the routing table of what is stored now.
func (c *Catalogue) Table(ctx context.Context) (*Table, error) {
	all, err := c.deps.Store.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("routing table: %w", err)
	}
	return NewTable(all), nil
}

func (n NewService) service(id ids.Service, now time.Time) Service {
	headers, usual := n.Identity, DefaultHeaders()
	for _, header := range []struct {
		name  *string
		usual string
	}{{&headers.User, usual.User}, {&headers.Email, usual.Email}, {&headers.Name, usual.Name}, {&headers.Groups, usual.Groups}} {
		if *header.name == "" {
			*header.name = header.usual
		}
	}
	return Service{ID: id, Slug: n.Slug, Name: strings.TrimSpace(n.Name), Owner: n.Owner, Impact: n.Impact,
		State: Admitted, Identity: headers, CreatedAt: now, ChangedAt: now}
}

// keepRoute checks a route against the form and against every route there is.
func (c *Catalogue) keepRoute(ctx context.Context, actor audit.Actor, service Service, wanted NewRoute) (Route, error) {
	route, faults := wanted.route(service.ID)
	if len(faults) > 0 {
		return Route{}, Malformed.New().At(faults...)
	}
	route.ID, route.CreatedAt = ids.New[ids.Route](), moment(c.deps.Now())
	all, err := c.deps.Store.All(ctx)
	if err != nil {
		return Route{}, err
	}
	for _, other := range all {
		for _, taken := range other.Routes {
			if taken.clashes(route) {
				return Route{}, RouteTaken.Detailf("It belongs to %s.", other.Slug).At(problem.Field{Name: "path", Message: "is taken"})
			}
		}
	}
	if err := c.deps.Store.AddRoute(ctx, route); err != nil {
		return Route{}, err
	}
	return route, c.record(ctx, actor, "service.route_added", service.ID, map[string]string{
		"route": string(route.ID), "host": route.Host, "path": route.PathPrefix, "methods": strings.Join(route.Methods, ","), "upstream": route.Upstream})
}

func (c *Catalogue) record(ctx context.Context, actor audit.Actor, action string, id ids.Service, details map[string]string) error {
	return c.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(id), Details: details})
}

// clashes reports whether two routes would answer for the same request with
// nothing to choose between them. A route for some methods beside one for every
// method is fine: the narrower one answers for its methods.
func (r Route) clashes(other Route) bool {
	if r.Host != other.Host || !strings.EqualFold(r.PathPrefix, other.PathPrefix) {
		return false
	}
	if r.PathPrefix != other.PathPrefix {
		return true // they differ only in case, which not every application sees
	}
	if len(r.Methods) == 0 || len(other.Methods) == 0 {
		return len(r.Methods) == len(other.Methods)
	}
	return slices.ContainsFunc(r.Methods, func(method string) bool { return slices.Contains(other.Methods, method) })
}

func sortRoutes(routes []Route) {
	slices.SortFunc(routes, func(a, b Route) int {
		return strings.Compare(a.Host+" "+a.PathPrefix+" "+strings.Join(a.Methods, ","), b.Host+" "+b.PathPrefix+" "+strings.Join(b.Methods, ","))
	})
}

// moment rounds to what the database keeps.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
