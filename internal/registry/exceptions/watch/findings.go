package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/registry/exceptions"
)

// Finding is something wrong with an exception that is in force or waits.
type Finding struct {
	Exception exceptions.Exception
	Kind      FindingKind
}

// FindingKind says what is wrong.
type FindingKind string

// The kinds.
const (
	OwnerGone       FindingKind = "owner_gone"
	ControlFails    FindingKind = "control_fails"
	ControlUntested FindingKind = "control_never_tested"
	NobodyLeft      FindingKind = "nobody_left"
)

// Sentence says what is wrong, and what to do.
func (k FindingKind) Sentence() string {
	switch k {
	case OwnerGone:
		return "Its owner has left or cannot sign in. Give it another owner, or end it."
	case ControlFails:
		return "Something that makes up for it does not work. Repair it, or end the exception."
	case ControlUntested:
		return "Something that makes up for it has not been tested within a month. Test it."
	case NobodyLeft:
		return "Nobody whom it is for can sign in any more. End it."
	}
	return "Something is wrong with it. Look at it."
}

// testWithin is how long after approval each control has been tested.
const testWithin = 30 * day

// Findings says what is wrong with the exceptions that are approved, the latest first.
func (w *Watch) Findings(ctx context.Context) ([]Finding, error) {
	all, err := w.deps.Register.List(ctx, exceptions.Filter{State: exceptions.Approved})
	if err != nil {
		return nil, err
	}
	now := w.deps.Now()
	var found []Finding
	for _, e := range all {
		if !now.Before(e.End) || e.Reason == exceptions.Emergency {
			continue // over, and only not written down yet; or looked after by access/breakglass
		}
		kinds, err := w.wrongWith(ctx, e, now)
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", e.Name(), err)
		}
		for _, kind := range kinds {
			found = append(found, Finding{e, kind})
		}
	}
	return found, nil
}

func (w *Watch) wrongWith(ctx context.Context, e exceptions.Exception, now time.Time) ([]FindingKind, error) {
	var kinds []FindingKind
	owner, err := w.deps.House.Standing(ctx, e.Owner)
	if err != nil {
		return nil, err
	}
	if !owner.MaySignIn {
		kinds = append(kinds, OwnerGone)
	}
	fails, untested := false, false
	for _, control := range e.Controls {
		fails = fails || control.Result == exceptions.Fails
		untested = untested || control.Result == "" && now.Sub(e.ApprovedAt) > testWithin
	}
	if fails {
		kinds = append(kinds, ControlFails)
	}
	if untested {
		kinds = append(kinds, ControlUntested)
	}
	if nobody, err := w.nobodyLeft(ctx, e.Subject); err != nil {
		return nil, err
	} else if nobody {
		kinds = append(kinds, NobodyLeft)
	}
	return kinds, nil
}

// nobodyLeft reports whether an exception names people only, and none of them can
// sign in.
func (w *Watch) nobodyLeft(ctx context.Context, subject exceptions.Subject) (bool, error) {
	if len(subject.People) == 0 || len(subject.Groups) > 0 {
		return false, nil
	}
	for _, person := range subject.People {
		standing, err := w.deps.House.Standing(ctx, person)
		if err != nil || standing.MaySignIn {
			return false, err
		}
	}
	return true, nil
}
