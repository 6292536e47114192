package sessions

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Deps is what a Book needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
	Log   *slog.Logger // nil discards
}

// Book is where sessions are begun, looked up and ended. It is safe for
// concurrent use.
type Book struct{ deps Deps }

// New makes a Book.
func New(deps Deps) *Book {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Book{deps: deps}
}

// now is the moment in the grain in which times are kept.
func (b *Book) now() time.Time { return b.deps.Now().UTC().Truncate(time.Millisecond) }

// Start begins a portal session. The token goes into the browser's cookie and is
// kept nowhere else. A session hangs from a key, or from a secret that came
// beside a password: that one has no key, and claims nothing that only a key
// proves. Problems: NothingProven.
func (b *Book) Start(ctx context.Context, actor audit.Actor, begun NewSession) (Session, secret.Value, error) {
	if !begun.sound() {
		return Session{}, secret.Value{}, NothingProven.New()
	}
	_, absolute := assurance.Limits(begun.Assurance.AAL)
	now := b.now()
	session := Session{
		ID: ids.New[ids.Session](), Person: begun.Person, Credential: begun.Credential, Key: begun.Key,
		Assurance: begun.Assurance, AMR: slices.Clone(begun.AMR),
		AuthTime: now, CreatedAt: now, LastSeenAt: now, AbsoluteEnd: now.Add(absolute),
		IP: shorten(begun.IP, 64), UserAgent: shorten(begun.UserAgent, 256),
	}
	if !begun.Until.IsZero() && begun.Until.Before(session.AbsoluteEnd) {
		session.AbsoluteEnd = begun.Until.UTC().Truncate(time.Millisecond)
	}
	token := secret.Token()
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return b.begin(ctx, session, token, audit.Event{Actor: actor, Action: "session.started"}, begun.Cause)
	})
	if err != nil {
		return Session{}, secret.Value{}, fmt.Errorf("start session of %s: %w", begun.Person, err)
	}
	return session, token, nil
}

// begin keeps a session, and records its beginning and the cause of it, if there is
// one, inside a unit of work.
func (b *Book) begin(ctx context.Context, session Session, token secret.Value, beginning audit.Event, causes ...audit.Event) error {
	hash := token.Hash()
	if err := b.deps.Store.Begin(ctx, session, hash); err != nil {
		return err
	}
	beginning.Subject = string(session.ID)
	beginning.Details = map[string]string{"person": string(session.Person), "key": string(session.Key), "method": session.Assurance.Method.String(), "assurance": session.Assurance.String()}
	if session.Parent != "" {
		beginning.Details["parent"], beginning.Details["host"] = string(session.Parent), session.Host
	}
	causes = slices.DeleteFunc(causes, func(cause audit.Event) bool { return cause.Action == "" })
	for i := range causes {
		causes[i].Subject = string(session.ID)
	}
	if err := b.deps.Audit.Record(ctx, beginning, causes...); err != nil {
		return err
	}
	return tx.PublishBegun(ctx, tx.Session, string(session.ID), &Begun{Hash: hash, Session: session})
}

// ByToken finds the session of a browser in the store. A session whose time is
// up is ended on the spot, so that it stays ended. Problems: NotFound, HasEnded,
// HasExpired.
func (b *Book) ByToken(ctx context.Context, token secret.Value) (Session, error) {
	if token.Empty() {
		return Session{}, NotFound.New()
	}
	session, found, err := b.deps.Store.ByHash(ctx, token.Hash())
	if err != nil {
		return Session{}, fmt.Errorf("look up session: %w", err)
	}
	if !found {
		return Session{}, NotFound.New()
	}
	if err := b.mustLive(ctx, session); err != nil {
		return Session{}, err
	}
	if session.Parent == "" {
		return session, nil
	}
	parent, found, err := b.deps.Store.ByID(ctx, session.Parent)
	if err != nil {
		return Session{}, fmt.Errorf("look up parent of session %s: %w", session.ID, err)
	}
	if !found {
		return Session{}, HasEnded.New()
	}
	return session, b.mustLive(ctx, parent)
}

// mustLive answers with a problem unless the session is alive, and ends it when
// its time is up.
func (b *Book) mustLive(ctx context.Context, session Session) error {
	switch session.Life(b.now()) {
	case Alive:
		return nil
	case Idle:
		return b.expire(ctx, session.ID, IdleTooLong)
	case Over:
		return b.expire(ctx, session.ID, Expired)
	case FromFuture:
		return HasExpired.New()
	case Ended, Unknown:
	}
	return HasEnded.New()
}

func (b *Book) expire(ctx context.Context, id ids.Session, reason Reason) error {
	if err := b.Expire(ctx, id, reason); err != nil {
		return err
	}
	return HasExpired.New()
}

// Get finds a session by its id, whatever has become of it. Problems: NoSuch.
func (b *Book) Get(ctx context.Context, id ids.Session) (Session, error) {
	session, found, err := b.deps.Store.ByID(ctx, id)
	if err != nil {
		return Session{}, fmt.Errorf("look up session %s: %w", id, err)
	}
	if !found {
		return Session{}, NoSuch.New()
	}
	return session, nil
}

// OfPerson lists the sessions a person could use now, newest first.
func (b *Book) OfPerson(ctx context.Context, person ids.Person) ([]Session, error) {
	sessions, err := b.deps.Store.List(ctx, Query{Person: person})
	if err != nil {
		return nil, fmt.Errorf("list sessions of %s: %w", person, err)
	}
	now, alive := b.now(), map[ids.Session]bool{}
	for i := range sessions {
		alive[sessions[i].ID] = sessions[i].Life(now) == Alive
	}
	return slices.DeleteFunc(sessions, func(s Session) bool {
		return !alive[s.ID] || s.Parent != "" && !alive[s.Parent]
	}), nil
}

// End ends one session and the gate sessions that hang from it. Problems: NoSuch
// when there is none, or it has ended already.
func (b *Book) End(ctx context.Context, actor audit.Actor, id ids.Session, reason Reason) error {
	ended, err := b.end(ctx, actor, Which{Session: id}, reason)
	if err != nil {
		return fmt.Errorf("end session %s: %w", id, err)
	}
	if ended == 0 {
		return NoSuch.New()
	}
	return nil
}

// EndOfKey ends every session begun with a key and says how many that were.
func (b *Book) EndOfKey(ctx context.Context, actor audit.Actor, key ids.Key, reason Reason) (int, error) {
	ended, err := b.end(ctx, actor, Which{Key: key}, reason)
	if err != nil {
		return 0, fmt.Errorf("end sessions of %s: %w", key, err)
	}
	return ended, nil
}

// EndOfPerson ends every session of a person and says how many that were.
func (b *Book) EndOfPerson(ctx context.Context, actor audit.Actor, person ids.Person, reason Reason) (int, error) {
	ended, err := b.end(ctx, actor, Which{Person: person}, reason)
	if err != nil {
		return 0, fmt.Errorf("end sessions of %s: %w", person, err)
	}
	return ended, nil
}

// end is the one way by which sessions end: one unit of work, one audit entry
// with the number, and the same topic for every session (keycloak #51376: a
// route that ends sessions in silence leaves copies alive).
func (b *Book) end(ctx context.Context, actor audit.Actor, which Which, reason Reason) (int, error) {
	if reason == "" {
		reason = "unknown"
	}
	count := 0
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		ended, err := b.deps.Store.End(ctx, which, reason, b.now())
		if err != nil {
			return err
		}
		count = len(ended)
		if count == 0 {
			return nil
		}
		for _, id := range ended {
			if err := tx.Publish(ctx, tx.Session, string(id)); err != nil {
				return err
			}
		}
		return b.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "session.ended", Subject: which.subject(),
			Details: map[string]string{"reason": string(reason), "count": strconv.Itoa(count)}})
	})
	return count, err
}

func (w Which) subject() string {
	switch {
	case w.Session != "":
		return string(w.Session)
	case w.Key != "":
		return string(w.Key)
	case w.Person != "":
		return string(w.Person)
	}
	return "overdue"
}

// shorten cuts text that comes from outside to at most most bytes of valid UTF-8.
func shorten(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
