package exceptions

import "time"

// Risk is what might come of an exception, as somebody has judged it.
type Risk struct {
	Likelihood int // 1 to 5
	Impact     int // 1 to 5
	Narrative  string
}

// Score is likelihood × impact: 1 to 25, and 25 for what was not judged.
func (r Risk) Score() int {
	if !onScale(r.Likelihood) || !onScale(r.Impact) {
		return 25
	}
	return r.Likelihood * r.Impact
}

func onScale(n int) bool { return n >= 1 && n <= 5 }

// Level is how great the risk is. The zero value is the greatest.
type Level int

// The levels.
const (
	High Level = iota
	Medium
	Low
)

// The scores up to which a risk is low, and medium.
const (
	lowMost    = 6
	mediumMost = 12
)

// Level sorts the score.
func (r Risk) Level() Level {
	switch score := r.Score(); {
	case score <= lowMost:
		return Low
	case score <= mediumMost:
		return Medium
	}
	return High
}

// Label is the level in words.
func (l Level) Label() string {
	switch l {
	case Low:
		return "Low"
	case Medium:
		return "Medium"
	case High:
	}
	return "High"
}

const day = 24 * time.Hour

// Longest is how long an exception of that risk may last, and each renewal of it.
func (l Level) Longest() time.Duration {
	switch l {
	case Low:
		return 366 * day
	case Medium:
		return 183 * day
	case High:
	}
	return 92 * day
}

// Route is who may approve an exception. The zero value is those who answer to the
// board. Who may approve on a stricter route may on a milder one.
type Route int

// The routes.
const (
	ByBoard        Route = iota // MayApproveHigh
	BySecurity                  // MayApprove
	ByServiceOwner              // whoever answers for the service
)

// The permissions of the routes, and the one to propose.
const (
	MayPropose     = "exceptions.write"
	MayApprove     = "exceptions.approve"
	MayApproveHigh = "exceptions.approve_high"
)

// Label says who approves on the route.
func (r Route) Label() string {
	switch r {
	case ByServiceOwner:
		return "The owner of the service, or whoever may approve greater risks"
	case BySecurity:
		return "A security lead, or a risk owner"
	case ByBoard:
	}
	return "A risk owner, who answers to the board"
}

// renewalsMost is how many times the ordinary route renews.
const renewalsMost = 2

// Route is who may approve it, or the renewal that is asked for. What is for every
// service, or is renewed for the third time, is never decided at one service.
func (e Exception) Route() Route {
	switch {
	case e.Renewal.Asked() && e.Renewals >= renewalsMost:
		return ByBoard
	case e.Risk.Level() == High:
		return ByBoard
	case e.Risk.Level() == Medium || e.Subject.Service == "":
		return BySecurity
	}
	return ByServiceOwner
}
