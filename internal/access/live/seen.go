package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
)

// grain is how finely the last use is kept.
const grain = time.Second

// expiredMost bounds how many overdue sessions wait to be ended. The others are
// refused all the same, and sessions.EndExpired finds them.
const expiredMost = 10_000

// seen gathers what sessions must hear of.
type seen struct {
	mu   sync.Mutex
	used []*entry // each once: see entry.waiting
	over map[ids.Session]sessions.Reason
}

// note remembers that a session was used.
func (s *seen) note(e *entry, now time.Time) {
	millis := now.UnixMilli()
	if millis-e.seen.Load() < grain.Milliseconds() {
		return
	}
	e.sawAt(millis)
	if e.waiting.Swap(true) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = append(s.used, e)
}

// expired remembers that a session was seen when its time was up.
func (s *seen) expired(e *entry, state policy.SessionState) {
	reason := sessions.Expired
	if state == policy.SessionIdle {
		reason = sessions.IdleTooLong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.over = map[ids.Session]sessions.Reason{}
	}
	if len(s.over) < expiredMost {
		s.over[e.session.ID] = reason
	}
}

func (s *seen) take() ([]*entry, map[ids.Session]sessions.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used, over := s.used, s.over
	s.used, s.over = nil, nil
	return used, over
}

// Flush tells sessions when each was last used, and ends those whose time is up.
// What could not be told is told the next time.
func (v *View) Flush(ctx context.Context) error {
	used, over := v.seen.take()
	told := make(map[ids.Session]time.Time, len(used))
	for _, e := range used {
		e.waiting.Store(false) // before reading seen, so that a later use is noted anew
		told[e.session.ID] = time.UnixMilli(e.seen.Load()).UTC()
	}
	var failed []error
	if err := v.deps.Book.Touch(ctx, told); err != nil {
		failed = append(failed, err)
		v.seen.putBack(used)
	}
	for id, reason := range over {
		if err := v.deps.Book.Expire(ctx, id, reason); err != nil {
			failed = append(failed, err)
			v.seen.overAgain(id, reason)
		}
	}
	return errors.Join(failed...)
}

func (s *seen) putBack(used []*entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range used {
		if !e.waiting.Swap(true) {
			s.used = append(s.used, e)
		}
	}
}

func (s *seen) overAgain(id ids.Session, reason sessions.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.over = map[ids.Session]sessions.Reason{}
	}
	if len(s.over) < expiredMost {
		s.over[id] = reason
	}
}

// How many ticks of Keep lie between two of a kind.
const (
	ticksPerFlush = 10
	ticksPerTidy  = 60
)

// Keep mends, flushes and tidies until ctx ends, and flushes once more then. App
// runs it with a tick per second.
func (v *View) Keep(ctx context.Context, ticks <-chan time.Time) {
	for count := 1; ; count++ {
		select {
		case <-ctx.Done():
			v.report(ctx, "last uses could not be kept", v.Flush(context.WithoutCancel(ctx)))
			return
		case <-ticks:
		}
		v.report(ctx, "live view could not be mended", v.Mend(ctx))
		if count%ticksPerFlush == 0 {
			v.report(ctx, "last uses could not be kept", v.Flush(ctx))
		}
		if count%ticksPerTidy == 0 {
			v.tidy(v.deps.Now())
		}
	}
}

func (v *View) report(ctx context.Context, what string, err error) {
	if err != nil {
		v.deps.Log.ErrorContext(ctx, what, "error", err)
	}
}
