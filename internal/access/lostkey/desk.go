package lostkey

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Deps is what a Desk needs.
type Deps struct {
	Keys     *keys.Register
	Factors  *factors.Factors
	Sessions *sessions.Book
	Tx       tx.Runner
	Audit    *audit.Log
	Now      func() time.Time
	Log      *slog.Logger // nil discards
}

// Desk takes reports. It is safe for concurrent use.
type Desk struct{ deps Deps }

// New makes a Desk.
func New(deps Deps) *Desk {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{deps: deps}
}

// Outcome is what a report has stopped.
type Outcome struct {
	Key                  keys.Key
	SessionsEnded        int
	CredentialsSuspended int
	Took                 time.Duration // from the report until the block was in force on this node
}

// Preview says what a report would stop, and changes nothing. Problems: those of
// keys.Register.Get, keys.ReasonUnknown, and keys.BadTransition where the key cannot be
// blocked.
func (d *Desk) Preview(ctx context.Context, id ids.Key, reason keys.Reason) (Outcome, error) {
	would, err := d.preview(ctx, id, reason)
	if err != nil {
		return Outcome{}, fmt.Errorf("preview of a report of key %s: %w", id, err)
	}
	return would, nil
}

func (d *Desk) preview(ctx context.Context, id ids.Key, reason keys.Reason) (Outcome, error) {
	key, err := d.deps.Keys.Get(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	if _, err := keys.ParseReason(string(reason)); err != nil {
		return Outcome{}, err
	}
	would := Outcome{Key: key}
	if becomes := stateOf(reason); key.State != becomes && !key.State.MayBecome(becomes) {
		return Outcome{}, keys.BadTransition.Detailf("It is %q and cannot become %q.", key.State.Label(), becomes.Label())
	}
	registered, err := d.deps.Factors.OfKey(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	people := map[ids.Person]bool{key.Holder: true}
	for _, credential := range registered {
		people[credential.Person] = true
		if credential.State == factors.Active {
			would.CredentialsSuspended++
		}
	}
	for person := range people {
		if person == "" {
			continue
		}
		open, err := d.deps.Sessions.OfPerson(ctx, person)
		if err != nil {
			return Outcome{}, err
		}
		for _, session := range open {
			if session.Key == id {
				would.SessionsEnded++
			}
		}
	}
	return would, nil
}

// stateOf is what a key becomes when it is reported.
func stateOf(reason keys.Reason) keys.State {
	if reason == keys.Stolen {
		return keys.StateStolen
	}
	return keys.StateLost
}

// Report blocks a key everywhere. reportedAt is when the person said so; zero is
// now. Reporting the same again stops whatever is left to stop, and is no error.
// When Report returns without error, no session of that key is accepted here.
// Problems: ReportFromFuture, and those of keys.Block.
func (d *Desk) Report(ctx context.Context, actor audit.Actor, key ids.Key, reason keys.Reason, reportedAt time.Time) (Outcome, error) {
	now := d.deps.Now()
	if reportedAt.IsZero() {
		reportedAt = now
	}
	if reportedAt.Sub(now) > time.Minute {
		return Outcome{}, ReportFromFuture.New()
	}
	// The key must stay blocked even if whoever reported it closes the page.
	ctx = context.WithoutCancel(ctx)
	var outcome Outcome
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		outcome, err = d.stop(ctx, actor, key, reason)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("report key %s %s: %w", key, reason, err)
	}
	// The listeners of the commit have run, so the block is in force on this node.
	outcome.Took = max(d.deps.Now().Sub(reportedAt), 0)
	if err := d.note(ctx, actor, outcome, reason); err != nil {
		// The block stands. Only the measurement is missing, and that is said.
		d.deps.Log.ErrorContext(ctx, "time of a block could not be recorded", "key", key, "error", err)
	}
	return outcome, nil
}

// stop does everything that must stop, inside one unit of work.
func (d *Desk) stop(ctx context.Context, actor audit.Actor, key ids.Key, reason keys.Reason) (Outcome, error) {
	blocked, err := d.deps.Keys.Block(ctx, actor, key, reason)
	if err != nil {
		return Outcome{}, err
	}
	suspended, err := d.deps.Factors.SuspendOfKey(ctx, actor, key, string(reason))
	if err != nil {
		return Outcome{}, err
	}
	ended, err := d.deps.Sessions.EndOfKey(ctx, actor, key, endReason(reason))
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Key: blocked, SessionsEnded: ended, CredentialsSuspended: suspended}, nil
}

func endReason(reason keys.Reason) sessions.Reason {
	switch reason {
	case keys.Lost:
		return sessions.KeyLost
	case keys.Stolen:
		return sessions.KeyStolen
	}
	return sessions.KeyLost
}

func (d *Desk) note(ctx context.Context, actor audit.Actor, outcome Outcome, reason keys.Reason) error {
	return d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "key.block_in_force", Subject: string(outcome.Key.ID),
			Details: map[string]string{
				"reason":                string(reason),
				"milliseconds":          strconv.FormatInt(outcome.Took.Milliseconds(), 10),
				"sessions_ended":        strconv.Itoa(outcome.SessionsEnded),
				"credentials_suspended": strconv.Itoa(outcome.CredentialsSuspended),
			}})
	})
}
