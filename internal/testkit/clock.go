package testkit

import (
	"sync"
	"time"
)

// Clock is a clock that stands still until a test moves it. Its Now method fits
// every Deps.Now. It is safe for use by several goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time // guarded by mu
}

// Start is the instant at which a NewClock stands: an ordinary Monday morning,
// in whole milliseconds because that is what the databases keep.
func Start() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) }

// NewClock returns a clock that stands at Start.
func NewClock() *Clock { return &Clock{now: Start()} }

// Now returns where the clock stands, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d, or back where d is negative, and returns
// where it stands then.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// Set moves the clock to instant.
func (c *Clock) Set(instant time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = instant.UTC()
}
