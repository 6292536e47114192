package maildb_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/maildb"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestMessagesAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := start
		outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return now }})
		var want []mail.Message
		for i := range 5 {
			now = start.Add(time.Duration(i) * time.Minute)
			message := mail.Message{To: "alice@example.org", Person: "prs_1", Subject: fmt.Sprintf("Message %d", i), Text: "Grüße\n"}
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				_, err := outbox.Send(ctx, message)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			message.CreatedAt = now
			want = append([]mail.Message{message}, want...)
		}
		first := list(t, outbox, "", 3)
		got := append(first, list(t, outbox, first[2].ID, 3)...)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(mail.Message{}, "ID")); diff != "" {
			t.Errorf("messages differ (-want +got):\n%s", diff)
		}
	})
}

func list(t *testing.T, outbox *mail.Outbox, after ids.Mail, limit int) []mail.Message {
	t.Helper()
	messages, err := outbox.List(t.Context(), after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func TestNobodyIsToldOfAChangeThatWasNotKept(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return start }})
	message := mail.Message{To: "alice@example.org", Subject: "Your key is blocked"}
	stop := errors.New("the change did not work out")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := outbox.Send(ctx, message); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got %v, want the error of the change", err)
	}
	if got := list(t, outbox, "", 0); len(got) != 0 {
		t.Errorf("the outbox holds %d messages, want none", len(got))
	}
	if _, err := outbox.Send(t.Context(), message); !problem.Is(err, mail.OutsideWork) {
		t.Errorf("outside a unit of work: got %v, want the problem %s", err, mail.OutsideWork.Code)
	}
}

func TestAMessageCannotCarryForeignHeaders(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return start }})
	for _, story := range []struct {
		name    string
		message mail.Message
		want    problem.Definition
	}{
		{"two lines of subject", mail.Message{To: "a@example.org", Subject: "Hello\r\nBcc: x@example.org"}, mail.BadSubject},
		{"no subject", mail.Message{To: "a@example.org"}, mail.BadSubject},
		{"no address", mail.Message{Subject: "Hello"}, mail.BadAddress},
		{"two addresses", mail.Message{To: "a@example.org, b@example.org", Subject: "Hello"}, mail.BadAddress},
		{"an address of two lines", mail.Message{To: "a@example.org\nBcc: b@example.org", Subject: "Hello"}, mail.BadAddress},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				_, err := outbox.Send(ctx, story.message)
				return err
			})
			if !problem.Is(err, story.want) {
				t.Errorf("got %v, want the problem %s", err, story.want.Code)
			}
		})
	}
}
