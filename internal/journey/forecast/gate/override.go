package gate

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

// State is where an override is. The zero value is nowhere, and lets nothing through.
type State string

// The states.
const (
	Asked    State = "asked"
	Approved State = "approved"
	Refused  State = "refused"
	Used     State = "used"
)

// mayBecome is the table of transitions.
var mayBecome = map[State][]State{Asked: {Approved, Refused}, Approved: {Used, Refused}}

// Override is the word of two administrators against a forecast.
type Override struct {
	ID        ids.Override
	Draft     string // Draft.Hash
	Version   string
	Against   string
	Forecast  ids.Forecast // the one that it goes against
	Reason    string
	State     State
	AskedBy   ids.Person
	AskedAt   time.Time
	Until     time.Time
	DecidedBy ids.Person // who approved or refused; "" while it is asked
	DecidedAt time.Time
	UsedAt    time.Time
}

// Open reports whether somebody can still decide about it.
func (o Override) Open(now time.Time) bool { return o.State == Asked && now.Before(o.Until) }

// usable reports whether a draft may be enforced because of it.
func (o Override) usable(now time.Time) bool {
	return o.State == Approved && now.Before(o.Until) && o.AskedBy != "" && o.DecidedBy != "" && o.AskedBy != o.DecidedBy
}

// Usable reports whether a draft could be enforced because of it.
func (o Override) Usable(now time.Time) bool { return o.usable(now) }

// By is somebody at a page.
type By struct {
	Person  ids.Person
	Session ids.Session
}

// Ask asks another administrator to let a draft through although its forecast says
// no. Problems: NotYours, NoReason, Missing, Stale, AskedAlready.
func (g *Gate) Ask(ctx context.Context, by By, draft Draft, reason string) (Override, error) {
	reason = strings.TrimSpace(reason)
	if length := utf8.RuneCountInString(reason); length < shortestWords || length > longestWords || !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return Override{}, NoReason.New()
	}
	var override Override
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := g.mayDecide(ctx, by.Person); err != nil {
			return err
		}
		standing, err := g.Standing(ctx, draft)
		if err != nil {
			return err
		}
		switch {
		case standing.Kept == nil:
			return Missing.New()
		case !standing.Kept.Good(standing.Now):
			return Stale.New()
		case standing.Override != nil && (standing.Override.Open(standing.Now) || standing.Override.usable(standing.Now)):
			return AskedAlready.New()
		}
		now := g.now()
		override = Override{ID: ids.New[ids.Override](), Draft: draft.Hash(), Version: draft.Version, Against: draft.Against, Forecast: standing.Kept.ID,
			Reason: reason, State: Asked, AskedBy: by.Person, AskedAt: now, Until: now.Add(Stands)}
		if err := g.deps.Store.Ask(ctx, override); err != nil {
			return err
		}
		return g.record(ctx, audit.Person(by.Person), "policy.override_asked", override)
	})
	if err != nil {
		return Override{}, fmt.Errorf("ask to go against the forecast of %s: %w", draft.Version, err)
	}
	return override, nil
}

// Approve is the second administrator's word. Problems: NotFound, Yourself, NotYours,
// NotFresh, Over.
func (g *Gate) Approve(ctx context.Context, by By, id ids.Override) (Override, error) {
	return g.decide(ctx, by, id, Approved)
}

// Refuse says no, or takes back what was asked or approved and not used yet. Problems:
// NotFound, NotYours, Over.
func (g *Gate) Refuse(ctx context.Context, by By, id ids.Override) (Override, error) {
	return g.decide(ctx, by, id, Refused)
}

func (g *Gate) decide(ctx context.Context, by By, id ids.Override, to State) (Override, error) {
	var override Override
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if override, err = g.deps.Store.Get(ctx, id); err != nil {
			return err
		}
		if err := g.mayDecide(ctx, by.Person); err != nil {
			return err
		}
		if to == Approved {
			if by.Person == override.AskedBy {
				return Yourself.New()
			}
			if err := g.Fresh(ctx, by); err != nil {
				return err
			}
		}
		override.DecidedBy, override.DecidedAt = by.Person, g.now()
		return g.move(ctx, audit.Person(by.Person), override, to)
	})
	if err != nil {
		return Override{}, fmt.Errorf("override %s: %w", id, err)
	}
	override.State = to
	return override, nil
}

// use spends an override on the enforcing of its draft.
func (g *Gate) use(ctx context.Context, override Override) error {
	override.UsedAt = g.now()
	return g.move(ctx, audit.Person(override.DecidedBy), override, Used)
}

func (g *Gate) move(ctx context.Context, actor audit.Actor, override Override, to State) error {
	from := override.State
	allowed := false
	for _, next := range mayBecome[from] {
		allowed = allowed || next == to
	}
	if !allowed || !g.deps.Now().Before(override.Until) {
		return Over.New()
	}
	override.State = to
	moved, err := g.deps.Store.Move(ctx, override, from)
	if err != nil {
		return err
	}
	if !moved {
		return Over.New()
	}
	return g.record(ctx, actor, "policy.override_"+string(to), override)
}

// Get finds an override. Problem: NotFound.
func (g *Gate) Get(ctx context.Context, id ids.Override) (Override, error) {
	return g.deps.Store.Get(ctx, id)
}

func (g *Gate) mayDecide(ctx context.Context, person ids.Person) error {
	if person == "" {
		return NotYours.New()
	}
	may, err := g.deps.Administers(ctx, person)
	if err == nil && !may {
		return NotYours.New()
	}
	return err
}

// Fresh checks that somebody has just touched a key that is good enough to change what
// holds for all. Problem: NotFresh.
func (g *Gate) Fresh(ctx context.Context, by By) error {
	session, err := g.deps.Sessions.Get(ctx, by.Session)
	if problem.Is(err, sessions.NoSuch) {
		return NotFresh.Because(err)
	}
	if err != nil {
		return err
	}
	now := g.deps.Now()
	if session.Person != by.Person || session.Life(now) != sessions.Alive || strongly().Unmet(session.Assurance, session.AuthTime, now) != 0 {
		return NotFresh.New()
	}
	return nil
}

func (g *Gate) record(ctx context.Context, actor audit.Actor, action string, override Override) error {
	return g.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(override.ID), Details: map[string]string{
		"draft": override.Draft, "version": override.Version, "against": override.Against, "forecast": string(override.Forecast),
		"reason": override.Reason, "asked_by": string(override.AskedBy), "decided_by": string(override.DecidedBy)}})
}
