// Package tx is how domain code asks for a unit of work without knowing a
// database. Whatever runs inside InTx, in whichever room, commits together or
// not at all. What others must hear of is published inside the unit of work
// and told to them only once it has committed.
package tx

import (
	"context"
	"errors"
)

// Runner runs a unit of work. fn may be run more than once (a serialization
// conflict is retried), so it must not have effects outside the database.
// Calling InTx inside InTx joins the outer unit of work.
type Runner interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Change says that one thing has changed; whoever holds a copy reads it again.
type Change struct {
	Topic Topic
	Ref   string // the id of the thing; empty means all things of the topic
	// Begun is the thing itself where it did not exist before, so that whoever
	// keeps a copy need not read it: a pointer to something that nobody changes. It
	// is told in this process only, and may be nil.
	Begun any
}

// Topic names a kind of thing that others keep copies of.
type Topic string

// The topics. A session, a person and so on: see access/live, which listens to all.
const (
	Session    Topic = "session"
	Person     Topic = "person"
	Key        Topic = "key"
	Credential Topic = "credential"
	Service    Topic = "service"
	Policy     Topic = "policy"
	Role       Topic = "role"
	Exception  Topic = "exception"
)

type collectorKey struct{}

// Collector gathers what one unit of work publishes. Only base/db makes one.
type Collector struct{ changes []Change }

// WithCollector returns a context whose published changes go to c.
func WithCollector(ctx context.Context, c *Collector) context.Context {
	return context.WithValue(ctx, collectorKey{}, c)
}

// Changes returns what was published, in order.
func (c *Collector) Changes() []Change { return c.changes }

// ErrNoUnitOfWork is returned by Publish outside InTx: a change that is told
// without being committed would be a lie.
var ErrNoUnitOfWork = errors.New("publish called outside a unit of work")

// Inside reports whether ctx is in a unit of work. What must be kept even when
// the work around it is undone asks, and refuses to be part of it.
func Inside(ctx context.Context) bool {
	_, ok := ctx.Value(collectorKey{}).(*Collector)
	return ok
}

// Publish records that a thing has changed. It is told to listeners after the
// commit and before InTx returns, so on this node the very next request sees it.
func Publish(ctx context.Context, topic Topic, ref string) error {
	return publish(ctx, Change{Topic: topic, Ref: ref})
}

// PublishBegun is Publish of a thing that did not exist before; see Change.Begun.
func PublishBegun(ctx context.Context, topic Topic, ref string, begun any) error {
	return publish(ctx, Change{Topic: topic, Ref: ref, Begun: begun})
}

func publish(ctx context.Context, change Change) error {
	collector, ok := ctx.Value(collectorKey{}).(*Collector)
	if !ok {
		return ErrNoUnitOfWork
	}
	collector.changes = append(collector.changes, change)
	return nil
}
