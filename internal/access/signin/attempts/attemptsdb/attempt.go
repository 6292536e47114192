package attemptsdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Add stores a new attempt.
func (s *Store) Add(ctx context.Context, a attempts.Attempt) error {
	_, err := s.database.From(ctx).ExecContext(ctx,
		`insert into signin_attempt (id, browser_hash, purpose,
		   aal, phishing_resistant, hardware_bound, attested, user_verified, forbid, max_age,
		   service, return_scheme, return_host, return_path, return_state,
		   user_name, person, session, invitation, credential,
		   password, password_at, code, code_method, code_at, opening, opener,
		   state, ceremony, options, tries, refusal, shortfall, result_session,
		   created_at, expires_at, version)
		 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
		   $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)`,
		a.ID, a.Browser[:], a.Purpose,
		int64(a.Require.AAL), a.Require.PhishingResistant, a.Require.HardwareBound, a.Require.Attested,
		a.Require.UserVerified, int64(a.Require.Forbid), a.Require.MaxAge.Milliseconds(),
		a.Service, a.Return.Scheme, a.Return.Host, a.Return.Path, a.Return.State,
		a.Named, a.Person, a.Session, a.Invitation, a.Credential,
		a.Password.Secret, db.Millis(a.Password.At), a.Code.Secret, word(a.Code.Method), db.Millis(a.Code.At), a.Opening, a.Opener,
		a.State, a.Ceremony, a.Options, a.Tries, a.Refusal, int64(a.Short), a.Result,
		db.Millis(a.CreatedAt), db.Millis(a.ExpiresAt), a.Version)
	if err != nil {
		return fmt.Errorf("keep attempt: %w", err)
	}
	return nil
}

// ByID returns an attempt, or attempts.ErrNotFound.
func (s *Store) ByID(ctx context.Context, id ids.Attempt) (attempts.Attempt, error) {
	var a attempts.Attempt
	var browser []byte
	var codeMethod string
	var level, forbid, maxAge, short, passwordAt, codeAt, created, expires int64
	err := s.database.From(ctx).QueryRowContext(ctx,
		`select id, browser_hash, purpose,
		   aal, phishing_resistant, hardware_bound, attested, user_verified, forbid, max_age,
		   service, return_scheme, return_host, return_path, return_state,
		   user_name, person, session, invitation, credential,
		   password, password_at, code, code_method, code_at, opening, opener,
		   state, ceremony, options, tries, refusal, shortfall, result_session,
		   created_at, expires_at, version
		 from signin_attempt
		 where id = $1`, id).Scan(
		&a.ID, &browser, &a.Purpose,
		&level, &a.Require.PhishingResistant, &a.Require.HardwareBound, &a.Require.Attested, &a.Require.UserVerified, &forbid, &maxAge,
		&a.Service, &a.Return.Scheme, &a.Return.Host, &a.Return.Path, &a.Return.State,
		&a.Named, &a.Person, &a.Session, &a.Invitation, &a.Credential,
		&a.Password.Secret, &passwordAt, &a.Code.Secret, &codeMethod, &codeAt, &a.Opening, &a.Opener,
		&a.State, &a.Ceremony, &a.Options, &a.Tries, &a.Refusal, &short, &a.Result,
		&created, &expires, &a.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return attempts.Attempt{}, attempts.ErrNotFound.New()
	}
	if err != nil {
		return attempts.Attempt{}, fmt.Errorf("read attempt: %w", err)
	}
	if copy(a.Browser[:], browser) != len(a.Browser) {
		return attempts.Attempt{}, fmt.Errorf("read attempt %s: the browser's hash has %d bytes", a.ID, len(browser))
	}
	a.Require.AAL, a.Require.MaxAge = assurance.Level(level), time.Duration(maxAge)*time.Millisecond
	a.Require.Forbid = assurance.Weakness(forbid)
	a.Short = assurance.Shortfall(short)
	if a.Password.At = db.Time(passwordAt); a.Password.Secret != "" {
		a.Password.Method = assurance.Password
	}
	a.Code.Method, a.Code.At = assurance.ParseMethod(codeMethod), db.Time(codeAt)
	a.CreatedAt, a.ExpiresAt = db.Time(created), db.Time(expires)
	return a, nil
}

// Advance stores what an answer has changed, once for each version.
func (s *Store) Advance(ctx context.Context, a attempts.Attempt) error {
	result, err := s.database.From(ctx).ExecContext(ctx,
		`update signin_attempt
		 set user_name = $3, person = $4, credential = $5,
		   state = $6, ceremony = $7, options = $8, tries = $9, refusal = $10, shortfall = $11,
		   result_session = $12,
		   password = $13, password_at = $14, code = $15, code_method = $16, code_at = $17,
		   opening = $18, opener = $19, version = version + 1
		 where id = $1 and version = $2`,
		a.ID, a.Version, a.Named, a.Person, a.Credential,
		a.State, a.Ceremony, a.Options, a.Tries, a.Refusal, int64(a.Short), a.Result,
		a.Password.Secret, db.Millis(a.Password.At), a.Code.Secret, word(a.Code.Method), db.Millis(a.Code.At),
		a.Opening, a.Opener)
	if err != nil {
		return fmt.Errorf("advance attempt: %w", err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("advance attempt: %w", err)
	}
	if changed != 1 {
		return attempts.ErrWrongStep.New()
	}
	return nil
}

// word is the stable word of a method; of none it is empty.
func word(method assurance.Method) string {
	if method == assurance.UnknownMethod {
		return ""
	}
	return method.String()
}
