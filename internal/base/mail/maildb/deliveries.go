package maildb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
)

var _ mail.Deliveries = (*Store)(nil)

// Claim gives a message that is due to one node.
func (s *Store) Claim(ctx context.Context, now, until time.Time) (message mail.Message, tries int, found bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		message, found = mail.Message{}, false
		var createdAt, due int64
		err := s.db.From(ctx).QueryRowContext(ctx, `
			select id, recipient, person, subject, text, created_at, next_at, tries
			from mail
			where state = 'waiting' and next_at <= $1
			order by next_at, id
			limit 1`, db.Millis(now)).
			Scan(&message.ID, &message.To, &message.Person, &message.Subject, &message.Text, &createdAt, &due, &tries)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		result, err := s.db.From(ctx).ExecContext(ctx, `
			update mail
			set next_at = $1, tries = tries + 1
			where id = $2 and state = 'waiting' and next_at = $3`, db.Millis(until), message.ID, due)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		message.CreatedAt = db.Time(createdAt)
		tries++
		found = n == 1
		return err
	})
	return message, tries, found, err
}

// Settle notes that a message was delivered or has failed.
func (s *Store) Settle(ctx context.Context, id ids.Mail, state mail.State, answer string, at time.Time) error {
	return s.note(ctx, id, `
		update mail
		set state = $2, answer = $3, settled_at = $4
		where id = $1 and state = 'waiting'`, string(state), answer, db.Millis(at))
}

// Postpone notes that a message was refused and is tried again.
func (s *Store) Postpone(ctx context.Context, id ids.Mail, answer string, next time.Time) error {
	return s.note(ctx, id, `
		update mail
		set answer = $2, next_at = $3
		where id = $1 and state = 'waiting'`, answer, db.Millis(next))
}

func (s *Store) note(ctx context.Context, id ids.Mail, statement string, values ...any) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.From(ctx).ExecContext(ctx, statement, append([]any{id}, values...)...)
		return err
	})
}

// Undelivered gives messages that wait or have failed, newest first.
func (s *Store) Undelivered(ctx context.Context, limit int) ([]mail.Delivery, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select id, person, state, tries, answer, created_at, next_at, settled_at
		from mail
		where state in ('waiting', 'failed')
		order by created_at desc, id desc
		limit $1`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []mail.Delivery
	for rows.Next() {
		var one mail.Delivery
		var createdAt, nextAt, settledAt int64
		err := rows.Scan(&one.ID, &one.Person, &one.State, &one.Tries, &one.Answer, &createdAt, &nextAt, &settledAt)
		if err != nil {
			return nil, err
		}
		one.CreatedAt, one.NextAt, one.SettledAt = db.Time(createdAt), db.Time(nextAt), db.Time(settledAt)
		list = append(list, one)
	}
	return list, rows.Err()
}

// Standing counts those given up since one time, and those that wait since before another.
func (s *Store) Standing(ctx context.Context, failedSince, writtenBefore time.Time) (mail.Standing, error) {
	var standing mail.Standing
	for count, query := range map[*int]struct {
		text string
		at   time.Time
	}{
		&standing.Failed: {`
			select count(*)
			from mail
			where state = 'failed' and settled_at >= $1`, failedSince},
		&standing.Late: {`
			select count(*)
			from mail
			where state = 'waiting' and created_at < $1`, writtenBefore},
	} {
		err := s.db.From(ctx).QueryRowContext(ctx, query.text, db.Millis(query.at)).Scan(count)
		if err != nil {
			return mail.Standing{}, fmt.Errorf("count messages: %w", err)
		}
	}
	return standing, nil
}
