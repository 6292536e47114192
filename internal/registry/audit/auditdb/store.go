// Package auditdb keeps the audit record in the tables audit_entry, audit_link
// and audit_head.
package auditdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Store is an audit.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ audit.Store = (*Store)(nil)

// Append adds unsealed entries, in one statement.
func (s *Store) Append(ctx context.Context, entries ...audit.Entry) error {
	if !s.db.InWork(ctx) {
		return audit.OutsideWork.New()
	}
	args, rows := make([]any, 0, 8*len(entries)), make([]string, len(entries))
	for i, entry := range entries {
		details, err := writeDetails(entry.Details)
		if err != nil {
			return err
		}
		rows[i] = "(" + db.In(len(args)+1, 8) + ")"
		args = append(args, entry.ID, db.Millis(entry.At), entry.Turn, entry.Actor.Kind, entry.Actor.ID,
			entry.Action, entry.Subject, details)
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into audit_entry (id, at, turn, actor_kind, actor_id, action, subject, details)
		values `+strings.Join(rows, ", "), args...)
	return err
}

const entryColumns = `
		e.id, e.at, e.turn, e.actor_kind, e.actor_id, e.action, e.subject, e.details,
		l.number, l.previous, l.hash`

// Pending gives unsealed entries, oldest first.
func (s *Store) Pending(ctx context.Context, after ids.Entry, limit int) ([]audit.Entry, error) {
	return s.entries(ctx, `
		select`+entryColumns+`
		from audit_entry e
		left join audit_link l on l.entry = e.id
		where l.number is null
		and ($1 = '' or (e.at, e.turn, e.id) > (
			select a.at, a.turn, a.id
			from audit_entry a
			where a.id = $1))
		order by e.at, e.turn, e.id
		limit $2`, string(after), limit)
}

// CountPending says how many entries are not sealed yet.
func (s *Store) CountPending(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select count(*)
		from audit_entry e
		left join audit_link l on l.entry = e.id
		where l.number is null`).Scan(&n)
	return n, err
}

// Head gives the head of the chain.
func (s *Store) Head(ctx context.Context) (audit.Head, error) {
	var head audit.Head
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select number, hash, seal
		from audit_head
		where id = 'head'`).Scan(&head.Number, (*[]byte)(&head.Hash), &head.Seal)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, nil
	}
	return head, err
}

// Extend links the entries and moves the head, if it is still where it was.
func (s *Store) Extend(ctx context.Context, old, next audit.Head, sealed []audit.Entry) (bool, error) {
	moved, err := s.moveHead(ctx, old, next)
	if err != nil || !moved {
		return false, err
	}
	for _, entry := range sealed {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			insert into audit_link (number, entry, previous, hash)
			values ($1, $2, $3, $4)`,
			entry.Number, entry.ID, notNull(entry.Previous), notNull(entry.Hash))
		if err != nil {
			return false, fmt.Errorf("link entry %s at %d: %w", entry.ID, entry.Number, err)
		}
	}
	return true, nil
}

func (s *Store) moveHead(ctx context.Context, old, next audit.Head) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		insert into audit_head (id, number, hash, seal)
		values ('head', $1, $2, $3)
		on conflict (id) do update
		set number = excluded.number, hash = excluded.hash, seal = excluded.seal
		where audit_head.number = $4 and audit_head.hash = $5`,
		next.Number, notNull(next.Hash), notNull(next.Seal), old.Number, notNull(old.Hash))
	if err != nil {
		return false, fmt.Errorf("move head of the chain: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// notNull turns a missing value into an empty one.
func notNull(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

// Links walks the chain.
func (s *Store) Links(ctx context.Context, number int64, limit int) ([]audit.Link, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select
		e.id, e.at, e.turn, e.actor_kind, e.actor_id, e.action, e.subject, e.details,
		l.number, l.previous, l.hash, l.entry
		from audit_link l
		left join audit_entry e on e.id = l.entry
		where l.number > $1
		order by l.number
		limit $2`, number, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var links []audit.Link
	for rows.Next() {
		var r row
		var linked string
		if err := rows.Scan(append(r.targets(), &linked)...); err != nil {
			return nil, err
		}
		link := audit.Link{Entry: r.entry(), Missing: !r.id.Valid}
		link.ID = ids.Entry(linked)
		links = append(links, link)
	}
	return links, rows.Err()
}

// Chosen gives entries for a page, newest first.
func (s *Store) Chosen(ctx context.Context, filter audit.Filter) ([]audit.Entry, error) {
	return s.entries(ctx, `
		select`+entryColumns+`
		from audit_entry e
		left join audit_link l on l.entry = e.id
		where ($1 = '' or e.subject = $1)
		and ($2 = '' or e.actor_kind = $2)
		and ($3 = '' or e.actor_id = $3)
		and ($4 = '' or e.action = $4 or $4 like '%.' and substr(e.action, 1, length($4)) = $4)
		and ($5 = '' or (e.at, e.turn, e.id) < (
			select a.at, a.turn, a.id
			from audit_entry a
			where a.id = $5))
		order by e.at desc, e.turn desc, e.id desc
		limit $6`,
		filter.Subject, string(filter.Actor.Kind), filter.Actor.ID, filter.Action, string(filter.After), filter.Limit)
}

// Between gives sealed entries of a period, by number.
func (s *Store) Between(ctx context.Context, since, until time.Time, number int64, limit int) ([]audit.Entry, error) {
	end := int64(math.MaxInt64)
	if !until.IsZero() {
		end = db.Millis(until)
	}
	return s.entries(ctx, `
		select`+entryColumns+`
		from audit_link l
		join audit_entry e on e.id = l.entry
		where l.number > $1
		and e.at >= $2
		and e.at < $3
		order by l.number
		limit $4`, number, db.Millis(since), end, limit)
}

func (s *Store) entries(ctx context.Context, query string, args ...any) ([]audit.Entry, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []audit.Entry
	for rows.Next() {
		var r row
		if err := rows.Scan(r.targets()...); err != nil {
			return nil, err
		}
		entries = append(entries, r.entry())
	}
	return entries, rows.Err()
}

// row is one line of a join of audit_entry and audit_link; either may be absent.
type row struct {
	id, actorKind, actorID, action, subject, details sql.NullString
	at, turn, number                                 sql.NullInt64
	previous, hash                                   []byte
}

func (r *row) targets() []any {
	return []any{&r.id, &r.at, &r.turn, &r.actorKind, &r.actorID, &r.action, &r.subject, &r.details,
		&r.number, &r.previous, &r.hash}
}

func (r *row) entry() audit.Entry {
	return audit.Entry{
		ID:       ids.Entry(r.id.String),
		At:       db.Time(r.at.Int64),
		Turn:     r.turn.Int64,
		Actor:    audit.Actor{Kind: audit.ActorKind(r.actorKind.String), ID: r.actorID.String},
		Action:   r.action.String,
		Subject:  r.subject.String,
		Details:  readDetails(r.details.String),
		Number:   r.number.Int64,
		Previous: r.previous,
		Hash:     r.hash,
	}
}

// writeDetails is the one way details are written: JSON with sorted names, and
// nothing for no details.
func writeDetails(details map[string]string) (string, error) {
	if len(details) == 0 {
		return "", nil
	}
	text, err := json.Marshal(details)
	if err != nil {
		return "", fmt.Errorf("write details: %w", err)
	}
	return string(text), nil
}

// readDetails gives text that was not written by writeDetails back as it is,
// under a name nobody uses: then the entry's hash is wrong and Verify finds it.
func readDetails(text string) map[string]string {
	if text == "" {
		return nil
	}
	var details map[string]string
	if err := json.Unmarshal([]byte(text), &details); err == nil {
		if again, err := writeDetails(details); err == nil && again == text {
			return details
		}
	}
	return map[string]string{"(unreadable)": text}
}
