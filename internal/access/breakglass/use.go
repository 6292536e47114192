package breakglass

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// How long things last.
const (
	// ToTouch is how long the first key may take from the reason, and the second
	// from the first.
	ToTouch = 10 * time.Minute
	// Longest is how long Warder stays open, whatever happens.
	Longest = time.Hour
	// TestEvery is how long a touch counts as a test of a key.
	TestEvery = 100 * 24 * time.Hour
	// skew is how far another node's clock may be ahead of ours.
	skew = time.Minute
)

// Touch is one key, touched by one person.
type Touch struct {
	Person     ids.Person // the identity, not who held the key
	Credential ids.Credential
	Key        ids.Key
	Holder     string // who says they held it
}

// Use is one opening, one test, or one recovery on the host.
type Use struct {
	ID      ids.Use
	Purpose Purpose
	State   State
	Reason  string
	First   Touch
	Second  Touch // zero until the second key is touched

	Browser   [32]byte // SHA-256 of the browser's secret
	Challenge [32]byte // SHA-256 of what the first key signed

	BegunAt  time.Time // first touch
	OpenedAt time.Time // second touch
	Until    time.Time // while it waits, when it lapses; while it is open, when it ends
	Session  ids.Session
	EndedAt  time.Time
	Ending   Ending // why it ended

	Reviewer   ids.Person
	ReviewedAt time.Time
	Found      string // what the reviewer found
}

// Ending says why an opening is over.
type Ending string

// The endings.
const (
	TimeUp       Ending = "time_up"
	SignedOut    Ending = "session_ended"  // its session was ended: signed out, unused, or a key was reported lost
	EndedByAdmin Ending = "ended_by_admin" // from the administrators' page
	Superseded   Ending = "superseded"     // two people opened anew
	Recovered    Ending = "recovered"      // a recovery is over as soon as it is made
)

// over reports whether its time is up at now. A clock that jumped back gives
// nothing its time again.
func (u Use) over(now time.Time) bool {
	began := u.BegunAt
	if u.State == Open {
		began = u.OpenedAt
	}
	return !now.Before(u.Until) || now.Before(began.Add(-skew))
}

// Involves reports whether an identity took part.
func (u Use) Involves(person ids.Person) bool {
	return person != "" && (u.First.Person == person || u.Second.Person == person)
}
