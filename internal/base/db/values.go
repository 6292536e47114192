package db

import (
	"strconv"
	"strings"
	"time"
)

// Millis is how a time is kept: milliseconds since 1970, UTC. The zero time is 0.
func Millis(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// Time reads what Millis wrote: 0 is the zero time, everything else is in UTC.
func Time(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// In writes n placeholders for a list, starting with $first: In(3, 2) is "$3, $4".
// For an empty list it is "null", which is equal to nothing on both engines.
func In(first, n int) string {
	if n <= 0 {
		return "null"
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}
