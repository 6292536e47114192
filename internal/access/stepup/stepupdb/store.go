// Package stepupdb keeps requests that wait for a key: the table step_up.
package stepupdb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
)

// Store is the room's store on SQL. The contents of requests are sealed.
type Store struct {
	database *db.DB
	sealer   *seal.Sealer
}

// New returns the store.
func New(database *db.DB, sealer *seal.Sealer) *Store {
	return &Store{database: database, sealer: sealer}
}

var _ stepup.Store = (*Store)(nil)

// row is what the content of a step-up is sealed for.
func row(id ids.StepUp) string { return "step_up/" + string(id) + "/body" }

// Add keeps a new one.
func (s *Store) Add(ctx context.Context, held stepup.Held) error {
	var body []byte
	if held.Body != nil {
		var err error
		if body, err = s.sealer.Seal(held.Body, row(held.ID)); err != nil {
			return fmt.Errorf("seal a request: %w", err)
		}
	}
	_, err := s.database.From(ctx).ExecContext(ctx, `
		insert into step_up (id, session, portal, person, service, action, title, place, keep, method, origin, address, amount, content_type, sent_from,
		  body, body_sum, action_hash, state, options, challenge, asked_at, until, decided_at, credential, used_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`,
		held.ID, held.Session, held.Portal, held.Person, held.Service, held.Action, held.Title, held.Where, held.Keep.Milliseconds(),
		held.Method, held.Origin, held.Address, held.Amount, held.ContentType, held.SentFrom, body, hex.EncodeToString(held.Sum[:]),
		hex.EncodeToString(held.ActionHash[:]), held.State, held.Options, held.Challenge, db.Millis(held.AskedAt), db.Millis(held.Until),
		db.Millis(held.DecidedAt), held.Credential, db.Millis(held.UsedAt), held.Version)
	return err
}

const columns = `id, session, portal, person, service, action, title, place, keep, method, origin, address, amount, content_type, sent_from,
	body_sum, action_hash, state, options, challenge, asked_at, until, decided_at, credential, used_at, version`

// ByID reads one with its content.
func (s *Store) ByID(ctx context.Context, id ids.StepUp) (stepup.Held, error) {
	found, err := s.list(ctx, `
		select `+columns+`, body
		from step_up
		where id = $1`, id)
	if err != nil {
		return stepup.Held{}, err
	}
	if len(found) == 0 {
		return stepup.Held{}, stepup.NotFound.New()
	}
	return found[0], nil
}

// Latest gives the latest of a session and hash, without its content.
func (s *Store) Latest(ctx context.Context, session ids.Session, hash [32]byte, in ...stepup.State) (stepup.Held, bool, error) {
	args := []any{session, hex.EncodeToString(hash[:])}
	for _, state := range in {
		args = append(args, state)
	}
	found, err := s.list(ctx, `
		select `+columns+`, null
		from step_up
		where session = $1 and action_hash = $2 and state in (`+db.In(3, len(in))+`)
		order by asked_at desc, id desc
		limit 1`, args...)
	if err != nil || len(found) == 0 {
		return stepup.Held{}, false, err
	}
	return found[0], true, nil
}

// WaitingOf counts what of a person waits.
func (s *Store) WaitingOf(ctx context.Context, person ids.Person, now time.Time) (int, error) {
	var count int
	err := s.database.From(ctx).QueryRowContext(ctx, `
		select count(*)
		from step_up
		where person = $1 and state = 'waiting' and until > $2`, person, db.Millis(now)).Scan(&count)
	return count, err
}

// Advance overwrites what may change.
func (s *Store) Advance(ctx context.Context, held stepup.Held) error {
	result, err := s.database.From(ctx).ExecContext(ctx, `
		update step_up
		set state = $1, options = $2, challenge = $3, until = $4, decided_at = $5, credential = $6, used_at = $7,
		  body = case when $8 then null else body end, version = version + 1
		where id = $9 and version = $10`,
		held.State, held.Options, held.Challenge, db.Millis(held.Until), db.Millis(held.DecidedAt), held.Credential, db.Millis(held.UsedAt),
		held.State != stepup.Waiting && held.State != stepup.Granted, held.ID, held.Version)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return stepup.Over.New()
	}
	return err
}

// Due lists those whose time is over, the oldest first.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]stepup.Held, error) {
	return s.list(ctx, `
		select `+columns+`, null
		from step_up
		where state in ('waiting', 'granted') and until <= $1
		order by until, id
		limit $2`, db.Millis(now), limit)
}

// Count says how many there were in each state.
func (s *Store) Count(ctx context.Context, since time.Time) (map[stepup.State]int, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, `
		select state, count(*)
		from step_up
		where asked_at >= $1
		group by state`, db.Millis(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[stepup.State]int{}
	for rows.Next() {
		var state stepup.State
		var count int
		if err := rows.Scan(&state, &count); err != nil {
			return nil, err
		}
		counts[state] = count
	}
	return counts, rows.Err()
}

func (s *Store) list(ctx context.Context, statement string, args ...any) ([]stepup.Held, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []stepup.Held
	for rows.Next() {
		held, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, held)
	}
	return found, rows.Err()
}

func (s *Store) scan(rows *sql.Rows) (stepup.Held, error) {
	var held stepup.Held
	var keep, asked, until, decided, used int64
	var sum, hash string
	var sealed []byte
	err := rows.Scan(&held.ID, &held.Session, &held.Portal, &held.Person, &held.Service, &held.Action, &held.Title, &held.Where, &keep,
		&held.Method, &held.Origin, &held.Address, &held.Amount, &held.ContentType, &held.SentFrom, &sum, &hash, &held.State, &held.Options, &held.Challenge,
		&asked, &until, &decided, &held.Credential, &used, &held.Version, &sealed)
	if err != nil {
		return stepup.Held{}, err
	}
	held.Keep = time.Duration(keep) * time.Millisecond
	held.AskedAt, held.Until, held.DecidedAt, held.UsedAt = db.Time(asked), db.Time(until), db.Time(decided), db.Time(used)
	if err := unhex(held.Sum[:], sum); err != nil {
		return stepup.Held{}, err
	}
	if err := unhex(held.ActionHash[:], hash); err != nil {
		return stepup.Held{}, err
	}
	if sealed != nil {
		if held.Body, err = s.sealer.Open(sealed, row(held.ID)); err != nil {
			return stepup.Held{}, fmt.Errorf("open a sealed request: %w", err)
		}
		if held.Body == nil {
			held.Body = []byte{}
		}
	}
	return held, nil
}

func unhex(into []byte, text string) error {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(into) {
		return fmt.Errorf("%q is not a hash", text)
	}
	copy(into, raw)
	return nil
}
