package versions

import (
	"context"
	"fmt"
	"strconv"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

// EnforceOptions is what somebody has seen and decided when they put a version in force.
type EnforceOptions struct {
	Revision int64 // of the version, as they saw it; 0 is whichever it has
	// Over is the number of the version in force that they compared it with;
	// NoneInForce when there was none, and 0 is whichever is.
	Over int64
}

// NoneInForce in EnforceOptions.Over says that nothing was in force.
const NoneInForce = -1

// Enforcing is what Deps.MayEnforce is asked about: a version that asks for more than
// the policy in force.
type Enforcing struct {
	Actor    audit.Actor
	Version  Version
	Before   *policy.Policy
	Next     *policy.Policy
	Stricter []string // the rules that ask for more: see Stricter
}

// Enforce puts a version in force from the commit on, and retires the one before.
// Problems: NotFound, NotInThisState, ChangedMeanwhile, ReplacedMeanwhile,
// Unforeseen, cases.NotMet, rulebook.NameUnknown, and those of Deps.MayEnforce.
func (l *Library) Enforce(ctx context.Context, actor audit.Actor, number int64, options EnforceOptions) (Version, error) {
	var published Version
	err := l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		version, err := l.find(ctx, number, options.Revision)
		if err != nil {
			return err
		}
		published, err = l.put(ctx, actor, version, options)
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("enforce policy number %d: %w", number, err)
	}
	return published, nil
}

// Publish is Import and Enforce in one unit of work: a text that may not be put in
// force is not kept either. The text that is in force already is left as it is.
// Problems: those of Import and Enforce.
func (l *Library) Publish(ctx context.Context, actor audit.Actor, text Text, options EnforceOptions) (Version, error) {
	parsed, err := read(text)
	if err != nil {
		return Version{}, err
	}
	var published Version
	err = l.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		current, found, err := l.deps.Store.Enforced(ctx)
		if err != nil {
			return err
		}
		if found && current.Text == string(text.Body) {
			published = current
			return nil
		}
		version, err := l.add(ctx, actor, text, parsed)
		if err != nil {
			return err
		}
		published, err = l.put(ctx, actor, version, options)
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("publish policy %s: %w", parsed.Version, err)
	}
	return published, nil
}

// put puts a version in the place of the one that is enforced.
func (l *Library) put(ctx context.Context, actor audit.Actor, version Version, options EnforceOptions) (Version, error) {
	next, err := version.Parsed()
	if err != nil {
		return Version{}, err
	}
	if err := l.mustHold(version); err != nil {
		return Version{}, err
	}
	if err := l.namesWhatIsThere(ctx, version, next); err != nil {
		return Version{}, err
	}
	current, found, err := l.deps.Store.Enforced(ctx)
	if err != nil {
		return Version{}, err
	}
	if replaced(current, found, options.Over) {
		return Version{}, ReplacedMeanwhile.Detailf("In force is version %s (number %d).", current.Version, current.Number)
	}
	if found && current.Number != version.Number {
		if _, err := l.moved(ctx, current, move{act: supersede}); err != nil {
			return Version{}, err
		}
	}
	published, err := l.moved(ctx, version, move{act: enforce, with: func(version *Version) {
		version.PublishedBy, version.PublishedAt = named(actor), l.now()
	}})
	if err != nil {
		return Version{}, err
	}
	if err := l.mayEnforce(ctx, current, Enforcing{Actor: actor, Version: version, Next: next}); err != nil {
		return Version{}, err
	}
	return published, l.record(ctx, actor, "policy.published", published, map[string]string{"supersedes": current.Version,
		"rules": strconv.Itoa(len(next.Rules)), "was": string(version.State)})
}

// namesWhatIsThere refuses a version with names of nobody and nothing.
func (l *Library) namesWhatIsThere(ctx context.Context, version Version, next *policy.Policy) error {
	if l.deps.Known == nil {
		return nil
	}
	known, err := l.deps.Known(ctx, next)
	if err != nil {
		return fmt.Errorf("find what policy %s names: %w", version.Version, err)
	}
	return known.Check(version.Name, next)
}

// mustHold refuses a version whose own cases do not hold.
func (l *Library) mustHold(version Version) error {
	results, err := version.Tested(l.now())
	if err != nil {
		return err
	}
	var fields []problem.Field
	for _, result := range cases.Failed(results) {
		for _, fault := range result.Faults {
			fields = append(fields, problem.Field{File: testsName, Line: result.Case.Line, Name: result.Case.Name, Message: fault})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return cases.NotMet.New().At(fields...)
}

func replaced(current Version, found bool, over int64) bool {
	switch {
	case over == 0:
		return false
	case !found:
		return over != NoneInForce
	}
	return over != current.Number
}

// mayEnforce asks whether a text that asks for more than the one in force may be
// put in its place. Where nothing is in force, or a text that can no longer be read,
// every service is shut, and nothing is stricter.
func (l *Library) mayEnforce(ctx context.Context, current Version, asked Enforcing) error {
	if current.Text == "" {
		return nil
	}
	before, err := current.Parsed()
	if err != nil {
		return nil // whoever wants an unreadable text gone must not be kept waiting
	}
	asked.Before, asked.Stricter = before, Stricter(before, asked.Next)
	switch {
	case len(asked.Stricter) == 0:
		return nil
	case l.deps.MayEnforce == nil:
		return Unforeseen.New()
	}
	return l.deps.MayEnforce(ctx, asked)
}
