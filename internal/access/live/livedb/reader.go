// Package livedb reads what the live view copies, on either database: from the
// tables session, person, people_group_member, role_grant, key, credential,
// shared_secret, service, service_route, exception, exception_person, exception_group
// and policy_version. Those belong to other rooms, which alone
// write them; a change of their columns must be made here too, and the tests of
// this package fail when it is not.
package livedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Reader is a live.Reader on SQL.
type Reader struct{ db *db.DB }

var _ live.Reader = (*Reader)(nil)

// New returns the reader.
func New(d *db.DB) *Reader { return &Reader{db: d} }

// batch is how many ids one statement names.
const batch = 200

// each runs the query for everything when refs is nil, else for the refs, a batch
// at a time. The query has %s where its condition goes; first is the number of
// the first placeholder that is free.
func (r *Reader) each(ctx context.Context, query, column string, refs []string, yield func(*sql.Rows) error) error {
	if refs == nil {
		return r.rows(ctx, fmt.Sprintf(query, "1 = 1"), nil, yield)
	}
	for len(refs) > 0 {
		n := min(batch, len(refs))
		args := make([]any, n)
		for i := range n {
			args[i] = refs[i]
		}
		condition := column + " in (" + db.In(1, n) + ")"
		if err := r.rows(ctx, fmt.Sprintf(query, condition), args, yield); err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
}

func (r *Reader) rows(ctx context.Context, query string, args []any, yield func(*sql.Rows) error) error {
	rows, err := r.db.From(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := yield(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// What a browser called itself is not copied: it is long, and decides nothing.
const sessionColumns = `
		token_hash, id, coalesce(parent, ''), host, person, credential, key,
		method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
		auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason`

// Sessions reads sessions: those named, else those that have not ended before since.
func (r *Reader) Sessions(ctx context.Context, refs []string, since time.Time) ([]live.SessionRecord, error) {
	var found []live.SessionRecord
	shared := interner{}
	keep := func(rows *sql.Rows) error {
		record, err := scanSession(rows, shared)
		found = append(found, record)
		return err
	}
	if refs == nil {
		err := r.rows(ctx, `
			select`+sessionColumns+`
			from session
			where ended_at = 0
			or ended_at >= $1`, []any{db.Millis(since)}, keep)
		return found, err
	}
	err := r.each(ctx, `
		select`+sessionColumns+`
		from session
		where %s`, "id", refs, keep)
	return found, err
}

// SessionByHash reads the session of a browser.
func (r *Reader) SessionByHash(ctx context.Context, hash [32]byte) (live.SessionRecord, bool, error) {
	record, err := scanSession(r.db.From(ctx).QueryRowContext(ctx, `
		select`+sessionColumns+`
		from session
		where token_hash = $1`, hash[:]), interner{})
	if errors.Is(err, sql.ErrNoRows) {
		return live.SessionRecord{}, false, nil
	}
	return record, err == nil, err
}

func scanSession(row interface{ Scan(...any) error }, shared interner) (live.SessionRecord, error) {
	var record live.SessionRecord
	session := &record.Session
	have := &session.Assurance
	var hash []byte
	var amr, method string
	var authTime, created, seen, absolute, ended int64
	err := row.Scan(&hash, &session.ID, &session.Parent, &session.Host, &session.Person, &session.Credential, &session.Key,
		&method, &have.AAL, &have.PhishingResistant, &have.HardwareBound, &have.Attested, &have.UserVerified, &amr,
		&authTime, &created, &seen, &absolute, &ended, &session.EndReason)
	if err != nil {
		return live.SessionRecord{}, err
	}
	if copy(record.Hash[:], hash) != len(record.Hash) {
		return live.SessionRecord{}, fmt.Errorf("session %s has a hash of %d bytes", session.ID, len(hash))
	}
	have.Method = assurance.ParseMethod(method)
	session.AMR, session.Host = shared.fields(amr), shared.text(session.Host)
	session.AuthTime, session.CreatedAt, session.LastSeenAt = db.Time(authTime), db.Time(created), db.Time(seen)
	session.AbsoluteEnd, session.EndedAt = db.Time(absolute), db.Time(ended)
	return record, nil
}

// interner lets a hundred thousand sessions share the few texts they have in common.
type interner map[string][]string

func (i interner) fields(text string) []string {
	fields, known := i[text]
	if !known {
		fields = append([]string{}, strings.Fields(text)...)
		i[text] = fields
	}
	return fields
}

func (i interner) text(text string) string {
	key := "\x00" + text
	one, known := i[key]
	if !known {
		one = []string{text}
		i[key] = one
	}
	return one[0]
}

// Keys reads keys.
func (r *Reader) Keys(ctx context.Context, refs []string) ([]live.Key, error) {
	var found []live.Key
	err := r.each(ctx, `
		select id, coalesce(serial, ''), model, label, state, holder, reason, created_at, changed_at
		from key
		where %s`, "id", refs, func(rows *sql.Rows) error {
		var key live.Key
		var created, changed int64
		err := rows.Scan(&key.ID, &key.Serial, &key.Model, &key.Label, &key.State, &key.Holder, &key.Reason, &created, &changed)
		key.CreatedAt, key.ChangedAt = db.Time(created), db.Time(changed)
		found = append(found, key)
		return err
	})
	return found, err
}

// Credentials reads registrations of keys, and authenticator apps. Only the word
// "active" is active.
func (r *Reader) Credentials(ctx context.Context, refs []string) ([]live.Credential, error) {
	var found []live.Credential
	err := r.each(ctx, `
		select id, person, key, state
		from credential
		where %s`, "id", refs, func(rows *sql.Rows) error {
		var credential live.Credential
		var state string
		err := rows.Scan(&credential.ID, &credential.Person, &credential.Key, &state)
		credential.Active = state == "active"
		found = append(found, credential)
		return err
	})
	if err != nil {
		return nil, err
	}
	apps, err := r.apps(ctx, refs)
	return append(found, apps...), err
}

// apps reads authenticator apps. A code of one signs in beside a password only, so
// an app is worth something only while its holder has a password, and nothing to a
// session that is older than that password.
func (r *Reader) apps(ctx context.Context, refs []string) ([]live.Credential, error) {
	var found []live.Credential
	err := r.each(ctx, `
		select s.id, s.person, s.state, s.created_at, coalesce(p.created_at, 0)
		from shared_secret s
		left join shared_secret p on p.person = s.person
			and p.method = 'password'
			and p.state = 'active'
		where s.method = 'totp'
		and %s`, "s.id", refs, func(rows *sql.Rows) error {
		var app live.Credential
		var state string
		var created, password int64
		err := rows.Scan(&app.ID, &app.Person, &state, &created, &password)
		app.Active = state == "active" && password != 0
		app.Since = db.Time(max(created, password))
		found = append(found, app)
		return err
	})
	return found, err
}

// Policy reads the text that is enforced, and those in report-only.
func (r *Reader) Policy(ctx context.Context) (live.PolicyTexts, error) {
	var texts live.PolicyTexts
	err := r.rows(ctx, `
		select number, body, state
		from policy_version
		where state in ('enforced', 'report_only')
		order by number`, nil, func(rows *sql.Rows) error {
		var trial live.TrialText
		var state string
		err := rows.Scan(&trial.Number, &trial.Text, &state)
		if state == "enforced" {
			texts.Enforced, texts.Published = trial.Text, true
		} else {
			texts.Trials = append(texts.Trials, trial)
		}
		return err
	})
	return texts, err
}
