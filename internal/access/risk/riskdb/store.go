// Package riskdb keeps what is known of people, sights and cases in the tables
// risk_known, risk_sight and risk_case, on either database. It reads of the table
// session whether a session has ended. It owns the statements; the rules are in
// access/risk.
package riskdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is a risk.Store on SQL.
type Store struct{ db *db.DB }

var _ risk.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Known lists what is known of a person.
func (s *Store) Known(ctx context.Context, person ids.Person) ([]risk.Known, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select kind, value, first_at, last_at, confirmed_at, times
		from risk_known
		where person = $1
		order by kind, last_at desc, value`, string(person))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []risk.Known
	for rows.Next() {
		var one risk.Known
		var first, last, confirmed int64
		if err := rows.Scan(&one.Kind, &one.Value, &first, &last, &confirmed, &one.Times); err != nil {
			return nil, err
		}
		one.First, one.Last, one.Confirmed = db.Time(first), db.Time(last), db.Time(confirmed)
		all = append(all, one)
	}
	return all, rows.Err()
}

// Learn keeps and drops things that are known of a person.
func (s *Store) Learn(ctx context.Context, person ids.Person, keep, drop []risk.Known) error {
	for _, one := range drop {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			delete from risk_known
			where person = $1
			and kind = $2
			and value = $3`, string(person), string(one.Kind), one.Value)
		if err != nil {
			return fmt.Errorf("forget a %s of %s: %w", one.Kind, person, err)
		}
	}
	if len(keep) == 0 {
		return nil
	}
	// All in one statement: a sign-in has several.
	var values strings.Builder
	args := []any{string(person)}
	for i, one := range keep {
		if i > 0 {
			values.WriteString(", ")
		}
		first := len(args) + 1
		fmt.Fprintf(&values, "($1, $%d, $%d, $%d, $%d, $%d, $%d)", first, first+1, first+2, first+3, first+4, first+5)
		args = append(args, string(one.Kind), one.Value, db.Millis(one.First), db.Millis(one.Last), db.Millis(one.Confirmed), one.Times)
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into risk_known (person, kind, value, first_at, last_at, confirmed_at, times)
		values `+values.String()+`
		on conflict (person, kind, value) do update
		set last_at = excluded.last_at,
			confirmed_at = excluded.confirmed_at,
			times = excluded.times`, args...)
	if err != nil {
		return fmt.Errorf("learn what is usual for %s: %w", person, err)
	}
	return nil
}

// KeepSight keeps a sight.
func (s *Store) KeepSight(ctx context.Context, sight risk.Sight) error {
	body, err := json.Marshal(sight.Found)
	if err != nil {
		return fmt.Errorf("write sight of %s: %w", sight.Session, err)
	}
	var objection []byte
	if sight.Objection != [32]byte{} {
		objection = sight.Objection[:]
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		insert into risk_sight (session, network, person, address, device, at, raised, objection_hash, answer, body)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (session, network) do update
		set raised = excluded.raised,
			objection_hash = excluded.objection_hash,
			answer = excluded.answer,
			body = excluded.body`,
		string(sight.Session), written(sight.Network), string(sight.Person), address(sight.Address), sight.Device, db.Millis(sight.At),
		sight.Raised(), objection, string(sight.Answer), string(body))
	if err != nil {
		return fmt.Errorf("keep sight of %s: %w", sight.Session, err)
	}
	return nil
}

func written(prefix netip.Prefix) string {
	if !prefix.IsValid() {
		return ""
	}
	return prefix.String()
}

func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// Sights lists sights, the latest first.
func (s *Store) Sights(ctx context.Context, which risk.Which) ([]risk.Sight, error) {
	if which.Sessions == nil {
		return s.sights(ctx, which, nil)
	}
	var all []risk.Sight
	for rest := which.Sessions; len(rest) > 0; {
		some := rest[:min(batch, len(rest))]
		found, err := s.sights(ctx, which, some)
		if err != nil {
			return nil, err
		}
		all, rest = append(all, found...), rest[len(some):]
	}
	return all, nil
}

// batch is how many sessions one statement names.
const batch = 200

func (s *Store) sights(ctx context.Context, which risk.Which, sessions []ids.Session) ([]risk.Sight, error) {
	query, args := `
		select r.session, r.network, r.person, r.address, r.device, r.at, r.objection_hash, r.answer, r.body
		from risk_sight r
		where 1 = 1`, []any{}
	and := func(clause string, more ...any) {
		args = append(args, more...)
		query += "\n\t\tand " + clause
	}
	if len(sessions) > 0 {
		clause := "r.session in (" + db.In(len(args)+1, len(sessions)) + ")"
		var named []any
		for _, session := range sessions {
			named = append(named, string(session))
		}
		and(clause, named...)
	}
	if which.Person != "" {
		and(fmt.Sprintf("r.person = $%d", len(args)+1), string(which.Person))
	}
	if which.Objection != [32]byte{} {
		and(fmt.Sprintf("r.objection_hash = $%d", len(args)+1), which.Objection[:])
	}
	if which.Raised {
		and("r.raised")
	}
	if which.Live {
		and("exists (select 1 from session s where s.id = r.session and s.ended_at = 0)")
	}
	query += "\n\t\torder by r.at desc, r.session, r.network"
	if which.Limit > 0 {
		args = append(args, which.Limit)
		query += fmt.Sprintf("\n\t\tlimit $%d", len(args))
	}
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []risk.Sight
	for rows.Next() {
		sight, err := scanSight(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, sight)
	}
	return all, rows.Err()
}

func scanSight(rows *sql.Rows) (risk.Sight, error) {
	var sight risk.Sight
	var network, from, body string
	var objection []byte
	var at int64
	err := rows.Scan(&sight.Session, &network, &sight.Person, &from, &sight.Device, &at, &objection, &sight.Answer, &body)
	if err != nil {
		return risk.Sight{}, err
	}
	if network != "" {
		if sight.Network, err = netip.ParsePrefix(network); err != nil {
			return risk.Sight{}, fmt.Errorf("network of a sight of %s: %w", sight.Session, err)
		}
	}
	if from != "" {
		if sight.Address, err = netip.ParseAddr(from); err != nil {
			return risk.Sight{}, fmt.Errorf("address of a sight of %s: %w", sight.Session, err)
		}
	}
	copy(sight.Objection[:], objection)
	sight.At = db.Time(at)
	if err := json.Unmarshal([]byte(body), &sight.Found); err != nil {
		return risk.Sight{}, fmt.Errorf("read sight of %s: %w", sight.Session, err)
	}
	return sight, nil
}

// Forget drops what was last seen before a time, but open cases.
func (s *Store) Forget(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for _, statement := range []string{
		`delete from risk_known where last_at < $1`,
		`delete from risk_sight where at < $1 and not exists (select 1 from session s where s.id = risk_sight.session and s.ended_at = 0)`,
		`delete from risk_case where closed_at > 0 and closed_at < $1`,
	} {
		result, err := s.db.From(ctx).ExecContext(ctx, statement, db.Millis(before))
		if err != nil {
			return 0, fmt.Errorf("forget where people were: %w", err)
		}
		gone, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		total += int(gone)
	}
	return total, nil
}

// OpenCase keeps a new case.
func (s *Store) OpenCase(ctx context.Context, c risk.Case) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into risk_case (id, person, session, network, device, opened_at, closed_at, closed_by, finding)
		values ($1, $2, $3, $4, $5, $6, 0, '', '')`,
		string(c.ID), string(c.Person), string(c.Session), c.Network, c.Device, db.Millis(c.OpenedAt))
	if err != nil {
		return fmt.Errorf("open case %s: %w", c.ID, err)
	}
	return nil
}

// CloseCase closes a case that is open.
func (s *Store) CloseCase(ctx context.Context, c risk.Case) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update risk_case
		set closed_at = $2,
			closed_by = $3,
			finding = $4
		where id = $1
		and closed_at = 0`, string(c.ID), db.Millis(c.ClosedAt), string(c.ClosedBy), c.Finding)
	if err != nil {
		return false, fmt.Errorf("close case %s: %w", c.ID, err)
	}
	changed, err := result.RowsAffected()
	return changed == 1, err
}

// Cases lists cases, open ones first, then the latest.
func (s *Store) Cases(ctx context.Context, open bool, limit int) ([]risk.Case, error) {
	query, args := `
		select id, person, session, network, device, opened_at, closed_at, closed_by, finding
		from risk_case`, []any{}
	if open {
		query += "\n\t\twhere closed_at = 0"
	}
	query += "\n\t\torder by case when closed_at = 0 then 0 else 1 end, opened_at desc, id"
	if limit > 0 {
		args = append(args, limit)
		query += "\n\t\tlimit $1"
	}
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []risk.Case
	for rows.Next() {
		var c risk.Case
		var opened, closed int64
		if err := rows.Scan(&c.ID, &c.Person, &c.Session, &c.Network, &c.Device, &opened, &closed, &c.ClosedBy, &c.Finding); err != nil {
			return nil, err
		}
		c.OpenedAt, c.ClosedAt = db.Time(opened), db.Time(closed)
		all = append(all, c)
	}
	return all, rows.Err()
}
