// Package mail keeps messages to people in an outbox. A message is written in
// the unit of work it tells of, so nobody is told of a change that was not kept.
//
// The Courier takes them to a mail server afterwards, where one is named; else they
// are kept here, where the demo shows them at a URL. How a mail server is spoken to
// is for mailsmtp, and the wording is for the rooms that have something to say.
package mail

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

// The problems this room can answer with.
var (
	BadAddress = problem.Define(problem.Invalid, "mail.bad_address",
		"The message has no e-mail address it could go to.",
		"Give the person one plain address, such as name@example.org.")
	BadSubject = problem.Define(problem.Internal, "mail.bad_subject",
		"The subject of a message is empty or has more than one line.",
		"This is a fault in Warder. Please report it with the incident number.")
	OutsideWork = problem.Define(problem.Internal, "mail.outside_work",
		"A message was sent apart from the change it tells of.",
		"This is a fault in Warder. Please report it with the incident number.")
	NotTaken = problem.Define(problem.Unavailable, "mail.not_taken",
		"The mail server has not taken the message.",
		"Compare what it said with the smtp_ fields in warder.yaml, correct them or the server, and try again.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{BadAddress, BadSubject, OutsideWork, NotTaken}
}

// Message is one message to one person. Text may hold a one-time link, so a
// message is as confidential as what it opens.
type Message struct {
	ID        ids.Mail   // set by Send
	To        string     // an address without a name
	Person    ids.Person // who it is for; "" is somebody without a record
	Subject   string     // one line
	Text      string     // plain text
	CreatedAt time.Time  // set by Send
}

// check refuses what could carry headers of its author's choice.
func (m Message) check() error {
	address, err := mail.ParseAddress(m.To)
	if err != nil || address.Address != m.To || strings.ContainsFunc(m.To, unicode.IsControl) {
		return BadAddress.New()
	}
	// RFC 5322 §2.2: a header field ends with its line, so a subject of two lines
	// would let its author write further headers.
	if m.Subject == "" || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return BadSubject.New()
	}
	return nil
}

// Store keeps messages.
type Store interface {
	// Add keeps a message that is Waiting or Kept. Outside a unit of work it is OutsideWork.
	Add(ctx context.Context, message Message, state State) error
	// Newest gives messages, newest first, that are older than the one named.
	Newest(ctx context.Context, after ids.Mail, limit int) ([]Message, error)
}

// Deps is what the outbox needs.
type Deps struct {
	Store Store
	Now   func() time.Time
	// Delivers: there is a mail server, so what is sent waits for the Courier.
	Delivers bool
}

// Outbox is where messages are put and can be read.
type Outbox struct{ deps Deps }

// New returns the outbox.
func New(deps Deps) *Outbox { return &Outbox{deps: deps} }

// Send puts a message into the outbox, in the unit of work in ctx. Problems:
// BadAddress, BadSubject, OutsideWork.
func (o *Outbox) Send(ctx context.Context, message Message) (ids.Mail, error) {
	if err := message.check(); err != nil {
		return "", err
	}
	message.ID = ids.New[ids.Mail]()
	message.CreatedAt = o.deps.Now().UTC().Truncate(time.Millisecond)
	state := Kept
	if o.deps.Delivers {
		state = Waiting
	}
	if err := o.deps.Store.Add(ctx, message, state); err != nil {
		return "", fmt.Errorf("send message to %s: %w", message.Person, err)
	}
	return message.ID, nil
}

// List gives messages, newest first: at most limit (1 to 500; 0 is 50) that are
// older than the message after ("" begins with the newest).
func (o *Outbox) List(ctx context.Context, after ids.Mail, limit int) ([]Message, error) {
	if limit <= 0 {
		limit = 50
	}
	messages, err := o.deps.Store.Newest(ctx, after, min(limit, 500))
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return messages, nil
}
