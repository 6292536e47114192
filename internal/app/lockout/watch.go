package lockout

import (
	"context"
	"log/slog"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
)

// Watch puts it among the conditions while nobody but one administrator with a single
// key could administer Warder: a loss report always works, and this is what is left to
// be said.
func (d *Desk) Watch(ctx context.Context, board *health.Board, log *slog.Logger) {
	const code = "administrator.single_key"
	last, err := d.lastWithOneKey(ctx)
	if err != nil {
		log.ErrorContext(ctx, "the keys of administrators could not be counted", "error", err)
		return
	}
	if !last {
		board.Clear(code)
		return
	}
	board.Set(health.Condition{Code: code, Severity: health.Warning,
		Cause: "One administrator can sign in, and has a single key. If it is lost, nobody can administer Warder.",
		Next:  "Have them register a second key, or make somebody else an administrator, and test the emergency access. This clears by itself."})
}

// lastWithOneKey reports whether one administrator can sign in, and has no spare key.
// Where there is none yet, the way is that of the first administrator.
func (d *Desk) lastWithOneKey(ctx context.Context) (bool, error) {
	grants, err := d.deps.Roles.All(ctx)
	if err != nil {
		return false, err
	}
	var only ids.Person
	for _, grant := range grants {
		if grant.Role != roles.Administrator {
			continue
		}
		may, err := d.administers(ctx, grant.Person)
		if err != nil {
			return false, err
		}
		if may && only != "" {
			return false, nil
		}
		if may {
			only = grant.Person
		}
	}
	if only == "" {
		return false, nil
	}
	standing, err := d.deps.Factors.Standing(ctx, only)
	return err == nil && !d.deps.Factors.Complete(standing), err
}
