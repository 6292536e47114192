// Package recoverydb keeps recovery cases: the tables recovery_case and recovery_approval.
package recoverydb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is the room's store on SQL.
type Store struct{ database *db.DB }

// New returns the store.
func New(database *db.DB) *Store { return &Store{database: database} }

var _ recovery.Store = (*Store)(nil)

const columns = `id, person, state, privileged, why, lost, opener_kind, opener, method, note, checker_kind, checker, cools_until, pass, credential, objection_hash, ending, opened_at, expires_at, closed_at, version`

// Open stores a new case.
func (s *Store) Open(ctx context.Context, c recovery.Case) error {
	lost, err := json.Marshal(c.Lost)
	if err != nil {
		return fmt.Errorf("write lost keys: %w", err)
	}
	_, err = s.database.From(ctx).ExecContext(ctx,
		`insert into recovery_case (`+columns+`)
		 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		c.ID, c.Person, c.State, c.Privileged, c.Why, string(lost), c.Opener.Kind, c.Opener.ID, c.Method, c.Note, c.Checker.Kind, c.Checker.ID,
		db.Millis(c.CoolsUntil), c.Pass, c.Credential, c.Objection[:], c.Ending, db.Millis(c.OpenedAt), db.Millis(c.ExpiresAt), db.Millis(c.ClosedAt), c.Version)
	if db.IsConflict(err, "recovery_case", "person") {
		return recovery.AlreadyOpen.Because(err)
	}
	if err != nil {
		return fmt.Errorf("keep recovery case: %w", err)
	}
	return nil
}

// ByID returns a case with its approvals.
func (s *Store) ByID(ctx context.Context, id ids.Recovery) (recovery.Case, error) {
	found, err := scan(s.database.From(ctx).QueryRowContext(ctx,
		`select `+columns+`
		 from recovery_case
		 where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return recovery.Case{}, recovery.NotFound.New()
	}
	if err != nil {
		return recovery.Case{}, fmt.Errorf("read recovery case: %w", err)
	}
	found.Approvals, err = s.approvals(ctx, id)
	return found, err
}

// Advance stores what may change if the kept case has the version.
func (s *Store) Advance(ctx context.Context, c recovery.Case) error {
	result, err := s.database.From(ctx).ExecContext(ctx,
		`update recovery_case
		 set state = $3, privileged = $4, method = $5, note = $6, checker_kind = $7, checker = $8, cools_until = $9, pass = $10,
		   credential = $11, ending = $12, expires_at = $13, closed_at = $14, version = version + 1
		 where id = $1 and version = $2`,
		c.ID, c.Version, c.State, c.Privileged, c.Method, c.Note, c.Checker.Kind, c.Checker.ID, db.Millis(c.CoolsUntil), c.Pass,
		c.Credential, c.Ending, db.Millis(c.ExpiresAt), db.Millis(c.ClosedAt))
	if err != nil {
		return fmt.Errorf("change recovery case: %w", err)
	}
	changed, err := result.RowsAffected()
	if err == nil && changed != 1 {
		err = recovery.WrongStep.New()
	}
	return err
}

// Approve stores one approval.
func (s *Store) Approve(ctx context.Context, id ids.Recovery, approval recovery.Approval) error {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`insert into recovery_approval (recovery, person, leads, approved_at)
		 values ($1, $2, $3, $4)`, id, approval.By, approval.Lead, db.Millis(approval.At))
	if db.IsConflict(err, "recovery_approval", "") {
		return recovery.AlreadyInvolved.Because(err)
	}
	if err != nil {
		return fmt.Errorf("keep approval: %w", err)
	}
	return nil
}

const usualPage = 100

// List returns cases, newest first.
func (s *Store) List(ctx context.Context, filter recovery.Filter) ([]recovery.Case, error) {
	query, args := `select `+columns+`
		 from recovery_case
		 where 1 = 1`, []any{}
	and := func(condition string, value any) {
		args = append(args, value)
		query += " and " + condition + " = $" + strconv.Itoa(len(args))
	}
	if filter.Person != "" {
		and("person", filter.Person)
	}
	if filter.Pass != "" {
		and("pass", filter.Pass)
	}
	if filter.Credential != "" {
		and("credential", filter.Credential)
	}
	if filter.Objection != [32]byte{} {
		and("objection_hash", filter.Objection[:])
	}
	if filter.Open {
		and("closed_at", 0)
	}
	if filter.Limit <= 0 {
		filter.Limit = usualPage
	}
	args = append(args, filter.Limit)
	query += "\n order by opened_at desc, id desc\n limit $" + strconv.Itoa(len(args))
	found, err := s.read(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list recovery cases: %w", err)
	}
	for i := range found {
		if found[i].Approvals, err = s.approvals(ctx, found[i].ID); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// read reads all rows before anything else is asked.
func (s *Store) read(ctx context.Context, query string, args ...any) ([]recovery.Case, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []recovery.Case
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

func scan(row interface{ Scan(...any) error }) (recovery.Case, error) {
	var c recovery.Case
	var lost string
	var objection []byte
	var cools, opened, expires, closed int64
	err := row.Scan(&c.ID, &c.Person, &c.State, &c.Privileged, &c.Why, &lost, &c.Opener.Kind, &c.Opener.ID, &c.Method, &c.Note,
		&c.Checker.Kind, &c.Checker.ID, &cools, &c.Pass, &c.Credential, &objection, &c.Ending, &opened, &expires, &closed, &c.Version)
	if err != nil {
		return recovery.Case{}, err
	}
	if err := json.Unmarshal([]byte(lost), &c.Lost); err != nil {
		return recovery.Case{}, fmt.Errorf("read lost keys: %w", err)
	}
	if copy(c.Objection[:], objection) != len(c.Objection) {
		return recovery.Case{}, errors.New("the hash of an objection is short")
	}
	c.CoolsUntil, c.OpenedAt, c.ExpiresAt, c.ClosedAt = db.Time(cools), db.Time(opened), db.Time(expires), db.Time(closed)
	return c, nil
}

func (s *Store) approvals(ctx context.Context, id ids.Recovery) ([]recovery.Approval, error) {
	rows, err := s.database.From(ctx).QueryContext(ctx,
		`select person, leads, approved_at
		 from recovery_approval
		 where recovery = $1
		 order by approved_at, person`, id)
	if err != nil {
		return nil, fmt.Errorf("list approvals: %w", err)
	}
	defer rows.Close()
	var found []recovery.Approval
	for rows.Next() {
		var one recovery.Approval
		var at int64
		if err := rows.Scan(&one.By, &one.Lead, &at); err != nil {
			return nil, fmt.Errorf("read approval: %w", err)
		}
		one.At = db.Time(at)
		found = append(found, one)
	}
	return found, rows.Err()
}
