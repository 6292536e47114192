// Package post makes the courier of messages to people as warder.yaml says, and puts
// among the health conditions what people are not told by mail. How a message is
// delivered is for base/mail.
package post

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/mailsmtp"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
)

var noServer = problem.Define(problem.Conflict, "mail.no_server",
	"No mail server is named, so nothing can be sent.",
	"Set smtp_host and smtp_from in warder.yaml; `warder config describe` explains them.")

// Problems lists every problem of this package.
func Problems() []problem.Definition { return []problem.Definition{noServer} }

// Open makes the courier. Nothing is read and nobody is asked before there is a
// message to deliver.
func Open(c config.Config, store mail.Deliveries, now func() time.Time, log *slog.Logger) *mail.Courier {
	post := mailsmtp.New(mailsmtp.Deps{Server: func() (mailsmtp.Server, error) { return server(c) }})
	return mail.NewCourier(mail.CourierDeps{Store: store, Post: post, Now: now, Log: log})
}

// server is the mail server of the configuration, with its files read anew.
func server(c config.Config) (mailsmtp.Server, error) {
	s := mailsmtp.Server{Host: c.SMTPHost, Port: c.SMTPPort, User: c.SMTPUser, From: c.SMTPFrom, Name: c.Public().Hostname()}
	switch c.SMTPTLS {
	case "implicit":
		s.Encryption = mailsmtp.Implicit
	case "none":
		s.Encryption = mailsmtp.None
	default:
		s.Encryption = mailsmtp.StartTLS
	}
	if c.SMTPPassword != "" {
		text, err := os.ReadFile(c.SMTPPassword)
		if err != nil {
			return s, fmt.Errorf("smtp_password_file: %w", err)
		}
		s.Password = secret.New(strings.TrimRight(string(text), "\r\n"))
	}
	if c.SMTPCA != "" {
		text, err := os.ReadFile(c.SMTPCA)
		if err != nil {
			return s, fmt.Errorf("smtp_ca: %w", err)
		}
		s.Roots = x509.NewCertPool()
		if !s.Roots.AppendCertsFromPEM(text) {
			return s, errors.New("smtp_ca: there is no certificate in it")
		}
	}
	return s, nil
}

// Test sends a test message at once and gives the server's answer. Problems:
// mail.no_server, mail.BadAddress, mail.NotTaken.
func Test(ctx context.Context, c config.Config, courier *mail.Courier, address string) (string, error) {
	if !c.SendsMail() {
		return "", noServer.New()
	}
	return courier.Test(ctx, mail.Message{To: address, Subject: "Test message from Warder",
		Text: "This is a test: messages from Warder at " + c.PublicURL + " reach this address. There is nothing to do.\n"})
}

// The conditions of the mail.
const (
	outboxOnly  = "mail.outbox_only"
	undelivered = "mail.undelivered"
)

// Watch says on the health board what people are not told by mail. It asks the
// database, never the mail server.
func Watch(ctx context.Context, c config.Config, courier *mail.Courier, board *health.Board, log *slog.Logger) {
	if !c.SendsMail() {
		board.Set(health.Condition{Code: outboxOnly, Severity: health.Warning,
			Cause: "No mail server is named, so nobody is told anything by mail: not of changes to their keys, nor of a recovery case in their name. Messages stay in the outbox.",
			Next:  "Set smtp_host and smtp_from in warder.yaml, restart, and run warder mail test ADDRESS."})
		return
	}
	standing, err := courier.Standing(ctx)
	if err != nil {
		log.ErrorContext(ctx, "undelivered messages could not be counted", "error", err)
		return
	}
	if standing == (mail.Standing{}) {
		board.Clear(undelivered)
		return
	}
	board.Set(health.Condition{Code: undelivered, Severity: health.Warning,
		Cause: fmt.Sprintf("Messages to people that were given up in the last week: %d. That wait for longer than a quarter of an hour: %d.", standing.Failed, standing.Late),
		Next:  "Run warder mail list to see what the mail server said, then warder mail test ADDRESS. Tell people another way of what was given up: it is not sent again. This clears when nothing waits, a week after the last was given up."})
}
