package leave

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

const (
	longestPeriod = 2 * 366 * 24 * time.Hour
	// kept is how long a period that is over is kept.
	kept = 31 * 24 * time.Hour
)

// Period is what one import says everything about. Days are midnight UTC.
type Period struct {
	ID         ids.Calendar
	First      time.Time
	Last       time.Time // inclusive
	ImportedAt time.Time
	ImportedBy string // "person prs_…", "command root"
}

// Absence is some days on which somebody is away.
type Absence struct {
	Person ids.Person
	First  time.Time
	Last   time.Time // inclusive
}

// Store keeps periods with their absences. Writes happen inside a unit of work.
type Store interface {
	// Add keeps a period, and forgets those that lie within it.
	Add(ctx context.Context, period Period, absences []Absence) error
	// Covering is the newest period that the day lies in; false when there is none.
	Covering(ctx context.Context, day time.Time) (Period, bool, error)
	// Away lists the absences of a period on a day, in order of person and first day.
	Away(ctx context.Context, period ids.Calendar, day time.Time) ([]Absence, error)
	// Forget removes the periods that ended before a day.
	Forget(ctx context.Context, before time.Time) error
}

// Deps is what a Calendar needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
}

// Calendar knows who is on leave. It is safe for concurrent use.
type Calendar struct{ deps Deps }

// New makes a Calendar.
func New(deps Deps) *Calendar { return &Calendar{deps: deps} }

// Import takes what HR says of all days from first to last: whoever is not named is at
// work. Absences that touch none of these days are left out. It returns how many were
// taken. Problems: PeriodRefused, AbsenceRefused.
func (c *Calendar) Import(ctx context.Context, actor audit.Actor, period Period, absences []Absence) (int, error) {
	if period.First.IsZero() || period.Last.Before(period.First) || period.Last.Sub(period.First) > longestPeriod {
		return 0, PeriodRefused.New()
	}
	var taken []Absence
	for _, absence := range absences {
		if absence.First.IsZero() || absence.Last.Before(absence.First) || absence.Person == "" {
			return 0, AbsenceRefused.New()
		}
		if !absence.Last.Before(period.First) && !absence.First.After(period.Last) {
			taken = append(taken, absence)
		}
	}
	now := c.deps.Now().UTC().Truncate(time.Millisecond)
	period.ID, period.ImportedAt = ids.New[ids.Calendar](), now
	period.ImportedBy = strings.TrimSpace(string(actor.Kind) + " " + actor.ID)
	err := c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := c.deps.Store.Forget(ctx, days.London(now).Add(-kept)); err != nil {
			return err
		}
		if err := c.deps.Store.Add(ctx, period, taken); err != nil {
			return err
		}
		return c.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "leave.imported", Subject: string(period.ID),
			Details: map[string]string{"first": days.Format(period.First), "last": days.Format(period.Last), "absences": strconv.Itoa(len(taken))}})
	})
	if err != nil {
		return 0, fmt.Errorf("import leave calendar: %w", err)
	}
	return len(taken), nil
}

// Day is what is known of one day.
type Day struct {
	Known  bool
	Period Period // what it is known from
	back   map[ids.Person]time.Time
}

// On is what is known of a day.
func (c *Calendar) On(ctx context.Context, day time.Time) (Day, error) {
	period, found, err := c.deps.Store.Covering(ctx, day)
	if err != nil || !found {
		return Day{}, err
	}
	away, err := c.deps.Store.Away(ctx, period.ID, day)
	if err != nil {
		return Day{}, err
	}
	known := Day{Known: true, Period: period, back: make(map[ids.Person]time.Time, len(away))}
	for _, absence := range away {
		if next := absence.Last.AddDate(0, 0, 1); next.After(known.back[absence.Person]) {
			known.back[absence.Person] = next
		}
	}
	return known, nil
}

// Of says whether somebody is away, and when they are back. since is when we first
// heard of them: of somebody who came after the import nothing is known.
func (d Day) Of(person ids.Person, since time.Time) (away assurance.Fact, back time.Time) {
	switch back, found := d.back[person]; {
	case found:
		return assurance.Yes, back
	case !d.Known || since.After(d.Period.ImportedAt):
		return assurance.Unknown, time.Time{}
	}
	return assurance.No, time.Time{}
}
