// Package maildb keeps the outbox in the table mail.
package maildb

import (
	"context"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
)

// Store is a mail.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ mail.Store = (*Store)(nil)

// Add keeps a message.
func (s *Store) Add(ctx context.Context, message mail.Message, state mail.State) error {
	if !s.db.InWork(ctx) {
		return mail.OutsideWork.New()
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into mail (id, recipient, person, subject, text, created_at, state, next_at)
		values ($1, $2, $3, $4, $5, $6, $7, $6)`,
		message.ID, message.To, message.Person, message.Subject, message.Text, db.Millis(message.CreatedAt), string(state))
	return err
}

// Newest gives messages, newest first.
func (s *Store) Newest(ctx context.Context, after ids.Mail, limit int) ([]mail.Message, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select id, recipient, person, subject, text, created_at
		from mail
		where $1 = '' or (created_at, id) < (
			select a.created_at, a.id
			from mail a
			where a.id = $1)
		order by created_at desc, id desc
		limit $2`, string(after), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var messages []mail.Message
	for rows.Next() {
		var message mail.Message
		var createdAt int64
		err := rows.Scan(&message.ID, &message.To, &message.Person, &message.Subject, &message.Text, &createdAt)
		if err != nil {
			return nil, err
		}
		message.CreatedAt = db.Time(createdAt)
		messages = append(messages, message)
	}
	return messages, rows.Err()
}
