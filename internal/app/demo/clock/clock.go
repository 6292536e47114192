// Package clock is the demo's time: the machine's, moved forward by as much as
// somebody asked for, except while history is being made up. A real server has
// the machine's clock and no other.
package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
)

// Clock is safe for concurrent use.
type Clock struct {
	pretended atomic.Int64 // milliseconds; 0: not history
	ahead     atomic.Int64 // nanoseconds before the machine's clock
	path      string       // keeps ahead, so that time does not go back at a restart
}

// Problems of the demo's clock.
var (
	TooFar = problem.Define(problem.Invalid, "demo.clock_too_far",
		"The demo’s clock goes forward only, by no more than 400 days in all.",
		"Begin afresh with warder demo --reset.")
	Unreadable = problem.Define(problem.Invalid, "demo.clock_unreadable",
		"What the demo kept about its clock cannot be read.",
		"Begin afresh with warder demo --reset.")
)

// Problems lists them.
func Problems() []problem.Definition { return []problem.Definition{TooFar, Unreadable} }

// file is its name in the demo's directory.
const file = "demo-clock"

// furthest is how far the demo's clock can be moved in all.
const furthest = 400 * 24 * time.Hour

// Open reads how far the clock of this directory was moved before. Problem: Unreadable.
func Open(directory string) (*Clock, error) {
	c := &Clock{path: filepath.Join(directory, file)}
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read how far the demo’s clock was moved: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || ahead < 0 || ahead > furthest {
		return nil, Unreadable.Detailf("%s says %q.", file, strings.TrimSpace(string(text)))
	}
	c.ahead.Store(int64(ahead))
	return c, nil
}

// Now is the demo's time.
func (c *Clock) Now() time.Time {
	if at := c.pretended.Load(); at != 0 {
		return time.UnixMilli(at).UTC()
	}
	return time.Now().Add(c.Moved())
}

// Moved is how far it is ahead of the machine's clock.
func (c *Clock) Moved() time.Duration { return time.Duration(c.ahead.Load()) }

// Forward moves the clock on, and keeps that before anybody is told the new time. Problem: TooFar.
func (c *Clock) Forward(by time.Duration) error {
	ahead := c.Moved() + by
	if by <= 0 || ahead > furthest {
		return TooFar.New()
	}
	if err := os.WriteFile(c.path+".new", []byte(ahead.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep how far the demo’s clock is moved: %w", err)
	}
	if err := os.Rename(c.path+".new", c.path); err != nil {
		return fmt.Errorf("keep how far the demo’s clock is moved: %w", err)
	}
	c.ahead.Store(int64(ahead))
	return nil
}

// Pretend makes it the given time until StopPretending.
func (c *Clock) Pretend(at time.Time) { c.pretended.Store(at.UnixMilli()) }

// StopPretending goes back to the moved clock.
func (c *Clock) StopPretending() { c.pretended.Store(0) }

// InWords says a time as people do: “1 day, 4 hours”.
func InWords(moved time.Duration) string {
	var words []string
	for _, unit := range []struct {
		long time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		count := moved / unit.long
		moved -= count * unit.long
		switch {
		case count == 1:
			words = append(words, "1 "+unit.name)
		case count > 1:
			words = append(words, fmt.Sprintf("%d %ss", count, unit.name))
		}
	}
	return strings.Join(words, ", ")
}
