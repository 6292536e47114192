package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Use is what one person was let in to at one service only because of one exception.
type Use struct {
	Exception ids.Exception
	Person    ids.Person
	Service   ids.Service
	Requests  int
	Last      time.Time
}

// Broken is somebody at a service who would not have got in.
type Broken struct {
	Person     ids.Person
	Service    ids.Service
	Exceptions []ids.Exception
	Requests   int
	Last       time.Time
	WithKey    bool // they have a key that works, and could have used it
}

// Breaks is what would have gone wrong without exceptions.
type Breaks struct {
	Since    time.Time
	Rows     []Broken // whoever has no key first, then by how much they asked for
	People   int
	Services int
	Requests int
	NoKey    int // people who have no key that works
}

// Breaks says what would break if all exceptions ended today: what was answered in the
// last thirty days only because of one. Each of these decisions was found, when it was
// made, to be a refusal or a step-up without its exception.
func (d *Desk) Breaks(ctx context.Context) (Breaks, error) {
	now := d.deps.Now().UTC()
	found := Breaks{Since: now.Add(-Recent)}
	uses, err := d.deps.House.Under(ctx, found.Since)
	if err != nil {
		return Breaks{}, fmt.Errorf("read what was allowed by exceptions: %w", err)
	}
	type place struct {
		person  ids.Person
		service ids.Service
	}
	rows := map[place]*Broken{}
	people, services := map[ids.Person]bool{}, map[ids.Service]bool{}
	for _, use := range uses {
		where := place{use.Person, use.Service}
		if rows[where] == nil {
			rows[where] = &Broken{Person: use.Person, Service: use.Service}
		}
		row := rows[where]
		row.Requests += use.Requests
		if use.Last.After(row.Last) {
			row.Last = use.Last
		}
		if !slices.Contains(row.Exceptions, use.Exception) {
			row.Exceptions = append(row.Exceptions, use.Exception)
		}
		found.Requests += use.Requests
		services[use.Service] = true
		if _, asked := people[use.Person]; !asked {
			if people[use.Person], err = d.deps.House.WithKey(ctx, use.Person); err != nil {
				return Breaks{}, fmt.Errorf("see whether somebody has a key: %w", err)
			}
		}
	}
	for _, row := range rows {
		row.WithKey = people[row.Person]
		slices.Sort(row.Exceptions)
		found.Rows = append(found.Rows, *row)
	}
	for _, has := range people {
		if !has {
			found.NoKey++
		}
	}
	found.People, found.Services = len(people), len(services)
	slices.SortFunc(found.Rows, func(a, b Broken) int {
		if a.WithKey != b.WithKey {
			if b.WithKey {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Service, b.Service))
	})
	return found, nil
}
