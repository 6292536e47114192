// Package versions keeps the texts of the policy, from the first draft to long
// after they were in force: who wrote each, who put it in force and when.
//
//	Draft ──▶ ReportOnly ──▶ Enforced ──▶ Retired
//	  ▲           │
//	  └───────────┘            (and Retired from anywhere but Enforced)
//
// There may be many drafts, and three versions in report-only at once. Exactly one
// is enforced; putting another in force retires it, in one unit of work. Going back
// to an older text means saving it again under a new version.
//
// Two people may work on the same text: every change names the revision it was made
// to, and is refused when that is no longer the present one. Whoever puts a version
// in force may name the version it was compared with, and is refused when another
// has taken its place.
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
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Version is one text.
type Version struct {
	Number      int64  // counts up from 1
	Version     string // what the text calls itself; unique
	Name        string // the file it came from, as the person named it
	Text        string
	Tests       string // cases beside it: see rulebook/cases; "" when there are none
	State       State
	Revision    int64  // grows with every change
	SavedBy     string // "person prs_…", "command root": who wrote the text as it is
	SavedAt     time.Time
	PublishedBy string    // who put it in force; "" when it never was
	PublishedAt time.Time // zero when it never was
	Since       time.Time // since when it has been in its state
}

// Text is what somebody wrote.
type Text struct {
	Name  string // the file, as the person named it
	Body  []byte
	Tests []byte
}

// Store is what Library needs kept.
type Store interface {
	// Add keeps a version and gives it its number. Problems: VersionTaken.
	Add(ctx context.Context, version Version) (Version, error)
	// Update keeps a version, unless the one that is kept has another revision than
	// the one given: then it answers false. Problems: VersionTaken.
	Update(ctx context.Context, version Version, revision int64) (bool, error)
	// Get answers false when there is no version of this number.
	Get(ctx context.Context, number int64) (Version, bool, error)
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
	// MayEnforce refuses with a problem what must not be put in force now. It is asked
	// inside the unit of work, only about what asks for more than the policy in force.
	// Nil refuses all of that: a policy that nobody can foresee is not enforced.
	MayEnforce func(ctx context.Context, enforcing Enforcing) error
	// Known says who and what there is, for the names in a policy that is to be put in
	// force. Nil looks at no names.
	Known func(ctx context.Context, p *policy.Policy) (rulebook.Known, error)
}

// Library is where policies are written, published and found.
type Library struct{ deps Deps }

// New makes a Library.
func New(deps Deps) *Library { return &Library{deps: deps} }

// Import keeps a text as a new draft. Problems: rulebook.Malformed, rulebook.TooLarge,
// VersionTaken, cases.Malformed.
func (l *Library) Import(ctx context.Context, actor audit.Actor, text Text) (Version, error) {
	parsed, err := read(text)
	if err != nil {
		return Version{}, err
	}
	var saved Version
	err = l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		saved, err = l.add(ctx, actor, text, parsed)
		if err != nil {
			return err
		}
		return l.record(ctx, actor, "policy.draft_saved", saved, nil)
	})
	if err != nil {
		return Version{}, fmt.Errorf("import policy %s: %w", parsed.Version, err)
	}
	return saved, nil
}

// Save changes the text of a draft. revision is the one the writer began with; 0 is
// whichever it has. Problems: NotFound, NotInThisState, ChangedMeanwhile, and those
// of Import.
func (l *Library) Save(ctx context.Context, actor audit.Actor, number, revision int64, text Text) (Version, error) {
	parsed, err := read(text)
	if err != nil {
		return Version{}, err
	}
	return l.change(ctx, actor, number, move{revision: revision, act: edit, action: "policy.draft_saved", with: func(version *Version) {
		version.Version, version.Name, version.Text, version.Tests = parsed.Version, text.Name, string(text.Body), string(text.Tests)
		version.SavedBy, version.SavedAt = named(actor), l.now()
	}})
}

// read parses what is to be kept, so that nothing is that could not be used.
func read(text Text) (*policy.Policy, error) {
	parsed, err := rulebook.Parse(text.Name, text.Body)
	if err == nil {
		err = rulebook.Check(text.Name, parsed)
	}
	if err == nil && len(text.Tests) > 0 {
		_, err = cases.Parse(testsName, text.Tests)
	}
	return parsed, err
}

// testsName is what problems call the cases beside a text.
const testsName = "tests"

func (l *Library) add(ctx context.Context, actor audit.Actor, text Text, parsed *policy.Policy) (Version, error) {
	return l.deps.Store.Add(ctx, Version{Version: parsed.Version, Name: text.Name, Text: string(text.Body), Tests: string(text.Tests), State: Draft, Revision: 1,
		SavedBy: named(actor), SavedAt: l.now(), Since: l.now()})
}

func (l *Library) now() time.Time { return l.deps.Now().UTC().Truncate(time.Millisecond) }

func named(actor audit.Actor) string { return strings.TrimSpace(string(actor.Kind) + " " + actor.ID) }

// mostOnTrial is how many versions are asked beside the one in force.
const mostOnTrial = 3

// ReportOnly begins to try a draft beside the policy in force. Problems: NotFound,
// NotInThisState, ChangedMeanwhile, TooManyOnTrial.
func (l *Library) ReportOnly(ctx context.Context, actor audit.Actor, number, revision int64) (Version, error) {
	return l.change(ctx, actor, number, move{revision: revision, act: report, action: "policy.report_only", check: func(ctx context.Context) error {
		all, err := l.deps.Store.List(ctx)
		if err != nil {
			return err
		}
		trials := 0
		for _, one := range all {
			if one.State == ReportOnly {
				trials++
			}
		}
		if trials >= mostOnTrial {
			return TooManyOnTrial.New()
		}
		return nil
	}})
}

// Withdraw takes a version back from report-only to draft, where it can be edited.
// Problems: NotFound, NotInThisState, ChangedMeanwhile.
func (l *Library) Withdraw(ctx context.Context, actor audit.Actor, number, revision int64) (Version, error) {
	return l.change(ctx, actor, number, move{revision: revision, act: withdraw, action: "policy.withdrawn"})
}

// Retire puts a version away for good. Problems: NotFound, NotInThisState,
// ChangedMeanwhile.
func (l *Library) Retire(ctx context.Context, actor audit.Actor, number, revision int64) (Version, error) {
	return l.change(ctx, actor, number, move{revision: revision, act: retire, action: "policy.retired"})
}

// move is one change of a version.
type move struct {
	revision int64 // 0 is any
	act      act
	action   string // in the audit record
	check    func(ctx context.Context) error
	with     func(version *Version)
}

func (l *Library) change(ctx context.Context, actor audit.Actor, number int64, how move) (Version, error) {
	var version Version
	err := l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if version, err = l.find(ctx, number, how.revision); err != nil {
			return err
		}
		if how.check != nil {
			if err := how.check(ctx); err != nil {
				return err
			}
		}
		before := version.State
		if version, err = l.moved(ctx, version, how); err != nil {
			return err
		}
		return l.record(ctx, actor, how.action, version, map[string]string{"was": string(before)})
	})
	if err != nil {
		return Version{}, fmt.Errorf("change policy number %d: %w", number, err)
	}
	return version, nil
}

// find is a version, unless it is no longer the one that somebody has seen.
func (l *Library) find(ctx context.Context, number, revision int64) (Version, error) {
	version, found, err := l.deps.Store.Get(ctx, number)
	switch {
	case err != nil:
		return Version{}, err
	case !found:
		return Version{}, NotFound.New()
	case revision != 0 && revision != version.Revision:
		return Version{}, ChangedMeanwhile.Detailf("It was saved by %s at %s.", version.SavedBy, version.SavedAt.Format(time.RFC3339))
	}
	return version, nil
}

// moved keeps a version in the state that an act leads to.
func (l *Library) moved(ctx context.Context, version Version, how move) (Version, error) {
	next, possible := version.State.after(how.act)
	if !possible {
		return Version{}, NotInThisState.Detailf("It is %s.", version.State.Words())
	}
	revision := version.Revision
	version.Revision++
	if next != version.State {
		version.State, version.Since = next, l.now()
	}
	if how.with != nil {
		how.with(&version)
	}
	kept, err := l.deps.Store.Update(ctx, version, revision)
	if err == nil && !kept {
		err = ChangedMeanwhile.New()
	}
	return version, err
}

func (l *Library) record(ctx context.Context, actor audit.Actor, action string, version Version, more map[string]string) error {
	details := map[string]string{"number": strconv.FormatInt(version.Number, 10)}
	for name, value := range more {
		if value != "" {
			details[name] = value
		}
	}
	if err := l.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: version.Version, Details: details}); err != nil {
		return err
	}
	return tx.Publish(ctx, tx.Policy, strconv.FormatInt(version.Number, 10))
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
	parsed, err := version.Parsed()
	return version, parsed, err
}

// Parsed is the rules of the version.
func (v Version) Parsed() (*policy.Policy, error) {
	parsed, err := rulebook.Parse(v.Name, []byte(v.Text))
	if err != nil {
		return nil, fmt.Errorf("read policy %s: %w", v.Version, err)
	}
	return parsed, nil
}

// Tested is how the cases beside the version come out at a moment; none when there are
// none.
func (v Version) Tested(now time.Time) ([]cases.Result, error) {
	if v.Tests == "" {
		return nil, nil
	}
	parsed, err := v.Parsed()
	if err != nil {
		return nil, err
	}
	read, err := cases.Parse(testsName, []byte(v.Tests))
	if err != nil {
		return nil, fmt.Errorf("read the cases beside policy %s: %w", v.Version, err)
	}
	return cases.Run(parsed, read, now), nil
}

// Get finds a version. Problems: NotFound.
func (l *Library) Get(ctx context.Context, number int64) (Version, error) {
	version, err := l.find(ctx, number, 0)
	if err != nil {
		return Version{}, fmt.Errorf("read policy number %d: %w", number, err)
	}
	return version, nil
}

// List gives all versions, newest first.
func (l *Library) List(ctx context.Context) ([]Version, error) {
	all, err := l.deps.Store.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	return all, nil
}
