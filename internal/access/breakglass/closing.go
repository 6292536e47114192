package breakglass

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// End closes an emergency access before its time. Problem: MovedOn when it is not open.
func (d *Desk) End(ctx context.Context, actor audit.Actor, id ids.Use) error {
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		use, err := d.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		return d.close(ctx, actor, use, EndedByAdmin)
	})
	if err != nil {
		return fmt.Errorf("end emergency access %s: %w", id, err)
	}
	return nil
}

// endOthers closes what is open, because two people open Warder anew.
func (d *Desk) endOthers(ctx context.Context, actor audit.Actor) error {
	open, err := d.deps.Store.List(ctx, Query{State: Open})
	if err != nil {
		return err
	}
	for _, use := range open {
		if err := d.close(ctx, actor, use, Superseded); err != nil {
			return err
		}
	}
	return nil
}

// close moves an open use to its end, with its session.
func (d *Desk) close(ctx context.Context, actor audit.Actor, use Use, ending Ending) error {
	if !use.State.MayBecome(Closed) {
		return MovedOn.New()
	}
	err := d.deps.Sessions.End(ctx, actor, use.Session, sessions.EndedByDesk)
	if err != nil && !problem.Is(err, sessions.NoSuch) {
		return err
	}
	use.State, use.EndedAt, use.Ending = Closed, d.now(), ending
	if err := d.deps.Store.Move(ctx, use, Open); err != nil {
		return err
	}
	return d.record(ctx, actor, "breakglass.ended", use, map[string]string{"ending": string(ending)})
}

// Sweep closes what is over, and lets lapse what the second key was not touched
// for. Nobody is let in longer because it has not run yet.
func (d *Desk) Sweep(ctx context.Context) error {
	actor := audit.System("breakglass.sweep")
	open, err := d.deps.Store.List(ctx, Query{State: Open})
	if err != nil {
		return fmt.Errorf("sweep emergency access: %w", err)
	}
	waiting, err := d.deps.Store.List(ctx, Query{State: Waiting})
	if err != nil {
		return fmt.Errorf("sweep emergency access: %w", err)
	}
	var failed []error
	for _, use := range append(open, waiting...) {
		err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error { return d.sweep(ctx, actor, use.ID) })
		if err != nil && !problem.Is(err, MovedOn) {
			failed = append(failed, fmt.Errorf("sweep emergency access %s: %w", use.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (d *Desk) sweep(ctx context.Context, actor audit.Actor, id ids.Use) error {
	use, err := d.deps.Store.ByID(ctx, id)
	if err != nil {
		return err
	}
	over := use.over(d.now())
	switch {
	case use.State == Waiting && over:
		use.State, use.EndedAt = Lapsed, d.now()
		if err := d.deps.Store.Move(ctx, use, Waiting); err != nil {
			return err
		}
		return d.record(ctx, actor, "breakglass.lapsed", use, nil)
	case use.State == Open && over:
		return d.close(ctx, actor, use, TimeUp)
	case use.State == Open:
		alive, err := d.admitted(ctx, use)
		if err != nil || alive {
			return err
		}
		return d.close(ctx, actor, use, SignedOut)
	}
	return nil
}

// The limits of what a reviewer writes.
const foundLeast, foundMost = 10, 4000

// MayReview refuses what Review would refuse, but for what is written. Problems:
// NotToReview, OwnReview, NotFound.
func (d *Desk) MayReview(ctx context.Context, reviewer ids.Person, id ids.Use) (Use, error) {
	use, err := d.deps.Store.ByID(ctx, id)
	if err != nil {
		return Use{}, err
	}
	if !use.State.MayBecome(Reviewed) {
		return Use{}, NotToReview.New()
	}
	person, err := d.deps.People.Get(ctx, reviewer)
	if err != nil {
		return Use{}, err
	}
	if !person.MaySignIn(d.now()) || use.Involves(reviewer) || named(use, person) {
		return Use{}, OwnReview.New()
	}
	return use, nil
}

// named reports whether somebody is one of those who said they held a key.
func named(use Use, person people.Person) bool {
	for _, holder := range []string{use.First.Holder, use.Second.Holder} {
		for _, name := range []string{person.UserName, person.Name, person.Email} {
			if name != "" && sameName(holder, name) {
				return true
			}
		}
	}
	return false
}

// Review records what an administrator who had no part in it has found. Problems:
// Malformed, and those of MayReview.
func (d *Desk) Review(ctx context.Context, reviewer ids.Person, id ids.Use, found string) error {
	found = strings.TrimSpace(found)
	if !fits(found, foundLeast, foundMost) {
		return Malformed.New().At(problem.Field{Name: "found", Message: "Say what was done and whether it was right, in 10 to 4,000 characters."})
	}
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		use, err := d.MayReview(ctx, reviewer, id)
		if err != nil {
			return err
		}
		use.State, use.Reviewer, use.ReviewedAt, use.Found = Reviewed, reviewer, d.now(), found
		if err := d.deps.Store.Move(ctx, use, Closed); err != nil {
			return err
		}
		return d.record(ctx, audit.Person(reviewer), "breakglass.reviewed", use, map[string]string{"found": found})
	})
	if err != nil {
		return fmt.Errorf("review emergency access %s: %w", id, err)
	}
	return nil
}
