// Package peopledb keeps the directory in the tables person, people_group and
// people_group_member.
package peopledb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/people"
)

// batch is how many rows one statement carries: enough that an import is not a
// conversation, and few enough for SQLite, to which $1 is a name: it looks each
// placeholder up among all the others.
const batch = 25

// Store is a people.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ people.Store = (*Store)(nil)

const personColumns = `id, user_name, name, email, employee_id, department, job_title, kind, manager, starts, ends, state, created_at, changed_at`

// Add stores new people.
func (s *Store) Add(ctx context.Context, persons []people.Person) error {
	for len(persons) > 0 {
		n := min(batch, len(persons))
		args := make([]any, 0, n*16)
		for _, p := range persons[:n] {
			args = append(args, p.ID, p.UserName, p.Name, p.Email, emailKey(p.Email), p.EmployeeID, p.Department, p.JobTitle, p.Kind,
				orNull(p.Manager), days.Format(p.Starts), days.Format(p.Ends), p.State, search(p), db.Millis(p.CreatedAt), db.Millis(p.ChangedAt))
		}
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into person (id, user_name, name, email, email_lower, employee_id, department, job_title, kind,
			  manager, starts, ends, state, search, created_at, changed_at)
			values `+tuples(n, 16), args...)
		if err != nil {
			return taken(err)
		}
		persons = persons[n:]
	}
	return nil
}

// Change overwrites people. Addresses are taken from all of them first, so that
// they may be exchanged.
func (s *Store) Change(ctx context.Context, persons []people.Person) error {
	for rest := persons; len(rest) > 0; {
		n := min(batch, len(rest))
		args := make([]any, 0, n)
		for _, p := range rest[:n] {
			args = append(args, p.ID)
		}
		_, err := s.db.From(ctx).ExecContext(ctx, `
			update person
			set email_lower = null
			where id in (`+db.In(1, n)+`)`, args...)
		if err != nil {
			return fmt.Errorf("free addresses: %w", err)
		}
		rest = rest[n:]
	}
	for _, p := range persons {
		result, err := s.db.From(ctx).ExecContext(ctx, `
			update person
			set name = $1, email = $2, email_lower = $3, employee_id = $4, department = $5, job_title = $6, kind = $7,
			  manager = $8, starts = $9, ends = $10, state = $11, search = $12, changed_at = $13
			where id = $14`,
			p.Name, p.Email, emailKey(p.Email), p.EmployeeID, p.Department, p.JobTitle, p.Kind, orNull(p.Manager),
			days.Format(p.Starts), days.Format(p.Ends), p.State, search(p), db.Millis(p.ChangedAt), p.ID)
		if err != nil {
			return taken(err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(people.NotFound.New(), err)
		}
	}
	return nil
}

// ByID reads one person.
func (s *Store) ByID(ctx context.Context, id ids.Person) (people.Person, error) {
	return one(s.db.From(ctx).QueryRowContext(ctx, `
		select `+personColumns+`
		from person
		where id = $1`, id))
}

// ByUserName reads one person.
func (s *Store) ByUserName(ctx context.Context, userName string) (people.Person, error) {
	return one(s.db.From(ctx).QueryRowContext(ctx, `
		select `+personColumns+`
		from person
		where user_name = $1`, userName))
}

// ByEmployeeID reads at most two people, so that the caller sees that a number is not one person's.
func (s *Store) ByEmployeeID(ctx context.Context, number string) ([]people.Person, error) {
	var found []people.Person
	err := s.each(ctx, func(person people.Person) error {
		found = append(found, person)
		return nil
	}, `
		select `+personColumns+`
		from person
		where employee_id = $1
		order by user_name
		limit 2`, number)
	return found, err
}

// List reads one page.
func (s *Store) List(ctx context.Context, filter people.Filter) ([]people.Person, error) {
	var page []people.Person
	err := s.each(ctx, func(person people.Person) error {
		page = append(page, person)
		return nil
	}, `
		select `+personColumns+`
		from person
		where user_name > $1
		and ($2 = '' or search like $3 escape '\')
		and ($4 = '' or department = $4)
		and ($5 = '' or state = $5)
		and ($6 = '' or kind = $6)
		order by user_name
		limit $7`, filter.After, filter.Text, pattern(filter.Text), filter.Department, string(filter.State), string(filter.Kind), filter.Limit)
	return page, err
}

// Each reads everybody.
func (s *Store) Each(ctx context.Context, yield func(people.Person) error) error {
	return s.each(ctx, yield, `
		select `+personColumns+`
		from person
		order by user_name`)
}

// Count counts by state.
func (s *Store) Count(ctx context.Context) (map[people.State]int, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select state, count(*)
		from person
		group by state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counted := map[people.State]int{}
	for rows.Next() {
		var state people.State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		counted[state] = n
	}
	return counted, rows.Err()
}

func (s *Store) each(ctx context.Context, yield func(people.Person) error, query string, args ...any) error {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		person, err := scan(rows)
		if err != nil {
			return err
		}
		if err := yield(person); err != nil {
			return err
		}
	}
	return rows.Err()
}

func one(row *sql.Row) (people.Person, error) {
	person, err := scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Person{}, people.NotFound.New()
	}
	return person, err
}

func scan(row interface{ Scan(...any) error }) (people.Person, error) {
	var p people.Person
	var manager sql.NullString
	var starts, ends string
	var created, changed int64
	err := row.Scan(&p.ID, &p.UserName, &p.Name, &p.Email, &p.EmployeeID, &p.Department, &p.JobTitle, &p.Kind,
		&manager, &starts, &ends, &p.State, &created, &changed)
	if err != nil {
		return people.Person{}, err
	}
	p.Manager = ids.Person(manager.String)
	p.CreatedAt, p.ChangedAt = db.Time(created), db.Time(changed)
	// A date we cannot read must not become "no date", which would lift a limit.
	if p.Starts, err = days.Parse(starts); err != nil {
		return people.Person{}, fmt.Errorf("first working day of %s: %w", p.ID, err)
	}
	if p.Ends, err = days.Parse(ends); err != nil {
		return people.Person{}, fmt.Errorf("last working day of %s: %w", p.ID, err)
	}
	return p, nil
}

func taken(err error) error {
	switch {
	case db.IsConflict(err, "person", "user_name"):
		return people.UserNameTaken.Because(err)
	case db.IsConflict(err, "person", "email_lower"):
		return people.EmailTaken.Because(err)
	}
	return err
}

// emailKey is what makes addresses unique: lower case, and null where there is none.
func emailKey(email string) any {
	if email == "" {
		return nil
	}
	return strings.ToLower(email)
}

func orNull(id ids.Person) any {
	if id == "" {
		return nil
	}
	return string(id)
}

// search is what a list is searched in. It is lowered here because SQLite lowers
// only the letters of ASCII.
func search(p people.Person) string {
	return strings.ToLower(strings.Join([]string{p.UserName, p.Name, p.Email, p.EmployeeID}, "\n"))
}

// pattern finds text anywhere, and takes its percent signs and underscores to
// the letter.
func pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text)) + "%"
}

// tuples writes the placeholders of n rows of width values each.
func tuples(n, width int) string {
	var b strings.Builder
	for row := range n {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + db.In(row*width+1, width) + ")")
	}
	return b.String()
}
