// Package servicesdb keeps the catalogue in the tables service, service_route and service_action.
package servicesdb

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
)

// Store is a services.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ services.Store = (*Store)(nil)

// Add stores a service.
func (s *Store) Add(ctx context.Context, service services.Service) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into service (id, slug, name, owner, impact, state,
		  header_user, header_email, header_name, header_groups, obligations, created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		service.ID, service.Slug, service.Name, orNull(service.Owner), service.Impact, service.State,
		service.Identity.User, service.Identity.Email, service.Identity.Name, service.Identity.Groups,
		strings.Join(service.Obligations, " "), db.Millis(service.CreatedAt), db.Millis(service.ChangedAt))
	switch {
	case db.IsConflict(err, "service", "slug"):
		return services.SlugTaken.Because(err)
	case db.IsMissingParent(err):
		return services.OwnerNotFound.Because(err)
	}
	return err
}

// Change overwrites a service.
func (s *Store) Change(ctx context.Context, service services.Service) error {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update service
		set name = $1, owner = $2, impact = $3, state = $4,
		  header_user = $5, header_email = $6, header_name = $7, header_groups = $8, obligations = $9, changed_at = $10
		where id = $11`,
		service.Name, orNull(service.Owner), service.Impact, service.State,
		service.Identity.User, service.Identity.Email, service.Identity.Name, service.Identity.Groups,
		strings.Join(service.Obligations, " "), db.Millis(service.ChangedAt), service.ID)
	if db.IsMissingParent(err) {
		return services.OwnerNotFound.Because(err)
	}
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return services.NotFound.New()
	}
	return err
}

// AddRoute stores a route.
func (s *Store) AddRoute(ctx context.Context, route services.Route) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into service_route (id, service_id, host, path_prefix, methods, upstream, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		route.ID, route.Service, route.Host, route.PathPrefix, strings.Join(route.Methods, ","), route.Upstream, db.Millis(route.CreatedAt))
	switch {
	case db.IsConflict(err, "service_route", "host"):
		return services.RouteTaken.Because(err)
	case db.IsMissingParent(err):
		return services.NotFound.Because(err)
	}
	return err
}

// SetAction keeps an action.
func (s *Store) SetAction(ctx context.Context, service ids.Service, action services.Action) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into service_action (service_id, name, title, methods, path_prefix, query, body_over, response_over, rows_over, keep)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (service_id, name) do update
		set title = excluded.title, methods = excluded.methods, path_prefix = excluded.path_prefix, query = excluded.query,
		  body_over = excluded.body_over, response_over = excluded.response_over, rows_over = excluded.rows_over, keep = excluded.keep`,
		service, action.Name, action.Title, strings.Join(action.Methods, ","), action.Path, action.Query,
		action.BodyOver, action.ResponseOver, action.RowsOver, action.Keep.Milliseconds())
	if db.IsMissingParent(err) {
		return services.NotFound.Because(err)
	}
	return err
}

// RemoveAction takes an action away.
func (s *Store) RemoveAction(ctx context.Context, service ids.Service, name string) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from service_action
		where service_id = $1 and name = $2`, service, name)
	return err
}

// ByID reads one service.
func (s *Store) ByID(ctx context.Context, id ids.Service) (services.Service, error) {
	return s.one(ctx, "s.id = $1", string(id))
}

// BySlug reads one service.
func (s *Store) BySlug(ctx context.Context, slug string) (services.Service, error) {
	return s.one(ctx, "s.slug = $1", slug)
}

// All reads every service.
func (s *Store) All(ctx context.Context) ([]services.Service, error) {
	return s.where(ctx, "1 = 1")
}

func (s *Store) one(ctx context.Context, condition, value string) (services.Service, error) {
	found, err := s.where(ctx, condition, value)
	if err != nil {
		return services.Service{}, err
	}
	if len(found) != 1 {
		return services.Service{}, services.NotFound.New()
	}
	return found[0], nil
}

// where reads services and their routes in one statement, so that both are of
// the same moment.
func (s *Store) where(ctx context.Context, condition string, args ...any) ([]services.Service, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select s.id, s.slug, s.name, s.owner, s.impact, s.state,
		  s.header_user, s.header_email, s.header_name, s.header_groups, s.obligations, s.created_at, s.changed_at,
		  r.id, r.host, r.path_prefix, r.methods, r.upstream, r.created_at
		from service s
		left join service_route r on r.service_id = s.id
		where `+condition+`
		order by s.slug, r.host, r.path_prefix, r.methods`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []services.Service
	for rows.Next() {
		service, route, err := scan(rows)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 || found[len(found)-1].ID != service.ID {
			found = append(found, service)
		}
		if route.ID != "" {
			last := &found[len(found)-1]
			last.Routes = append(last.Routes, route)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return found, s.actions(ctx, found)
}

// actions reads what in these services asks for a touch of the key. They come with
// a second statement: a change of them tells whoever keeps a copy to read again.
func (s *Store) actions(ctx context.Context, of []services.Service) error {
	byID := make(map[ids.Service]*services.Service, len(of))
	for i := range of {
		byID[of[i].ID] = &of[i]
	}
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select service_id, name, title, methods, path_prefix, query, body_over, response_over, rows_over, keep
		from service_action
		order by service_id, name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var service ids.Service
		var action services.Action
		var methods string
		var keep int64
		if err := rows.Scan(&service, &action.Name, &action.Title, &methods, &action.Path, &action.Query,
			&action.BodyOver, &action.ResponseOver, &action.RowsOver, &keep); err != nil {
			return err
		}
		if methods != "" {
			action.Methods = strings.Split(methods, ",")
		}
		action.Keep = time.Duration(keep) * time.Millisecond
		if one := byID[service]; one != nil {
			one.Actions = append(one.Actions, action)
		}
	}
	return rows.Err()
}

func scan(rows *sql.Rows) (services.Service, services.Route, error) {
	var service services.Service
	var owner, routeID, host, prefix, methods, upstream sql.NullString
	var obligations string
	var created, changed int64
	var routeCreated sql.NullInt64
	err := rows.Scan(&service.ID, &service.Slug, &service.Name, &owner, &service.Impact, &service.State,
		&service.Identity.User, &service.Identity.Email, &service.Identity.Name, &service.Identity.Groups, &obligations, &created, &changed,
		&routeID, &host, &prefix, &methods, &upstream, &routeCreated)
	service.Owner = ids.Person(owner.String)
	if obligations != "" {
		service.Obligations = strings.Split(obligations, " ")
	}
	service.CreatedAt, service.ChangedAt = db.Time(created), db.Time(changed)
	route := services.Route{ID: ids.Route(routeID.String), Service: service.ID, Host: host.String, PathPrefix: prefix.String,
		Upstream: upstream.String, CreatedAt: db.Time(routeCreated.Int64)}
	if methods.String != "" {
		route.Methods = strings.Split(methods.String, ",")
	}
	return service, route, err
}

func orNull(id ids.Person) any {
	if id == "" {
		return nil
	}
	return string(id)
}
