package sessions

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

const (
	// lag is how much longer than allowed EndExpired lets a session be idle,
	// because its last use may still be on the way from a live view.
	lag = time.Minute
	// batch is how many sessions EndExpired ends in one unit of work.
	batch = 200
)

// EndExpired ends sessions whose time is up and says how many that were. Without
// it they are refused all the same; it makes the end lasting, recorded and heard
// by others. Call it about once a minute.
func (b *Book) EndExpired(ctx context.Context) (int, error) {
	total := 0
	for {
		ended, err := b.end(ctx, expiry(), Which{Overdue: b.overdue()}, Expired)
		total += ended
		if err != nil {
			return total, fmt.Errorf("end expired sessions: %w", err)
		}
		if ended < batch {
			return total, nil
		}
	}
}

// overdue names the sessions whose time is up now.
func (b *Book) overdue() *Overdue {
	now := b.now()
	overdue := &Overdue{AbsoluteBy: now, SeenBy: map[int]time.Time{}, Limit: batch}
	for level := assurance.AAL1; level <= assurance.AAL3; level++ {
		idle, _ := assurance.Limits(level)
		overdue.SeenBy[int(level)] = now.Add(-idle - lag)
	}
	return overdue
}

// Expire ends a session whose time somebody has seen to be up, so that it stays
// up even if the clock is set back. One that has ended already is no error.
func (b *Book) Expire(ctx context.Context, id ids.Session, reason Reason) error {
	if _, err := b.end(ctx, expiry(), Which{Session: id}, reason); err != nil {
		return fmt.Errorf("end session %s: %w", id, err)
	}
	return nil
}

func expiry() audit.Actor { return audit.System("session.expiry") }
