// Package mail keeps messages to people in an outbox. A message is written in
// the unit of work it tells of, so nobody is told of a change that was not kept.
//
// This room does not deliver: there is no SMTP in it yet. What is sent stays in
// the outbox, where the demo shows it at a URL and an administrator can read it.
// It leaves the wording to the rooms that have something to say.
package mail

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

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
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{BadAddress, BadSubject, OutsideWork}
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

// Store keeps messages.
type Store interface {
	// Add keeps a message. Outside a unit of work it is OutsideWork.
	Add(ctx context.Context, message Message) error
	// Newest gives messages, newest first, that are older than the one named.
	Newest(ctx context.Context, after ids.Mail, limit int) ([]Message, error)
}

// Deps is what the outbox needs.
type Deps struct {
	Store Store
	Now   func() time.Time
}

// Outbox is where messages are put and can be read.
type Outbox struct{ deps Deps }

// New returns the outbox.
func New(deps Deps) *Outbox { return &Outbox{deps: deps} }

// Send puts a message into the outbox, in the unit of work in ctx. Problems:
// BadAddress, BadSubject, OutsideWork.
func (o *Outbox) Send(ctx context.Context, message Message) (ids.Mail, error) {
	address, err := mail.ParseAddress(message.To)
	if err != nil || address.Address != message.To {
		return "", BadAddress.New()
	}
	// RFC 5322 §2.2: a header field ends with its line, so a subject of two lines
	// would let its author write further headers.
	if message.Subject == "" || strings.ContainsAny(message.Subject, "\r\n\x00") {
		return "", BadSubject.New()
	}
	message.ID = ids.New[ids.Mail]()
	message.CreatedAt = o.deps.Now().UTC().Truncate(time.Millisecond)
	if err := o.deps.Store.Add(ctx, message); err != nil {
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
