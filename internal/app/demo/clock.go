package demo

import (
	"sync/atomic"
	"time"
)

// clock is the machine's clock, except while history is being made up.
type clock struct{ pretended atomic.Int64 } // milliseconds; 0: the real time

func (c *clock) Now() time.Time {
	if at := c.pretended.Load(); at != 0 {
		return time.UnixMilli(at).UTC()
	}
	return time.Now()
}

func (c *clock) pretend(at time.Time) { c.pretended.Store(at.UnixMilli()) }
func (c *clock) stopPretending()      { c.pretended.Store(0) }
