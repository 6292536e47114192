package livedb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// People reads people with their groups and roles.
func (r *Reader) People(ctx context.Context, refs []string) ([]live.PersonRecord, error) {
	var found []live.PersonRecord
	// One statement, so that a person, their groups and their roles are of the same
	// moment. Who is in groups and holds roles comes once for each pair.
	err := r.each(ctx, `
		select p.id, p.user_name, p.name, p.email, p.employee_id, p.department, p.job_title, p.kind, p.manager,
			p.starts, p.ends, p.state, p.created_at, p.changed_at, g.name, r.role
		from person p
		left join people_group_member m on m.person_id = p.id
		left join people_group g on g.id = m.group_id
		left join role_grant r on r.person_id = p.id
		where %s
		order by p.id, g.name, r.role`, "p.id", refs, func(rows *sql.Rows) error {
		person, err := scanPerson(rows)
		if err != nil {
			return err
		}
		if len(found) == 0 || found[len(found)-1].Person.ID != person.ID {
			found = append(found, live.PersonRecord{Person: person.Person})
		}
		last := &found[len(found)-1]
		if person.group.Valid && !slices.Contains(last.Groups, person.group.String) {
			last.Groups = append(last.Groups, person.group.String)
		}
		if person.role.Valid && !slices.Contains(last.Roles, person.role.String) {
			last.Roles = append(last.Roles, person.role.String)
		}
		return nil
	})
	return found, err
}

// personRow is a person with one of their groups and one of their roles.
type personRow struct {
	live.Person
	group, role sql.NullString
}

func scanPerson(rows *sql.Rows) (personRow, error) {
	var person personRow
	var manager sql.NullString
	var starts, ends string
	var created, changed int64
	err := rows.Scan(&person.ID, &person.UserName, &person.Name, &person.Email, &person.EmployeeID, &person.Department,
		&person.JobTitle, &person.Kind, &manager, &starts, &ends, &person.State, &created, &changed, &person.group, &person.role)
	if err != nil {
		return personRow{}, err
	}
	person.Manager = ids.Person(manager.String)
	person.CreatedAt, person.ChangedAt = db.Time(created), db.Time(changed)
	// A date that cannot be read is not "no limit": the whole reading fails.
	if person.Starts, err = date(starts); err != nil {
		return personRow{}, fmt.Errorf("first day of %s: %w", person.ID, err)
	}
	if person.Ends, err = date(ends); err != nil {
		return personRow{}, fmt.Errorf("last day of %s: %w", person.ID, err)
	}
	return person, nil
}

func date(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// Services reads every service, retired ones too, with their routes.
func (r *Reader) Services(ctx context.Context) ([]live.Service, error) {
	var found []live.Service
	err := r.each(ctx, `
		select s.id, s.slug, s.name, s.owner, s.impact, s.state,
			s.header_user, s.header_email, s.header_name, s.header_groups, s.created_at, s.changed_at,
			r.id, r.host, r.path_prefix, r.methods, r.upstream, r.created_at
		from service s
		left join service_route r on r.service_id = s.id
		where %s
		order by s.slug, r.host, r.path_prefix, r.methods`, "s.id", nil, func(rows *sql.Rows) error {
		service, route, err := scanService(rows)
		if err != nil {
			return err
		}
		if len(found) == 0 || found[len(found)-1].ID != service.ID {
			found = append(found, service)
		}
		if route.ID != "" {
			last := &found[len(found)-1]
			last.Routes = append(last.Routes, route)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, r.actions(ctx, found)
}

// actions reads what in the services asks for a touch of the key.
func (r *Reader) actions(ctx context.Context, of []live.Service) error {
	byID := make(map[ids.Service]*live.Service, len(of))
	for i := range of {
		byID[of[i].ID] = &of[i]
	}
	return r.each(ctx, `
		select a.service_id, a.name, a.title, a.methods, a.path_prefix, a.query, a.body_over, a.response_over, a.rows_over, a.keep
		from service_action a
		where %s
		order by a.service_id, a.name`, "a.service_id", nil, func(rows *sql.Rows) error {
		var id ids.Service
		var action live.Action
		var methods string
		var keep int64
		if err := rows.Scan(&id, &action.Name, &action.Title, &methods, &action.Path, &action.Query,
			&action.BodyOver, &action.ResponseOver, &action.RowsOver, &keep); err != nil {
			return err
		}
		if methods != "" {
			action.Methods = strings.Split(methods, ",")
		}
		action.Keep = time.Duration(keep) * time.Millisecond
		if service := byID[id]; service != nil {
			service.Actions = append(service.Actions, action)
		}
		return nil
	})
}

func scanService(rows *sql.Rows) (live.Service, live.Route, error) {
	var service live.Service
	var owner, routeID, host, prefix, methods, upstream sql.NullString
	var created, changed int64
	var routeCreated sql.NullInt64
	err := rows.Scan(&service.ID, &service.Slug, &service.Name, &owner, &service.Impact, &service.State,
		&service.Identity.User, &service.Identity.Email, &service.Identity.Name, &service.Identity.Groups, &created, &changed,
		&routeID, &host, &prefix, &methods, &upstream, &routeCreated)
	service.Owner = ids.Person(owner.String)
	service.CreatedAt, service.ChangedAt = db.Time(created), db.Time(changed)
	route := live.Route{ID: ids.Route(routeID.String), Service: service.ID, Host: host.String, PathPrefix: prefix.String,
		Upstream: upstream.String, CreatedAt: db.Time(routeCreated.Int64)}
	if methods.String != "" {
		route.Methods = strings.Split(methods.String, ",")
	}
	return service, route, err
}
