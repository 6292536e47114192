package breakglass

// Purpose says what the keys were touched for. The zero value opens nothing.
type Purpose string

// The purposes.
const (
	Emergency Purpose = "use"
	Test      Purpose = "test"
	Recovery  Purpose = "recover" // on the host, without keys
)

// State says how far a use has come. The zero value is none and lets nobody in.
type State string

// The states. See doc.go for how one follows another.
const (
	Waiting  State = "waiting" // one key was touched
	Open     State = "open"    // both were, and there is a session
	Closed   State = "closed"  // it is over, and nobody has looked at it
	Tested   State = "tested"
	Lapsed   State = "lapsed" // the second key was not touched in time
	Reviewed State = "reviewed"
)

// States are all of them, in order.
func States() []State { return []State{Waiting, Open, Closed, Tested, Lapsed, Reviewed} }

// MayBecome is the whole table of moves: what is not here does not happen.
func (s State) MayBecome(next State) bool {
	switch s {
	case Waiting:
		return next == Open || next == Tested || next == Lapsed
	case Open:
		return next == Closed
	case Closed:
		return next == Reviewed
	case Tested, Lapsed, Reviewed:
	}
	return false
}
