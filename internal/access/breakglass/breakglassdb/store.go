// Package breakglassdb keeps uses of the emergency access: the table breakglass_use.
package breakglassdb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

var _ breakglass.Store = (*Store)(nil)

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

const columns = `
		id, purpose, state, reason,
		first_person, first_credential, first_key, first_holder,
		second_person, second_credential, second_key, second_holder,
		browser, challenge, begun_at, opened_at, until, session,
		ended_at, end_reason, reviewer, reviewed_at, found`

// Add keeps a new use.
func (s *Store) Add(ctx context.Context, use breakglass.Use) error {
	_, err := s.database.From(ctx).ExecContext(ctx, `
		insert into breakglass_use (`+columns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
		arguments(use)...)
	if db.IsConflict(err, "breakglass_use", "challenge") {
		return breakglass.AlreadyUsed.Because(err)
	}
	if err != nil {
		return fmt.Errorf("keep use %s: %w", use.ID, err)
	}
	return nil
}

func arguments(use breakglass.Use) []any {
	challenge := hash(use.Challenge)
	if challenge == "" {
		challenge = string(use.ID) // of a recovery: there was no challenge
	}
	return []any{use.ID, use.Purpose, use.State, use.Reason,
		use.First.Person, use.First.Credential, use.First.Key, use.First.Holder,
		use.Second.Person, use.Second.Credential, use.Second.Key, use.Second.Holder,
		hash(use.Browser), challenge, db.Millis(use.BegunAt), db.Millis(use.OpenedAt), db.Millis(use.Until), use.Session,
		db.Millis(use.EndedAt), use.Ending, use.Reviewer, db.Millis(use.ReviewedAt), use.Found}
}

// hash is how a hash is kept: nothing for none.
func hash(sum [32]byte) string {
	if sum == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(sum[:])
}

// ByID returns a use, or breakglass.NotFound.
func (s *Store) ByID(ctx context.Context, id ids.Use) (breakglass.Use, error) {
	use, found, err := s.one(ctx, `
		select`+columns+`
		from breakglass_use
		where id = $1`, id)
	if err == nil && !found {
		return breakglass.Use{}, breakglass.NotFound.New()
	}
	return use, err
}

// ByChallenge returns the use that began with a challenge.
func (s *Store) ByChallenge(ctx context.Context, challenge [32]byte) (breakglass.Use, bool, error) {
	return s.one(ctx, `
		select`+columns+`
		from breakglass_use
		where challenge = $1`, hash(challenge))
}

func (s *Store) one(ctx context.Context, query string, arg any) (breakglass.Use, bool, error) {
	use, err := scan(s.database.From(ctx).QueryRowContext(ctx, query, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return breakglass.Use{}, false, nil
	}
	if err != nil {
		return breakglass.Use{}, false, fmt.Errorf("read use: %w", err)
	}
	return use, true, nil
}

// Move stores a use that was in state from.
func (s *Store) Move(ctx context.Context, use breakglass.Use, from breakglass.State) error {
	if !from.MayBecome(use.State) {
		return fmt.Errorf("a use that is %q cannot become %q", from, use.State)
	}
	result, err := s.database.From(ctx).ExecContext(ctx, `
		update breakglass_use
		set state = $3,
			second_person = $4,
			second_credential = $5,
			second_key = $6,
			second_holder = $7,
			opened_at = $8,
			until = $9,
			session = $10,
			ended_at = $11,
			end_reason = $12,
			reviewer = $13,
			reviewed_at = $14,
			found = $15
		where id = $1
		and state = $2`, use.ID, from, use.State,
		use.Second.Person, use.Second.Credential, use.Second.Key, use.Second.Holder,
		db.Millis(use.OpenedAt), db.Millis(use.Until), use.Session,
		db.Millis(use.EndedAt), use.Ending, use.Reviewer, db.Millis(use.ReviewedAt), use.Found)
	if err != nil {
		return fmt.Errorf("move use %s: %w", use.ID, err)
	}
	moved, err := result.RowsAffected()
	if err == nil && moved != 1 {
		return breakglass.MovedOn.New()
	}
	return err
}

// List lists uses, newest first.
func (s *Store) List(ctx context.Context, which breakglass.Query) ([]breakglass.Use, error) {
	var clauses strings.Builder
	var args []any
	add := func(before string, arg any, after string) {
		args = append(args, arg)
		clauses.WriteString("\n\t\t" + before + "$" + strconv.Itoa(len(args)) + after)
	}
	if which.State != "" {
		add("and state = ", which.State, "")
	}
	if which.After != "" {
		add("and (begun_at, id) < (select begun_at, id from breakglass_use where id = ", which.After, ")")
	}
	clauses.WriteString("\n\t\torder by begun_at desc, id desc")
	if which.Limit > 0 {
		add("limit ", which.Limit, "")
	}
	rows, err := s.database.From(ctx).QueryContext(ctx, `
		select`+columns+`
		from breakglass_use
		where 1 = 1`+clauses.String(), args...)
	if err != nil {
		return nil, fmt.Errorf("list uses: %w", err)
	}
	defer rows.Close()
	var found []breakglass.Use
	for rows.Next() {
		use, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list uses: %w", err)
		}
		found = append(found, use)
	}
	return found, rows.Err()
}

func scan(row interface{ Scan(...any) error }) (breakglass.Use, error) {
	var use breakglass.Use
	var browser, challenge string
	var begun, opened, until, ended, reviewed int64
	err := row.Scan(&use.ID, &use.Purpose, &use.State, &use.Reason,
		&use.First.Person, &use.First.Credential, &use.First.Key, &use.First.Holder,
		&use.Second.Person, &use.Second.Credential, &use.Second.Key, &use.Second.Holder,
		&browser, &challenge, &begun, &opened, &until, &use.Session,
		&ended, &use.Ending, &use.Reviewer, &reviewed, &use.Found)
	if err != nil {
		return breakglass.Use{}, err
	}
	use.BegunAt, use.OpenedAt, use.Until = db.Time(begun), db.Time(opened), db.Time(until)
	use.EndedAt, use.ReviewedAt = db.Time(ended), db.Time(reviewed)
	if err := unhash(browser, &use.Browser); err != nil {
		return breakglass.Use{}, fmt.Errorf("browser of use %s: %w", use.ID, err)
	}
	if use.Purpose == breakglass.Recovery {
		return use, nil
	}
	if err := unhash(challenge, &use.Challenge); err != nil {
		return breakglass.Use{}, fmt.Errorf("challenge of use %s: %w", use.ID, err)
	}
	return use, nil
}

func unhash(text string, into *[32]byte) error {
	if text == "" {
		return nil
	}
	sum, err := hex.DecodeString(text)
	if err == nil && copy(into[:], sum) != len(into) {
		err = fmt.Errorf("%d bytes", len(sum))
	}
	return err
}

// Touched gives when each key last took part in a test or an opening.
func (s *Store) Touched(ctx context.Context) (map[ids.Key]time.Time, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, `
		select touch.key, max(touch.opened_at)
		from (
			select first_key as key, opened_at
			from breakglass_use
			where second_key <> ''
			union all
			select second_key as key, opened_at
			from breakglass_use
			where second_key <> ''
		) touch
		group by touch.key`)
	if err != nil {
		return nil, fmt.Errorf("read last touches: %w", err)
	}
	defer rows.Close()
	touched := map[ids.Key]time.Time{}
	for rows.Next() {
		var key ids.Key
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			return nil, fmt.Errorf("read last touches: %w", err)
		}
		touched[key] = db.Time(at)
	}
	return touched, rows.Err()
}
