package secrets

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/people"
)

// MethodChange is what a policy text would change for one kind of shared secret.
type MethodChange struct {
	Method   assurance.Method
	Now      string // how it stands now: "accepted until 31 March 2027"
	Then     string // and under the text
	Holders  int    // people who may sign in and have one
	Stranded int    // of these, those who have no key that works
}

// String is a line for a terminal.
func (c MethodChange) String() string {
	return fmt.Sprintf("%s: %s (now: %s). %s", c.Method, c.Then, c.Now, reliance(c.Holders, c.Stranded))
}

func reliance(holders, stranded int) string {
	have, without := fmt.Sprintf("%d people have one", holders), fmt.Sprintf("%d of them have no key that works", stranded)
	if holders == 1 {
		have = "1 person has one"
	}
	if stranded == 1 {
		without = "1 of them has no key that works"
	}
	return have + "; " + without + "."
}

// Preview says what a policy text would change about passwords and codes, and
// how many people rely on them. Nothing is changed. Problems: those of rulebook.Parse.
func (d *Desk) Preview(ctx context.Context, name string, text []byte) ([]MethodChange, error) {
	next, err := rulebook.Parse(name, text)
	if err != nil {
		return nil, err
	}
	_, current, err := d.deps.Policies.Current(ctx)
	if problem.Is(err, versions.NonePublished) {
		current = &policy.Policy{}
	} else if err != nil {
		return nil, err
	}
	var changes []MethodChange
	for _, method := range assurance.SharedSecrets() {
		change := MethodChange{Method: method, Now: acceptedWhen(current.Methods, method, d.deps.Now()), Then: acceptedWhen(next.Methods, method, d.deps.Now())}
		if change.Now == change.Then {
			continue
		}
		if change.Holders, change.Stranded, err = d.rely(ctx, method); err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// PreviewInWords is Preview, a line for each change.
func (d *Desk) PreviewInWords(ctx context.Context, name string, text []byte) ([]string, error) {
	changes, err := d.Preview(ctx, name, text)
	var lines []string
	for _, change := range changes {
		lines = append(lines, change.String())
	}
	return lines, err
}

// acceptedWhen says whether and how long a method is accepted.
func acceptedWhen(accepted assurance.Accepted, method assurance.Method, now time.Time) string {
	last := accepted.LastDay(method)
	switch {
	case !accepted.Accepts(method, now):
		return "not accepted"
	case last.IsZero():
		return "accepted until further notice"
	}
	return "accepted until the end of " + govuk.Date(last) + ", midnight UTC"
}

// rely counts the people who may sign in and have a secret of a kind, and those of
// them who have no key that works.
func (d *Desk) rely(ctx context.Context, method assurance.Method) (holders, stranded int, err error) {
	all, err := d.deps.Book.Holders(ctx, method)
	if err != nil {
		return 0, 0, err
	}
	for _, id := range all {
		person, err := d.deps.People.Get(ctx, id)
		if problem.Is(err, people.NotFound) || err == nil && !person.MaySignIn(d.deps.Now()) {
			continue
		}
		if err != nil {
			return 0, 0, err
		}
		holders++
		key, err := d.HasKey(ctx, id)
		if err != nil {
			return 0, 0, err
		}
		if !key {
			stranded++
		}
	}
	return holders, stranded, nil
}

// Standing is a row of the policy page: when a method is accepted, and who has one.
func (d *Desk) Standing(ctx context.Context, accepted assurance.Accepted, method assurance.Method) (when, who string, err error) {
	holders, stranded, err := d.rely(ctx, method)
	return acceptedWhen(accepted, method, d.deps.Now()), reliance(holders, stranded), err
}
