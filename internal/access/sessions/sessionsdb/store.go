// Package sessionsdb keeps sessions and tickets in the tables session and
// session_ticket, on either database. It owns the statements; the rules are in
// access/sessions.
package sessionsdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Store is a sessions.Store on SQL.
type Store struct{ db *db.DB }

var _ sessions.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

const columns = `
		id, coalesce(parent, ''), host, person, credential, key,
		method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
		auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason, ip, user_agent`

// Begin keeps a new session.
func (s *Store) Begin(ctx context.Context, session sessions.Session, hash [32]byte) error {
	have := session.Assurance
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into session (
			token_hash, id, parent, host, person, credential, key,
			method, aal, phishing_resistant, hardware_bound, attested, user_verified, amr,
			auth_time, created_at, last_seen_at, absolute_end, ended_at, end_reason, ip, user_agent)
		values ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, '', $19, $20)`,
		hash[:], string(session.ID), string(session.Parent), session.Host, string(session.Person), string(session.Credential), string(session.Key),
		have.Method.String(), int64(have.AAL), have.PhishingResistant, have.HardwareBound, have.Attested, have.UserVerified, strings.Join(session.AMR, " "),
		db.Millis(session.AuthTime), db.Millis(session.CreatedAt), db.Millis(session.LastSeenAt), db.Millis(session.AbsoluteEnd),
		session.IP, session.UserAgent)
	if err != nil {
		return fmt.Errorf("begin session %s: %w", session.ID, err)
	}
	return nil
}

// ByHash finds the session of a browser.
func (s *Store) ByHash(ctx context.Context, hash [32]byte) (sessions.Session, bool, error) {
	return s.one(ctx, `
		select`+columns+`
		from session
		where token_hash = $1`, hash[:])
}

// ByID finds a session.
func (s *Store) ByID(ctx context.Context, id ids.Session) (sessions.Session, bool, error) {
	return s.one(ctx, `
		select`+columns+`
		from session
		where id = $1`, string(id))
}

// List lists sessions that nothing has ended, newest first.
func (s *Store) List(ctx context.Context, which sessions.Query) ([]sessions.Session, error) {
	clauses, args := conditions(which)
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select`+columns+`
		from session
		where ended_at = 0`+clauses, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []sessions.Session
	for rows.Next() {
		session, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, session)
	}
	return found, rows.Err()
}

// conditions are the clauses of a query, and what they are filled with.
func conditions(which sessions.Query) (string, []any) {
	var clauses strings.Builder
	var args []any
	add := func(clause string, more ...any) {
		numbers := make([]any, len(more))
		for i := range more {
			numbers[i] = len(args) + i + 1
		}
		fmt.Fprintf(&clauses, "\n\t\tand "+clause, numbers...)
		args = append(args, more...)
	}
	if which.Person != "" {
		add("person = $%d", string(which.Person))
	}
	if which.Keys != nil {
		first := len(args) + 1
		clauses.WriteString("\n\t\tand key in (" + db.In(first, len(which.Keys)) + ")")
		for _, key := range which.Keys {
			args = append(args, string(key))
		}
	}
	if which.Portal {
		add("parent is null")
	}
	if which.Parents != nil {
		first := len(args) + 1
		clauses.WriteString("\n\t\tand parent in (" + db.In(first, len(which.Parents)) + ")")
		for _, parent := range which.Parents {
			args = append(args, string(parent))
		}
	}
	if not := which.Not; not != nil {
		add("absolute_end > $%d", db.Millis(not.AbsoluteBy))
		add("((aal = 1 and last_seen_at > $%d) or (aal = 2 and last_seen_at > $%d) or (aal = 3 and last_seen_at > $%d))",
			db.Millis(not.SeenBy[1]), db.Millis(not.SeenBy[2]), db.Millis(not.SeenBy[3]))
	}
	if which.After != "" {
		add("(created_at, id) < (select created_at, id from session where id = $%d)", string(which.After))
	}
	clauses.WriteString("\n\t\torder by created_at desc, id desc")
	if which.Limit > 0 {
		args = append(args, which.Limit)
		fmt.Fprintf(&clauses, "\n\t\tlimit $%d", len(args))
	}
	return clauses.String(), args
}

// End ends sessions and the gate sessions that hang from them.
func (s *Store) End(ctx context.Context, which sessions.Which, reason sessions.Reason, at time.Time) ([]ids.Session, error) {
	args := []any{db.Millis(at), string(reason)}
	var named string
	switch {
	case which.Session != "":
		named, args = "select $3", append(args, string(which.Session))
	case which.Key != "":
		named, args = "select id from session where key = $3 and ended_at = 0", append(args, string(which.Key))
	case which.Keys != nil:
		named = "select id from session where key in (" + db.In(3, len(which.Keys)) + ") and ended_at = 0"
		for _, key := range which.Keys {
			args = append(args, string(key))
		}
	case which.Person != "":
		named, args = "select id from session where person = $3 and ended_at = 0", append(args, string(which.Person))
	case which.Overdue != nil:
		return s.endOverdue(ctx, *which.Overdue, args)
	default:
		return nil, errors.New("end sessions: it is not said which")
	}
	return s.end(ctx, named, args)
}

func (s *Store) endOverdue(ctx context.Context, overdue sessions.Overdue, args []any) ([]ids.Session, error) {
	// A level that is not named has its moment before all times.
	for level := 1; level <= 3; level++ {
		args = append(args, db.Millis(overdue.SeenBy[level]))
	}
	args = append(args, db.Millis(overdue.AbsoluteBy), overdue.Limit)
	return s.end(ctx, `
			select id
			from session
			where ended_at = 0
			and ((aal = 1 and last_seen_at <= $3)
				or (aal = 2 and last_seen_at <= $4)
				or (aal = 3 and last_seen_at <= $5)
				or absolute_end <= $6)
			limit $7`, args)
}

// end ends what named selects, and what hangs from it.
func (s *Store) end(ctx context.Context, named string, args []any) ([]ids.Session, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		with named (id) as (`+named+`)
		update session
		set ended_at = $1,
			end_reason = $2
		where ended_at = 0
		and (id in (select id from named) or parent in (select id from named))
		returning id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ended []ids.Session
	for rows.Next() {
		var id ids.Session
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ended = append(ended, id)
	}
	return ended, rows.Err()
}

// Lower replaces what sessions count as.
func (s *Store) Lower(ctx context.Context, all []ids.Session, have assurance.Assurance, amr []string) error {
	args := []any{have.Method.String(), int64(have.AAL), have.PhishingResistant, have.HardwareBound,
		have.Attested, have.UserVerified, strings.Join(amr, " ")}
	for _, id := range all {
		args = append(args, string(id))
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		update session
		set method = $1,
			aal = $2,
			phishing_resistant = $3,
			hardware_bound = $4,
			attested = $5,
			user_verified = $6,
			amr = $7
		where ended_at = 0
		and id in (`+db.In(8, len(all))+`)`, args...)
	if err != nil {
		return fmt.Errorf("lower %d sessions: %w", len(all), err)
	}
	return nil
}

// Touch moves the times of last use forward.
func (s *Store) Touch(ctx context.Context, seen map[ids.Session]time.Time) error {
	// In one order, so that two nodes do not wait for each other.
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		_, err := s.db.From(ctx).ExecContext(ctx, `
			update session
			set last_seen_at = $2
			where id = $1
			and last_seen_at < $2
			and ended_at = 0`, string(id), db.Millis(seen[id]))
		if err != nil {
			return fmt.Errorf("touch session %s: %w", id, err)
		}
	}
	return nil
}

// KeepTicket keeps a ticket and drops those out of date.
func (s *Store) KeepTicket(ctx context.Context, ticket sessions.Ticket) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		delete from session_ticket
		where expires_at < $1`, db.Millis(ticket.Expires.Add(-staleTickets)))
	if err != nil {
		return fmt.Errorf("drop old tickets: %w", err)
	}
	_, err = s.db.From(ctx).ExecContext(ctx, `
		insert into session_ticket (ticket_hash, parent, host, expires_at)
		values ($1, $2, $3, $4)`, ticket.Hash[:], string(ticket.Parent), ticket.Host, db.Millis(ticket.Expires))
	if err != nil {
		return fmt.Errorf("keep ticket: %w", err)
	}
	return nil
}

// staleTickets is how long before the end of a new ticket an old one ended that
// is dropped: long enough that no ticket that is still good is among them.
const staleTickets = 10 * time.Minute

// TakeTicket removes a ticket that is good for host at that moment. The removal is
// what makes it single-use: of several only one removes the row.
func (s *Store) TakeTicket(ctx context.Context, hash [32]byte, host string, at time.Time) (sessions.Ticket, bool, error) {
	ticket := sessions.Ticket{Hash: hash, Host: host}
	var expires int64
	err := s.db.From(ctx).QueryRowContext(ctx, `
		delete from session_ticket
		where ticket_hash = $1
		and host = $2
		and expires_at > $3
		returning parent, expires_at`, hash[:], host, db.Millis(at)).Scan(&ticket.Parent, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return sessions.Ticket{}, false, nil
	}
	ticket.Expires = db.Time(expires)
	return ticket, err == nil, err
}

func (s *Store) one(ctx context.Context, query string, arg any) (sessions.Session, bool, error) {
	session, err := scan(s.db.From(ctx).QueryRowContext(ctx, query, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return sessions.Session{}, false, nil
	}
	return session, err == nil, err
}

func scan(row interface{ Scan(...any) error }) (sessions.Session, error) {
	var session sessions.Session
	var amr, method string
	var authTime, created, seen, absolute, ended int64
	have := &session.Assurance
	err := row.Scan(&session.ID, &session.Parent, &session.Host, &session.Person, &session.Credential, &session.Key,
		&method, &have.AAL, &have.PhishingResistant, &have.HardwareBound, &have.Attested, &have.UserVerified, &amr,
		&authTime, &created, &seen, &absolute, &ended, &session.EndReason, &session.IP, &session.UserAgent)
	if err != nil {
		return sessions.Session{}, err
	}
	session.AMR, have.Method = strings.Fields(amr), assurance.ParseMethod(method)
	session.AuthTime, session.CreatedAt, session.LastSeenAt = db.Time(authTime), db.Time(created), db.Time(seen)
	session.AbsoluteEnd, session.EndedAt = db.Time(absolute), db.Time(ended)
	return session, nil
}
