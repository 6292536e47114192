package exempt

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions/emergency"
)

// Hear keeps the exception of an emergency access: it begins and ends with it, in the
// same unit of work.
func (r Register) Hear(ctx context.Context, event audit.Event) error {
	said := event.Details
	switch event.Action {
	case "breakglass.opened":
		until, err := time.Parse(time.RFC3339, said["until"])
		if err != nil {
			return fmt.Errorf("read the end of %s: %w", event.Subject, err)
		}
		return r.emergencies.Begin(ctx, emergency.Opening{Use: ids.Use(event.Subject), First: ids.Person(said["first"]), Second: ids.Person(said["second"]), Reason: said["reason"], Until: until})
	case "breakglass.ended":
		return r.emergencies.End(ctx, ids.Use(event.Subject), "The emergency access is over: "+said["ending"]+". Its review is a page of its own.")
	}
	return nil
}
