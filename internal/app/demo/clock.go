package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// clock is the machine's clock, moved forward by as much as somebody asked for on
// the demo's page, except while history is being made up.
type clock struct {
	pretended atomic.Int64 // milliseconds; 0: not history
	ahead     atomic.Int64 // nanoseconds before the machine's clock
	file      string       // keeps ahead, so that time does not go back at a restart
}

// furthest is how far the demo's clock can be moved in all.
const furthest = 400 * 24 * time.Hour

// openClock reads how far the clock was moved before.
func openClock(directory string) (*clock, error) {
	c := &clock{file: filepath.Join(directory, clockFile)}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read how far the demo’s clock was moved: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || ahead < 0 || ahead > furthest {
		return nil, badClock.Detailf("%s says %q.", clockFile, strings.TrimSpace(string(text)))
	}
	c.ahead.Store(int64(ahead))
	return c, nil
}

func (c *clock) Now() time.Time {
	if at := c.pretended.Load(); at != 0 {
		return time.UnixMilli(at).UTC()
	}
	return time.Now().Add(c.moved())
}

func (c *clock) moved() time.Duration { return time.Duration(c.ahead.Load()) }

// forward moves the clock on, and keeps that before anybody is told the new time.
func (c *clock) forward(by time.Duration) error {
	ahead := c.moved() + by
	if by <= 0 || ahead > furthest {
		return clockTooFar.New()
	}
	if err := os.WriteFile(c.file+".new", []byte(ahead.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep how far the demo’s clock is moved: %w", err)
	}
	if err := os.Rename(c.file+".new", c.file); err != nil {
		return fmt.Errorf("keep how far the demo’s clock is moved: %w", err)
	}
	c.ahead.Store(int64(ahead))
	return nil
}

func (c *clock) pretend(at time.Time) { c.pretended.Store(at.UnixMilli()) }
func (c *clock) stopPretending()      { c.pretended.Store(0) }

// inWords says a time as people do: “1 day, 4 hours”.
func inWords(moved time.Duration) string {
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
