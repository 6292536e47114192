package app

import (
	"context"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionsdb"
	"github.com/warder-project/warder/internal/registry/exceptions/exceptionstest"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews/reviewsdb"
)

// exceptional is what there is of exceptions for somebody: one that is in force and has a
// renewal asked for, one that waits, and a review.
type exceptional struct {
	inForce, waits exceptions.Exception
	review         ids.Review
}

// exceptionsOf makes them in the store, once for each person, without a word in the record.
func (d *department) exceptionsOf(whose member) exceptional {
	d.t.Helper()
	if made, known := d.exempted[whose.person.ID]; known {
		return made
	}
	now := d.Now().UTC().Truncate(time.Millisecond)
	base := exceptionstest.Proposal(d.service.ID, whose.person.ID)
	base.State, base.Version, base.ProposedBy, base.ProposedAt, base.ChangedAt = exceptions.Proposed, 1, d.operator, now, now
	base.Start, base.End = now, now.Add(90*24*time.Hour)
	base.Sunset.Milestones[0].Due = now.Add(20 * 24 * time.Hour)
	made := exceptional{inForce: base, waits: base, review: ids.New[ids.Review]()}
	made.inForce.ID, made.waits.ID = ids.New[ids.Exception](), ids.New[ids.Exception]()
	made.inForce.State, made.inForce.ApprovedBy, made.inForce.ApprovedAt = exceptions.Approved, d.kept.person.ID, now
	made.inForce.Renewal = exceptions.Renewal{End: now.Add(100 * 24 * time.Hour), Reason: "Late.", By: d.operator, At: now}
	err := d.DB.InTx(d.t.Context(), func(ctx context.Context) error {
		store := exceptionsdb.New(d.DB)
		var err error
		if made.inForce.Number, err = store.Add(ctx, made.inForce); err != nil {
			return err
		}
		if made.waits.Number, err = store.Add(ctx, made.waits); err != nil {
			return err
		}
		due := now.Add(24 * time.Hour)
		return reviewsdb.New(d.DB).Add(ctx, reviews.Review{ID: made.review, Exception: made.inForce.ID, Due: due, Lapses: due.Add(reviews.Grace), Reviewer: d.kept.person.ID, State: reviews.Open, OpenedAt: now})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if d.exempted == nil {
		d.exempted = map[ids.Person]exceptional{}
	}
	d.exempted[whose.person.ID] = made
	return made
}

// exceptionIn fills the wildcards of a path that is about an exception.
func (d *department) exceptionIn(path string, whose member) string {
	if !strings.Contains(path, "{exception}") && !strings.Contains(path, "{review}") {
		return path
	}
	if whose.person.ID == "" {
		return strings.NewReplacer("{exception}", "E-999", "{review}", "rvw_00000000000000000000000000", "{deed}", "end").Replace(path)
	}
	made := d.exceptionsOf(whose)
	name := made.inForce.Name()
	if strings.HasSuffix(path, "/withdraw") {
		name = made.waits.Name()
	}
	return strings.NewReplacer("{exception}", name, "{review}", string(made.review), "{deed}", "end").Replace(path)
}
