package reviews

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

// House is what other rooms know, and this one must.
type House interface {
	// Yearly says whether a service that an exception covers is held to a policy that
	// wants it looked at every year.
	Yearly(ctx context.Context, e exceptions.Exception) (bool, error)
	// Uses says how an exception was used since a moment.
	Uses(ctx context.Context, id ids.Exception, since time.Time) (Uses, error)
	// Covered says for how many people an exception is, and how many of them have a key
	// that works.
	Covered(ctx context.Context, e exceptions.Exception) (people, withKey int, err error)
	// Routed is since when the gateway has a way into a service; zero when it has none.
	Routed(ctx context.Context, service ids.Service) (time.Time, error)
	// Tell writes to somebody, if they can be written to, in the unit of work of ctx.
	Tell(ctx context.Context, person ids.Person, subject, text string) error
	// Address is where a review is opened.
	Address(id ids.Review) string
}

// Uses is how an exception was used.
type Uses struct {
	Requests int // answered only because of it
	People   int
	Last     time.Time
	More     bool // there were more than were counted
}

// Evidence is what a reviewer is shown before they decide.
type Evidence struct {
	Since    time.Time // of the uses: the review before, or the beginning
	Uses     Uses
	People   int      // whom it is for
	WithKey  int      // of them, with a key that works
	Seen     []string // what speaks for or against the cause, in sentences
	Gone     bool     // what is seen says that the cause is gone
	Controls []exceptions.Control
	Yearly   bool
}

// Evidence gathers what is known about an exception for its review.
func (b *Book) Evidence(ctx context.Context, review Review) (Evidence, error) {
	e, err := b.deps.Register.Get(ctx, review.Exception)
	if err != nil {
		return Evidence{}, err
	}
	before, err := b.last(ctx, e.ID)
	if err != nil {
		return Evidence{}, err
	}
	found := Evidence{Since: e.Start, Controls: e.Controls}
	if before.ClosedAt.After(found.Since) {
		found.Since = before.ClosedAt
	}
	house := b.deps.House
	if found.Uses, err = house.Uses(ctx, e.ID, found.Since); err != nil {
		return Evidence{}, fmt.Errorf("count uses of %s: %w", e.Name(), err)
	}
	if found.People, found.WithKey, err = house.Covered(ctx, e); err != nil {
		return Evidence{}, fmt.Errorf("see whom %s is for: %w", e.Name(), err)
	}
	if found.Yearly, err = house.Yearly(ctx, e); err != nil {
		return Evidence{}, err
	}
	var routed time.Time
	if e.Subject.Service != "" {
		if routed, err = house.Routed(ctx, e.Subject.Service); err != nil {
			return Evidence{}, err
		}
	}
	found.judge(e, routed)
	return found, nil
}

// judge says of the cause what can be seen. What cannot be seen is left to the reviewer.
func (f *Evidence) judge(e exceptions.Exception, routed time.Time) {
	see := func(gone bool, format string, a ...any) {
		f.Seen = append(f.Seen, fmt.Sprintf(format, a...))
		f.Gone = f.Gone || gone
	}
	if f.Uses.Requests == 0 {
		see(false, "Nobody has needed it since %s.", f.Since.Format("2 January 2006"))
	}
	if f.People > 0 {
		gone := f.WithKey == f.People && e.Reason == exceptions.KeySupply
		see(gone, "Of the people it is for (%[2]d), %[1]d have a security key that works.", f.WithKey, f.People)
	}
	if routed.IsZero() {
		return
	}
	switch e.Sunset.Path {
	case exceptions.PathGate:
		see(routed.After(e.ProposedAt) && e.Reason == exceptions.LegacyProtocol, "The service has had a way through the gateway since %s.", routed.Format("2 January 2006"))
	case exceptions.PathUpgrade, exceptions.PathReplace, exceptions.PathRetire, exceptions.PathHardware, exceptions.PathOther:
	}
}
