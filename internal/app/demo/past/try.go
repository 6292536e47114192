package past

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/timemachine"
)

// Try tries the policy in force, and the draft, on all that was ever decided, and says
// in words what came of it.
func Try(ctx context.Context, a *app.App) (string, error) {
	all, err := a.Policies.List(ctx)
	if err != nil {
		return "", err
	}
	var unchanged, draft replay.Report
	for _, version := range all {
		switch {
		case version.State == versions.Enforced:
			unchanged, err = try(ctx, a, version)
		case version.Version == "demo-3":
			draft, err = try(ctx, a, version)
		}
		if err != nil {
			return "", err
		}
	}
	if unchanged.Total.Judged() < Decisions || unchanged.Total.Different() != 0 {
		return "", fmt.Errorf("the policy that is in force would have decided %d of %d otherwise", unchanged.Total.Different(), unchanged.Total.Judged())
	}
	if draft.Total.Of(replay.Asked) == 0 || draft.Total.Of(replay.LetIn) != 0 {
		return "", fmt.Errorf("the draft makes no difference: %v", draft.Total)
	}
	var departments []string
	for _, line := range draft.Departments[:min(3, len(draft.Departments))] {
		departments = append(departments, fmt.Sprintf("%s %d", line.Name, line.People))
	}
	return fmt.Sprintf("The policy in force, on %d decisions of 14 months: no difference.\nThe draft demo-3, keys for the intranet too: %d would have been asked for a key, %d people in all. Most: %s.",
		unchanged.Total.Judged(), draft.Total.Of(replay.Asked), draft.People, strings.Join(departments, ", ")), nil
}

func try(ctx context.Context, a *app.App, version versions.Version) (replay.Report, error) {
	parsed, err := version.Parsed()
	if err != nil {
		return replay.Report{}, err
	}
	now := a.Now()
	return timemachine.Player(a.DB).Report(ctx, policy.Compile(parsed), replay.Span{Since: now.AddDate(0, -14, -1), Until: now.Add(time.Second)}, replay.Limits{})
}
