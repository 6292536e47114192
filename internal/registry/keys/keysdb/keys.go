// Package keysdb keeps keys and their models in the tables key and key_model, on
// either database. It owns the statements and nothing else; the rules of a key's
// life are in registry/keys.
package keysdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Store is a keys.Store on SQL.
type Store struct{ db *db.DB }

var _ keys.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

const keyColumns = `
		id, coalesce(serial, ''), serial_grade, model, model_grade, firmware, label, state, holder, reason, place, to_return, created_at, changed_at`

// Add stores a new key.
func (s *Store) Add(ctx context.Context, key keys.Key) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into key (
			id, serial, serial_grade, model, model_grade, label, state, holder, reason, created_at, changed_at, firmware, place, to_return)
		values ($1, nullif($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		string(key.ID), key.Serial, string(key.SerialGrade), key.Model, string(key.ModelGrade), key.Label,
		string(key.State), string(key.Holder), string(key.Reason), db.Millis(key.CreatedAt), db.Millis(key.ChangedAt), key.Firmware,
		key.Place, key.ToReturn)
	return writeError(err, "add key", key.ID)
}

// Change overwrites a key that is still in state from.
func (s *Store) Change(ctx context.Context, key keys.Key, from keys.State) (bool, error) {
	result, err := s.db.From(ctx).ExecContext(ctx, `
		update key
		set serial = nullif($2, ''),
			serial_grade = $3,
			model = $4,
			model_grade = $5,
			label = $6,
			state = $7,
			holder = $8,
			reason = $9,
			changed_at = $10,
			firmware = $12,
			place = $13,
			to_return = $14
		where id = $1
		and state = $11`,
		string(key.ID), key.Serial, string(key.SerialGrade), key.Model, string(key.ModelGrade), key.Label,
		string(key.State), string(key.Holder), string(key.Reason), db.Millis(key.ChangedAt), string(from), key.Firmware,
		key.Place, key.ToReturn)
	if err != nil {
		return false, writeError(err, "change key", key.ID)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("change key %s: %w", key.ID, err)
	}
	return changed == 1, nil
}

// ByID returns one key.
func (s *Store) ByID(ctx context.Context, id ids.Key) (keys.Key, error) {
	return s.one(ctx, `
		select`+keyColumns+`
		from key
		where id = $1`, string(id))
}

// BySerial returns the key with a serial number.
func (s *Store) BySerial(ctx context.Context, serial string) (keys.Key, error) {
	return s.one(ctx, `
		select`+keyColumns+`
		from key
		where serial = $1`, serial)
}

// HeldBy lists a person's keys, oldest first.
func (s *Store) HeldBy(ctx context.Context, person ids.Person) ([]keys.Key, error) {
	return s.many(ctx, `
		select`+keyColumns+`
		from key
		where holder = $1
		order by created_at, id`, string(person))
}

// List returns one page, newest first.
func (s *Store) List(ctx context.Context, filter keys.Filter) ([]keys.Key, error) {
	return s.many(ctx, `
		select`+keyColumns+`
		from key
		where ($1 = '' or lower(serial) like lower($1) escape '\' or lower(label) like lower($1) escape '\')
		and ($2 = '' or state = $2)
		and ($3 = '' or holder = $3)
		and ($4 = '' or model = $4)
		and ($5 = '' or (created_at, id) < (
			select a.created_at, a.id
			from key a
			where a.id = $5))
		order by created_at desc, id desc
		limit $6`,
		containing(filter.Text), string(filter.State), string(filter.Holder), filter.Model, string(filter.After), filter.Limit)
}

// containing is the pattern for "has this text in it"; empty stays empty.
func containing(text string) string {
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

func (s *Store) one(ctx context.Context, query, argument string) (keys.Key, error) {
	key, err := read(s.db.From(ctx).QueryRowContext(ctx, query, argument))
	if errors.Is(err, sql.ErrNoRows) {
		return keys.Key{}, keys.NotFound.New()
	}
	if err != nil {
		return keys.Key{}, fmt.Errorf("read key: %w", err)
	}
	return key, nil
}

func (s *Store) many(ctx context.Context, query string, arguments ...any) ([]keys.Key, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	defer rows.Close()
	var found []keys.Key
	for rows.Next() {
		key, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
		found = append(found, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return found, nil
}

// row is a *sql.Row or the current row of *sql.Rows.
type row interface{ Scan(into ...any) error }

func read(from row) (keys.Key, error) {
	var key keys.Key
	var created, changed int64
	err := from.Scan(&key.ID, &key.Serial, &key.SerialGrade, &key.Model, &key.ModelGrade, &key.Firmware, &key.Label,
		&key.State, &key.Holder, &key.Reason, &key.Place, &key.ToReturn, &created, &changed)
	key.CreatedAt, key.ChangedAt = db.Time(created), db.Time(changed)
	return key, err
}

func writeError(err error, doing string, id ids.Key) error {
	if err == nil {
		return nil
	}
	if db.IsConflict(err, "key", "serial") {
		return keys.SerialTaken.Because(err)
	}
	return fmt.Errorf("%s %s: %w", doing, id, err)
}
