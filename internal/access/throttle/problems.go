package throttle

import (
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
)

// The problems of this room.
var (
	Wait = problem.Define(problem.TooMany, "throttle.wait",
		"There have been too many wrong tries for this account.",
		"Wait, then try again. A security key works at once, whatever others have tried.")
	PlaceWaits = problem.Define(problem.TooMany, "throttle.place_waits",
		"There have been too many wrong tries from your network.",
		"Wait, then try again. A security key works at once, whatever others have tried.")
	Stopped = problem.Define(problem.TooMany, "throttle.stopped",
		"This way of signing in has been stopped for this account, because there were too many wrong tries in a row.",
		"Sign in with a security key, which also lifts this, or ask the service desk.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition { return []problem.Definition{Wait, PlaceWaits, Stopped} }

// words is how long a wait is, rounded up: "in 5 seconds", "in 2 minutes".
func words(wait time.Duration) string {
	unit, name := time.Second, "second"
	if wait > 90*time.Second {
		unit, name = time.Minute, "minute"
	}
	count := int((wait + unit - 1) / unit)
	if count != 1 {
		name += "s"
	}
	return strconv.Itoa(count) + " " + name
}

func refuse(why problem.Definition, wait time.Duration) error {
	if why.Code == Stopped.Code {
		return why.New()
	}
	return why.Detailf("You can try again in %s.", words(wait)).After(wait)
}
