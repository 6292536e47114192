package mailsmtp_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/mailsmtp"
	"github.com/warder-project/warder/internal/base/mail/mailtest"
	"github.com/warder-project/warder/internal/base/secret"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func message() mail.Message {
	return mail.Message{ID: "mail_1", To: "alice@example.org", Person: "prs_1", Subject: "Ihr Schlüssel wurde gesperrt", Text: "Grüße\n.\nEnde\n", CreatedAt: start}
}

func known(s *mailtest.Server) mailsmtp.Server {
	return mailsmtp.Server{Host: "127.0.0.1", Port: s.Port, Roots: s.Roots, From: "warder@example.org", Name: "warder.example.org"}
}

func deliver(ctx context.Context, server mailsmtp.Server) (string, error) {
	return mailsmtp.New(mailsmtp.Deps{Server: func() (mailsmtp.Server, error) { return server, nil }}).Deliver(ctx, message())
}

func refusal(t *testing.T, err error) *mail.Refusal {
	t.Helper()
	var refused *mail.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refused
}

func TestMessageArrivesEncryptedAsPlainTextWithOneID(t *testing.T) {
	t.Parallel()
	for _, implicit := range []bool{false, true} {
		server := mailtest.Start(t, mailtest.Options{Implicit: implicit})
		to := known(server)
		to.User, to.Password = "warder", secret.New("s3cret")
		if implicit {
			to.Encryption = mailsmtp.Implicit
		}
		answer, err := deliver(t.Context(), to)
		if err != nil {
			t.Fatalf("%v: %s", err, refusal(t, err).Answer)
		}
		if !strings.Contains(answer, "queued as 42") {
			t.Errorf("the server's answer is not given: %q", answer)
		}
		mails := server.Mails()
		if len(mails) != 1 || !mails[0].Encrypted || !strings.HasPrefix(mails[0].SignedIn, "PLAIN ") {
			t.Fatalf("got %+v", mails)
		}
		got, err := netmail.ReadMessage(strings.NewReader(mails[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"Message-Id": "<mail_1@warder.example.org>", "Auto-Submitted": "auto-generated", "To": "<alice@example.org>",
			"From": "<warder@example.org>", "Content-Type": "text/plain; charset=UTF-8"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: got %q, want %q", name, got.Header.Get(name), want)
			}
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		if err != nil || subject != message().Subject {
			t.Errorf("subject: got %q, %v", subject, err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err != nil || strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n..\n", "\n.\n"), "\n") != strings.TrimRight(message().Text, "\n") {
			t.Errorf("text: got %q, %v", text, err)
		}
	}
}

func TestNothingIsSentWhereEncryptionFails(t *testing.T) {
	t.Parallel()
	elsewhere := mailtest.Start(t, mailtest.Options{})
	for _, story := range []struct {
		name    string
		options mailtest.Options
		change  func(*mailsmtp.Server)
	}{
		{"not offered", mailtest.Options{NoStartTLS: true}, func(*mailsmtp.Server) {}},
		{"refused", mailtest.Options{Say: func(command string, _ int) string {
			if command == "STARTTLS" {
				return "454 not now"
			}
			return ""
		}}, func(*mailsmtp.Server) {}},
		{"another authority", mailtest.Options{}, func(s *mailsmtp.Server) { s.Roots = elsewhere.Roots }},
		{"another authority, implicit", mailtest.Options{Implicit: true}, func(s *mailsmtp.Server) { s.Roots, s.Encryption = elsewhere.Roots, mailsmtp.Implicit }},
		{"another name", mailtest.Options{}, func(s *mailsmtp.Server) { s.Host = "localhost" }},
		{"in clear, by an encryption that does not exist", mailtest.Options{}, func(s *mailsmtp.Server) { s.Encryption = 7 }},
		{"in clear, to another machine", mailtest.Options{}, func(s *mailsmtp.Server) { s.Host, s.Encryption = "mail.example.org", mailsmtp.None }},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, story.options)
			to := known(server)
			to.User, to.Password = "warder", secret.New("s3cret")
			story.change(&to)
			_, err := deliver(t.Context(), to)
			if refused := refusal(t, err); refused.Final || !refused.Way {
				t.Errorf("a fault of the server counts against the message: %+v", refused)
			}
			for _, line := range server.Commands() {
				if strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "AUTH") {
					t.Errorf("said in clear, or to a stranger: %s", line)
				}
			}
		})
	}
}

func TestOnlyWhatIsSaidOfTheMessageIsFinal(t *testing.T) {
	t.Parallel()
	for _, story := range []struct {
		name, command, answer string
		final, way            bool
	}{
		{"turned away at the door", "HELLO", "554 go away", false, true},
		{"password refused", "AUTH", "535 5.7.8 wrong password", false, true},
		{"sender refused", "MAIL", "550 who are you", false, true},
		{"recipient unknown", "RCPT", "550 5.1.1 no such user", true, false},
		{"recipient busy", "RCPT", "451 later", false, false},
		{"data refused", "DATA", "554 no", true, false},
		{"text refused", "TEXT", "554 5.7.1 looks like spam", true, false},
		{"text later", "TEXT", "452 full", false, false},
		{"closed at the door", "HELLO", mailtest.HangUp, false, true},
		{"closed at the recipient", "RCPT", mailtest.HangUp, false, true},
		{"closed mid-way", "TEXT", mailtest.HangUp, false, true},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, mailtest.Options{Say: func(command string, _ int) string {
				if command == story.command {
					return story.answer
				}
				return ""
			}})
			to := known(server)
			to.User, to.Password = "warder", secret.New("s3cret")
			_, err := deliver(t.Context(), to)
			refused := refusal(t, err)
			if refused.Final != story.final || refused.Way != story.way {
				t.Errorf("got %+v", refused)
			}
			if story.answer != mailtest.HangUp && !strings.Contains(refused.Answer, story.answer[:3]) {
				t.Errorf("what the server said is lost: %q", refused.Answer)
			}
			if strings.Contains(err.Error(), "alice") || strings.Contains(refused.Answer, "s3cret") {
				t.Errorf("an address or a password is in what is logged: %v, %q", err, refused.Answer)
			}
			if len(server.Mails()) != 0 {
				t.Error("the server has a message all the same")
			}
		})
	}
}

func TestServerThatNeverAnswersIsLeft(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"HELLO", "EHLO", "RCPT", "TEXT"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, mailtest.Options{Say: func(asked string, _ int) string {
				if asked == command {
					return mailtest.Silence
				}
				return ""
			}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-server.Asked
				cancel() // as the end of our patience does
			}()
			_, err := deliver(ctx, known(server))
			if refused := refusal(t, err); refused.Final || !refused.Way {
				t.Errorf("got %+v", refused)
			}
		})
	}
}
