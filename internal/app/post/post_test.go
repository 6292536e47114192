package post_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/post"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/maildb"
	"github.com/warder-project/warder/internal/base/mail/mailtest"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// configured is a configuration that names the server, as an operator writes it.
func configured(t *testing.T, server *mailtest.Server, password string) config.Config {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"ca.pem": string(server.PEM), "password": password + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Parse("warder.yaml", fmt.Appendf(nil, "public_url: https://warder.example.org\nsmtp_host: 127.0.0.1\nsmtp_port: %d\n"+
		"smtp_from: warder@example.org\nsmtp_ca: %s/ca.pem\nsmtp_user: warder\nsmtp_password_file: %s/password\n", server.Port, folder, folder))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t *testing.T, d *db.DB) {
	t.Helper()
	outbox := mail.New(mail.Deps{Store: maildb.New(d), Now: func() time.Time { return start }, Delivers: true})
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		_, err := outbox.Send(ctx, mail.Message{To: "alice@example.org", Person: "prs_1", Subject: "Your security key has been blocked", Text: "One of your keys."})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMessageThatMayHaveArrivedIsSentAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{Say: func(command string, nth int) string {
		switch {
		case command == "RCPT" && nth == 1:
			return "451 later"
		case command == "TEXT" && nth == 1:
			return mailtest.TakeCut
		}
		return ""
	}})
	d, now := dbtest.SQLite(t), start
	courier := post.Open(configured(t, server, "s3cret"), maildb.New(d), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	send(t, d)
	for range 4 { // refused for now; taken without an answer; taken; nothing left
		if err := courier.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Minute)
	}
	mails := server.Mails()
	if len(mails) != 2 || id(mails[0]) == "" || id(mails[0]) != id(mails[1]) {
		t.Errorf("got %+v, want the same message twice", mails)
	}
	if left, err := courier.Undelivered(t.Context(), 10); err != nil || len(left) != 0 {
		t.Errorf("left over: %+v, %v", left, err)
	}
}

func id(one mailtest.Mail) string {
	for line := range strings.Lines(one.Data) {
		if strings.HasPrefix(line, "Message-ID: ") {
			return line
		}
	}
	return ""
}

func TestTestMessageSaysWhatTheServerAnswered(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{Say: func(command string, nth int) string {
		if command == "RCPT" && nth == 2 {
			return "550 5.1.1 no such user"
		}
		return ""
	}})
	c := configured(t, server, "s3cret")
	courier := post.Open(c, nil, func() time.Time { return start }, slog.New(slog.DiscardHandler))
	answer, err := post.Test(t.Context(), c, courier, "ops@example.org")
	if err != nil || !strings.Contains(answer, "queued as 42") {
		t.Errorf("got %q, %v", answer, err)
	}
	_, err = post.Test(t.Context(), c, courier, "ops@example.org")
	if found, ok := problem.Of(err); !ok || found.Code != mail.NotTaken.Code || !strings.Contains(found.Detail, "550 5.1.1 no such user") {
		t.Errorf("got %v", err)
	}
	if _, err := post.Test(t.Context(), c, courier, "a@example.org\r\nRCPT TO:<b@example.org>"); !problem.Is(err, mail.BadAddress) {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(c.SMTPPassword); err != nil {
		t.Fatal(err)
	}
	_, err = post.Test(t.Context(), c, courier, "ops@example.org")
	if found, ok := problem.Of(err); !ok || !strings.Contains(found.Detail, "smtp_password_file") {
		t.Errorf("without its password: got %v", err)
	}
}

func TestHealthSaysWhatPeopleAreNotToldByMail(t *testing.T) {
	t.Parallel()
	d, now := dbtest.SQLite(t), start
	clock := func() time.Time { return now }
	log, board := slog.New(slog.DiscardHandler), health.NewBoard(clock)
	post.Watch(t.Context(), config.Config{}, post.Open(config.Config{}, maildb.New(d), clock, log), board, log)
	if list := board.List(); len(list) != 1 || list[0].Code != "mail.outbox_only" || list[0].Severity != health.Warning {
		t.Errorf("without a server: got %+v", list)
	}
	server := mailtest.Start(t, mailtest.Options{Say: func(command string, nth int) string {
		if command == "RCPT" && nth == 1 {
			return "550 no such user"
		}
		return ""
	}})
	c, board := configured(t, server, "s3cret"), health.NewBoard(clock)
	courier := post.Open(c, maildb.New(d), clock, log)
	watch := func() []health.Condition {
		post.Watch(t.Context(), c, courier, board, log)
		return board.List()
	}
	send(t, d)
	if list := watch(); len(list) != 0 {
		t.Errorf("a message just written is no news: %+v", list)
	}
	if err := courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list := watch(); len(list) != 1 || list[0].Code != "mail.undelivered" || strings.Contains(fmt.Sprint(list), "alice") {
		t.Errorf("given up: got %+v", list)
	}
	now = now.Add(8 * 24 * time.Hour)
	if list := watch(); len(list) != 0 {
		t.Errorf("a week later: got %+v", list)
	}
}
