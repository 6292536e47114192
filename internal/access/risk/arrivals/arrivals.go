// Package arrivals judges where a sign-in comes from, and asks for a re-validated key
// where that is unusual: a fresh answer with PIN or fingerprint, whose counter and
// model have been checked, and the person's word that the key is in their hand.
// Ways in that are not a key are closed there to whoever has one.
//
// The room keeps nothing. It leaves to access/risk what is unusual, and to
// access/signin how anybody is asked.
package arrivals

import (
	"context"
	"net/netip"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// InHand is what a person says about their key.
type InHand string

// The answers. Nothing said is neither.
const (
	KeyInHand    InHand = "yes"
	KeyNotInHand InHand = "no"
)

// From is where an answer comes from.
type From struct {
	Address netip.Addr // not valid when it is not known
	Device  string     // what the browser's cookie names; "" when it has none
}

// Address reads an address; one that cannot be read is not known.
func Address(text string) netip.Addr {
	found, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return found
}

// Gate judges. A nil Gate finds nothing unusual: nothing is known.
type Gate struct {
	watch      *risk.Watch
	objections *objections.Desk
	held       Held
}

// Held says whether somebody has a key that works.
type Held func(ctx context.Context, person ids.Person) (bool, error)

// New returns a gate.
func New(watch *risk.Watch, desk *objections.Desk, held Held) *Gate {
	return &Gate{watch: watch, objections: desk, held: held}
}

// Unusual says what is unusual about a session, as a sentence that stands after
// "because", and whether so much that only a re-validated key counts.
func (g *Gate) Unusual(ctx context.Context, session ids.Session) (why string, raised bool, err error) {
	if g == nil || session == "" {
		return "", false, nil
	}
	return g.watch.Unusual(ctx, session)
}

// Arrive judges where somebody comes from. Problem: risk.RouteBlocked.
func (g *Gate) Arrive(ctx context.Context, person ids.Person, from From) (risk.Visit, error) {
	if g == nil {
		return risk.Visit{}, nil
	}
	return g.watch.Visit(ctx, person, risk.Origin(from))
}

// Arrived keeps what was unusual, with the session that was begun; revalidated says
// that Revalidate has been passed.
func (g *Gate) Arrived(ctx context.Context, session ids.Session, visit risk.Visit, revalidated bool) error {
	if g == nil {
		return nil
	}
	if revalidated {
		return g.watch.Revalidated(ctx, session, visit)
	}
	return g.watch.Began(ctx, session, visit)
}

// Touch is a key that was used to go on with a session: its counter and its model
// have been checked.
type Touch struct {
	Person       ids.Person
	Session      ids.Session
	UserVerified bool
	InHand       InHand
}

// Revalidate asks for more than an answer of the key where something about the
// session is unusual, and says whether it has. Whoever says that the key is not in
// their hand ends the session, as with "this was not me". Problems: risk.SayWhether,
// risk.NotInHand, risk.NotVerified.
func (g *Gate) Revalidate(ctx context.Context, touch Touch) (bool, error) {
	_, raised, err := g.Unusual(ctx, touch.Session)
	if err != nil || !raised {
		return false, err
	}
	switch touch.InHand {
	case KeyInHand:
		if !touch.UserVerified {
			return false, risk.NotVerified.New()
		}
		return true, nil
	case KeyNotInHand:
		if err := g.objections.ObjectOwn(ctx, touch.Person, touch.Session); err != nil {
			return false, err
		}
		return false, risk.NotInHand.New()
	}
	return false, risk.SayWhether.New().At(problem.Field{Name: "in-hand", Message: "Say whether the security key is in your hand"})
}

// KeyOnly refuses a fall-back where something is unusual. Somebody who has no key has
// nothing to fall back from, but for a recovery code, which is a fall-back always.
// Problems: risk.NoLongerOffered, risk.RouteBlocked.
func (g *Gate) KeyOnly(ctx context.Context, person ids.Person, method assurance.Method, from From) error {
	visit, err := g.Arrive(ctx, person, from)
	if err != nil || !visit.Raised() {
		return err
	}
	has, err := g.held(ctx, person)
	if err != nil || method != assurance.RecoveryCode && !has {
		return err
	}
	return risk.NoLongerOffered.New()
}
