// Package versions keeps the texts of the policy: every one that was ever
// published, who published it and when. Exactly one is enforced, the last; going
// back to an older text means publishing it again under a new version.
//
// It stands beside access/policy because that is a pure function and keeps
// nothing. A server on which no version has been published denies every service.
package versions

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// State says whether a version is in force. The zero value is not.
type State string

// The states.
const (
	Enforced   State = "enforced"
	Superseded State = "superseded"
)

// Version is one published text.
type Version struct {
	Number      int64  // counts up from 1
	Version     string // what the text calls itself; unique
	Name        string // the file it came from, as the person named it
	Text        string
	State       State
	PublishedBy string // "person prs_…", "command root"
	PublishedAt time.Time
}

// Store is what Library needs kept.
type Store interface {
	// Enforce keeps version as the one that is enforced and supersedes the one
	// before. It gives the version its number. Problems: VersionTaken.
	Enforce(ctx context.Context, version Version) (Version, error)
	// Enforced answers false when none has been published.
	Enforced(ctx context.Context) (Version, bool, error)
	// List gives all versions, newest first.
	List(ctx context.Context) ([]Version, error)
}

// Deps is what a Library needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
	// MayTighten refuses with a problem while no stricter policy may be put in force.
	// May be nil: always.
	MayTighten func(ctx context.Context) error
}

// Library is where policies are published and found.
type Library struct{ deps Deps }

// New makes a Library.
func New(deps Deps) *Library { return &Library{deps: deps} }

// Publish reads the text and enforces it from the commit on. name is the file as
// the person named it. The text that is enforced already is left as it is.
// Problems: rulebook.Malformed, rulebook.TooLarge, VersionTaken, and those of
// Deps.MayTighten when the text asks for more than the one in force.
func (l *Library) Publish(ctx context.Context, actor audit.Actor, name string, text []byte) (Version, error) {
	return l.publish(ctx, actor, name, text, "")
}

// PublishRegardless is Publish without Deps.MayTighten. The reason is kept in the
// audit record. Problems: ReasonMissing, and those of Publish.
func (l *Library) PublishRegardless(ctx context.Context, actor audit.Actor, name string, text []byte, reason string) (Version, error) {
	if reason = strings.TrimSpace(reason); len(reason) < 10 || len(reason) > 1000 {
		return Version{}, ReasonMissing.New()
	}
	return l.publish(ctx, actor, name, text, reason)
}

func (l *Library) publish(ctx context.Context, actor audit.Actor, name string, text []byte, regardless string) (Version, error) {
	parsed, err := rulebook.Parse(name, text)
	if err != nil {
		return Version{}, err
	}
	var published Version
	err = l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		current, found, err := l.deps.Store.Enforced(ctx)
		if err != nil {
			return err
		}
		if found && current.Text == string(text) {
			published = current
			return nil
		}
		published, err = l.deps.Store.Enforce(ctx, Version{Version: parsed.Version, Name: name, Text: string(text), State: Enforced,
			PublishedBy: strings.TrimSpace(string(actor.Kind) + " " + actor.ID), PublishedAt: l.deps.Now().UTC().Truncate(time.Millisecond)})
		if err != nil {
			return err
		}
		if err := l.mayEnforce(ctx, current, parsed, regardless); err != nil {
			return err
		}
		return l.record(ctx, actor, published, current, map[string]string{"rules": strconv.Itoa(len(parsed.Rules)), "regardless": regardless})
	})
	if err != nil {
		return Version{}, fmt.Errorf("publish policy %s: %w", parsed.Version, err)
	}
	return published, nil
}

// mayEnforce asks whether a text that asks for more than the one in force may be
// put in its place. Where nothing is in force, or a text that can no longer be read,
// every service is shut, and nothing is stricter.
func (l *Library) mayEnforce(ctx context.Context, current Version, next *policy.Policy, regardless string) error {
	if l.deps.MayTighten == nil || regardless != "" || current.Text == "" {
		return nil
	}
	before, err := rulebook.Parse(current.Name, []byte(current.Text))
	if err != nil || len(Stricter(before, next)) == 0 {
		return nil // whoever wants an unreadable text gone must not be kept waiting
	}
	return l.deps.MayTighten(ctx)
}

func (l *Library) record(ctx context.Context, actor audit.Actor, published, before Version, more map[string]string) error {
	details := map[string]string{"number": strconv.FormatInt(published.Number, 10), "supersedes": before.Version}
	for name, value := range more {
		if value != "" {
			details[name] = value
		}
	}
	err := l.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "policy.published", Subject: published.Version, Details: details})
	if err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Policy, strconv.FormatInt(published.Number, 10))
}

// Current is the version that is enforced, and its rules. Problems: NonePublished.
func (l *Library) Current(ctx context.Context) (Version, *policy.Policy, error) {
	version, found, err := l.deps.Store.Enforced(ctx)
	if err != nil {
		return Version{}, nil, fmt.Errorf("read policy: %w", err)
	}
	if !found {
		return Version{}, nil, NonePublished.New()
	}
	parsed, err := rulebook.Parse(version.Name, []byte(version.Text))
	if err != nil {
		return Version{}, nil, fmt.Errorf("read policy %s: %w", version.Version, err)
	}
	return version, parsed, nil
}

// List gives all versions, newest first.
func (l *Library) List(ctx context.Context) ([]Version, error) {
	all, err := l.deps.Store.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	return all, nil
}
