package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/warder-project/warder/internal/base/ids"
)

// State is where a message stands.
type State string

// The closed set of states. A message that was written while no mail server was
// named is kept, also when one is named later: old news helps nobody.
//
//	kept
//	waiting → delivered   a mail server has taken it
//	        → failed      refused for good, or for two days
const (
	Kept      State = "kept"
	Waiting   State = "waiting"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// How long messages are tried, and how they are claimed.
const (
	// GiveUpAfter is how old a message may be when it is refused and tried again.
	GiveUpAfter = 48 * time.Hour
	// Hold is how long a node has a claimed message to itself. A Post must be done well before.
	Hold = 5 * time.Minute

	firstPause, longestPause = time.Minute, 4 * time.Hour
	perRound                 = 100
)

// Delivery is how one message fares. It has neither its text nor its address.
type Delivery struct {
	ID        ids.Mail
	Person    ids.Person
	State     State
	Tries     int
	Answer    string // what was said at the last try; it may quote the address
	CreatedAt time.Time
	NextAt    time.Time // when it is tried next; meaningful while Waiting
	SettledAt time.Time // when it was delivered or given up
}

// Standing counts what has not arrived.
type Standing struct {
	Failed int // given up since the time asked about
	Late   int // still waiting, and written before the time asked about
}

// Post hands one message to a mail server, and gives its answer. A message that
// was not taken is a *Refusal; after any other error it is not known.
type Post interface {
	Deliver(ctx context.Context, message Message) (answer string, err error)
}

// Refusal says why a message was not taken.
type Refusal struct {
	Answer string // for whoever runs Warder: it may quote the address, so it is not logged
	// Final: this message will never be taken (RFC 5321 §4.2.1, 5yz).
	Final bool
	// Way: nothing was said of this message. The server cannot be reached, cannot be
	// trusted, or does not take Warder for one of its own; others would fare no better.
	Way bool
}

// Error has no answer in it, because errors are logged.
func (r *Refusal) Error() string { return "the mail server has not taken the message" }

// Courier takes messages from the outbox to the mail server.
//
// Each arrives at least once. A node that ends between the server's answer and the
// note of it leaves the message to be sent again when Hold is over; its Message-ID
// is the same both times, so that receivers may show one.
type Courier struct{ deps CourierDeps }

// CourierDeps is what the courier needs.
type CourierDeps struct {
	Store Deliveries
	Post  Post
	Now   func() time.Time
	Log   *slog.Logger
}

// Deliveries keeps how messages fare.
type Deliveries interface {
	// Claim gives a message that is due, if there is one, and nobody else until the
	// given time. It counts as a try.
	Claim(ctx context.Context, now, until time.Time) (message Message, tries int, found bool, err error)
	// Settle notes that a claimed message was delivered or has failed.
	Settle(ctx context.Context, id ids.Mail, state State, answer string, at time.Time) error
	// Postpone notes that a claimed message was refused and is tried again.
	Postpone(ctx context.Context, id ids.Mail, answer string, next time.Time) error
	// Undelivered gives messages that wait or have failed, newest first.
	Undelivered(ctx context.Context, limit int) ([]Delivery, error)
	// Standing counts those given up since one time, and those that wait since before another.
	Standing(ctx context.Context, failedSince, writtenBefore time.Time) (Standing, error)
}

// NewCourier returns a courier.
func NewCourier(deps CourierDeps) *Courier {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Courier{deps: deps}
}

// Round delivers what is due. It ends early when there is no way to the server; an
// error is that of the database.
func (c *Courier) Round(ctx context.Context) error {
	for range perRound {
		now := c.deps.Now()
		message, tries, found, err := c.deps.Store.Claim(ctx, now, now.Add(Hold))
		if err != nil {
			return fmt.Errorf("claim a message: %w", err)
		}
		if !found {
			return nil
		}
		again, err := c.deliver(ctx, message, tries)
		if err != nil || !again {
			return err
		}
	}
	return nil
}

// deliver tries one message, and reports whether there is a way for others.
func (c *Courier) deliver(ctx context.Context, message Message, tries int) (again bool, err error) {
	answer, err := "", message.check()
	if err != nil { // nobody writes such rows; whoever did gets no header of their own
		err = &Refusal{Answer: "Warder does not send it: its address or its subject is not one line of plain text", Final: true}
	} else {
		answer, err = c.deps.Post.Deliver(ctx, message)
	}
	if err != nil && ctx.Err() != nil {
		return false, nil // we are being stopped; the claim runs out by itself
	}
	// What a server has said is noted, also when we are being stopped.
	ctx = context.WithoutCancel(ctx)
	now := c.deps.Now()
	if err == nil {
		if err := c.deps.Store.Settle(ctx, message.ID, Delivered, OneLine(answer), now); err != nil {
			return false, fmt.Errorf("note that %s was delivered: %w", message.ID, err)
		}
		return true, nil
	}
	refusal := &Refusal{Answer: "the connection ended before the mail server answered", Way: true}
	errors.As(err, &refusal)
	last := message.CreatedAt.Add(GiveUpAfter)
	final := refusal.Final || !now.Before(last)
	c.deps.Log.WarnContext(ctx, "a message was not taken by the mail server", "message", string(message.ID), "tries", tries, "given_up", final)
	if final {
		err = c.deps.Store.Settle(ctx, message.ID, Failed, OneLine(refusal.Answer), now)
	} else {
		next := now.Add(pause(tries))
		if next.After(last) {
			next = last
		}
		err = c.deps.Store.Postpone(ctx, message.ID, OneLine(refusal.Answer), next)
	}
	if err != nil {
		return false, fmt.Errorf("note that %s was refused: %w", message.ID, err)
	}
	return !refusal.Way, nil
}

// pause is how long to wait after so many tries: twice as long each time.
func pause(tries int) time.Duration {
	wait := firstPause
	for i := 1; i < tries && wait < longestPause; i++ {
		wait *= 2
	}
	return min(wait, longestPause)
}

// Undelivered gives at most limit messages that wait or have failed, newest first.
func (c *Courier) Undelivered(ctx context.Context, limit int) ([]Delivery, error) {
	list, err := c.deps.Store.Undelivered(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list undelivered messages: %w", err)
	}
	return list, nil
}

// Standing counts what was given up in the last week, and what waits for longer
// than a quarter of an hour.
func (c *Courier) Standing(ctx context.Context) (Standing, error) {
	now := c.deps.Now()
	standing, err := c.deps.Store.Standing(ctx, now.Add(-7*24*time.Hour), now.Add(-15*time.Minute))
	if err != nil {
		return Standing{}, fmt.Errorf("count undelivered messages: %w", err)
	}
	return standing, nil
}

// Test hands a message to the mail server at once, past the outbox, and gives its
// answer. Problems: BadAddress, NotTaken.
func (c *Courier) Test(ctx context.Context, message Message) (answer string, err error) {
	message.ID, message.CreatedAt = ids.New[ids.Mail](), c.deps.Now().UTC()
	if err := message.check(); err != nil {
		return "", err
	}
	answer, err = c.deps.Post.Deliver(ctx, message)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return "", NotTaken.Detailf("%s.", OneLine(refusal.Answer))
	}
	if err != nil {
		return "", NotTaken.Because(err)
	}
	return OneLine(answer), nil
}

// OneLine makes what a server says fit for a terminal and a column: one line of 300
// characters at most, without control characters.
func OneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:299]) + "…"
	}
	return text
}
