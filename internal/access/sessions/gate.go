package sessions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
)

// ticketLife is how long the browser has to carry a ticket to its host.
const ticketLife = time.Minute

// Ticket makes a single-use ticket with which a gate session for host can be
// begun from a portal session, within a minute. It is not audited: nothing has
// been entered until it is redeemed, and that is. Problems: NoSuch, HasEnded,
// HasExpired, HostMissing.
func (b *Book) Ticket(ctx context.Context, parent ids.Session, host string) (secret.Value, error) {
	host = strings.ToLower(host)
	if host == "" || len(host) > 261 { // 255 of a name (RFC 1035 §2.3.4), a colon and a port
		return secret.Value{}, HostMissing.New()
	}
	session, err := b.Get(ctx, parent)
	if err != nil {
		return secret.Value{}, err
	}
	if session.Parent != "" {
		return secret.Value{}, NoSuch.New() // gate sessions do not beget others
	}
	if err := b.mustLive(ctx, session); err != nil {
		return secret.Value{}, err
	}
	ticket := secret.Token()
	kept := Ticket{Hash: ticket.Hash(), Parent: parent, Host: host, Expires: b.now().Add(ticketLife)}
	err = b.deps.Tx.InTx(ctx, func(ctx context.Context) error { return b.deps.Store.KeepTicket(ctx, kept) })
	if err != nil {
		return secret.Value{}, fmt.Errorf("keep ticket of %s: %w", parent, err)
	}
	return ticket, nil
}

// Redeem turns a ticket into a gate session for host. Of any number of callers
// with the same ticket exactly one succeeds. Problems: TicketRefused.
func (b *Book) Redeem(ctx context.Context, ticket secret.Value, host string) (Session, secret.Value, error) {
	if ticket.Empty() {
		return Session{}, secret.Value{}, TicketRefused.New()
	}
	var session Session
	token := secret.Token()
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		now := b.now()
		taken, found, err := b.deps.Store.TakeTicket(ctx, ticket.Hash(), strings.ToLower(host), now)
		if err != nil {
			return err
		}
		// A ticket from the future outlived a clock that jumped back.
		if !found || taken.Expires.Sub(now) > ticketLife+skew {
			return TicketRefused.New()
		}
		parent, found, err := b.deps.Store.ByID(ctx, taken.Parent)
		if err != nil {
			return err
		}
		if !found || parent.Life(now) != Alive {
			return TicketRefused.New()
		}
		session = parent
		session.ID, session.Parent, session.Host = ids.New[ids.Session](), parent.ID, taken.Host
		session.CreatedAt, session.LastSeenAt = now, now
		return b.begin(ctx, session, token, audit.Event{Actor: audit.Person(parent.Person), Action: "session.gate_started"})
	})
	if err != nil {
		return Session{}, secret.Value{}, fmt.Errorf("redeem ticket for %s: %w", host, err)
	}
	return session, token, nil
}

// Touch moves the times of last use forward, in one unit of work. Live views
// gather them and call it every few seconds. It is not audited: that somebody
// was active is in the decisions. Ended sessions stay as they are.
func (b *Book) Touch(ctx context.Context, seen map[ids.Session]time.Time) error {
	if len(seen) == 0 {
		return nil
	}
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error { return b.deps.Store.Touch(ctx, seen) })
	if err != nil {
		return fmt.Errorf("touch %d sessions: %w", len(seen), err)
	}
	return nil
}
