// Package exceptionsdb keeps exceptions: the tables exception, exception_person,
// exception_group and exception_warning.
package exceptionsdb

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ exceptions.Store = (*Store)(nil)

const columns = `id, number, service_id, route_id, floor_aal, floor_marks, floor_age, reason, narrative, likelihood, impact, risk,
		controls, sunset, reviews, evidence, on_overdue, state, owner, proposer_kind, proposer, approved_by, approved_at,
		starts_at, ends_at, renewal, renewals, for_board, ending, ended_at, proposed_at, changed_at, version,
		lapses_at, fallback_aal, fallback_marks, fallback_age`

// Add stores a new exception under the next number.
func (s *Store) Add(ctx context.Context, e exceptions.Exception) (int64, error) {
	text, err := write(e)
	if err != nil {
		return 0, err
	}
	var number int64
	err = s.database.From(ctx).QueryRowContext(ctx, `
		insert into exception (`+columns+`)
		select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
			$23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36
		from exception
		returning number`,
		e.ID, orNull(e.Subject.Service), orNull(e.Subject.Route), int64(e.Floor.AAL), e.Floor.Marks(), e.Floor.MaxAge.Milliseconds(),
		e.Reason, e.Narrative, int64(e.Risk.Likelihood), int64(e.Risk.Impact), e.Risk.Narrative,
		text.controls, text.sunset, text.reviews, text.evidence, text.overdue, e.State, e.Owner, e.ProposedBy.Kind, e.ProposedBy.ID,
		orNull(e.ApprovedBy), db.Millis(e.ApprovedAt), db.Millis(e.Start), db.Millis(e.End), text.renewal, int64(e.Renewals), e.ForBoard,
		e.Ending, db.Millis(e.EndedAt), db.Millis(e.ProposedAt), db.Millis(e.ChangedAt), e.Version,
		db.Millis(e.Lapses), int64(e.OnOverdue.Floor.AAL), e.OnOverdue.Floor.Marks(), e.OnOverdue.Floor.MaxAge.Milliseconds()).Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("keep exception: %w", err)
	}
	for _, person := range e.Subject.People {
		if _, err := s.database.From(ctx).ExecContext(ctx, `
			insert into exception_person (exception_id, person_id)
			values ($1, $2)`, e.ID, person); err != nil {
			return 0, fmt.Errorf("keep whom an exception is for: %w", err)
		}
	}
	for _, name := range e.Subject.Groups {
		if _, err := s.database.From(ctx).ExecContext(ctx, `
			insert into exception_group (exception_id, name)
			values ($1, $2)`, e.ID, name); err != nil {
			return 0, fmt.Errorf("keep which group an exception is for: %w", err)
		}
	}
	return number, nil
}

// Advance stores what may change, if the kept exception has the version.
func (s *Store) Advance(ctx context.Context, e exceptions.Exception) error {
	text, err := write(e)
	if err != nil {
		return err
	}
	result, err := s.database.From(ctx).ExecContext(ctx, `
		update exception
		set floor_aal = $3, floor_marks = $4, floor_age = $5, controls = $6, sunset = $7, reviews = $8, evidence = $9,
			state = $10, owner = $11, approved_by = $12, approved_at = $13, starts_at = $14, ends_at = $15, renewal = $16, renewals = $17,
			for_board = $18, ending = $19, ended_at = $20, changed_at = $21, lapses_at = $22, version = version + 1
		where id = $1
		and version = $2`,
		e.ID, e.Version, int64(e.Floor.AAL), e.Floor.Marks(), e.Floor.MaxAge.Milliseconds(), text.controls, text.sunset, text.reviews, text.evidence,
		e.State, e.Owner, orNull(e.ApprovedBy), db.Millis(e.ApprovedAt), db.Millis(e.Start), db.Millis(e.End), text.renewal, int64(e.Renewals),
		e.ForBoard, e.Ending, db.Millis(e.EndedAt), db.Millis(e.ChangedAt), db.Millis(e.Lapses))
	if err != nil {
		return fmt.Errorf("change exception: %w", err)
	}
	changed, err := result.RowsAffected()
	if err == nil && changed != 1 {
		err = exceptions.MovedOn.New()
	}
	return err
}

// ByID reads one exception.
func (s *Store) ByID(ctx context.Context, id ids.Exception) (exceptions.Exception, error) {
	found, err := s.where(ctx, "id = $1", "", string(id))
	if err != nil {
		return exceptions.Exception{}, err
	}
	if len(found) != 1 {
		return exceptions.Exception{}, exceptions.NotFound.New()
	}
	return found[0], nil
}

// List reads exceptions, the latest number first.
func (s *Store) List(ctx context.Context, filter exceptions.Filter) ([]exceptions.Exception, error) {
	condition, args := "1 = 1", []any{}
	and := func(text string, values ...any) {
		for _, value := range values {
			args = append(args, value)
			text += strconv.Itoa(len(args))
		}
		condition += "\n\t\tand " + text
	}
	if filter.Number != 0 {
		and("number = $", filter.Number)
	}
	if filter.State != "" {
		and("state = $", string(filter.State))
	}
	if filter.Service != "" {
		and("service_id = $", string(filter.Service))
	}
	if filter.Owner != "" {
		and("owner = $", string(filter.Owner))
	}
	if !filter.InForce.IsZero() {
		and("state = 'approved'")
		and("starts_at <= $", db.Millis(filter.InForce))
		and("ends_at > $", db.Millis(filter.InForce))
		condition += "\n\t\tand (lapses_at = 0 or fallback_aal > 0 or lapses_at > $" + strconv.Itoa(len(args)) + ")"
	}
	limit := ""
	if filter.Limit > 0 {
		args = append(args, filter.Limit)
		limit = "\n\t\tlimit $" + strconv.Itoa(len(args))
	}
	return s.where(ctx, condition, limit, args...)
}

func (s *Store) where(ctx context.Context, condition, limit string, args ...any) ([]exceptions.Exception, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, `
		select `+columns+`
		from exception
		where `+condition+`
		order by number desc`+limit, args...)
	if err != nil {
		return nil, fmt.Errorf("read exceptions: %w", err)
	}
	defer rows.Close()
	var found []exceptions.Exception
	at := map[ids.Exception]int{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read exception: %w", err)
		}
		at[one.ID] = len(found)
		found = append(found, one)
	}
	if err := rows.Err(); err != nil || len(found) == 0 {
		return found, err
	}
	return found, s.subjects(ctx, found, at)
}

// batch is how many ids one statement names.
const batch = 200

// subjects reads whom the exceptions are for.
func (s *Store) subjects(ctx context.Context, found []exceptions.Exception, at map[ids.Exception]int) error {
	for first := 0; first < len(found); first += batch {
		some := found[first:min(first+batch, len(found))]
		args := make([]any, len(some))
		for i := range some {
			args[i] = string(some[i].ID)
		}
		for _, table := range []struct {
			query string
			keep  func(subject *exceptions.Subject, name string)
		}{
			{`
				select exception_id, person_id
				from exception_person
				where exception_id in (` + db.In(1, len(args)) + `)
				order by exception_id, person_id`, func(s *exceptions.Subject, name string) { s.People = append(s.People, ids.Person(name)) }},
			{`
				select exception_id, name
				from exception_group
				where exception_id in (` + db.In(1, len(args)) + `)
				order by exception_id, name`, func(s *exceptions.Subject, name string) { s.Groups = append(s.Groups, name) }},
		} {
			if err := s.pairs(ctx, table.query, args, func(id ids.Exception, name string) { table.keep(&found[at[id]].Subject, name) }); err != nil {
				return fmt.Errorf("read whom exceptions are for: %w", err)
			}
		}
	}
	return nil
}

func (s *Store) pairs(ctx context.Context, query string, args []any, yield func(id ids.Exception, name string)) error {
	rows, err := s.database.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id ids.Exception
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		yield(id, name)
	}
	return rows.Err()
}

// Warn notes one warning.
func (s *Store) Warn(ctx context.Context, w exceptions.Warning) (bool, error) {
	result, err := s.database.From(ctx).ExecContext(ctx, `
		insert into exception_warning (exception_id, person_id, ends_at, days, at)
		values ($1, $2, $3, $4, $5)
		on conflict (exception_id, person_id, ends_at, days) do nothing`,
		w.Exception, w.Person, db.Millis(w.End), int64(w.Days), db.Millis(w.At))
	if err != nil {
		return false, fmt.Errorf("keep warning: %w", err)
	}
	added, err := result.RowsAffected()
	return added == 1, err
}

// texts is what is kept as JSON.
type texts struct{ controls, sunset, reviews, evidence, overdue, renewal string }

func write(e exceptions.Exception) (texts, error) {
	var t texts
	var err error
	put := func(into *string, value any) {
		if err != nil {
			return
		}
		var raw []byte
		raw, err = json.Marshal(value)
		*into = string(raw)
	}
	put(&t.controls, e.Controls)
	put(&t.sunset, e.Sunset)
	put(&t.reviews, e.Reviews)
	put(&t.evidence, e.Evidence)
	put(&t.overdue, e.OnOverdue)
	if e.Renewal.Asked() {
		put(&t.renewal, e.Renewal)
	}
	return t, err
}

func (t texts) read(e *exceptions.Exception) error {
	for _, one := range []struct {
		text string
		into any
	}{{t.controls, &e.Controls}, {t.sunset, &e.Sunset}, {t.reviews, &e.Reviews}, {t.evidence, &e.Evidence}, {t.overdue, &e.OnOverdue}, {t.renewal, &e.Renewal}} {
		if one.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(one.text), one.into); err != nil {
			return err
		}
	}
	return nil
}

func scan(row interface{ Scan(...any) error }) (exceptions.Exception, error) {
	var e exceptions.Exception
	var t texts
	var service, route, approver *string
	var level assurance.Level
	var marks, age, approvedAt, start, end, endedAt, proposedAt, changedAt, lapses int64
	var fallback, fallbackMarks, fallbackAge int64 // as in OnOverdue; for those who read the table without it
	err := row.Scan(&e.ID, &e.Number, &service, &route, &level, &marks, &age, &e.Reason, &e.Narrative, &e.Risk.Likelihood, &e.Risk.Impact, &e.Risk.Narrative,
		&t.controls, &t.sunset, &t.reviews, &t.evidence, &t.overdue, &e.State, &e.Owner, &e.ProposedBy.Kind, &e.ProposedBy.ID, &approver, &approvedAt,
		&start, &end, &t.renewal, &e.Renewals, &e.ForBoard, &e.Ending, &endedAt, &proposedAt, &changedAt, &e.Version,
		&lapses, &fallback, &fallbackMarks, &fallbackAge)
	if err != nil {
		return exceptions.Exception{}, err
	}
	e.Subject.Service, e.Subject.Route, e.ApprovedBy = ids.Service(or(service)), ids.Route(or(route)), ids.Person(or(approver))
	e.Floor = assurance.Kept(level, marks, time.Duration(age)*time.Millisecond)
	e.ApprovedAt, e.Start, e.End, e.EndedAt = db.Time(approvedAt), db.Time(start), db.Time(end), db.Time(endedAt)
	e.ProposedAt, e.ChangedAt, e.Lapses = db.Time(proposedAt), db.Time(changedAt), db.Time(lapses)
	return e, t.read(&e)
}

func or(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func orNull[T ~string](id T) any {
	if id == "" {
		return nil
	}
	return string(id)
}
