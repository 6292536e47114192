package breakglass

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/health"
)

// The conditions this room knows.
const (
	inUse     = "breakglass.in_use"
	reviewDue = "breakglass.review_due"
	notReady  = "breakglass.not_ready"
	testDue   = "breakglass.test_due"
)

// ConditionCodes lists every condition that Conditions can answer with.
func ConditionCodes() []string { return []string{inUse, reviewDue, notReady, testDue} }

// Conditions says what is not as it should be, as things are now.
func (d *Desk) Conditions(ctx context.Context) ([]health.Condition, error) {
	var found []health.Condition
	use, open, err := d.OpenNow(ctx)
	if err != nil {
		return nil, err
	}
	if open {
		found = append(found, health.Condition{Code: inUse, Severity: health.Warning,
			Cause: "Two people have opened Warder in an emergency (" + string(use.ID) + "). They are administrators until " + use.Until.Format("15:04 UTC") + ".",
			Next:  "If you do not know why, end it on the page for emergency access, and suspend both identities."})
	}
	closed, err := d.deps.Store.List(ctx, Query{State: Closed})
	if err != nil {
		return nil, fmt.Errorf("list what waits for a review: %w", err)
	}
	if len(closed) > 0 {
		found = append(found, health.Condition{Code: reviewDue, Severity: health.Warning,
			Cause: fmt.Sprintf("%d uses of the emergency access wait for a review, the oldest since %s.", len(closed), closed[len(closed)-1].BegunAt.Format("2 January 2006")),
			Next:  "An administrator who had no part in them reads what was done, and records it on the page for emergency access."})
	}
	ready, err := d.Readiness(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case !ready.Ready():
		found = append(found, health.Condition{Code: notReady, Severity: health.Warning,
			Cause: "Two people could not be counted on to open Warder in an emergency: fewer than two keys for emergencies are in order and tested.",
			Next:  "Look at the page for emergency access: `warder breakglass list` says the same. Until then no stricter policy is put in force."})
	case !ready.Faultless():
		found = append(found, health.Condition{Code: testDue, Severity: health.Warning,
			Cause: "A key for emergencies has not been tested for 100 days, or is not in order.",
			Next:  "Test it with another key on the page for emergency access, or mend what `warder breakglass list` says."})
	}
	return found, nil
}
