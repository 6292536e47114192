package sessions

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Filter narrows List. The zero value is the first page of everybody's.
type Filter struct {
	Person ids.Person  // only theirs
	After  ids.Session // what List returned as next
	Limit  int         // sessions on a page; 0 is 50, at most 500
}

// Open is one browser that is signed in, with what was entered from it.
type Open struct {
	Session
	Gates []Session // newest first
}

// LastUsed is when the browser was last seen, here or at a service.
func (o *Open) LastUsed() time.Time {
	last := o.LastSeenAt
	for _, gate := range o.Gates {
		if gate.LastSeenAt.After(last) {
			last = gate.LastSeenAt
		}
	}
	return last
}

// Hosts lists the services entered, each once.
func (o *Open) Hosts() []string {
	var hosts []string
	known := map[string]bool{}
	for _, gate := range o.Gates {
		if !known[gate.Host] {
			known[gate.Host] = true
			hosts = append(hosts, gate.Host)
		}
	}
	return hosts
}

// List returns one page of the browsers that are signed in, newest first, and
// what to put into Filter.After for the next page, "" on the last one.
func (b *Book) List(ctx context.Context, filter Filter) (page []Open, next ids.Session, err error) {
	limit := filter.Limit
	if limit < 1 || limit > 500 {
		limit = 50
	}
	found, err := b.deps.Store.List(ctx, Query{Person: filter.Person, Portal: true, Not: b.overdue(), After: filter.After, Limit: limit + 1})
	if err != nil {
		return nil, "", fmt.Errorf("list sessions: %w", err)
	}
	if len(found) > limit {
		found, next = found[:limit], found[limit-1].ID
	}
	page, err = b.withGates(ctx, found)
	return page, next, err
}

// Look is one browser with what was entered from it. A gate session is looked at
// by itself. Problems: NoSuch, when there is none or it is over.
func (b *Book) Look(ctx context.Context, id ids.Session) (Open, error) {
	session, err := b.Get(ctx, id)
	if err != nil {
		return Open{}, err
	}
	if session.Life(b.now()) != Alive {
		return Open{}, NoSuch.New()
	}
	open, err := b.withGates(ctx, []Session{session})
	if err != nil {
		return Open{}, err
	}
	return open[0], nil
}

func (b *Book) withGates(ctx context.Context, found []Session) ([]Open, error) {
	if len(found) == 0 {
		return nil, nil
	}
	open, index := make([]Open, len(found)), make(map[ids.Session]int, len(found))
	parents := make([]ids.Session, len(found))
	for i, session := range found {
		open[i], parents[i], index[session.ID] = Open{Session: session}, session.ID, i
	}
	gates, err := b.deps.Store.List(ctx, Query{Parents: parents, Not: b.overdue()})
	if err != nil {
		return nil, fmt.Errorf("list gate sessions: %w", err)
	}
	for _, gate := range gates {
		into := &open[index[gate.Parent]]
		into.Gates = append(into.Gates, gate)
	}
	return open, nil
}
