// Package decisiondb keeps decisions in the table decision, on either database.
// It owns the statements; what is recorded and when is in access/decision.
package decisiondb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Store is a decision.Store on SQL.
type Store struct {
	db   *db.DB
	full string // the statement for a full batch, built once
}

var _ decision.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d, full: insert(batch)} }

const (
	columns = `id, at, person, session, key, service, route, ip, effect, reasons, policy,
		require_aal, require_marks, require_age, had_method, had_aal, had_marks, auth_time, request_count, requests, input, exception`
	columnCount = 22
	// batch is how many rows one statement carries. SQLite looks each
	// placeholder up among all those of its statement, so more is soon slower:
	// measured, 128 rows cost four times as much each as 4.
	batch = 4
)

// insert is the statement for n rows. A row that is there already is left: the
// answer to an earlier commit may have been lost.
func insert(n int) string {
	var b strings.Builder
	b.WriteString("insert into decision (" + columns + ")\nvalues ")
	for row := range n {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for column := range columnCount {
			if column > 0 {
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(row*columnCount+column+1))
		}
		b.WriteByte(')')
	}
	b.WriteString("\non conflict (id) do nothing")
	return b.String()
}

// Keep writes the records.
func (s *Store) Keep(ctx context.Context, records []decision.Record) error {
	args := make([]any, 0, min(len(records), batch)*columnCount)
	for len(records) > 0 {
		n := min(batch, len(records))
		query := s.full
		if n < batch {
			query = insert(n)
		}
		args = args[:0]
		for i := range records[:n] {
			args = appendRow(args, &records[i])
		}
		if _, err := s.db.From(ctx).ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("keep %d decisions: %w", n, err)
		}
		records = records[n:]
	}
	return nil
}

func appendRow(args []any, r *decision.Record) []any {
	address := ""
	if r.IP.IsValid() {
		address = r.IP.String()
	}
	return append(args, string(r.ID), db.Millis(r.At), string(r.Person), string(r.Session), string(r.Key), string(r.Service), string(r.Route),
		address, r.Effect.String(), r.ReasonCodes(), r.Policy,
		int64(r.Require.AAL), requireMarks(r.Require), r.Require.MaxAge.Milliseconds(),
		methodOf(r), int64(r.Assurance.AAL), assuranceMarks(r.Assurance), db.Millis(r.AuthTime), len(r.Requests), r.RequestLines(), r.Input, string(r.Exception))
}

// methodOf is the word for how somebody had signed in; empty for nobody.
func methodOf(r *decision.Record) string {
	if r.Assurance.AAL == assurance.None {
		return ""
	}
	return r.Assurance.Method.String()
}

// The bits of require_marks and had_marks. Those of what a rule forbids follow, in
// require_marks only.
const (
	phishingResistant = 1 << iota
	hardwareBound
	attested
	userVerified
	forbidden // the first of the weaknesses
)

func requireMarks(r assurance.Requirement) int64 {
	return marks(r.PhishingResistant, r.HardwareBound, r.Attested, r.UserVerified) | int64(r.Forbid)*forbidden
}

func assuranceMarks(a assurance.Assurance) int64 {
	return marks(a.PhishingResistant, a.HardwareBound, a.Attested, a.UserVerified)
}

func marks(properties ...bool) int64 {
	var set int64
	for i, holds := range properties {
		if holds {
			set |= 1 << i
		}
	}
	return set
}

// List reads records, newest first. Which conditions there are depends on the
// filter, so that each has its index.
func (s *Store) List(ctx context.Context, filter decision.Filter) ([]decision.Record, error) {
	conditions, args := []string{"1 = 1"}, []any{}
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, fmt.Sprintf(condition, len(args)))
	}
	if filter.Person != "" {
		add("person = $%d", string(filter.Person))
	}
	if filter.Service != "" {
		add("service = $%d", string(filter.Service))
	}
	if filter.Effect != "" {
		add("effect = $%d", filter.Effect)
	}
	if filter.Exception != "" {
		add("exception = $%d and exception <> ''", string(filter.Exception))
	}
	if filter.After != "" {
		add("id < $%d", string(filter.After))
	}
	args = append(args, filter.Limit)
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select `+columns+`
		from decision
		where `+strings.Join(conditions, "\n\t\tand ")+`
		order by id desc
		limit $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []decision.Record
	for rows.Next() {
		record, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, record)
	}
	return found, rows.Err()
}

// Get reads one record.
func (s *Store) Get(ctx context.Context, id ids.Decision) (decision.Record, bool, error) {
	record, err := scan(s.db.From(ctx).QueryRowContext(ctx, `
		select `+columns+`
		from decision
		where id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return decision.Record{}, false, nil
	}
	return record, err == nil, err
}

// Past reads what replaying needs of the records from one identifier on until below
// another, newest first.
func (s *Store) Past(ctx context.Context, from, below ids.Decision, most int) ([]decision.Record, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select id, at, person, service, route, effect, policy, requests, input, case when input is null then reasons else '' end
		from decision
		where id >= $1
		  and id < $2
		order by id desc
		limit $3`, string(from), string(below), most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make([]decision.Record, 0, most)
	for rows.Next() {
		var r decision.Record
		var at int64
		var effect, reasons, requests string
		if err := rows.Scan(&r.ID, &at, &r.Person, &r.Service, &r.Route, &effect, &r.Policy, &requests, &r.Input, &reasons); err != nil {
			return nil, err
		}
		r.At = db.Time(at)
		r.Read(effect, reasons, requests)
		found = append(found, r)
	}
	return found, rows.Err()
}

// Forget removes at most so many records below an identifier, the oldest first, and
// says how many there were.
func (s *Store) Forget(ctx context.Context, below ids.Decision, most int) (int64, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		delete from decision
		where id in (
			select id
			from decision
			where id < $1
			order by id
			limit $2)`, string(below), most)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func scan(row interface{ Scan(...any) error }) (decision.Record, error) {
	var r decision.Record
	var address, method, effect, reasons, requests string
	var at, requireAge, authTime, needs, had, count int64
	err := row.Scan(&r.ID, &at, &r.Person, &r.Session, &r.Key, &r.Service, &r.Route, &address, &effect, &reasons, &r.Policy,
		&r.Require.AAL, &needs, &requireAge, &method, &r.Assurance.AAL, &had, &authTime, &count, &requests, &r.Input, &r.Exception)
	if err != nil {
		return decision.Record{}, err
	}
	r.At, r.AuthTime = db.Time(at), db.Time(authTime)
	r.Read(effect, reasons, requests)
	r.Require.MaxAge = time.Duration(requireAge) * time.Millisecond
	r.Require.PhishingResistant, r.Require.HardwareBound = needs&phishingResistant != 0, needs&hardwareBound != 0
	r.Require.Attested, r.Require.UserVerified = needs&attested != 0, needs&userVerified != 0
	r.Require.Forbid, r.Assurance.Method = assurance.Weakness(needs/forbidden), assurance.ParseMethod(method)
	r.Assurance.PhishingResistant, r.Assurance.HardwareBound = had&phishingResistant != 0, had&hardwareBound != 0
	r.Assurance.Attested, r.Assurance.UserVerified = had&attested != 0, had&userVerified != 0
	if address != "" {
		if r.IP, err = netip.ParseAddr(address); err != nil {
			return decision.Record{}, fmt.Errorf("address of decision %s: %w", r.ID, err)
		}
	}
	return r, nil
}
