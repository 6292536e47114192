package board

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

const day = 24 * time.Hour

// Item is an exception with how many people it is for.
type Item struct {
	Exception exceptions.Exception
	People    int
}

// Debt is what one exception still amounts to at a moment: people × days × risk. A day
// that has begun counts whole. What is not approved, or over, amounts to nothing.
func (i Item) Debt(at time.Time) int {
	e := i.Exception
	if e.State != exceptions.Approved || !at.Before(e.End) {
		return 0
	}
	if at.Before(e.Start) {
		at = e.Start
	}
	left := int((e.End.Sub(at) + day - 1) / day)
	return i.People * left * e.Risk.Score()
}

// Debt is what all of them amount to together.
func Debt(items []Item, at time.Time) int {
	sum := 0
	for _, item := range items {
		sum += item.Debt(at)
	}
	return sum
}

// Owed is what all exceptions amounted to on a day.
type Owed struct {
	Day    time.Time // midnight
	Debt   int
	Live   int // exceptions in force
	People int // whom they were for, each as often as there were exceptions
}

// Point is one place of the burn-down.
type Point struct {
	Day     time.Time
	Debt    int
	Known   bool // false where nothing was kept for that day
	Planned bool // from the ends as they are today
}

// Course is the burn-down: step by step from the days kept to the ends that are to
// come, with today between them.
func Course(kept []Owed, items []Item, at time.Time, weeks int) []Point {
	byDay := map[time.Time]Owed{}
	for _, owed := range kept {
		byDay[owed.Day] = owed
	}
	today := days.London(at)
	var points []Point
	for week := -weeks; week < 0; week++ {
		when := today.AddDate(0, 0, 7*week)
		owed, known := byDay[when]
		points = append(points, Point{Day: when, Debt: owed.Debt, Known: known})
	}
	points = append(points, Point{Day: today, Debt: Debt(items, at), Known: true})
	for week := 1; week <= weeks; week++ {
		points = append(points, Point{Day: today.AddDate(0, 0, 7*week), Debt: Debt(items, at.AddDate(0, 0, 7*week)), Known: true, Planned: true})
	}
	return points
}

// Store keeps what was owed. Writes happen inside a unit of work.
type Store interface {
	// Put keeps a day, over what there was of it.
	Put(ctx context.Context, owed Owed) error
	// Since lists the days from one on, in order.
	Since(ctx context.Context, since time.Time) ([]Owed, error)
}

// Task is the name under which the days are kept.
const Task = "exception-debt"

// Keep writes down what is owed today. It is repeated work of one node.
func (d *Desk) Keep(ctx context.Context) error {
	now := d.deps.Now()
	items, err := d.items(ctx)
	if err != nil {
		return err
	}
	owed := Owed{Day: days.London(now), Debt: Debt(items, now)}
	for _, item := range items {
		if item.Exception.InForce(now) {
			owed.Live++
			owed.People += item.People
		}
	}
	err = d.deps.Tx.InTx(ctx, func(ctx context.Context) error { return d.deps.Store.Put(ctx, owed) })
	if err != nil {
		return fmt.Errorf("keep the debt of %s: %w", days.Format(owed.Day), err)
	}
	return nil
}

// items are the approved exceptions with their people.
func (d *Desk) items(ctx context.Context) ([]Item, error) {
	approved, err := d.deps.Register.List(ctx, exceptions.Filter{State: exceptions.Approved})
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(approved))
	for i, e := range approved {
		people, err := d.deps.House.Number(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("see whom %s is for: %w", e.Name(), err)
		}
		items[i] = Item{Exception: e, People: people}
	}
	return items, nil
}
