package livedb

import (
	"context"
	"database/sql"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Exceptions reads those that are approved, but for those that Warder makes of an
// emergency, which are for the record and lower nothing. It is one statement, so that an exception
// and whom it is for are of the same moment.
func (r *Reader) Exceptions(ctx context.Context) ([]live.Exception, error) {
	var found []live.Exception
	err := r.rows(ctx, `
		select e.id, e.service_id, e.route_id, e.floor_aal, e.floor_marks, e.floor_age, e.state, e.starts_at, e.ends_at,
			e.lapses_at, e.fallback_aal, e.fallback_marks, e.fallback_age, p.person_id, null
		from exception e
		left join exception_person p on p.exception_id = e.id
		where e.state = 'approved' and e.reason <> 'emergency'
		union all
		select e.id, e.service_id, e.route_id, e.floor_aal, e.floor_marks, e.floor_age, e.state, e.starts_at, e.ends_at,
			e.lapses_at, e.fallback_aal, e.fallback_marks, e.fallback_age, null, g.name
		from exception e
		join exception_group g on g.exception_id = e.id
		where e.state = 'approved' and e.reason <> 'emergency'
		order by 1`, nil, func(rows *sql.Rows) error {
		one, err := scanException(rows)
		if err != nil {
			return err
		}
		if len(found) == 0 || found[len(found)-1].ID != one.ID {
			found = append(found, one)
			return nil
		}
		last := &found[len(found)-1].Subject
		last.People, last.Groups = append(last.People, one.Subject.People...), append(last.Groups, one.Subject.Groups...)
		return nil
	})
	return found, err
}

func scanException(rows *sql.Rows) (live.Exception, error) {
	var one live.Exception
	var service, route, person, group sql.NullString
	var level, fallback assurance.Level
	var marks, age, start, end, lapses, fallbackMarks, fallbackAge int64
	err := rows.Scan(&one.ID, &service, &route, &level, &marks, &age, &one.State, &start, &end,
		&lapses, &fallback, &fallbackMarks, &fallbackAge, &person, &group)
	one.Subject.Service, one.Subject.Route = ids.Service(service.String), ids.Route(route.String)
	one.Floor = assurance.Kept(level, marks, time.Duration(age)*time.Millisecond)
	one.Start, one.End, one.Lapses = db.Time(start), db.Time(end), db.Time(lapses)
	if fallback > 0 {
		one.OnOverdue = live.Stricter(assurance.Kept(fallback, fallbackMarks, time.Duration(fallbackAge)*time.Millisecond))
	}
	if person.Valid {
		one.Subject.People = []ids.Person{ids.Person(person.String)}
	}
	if group.Valid {
		one.Subject.Groups = []string{group.String}
	}
	return one, err
}
