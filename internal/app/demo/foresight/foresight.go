// Package foresight is the step of the demo's tour in which a policy is refused because
// of whom it would lock out.
package foresight

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Show writes the draft that asks more of administrators, looks whom it would lock out,
// and tries to enforce it. It says what stood in the way.
func Show(ctx context.Context, a *app.App, actor audit.Actor) (string, error) {
	draft, err := a.Lockout.PrivilegedFirst(ctx, actor)
	if err != nil {
		return "", err
	}
	made, _, err := a.Lockout.Make(ctx, actor, lockout.Question{Text: versions.Text{Name: draft.Name, Body: []byte(draft.Text)}})
	if err != nil {
		return "", err
	}
	if _, err := a.Policies.Enforce(ctx, actor, draft.Number, versions.EnforceOptions{}); !problem.Is(err, gate.Blocked) {
		return "", fmt.Errorf("version %s was not refused: %w", draft.Version, err)
	}
	said := fmt.Sprintf("Version %s is not enforced. Of %d people:\n", draft.Version, made.People)
	for _, finding := range made.Blockers() {
		said += finding.Kind.Title()
		if count := len(finding.People); count > 0 {
			said += fmt.Sprintf(": %d, such as %s", count, finding.People[0].UserName)
		}
		said += ".\n"
	}
	return said, nil
}
