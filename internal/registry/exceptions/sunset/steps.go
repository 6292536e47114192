package sunset

import (
	"time"

	"github.com/warder-project/warder/internal/registry/exceptions"
)

const day = 24 * time.Hour

// Slipped reports whether a milestone is late, or was moved to a later day than the
// plan had: a new date does not make up for the old one. What is reached is neither.
func Slipped(m exceptions.Milestone, at time.Time) bool {
	return m.Done.IsZero() && (!at.Before(m.Due) || m.Due.After(planned(m)))
}

// Late is how many days behind the plan a milestone is, or was when it was reached.
func Late(m exceptions.Milestone, at time.Time) int {
	if !m.Done.IsZero() {
		at = m.Done
	} else if m.Due.After(at) {
		at = m.Due
	}
	return max(0, int(at.Sub(planned(m))/day))
}

// planned is the day in the plan as it was approved.
func planned(m exceptions.Milestone) time.Time {
	if m.First.IsZero() {
		return m.Due
	}
	return m.First
}

// Words says what shows that a milestone is reached.
func Words(proof exceptions.Proof) string {
	switch proof {
	case exceptions.Said:
		return "Somebody says so"
	case exceptions.RouteSeen:
		return "The gateway has a way into the service"
	case exceptions.TrafficSeen:
		return "People come through the gateway to the service"
	}
	return "Unknown"
}
