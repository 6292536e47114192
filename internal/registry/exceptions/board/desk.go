package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/reviews"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
)

// House is what other rooms know, and this one must.
type House interface {
	// Number says for how many people an exception is.
	Number(ctx context.Context, e exceptions.Exception) (int, error)
	// Yearly says whether a service it covers is held to the NHS policy.
	Yearly(ctx context.Context, e exceptions.Exception) (bool, error)
	// Under lists what was let in only because of an exception since a moment.
	Under(ctx context.Context, since time.Time) ([]Use, error)
	// WithKey says whether somebody has a key that works.
	WithKey(ctx context.Context, person ids.Person) (bool, error)
}

// Deps is what a Desk needs. All of it is required.
type Deps struct {
	Register *exceptions.Register
	Reviews  *reviews.Book
	Store    Store
	House    House
	Tx       tx.Runner
	Now      func() time.Time
}

// Desk is the room's entry.
type Desk struct{ deps Deps }

// New returns the desk.
func New(deps Deps) *Desk { return &Desk{deps: deps} }

// Line is one exception on the board.
type Line struct {
	Item
	Debt    int
	Left    time.Duration // until its end; 0 when it is not approved
	Slipped []exceptions.Milestone
	Review  reviews.Review // the open one; zero when there is none
	Overdue bool
	Yearly  bool // a service it covers is held to the NHS policy
}

// Summary is all exceptions on one page.
type Summary struct {
	At       time.Time
	Lines    []Line                 // approved and proposed, the greatest debt first
	Over     []exceptions.Exception // that ended within Recent, the latest first
	InForce  int
	People   int // whom those in force are for, each as often as there are exceptions
	Proposed int
	Asked    int    // renewals that wait for approval
	High     int    // in force and of a high risk
	Soon     int    // end within Recent
	Slipped  int    // with a milestone that has slipped
	Overdue  int    // with a review that is overdue
	Missed   int    // reviews missed within Quarter
	Yearly   int    // that cover a service held to the NHS policy
	Untested int    // with a control that was never tested, or fails
	Often    []Line // renewed more than twice
	Debt     int
	Before   Owed // what was kept a quarter ago; zero Day when nothing was
	Course   []Point
}

const (
	// Recent is how far the board looks back and ahead.
	Recent = 30 * day
	// Quarter is the time between two boards.
	Quarter = 91 * day
	weeks   = 13
)

// Summary adds everything up.
func (d *Desk) Summary(ctx context.Context) (Summary, error) {
	now := d.deps.Now().UTC()
	s := Summary{At: now}
	all, err := d.deps.Register.List(ctx, exceptions.Filter{})
	if err != nil {
		return Summary{}, err
	}
	for _, e := range all {
		if e.State.Over() || !now.Before(e.End) {
			if ended := endOf(e); now.Sub(ended) < Recent && e.State != exceptions.Refused && e.State != exceptions.Withdrawn {
				s.Over = append(s.Over, e)
			}
			continue
		}
		line, err := d.line(ctx, e, now)
		if err != nil {
			return Summary{}, err
		}
		s.count(line)
	}
	slices.SortStableFunc(s.Lines, func(a, b Line) int { return cmp.Compare(b.Debt, a.Debt) })
	slices.SortStableFunc(s.Over, func(a, b exceptions.Exception) int { return endOf(b).Compare(endOf(a)) })
	if s.Missed, err = d.deps.Reviews.Missed(ctx, now.Add(-Quarter)); err != nil {
		return Summary{}, err
	}
	kept, err := d.deps.Store.Since(ctx, days.London(now).AddDate(0, 0, -7*weeks))
	if err != nil {
		return Summary{}, fmt.Errorf("read the debt of past days: %w", err)
	}
	if len(kept) > 0 && !kept[0].Day.After(days.London(now).AddDate(0, 0, -7*(weeks-1))) {
		s.Before = kept[0]
	}
	var items []Item
	for _, line := range s.Lines {
		items = append(items, line.Item)
	}
	s.Debt, s.Course = Debt(items, now), Course(kept, items, now, weeks)
	return s, nil
}

// endOf is when an exception was over.
func endOf(e exceptions.Exception) time.Time {
	if !e.EndedAt.IsZero() && e.EndedAt.Before(e.End) {
		return e.EndedAt
	}
	return e.End
}

func (d *Desk) line(ctx context.Context, e exceptions.Exception, now time.Time) (Line, error) {
	people, err := d.deps.House.Number(ctx, e)
	if err != nil {
		return Line{}, fmt.Errorf("see whom %s is for: %w", e.Name(), err)
	}
	line := Line{Item: Item{Exception: e, People: people}}
	if line.Yearly, err = d.deps.House.Yearly(ctx, e); err != nil || e.State != exceptions.Approved {
		return line, err
	}
	line.Debt, line.Left = line.Item.Debt(now), e.End.Sub(now)
	for _, step := range e.Sunset.Milestones {
		if sunset.Slipped(step, now) {
			line.Slipped = append(line.Slipped, step)
		}
	}
	all, err := d.deps.Reviews.Of(ctx, e.ID)
	for _, review := range all {
		if review.State == reviews.Open {
			line.Review, line.Overdue = review, review.Overdue(now)
		}
	}
	return line, err
}

func (s *Summary) count(line Line) {
	e := line.Exception
	s.Lines = append(s.Lines, line)
	add := func(what *int, is bool) {
		if is {
			*what++
		}
	}
	add(&s.Proposed, e.State == exceptions.Proposed)
	add(&s.Asked, e.Renewal.Asked())
	add(&s.Slipped, len(line.Slipped) > 0)
	add(&s.Overdue, line.Overdue)
	if e.ForBoard {
		s.Often = append(s.Often, line)
	}
	if !e.InForce(s.At) {
		return
	}
	s.InForce++
	s.People += line.People
	add(&s.High, e.Risk.Level() == exceptions.High)
	add(&s.Soon, line.Left < Recent)
	add(&s.Yearly, line.Yearly)
	add(&s.Untested, slices.ContainsFunc(e.Controls, func(c exceptions.Control) bool { return c.Result != exceptions.Works }))
}
