package keys

import "slices"

// State is where in its life a key is. The zero value is no state: it allows
// nothing, neither signing in nor any transition.
type State string

// The states, in the order of a life without accidents, then the accidents.
const (
	StateOrdered   State = "ordered"
	StateInStock   State = "in_stock"
	StateReserved  State = "reserved"   // put aside for somebody
	StateInTransit State = "in_transit" // sent, not yet received
	StateHeld      State = "held"       // with its holder, nothing registered on it (any more)
	StateEnrolled  State = "enrolled"   // with its holder, and used to sign in
	StateLent      State = "lent"       // from the pool, for a day
	StateLost      State = "lost"
	StateStolen    State = "stolen"
	StateDamaged   State = "damaged"
	StateReturned  State = "returned" // back, with the last holder's credentials still on it
	StateWiped     State = "wiped"
	StateDestroyed State = "destroyed"
)

// States lists every state in order.
func States() []State {
	return []State{StateOrdered, StateInStock, StateReserved, StateInTransit, StateHeld, StateEnrolled, StateLent,
		StateLost, StateStolen, StateDamaged, StateReturned, StateWiped, StateDestroyed}
}

// following is the table of allowed transitions. A pair that is not here is refused.
func following(from State) []State {
	switch from {
	case StateOrdered:
		return []State{StateInStock, StateLost, StateStolen}
	case StateInStock:
		return []State{StateReserved, StateInTransit, StateHeld, StateLent, StateLost, StateStolen, StateDamaged, StateDestroyed}
	case StateReserved:
		return []State{StateInStock, StateInTransit, StateHeld, StateLost, StateStolen, StateDamaged, StateDestroyed}
	case StateInTransit:
		return []State{StateInStock, StateHeld, StateLost, StateStolen, StateDamaged, StateDestroyed}
	case StateHeld:
		return []State{StateEnrolled, StateReturned, StateLost, StateStolen, StateDamaged}
	case StateEnrolled:
		return []State{StateHeld, StateReturned, StateLost, StateStolen, StateDamaged}
	case StateLent:
		return []State{StateEnrolled, StateReturned, StateLost, StateStolen, StateDamaged}
	case StateLost:
		return []State{StateStolen, StateReturned, StateDestroyed}
	case StateStolen:
		return []State{StateReturned, StateDestroyed}
	case StateDamaged:
		return []State{StateReturned, StateLost, StateStolen, StateDestroyed}
	case StateReturned:
		return []State{StateWiped, StateLost, StateStolen, StateDamaged, StateDestroyed}
	case StateWiped:
		return []State{StateInStock, StateLost, StateStolen, StateDamaged, StateDestroyed}
	case StateDestroyed:
		return nil
	}
	return nil
}

// MayBecome reports whether a key in state s may go to state next.
func (s State) MayBecome(next State) bool { return slices.Contains(following(s), next) }

// MaySignIn reports whether a key in this state may be used to sign in. Only an
// enrolled one may; an unknown state may not.
func (s State) MaySignIn() bool { return s == StateEnrolled }

// InHand reports whether its holder has the key.
func (s State) InHand() bool { return s == StateHeld || s == StateEnrolled || s == StateLent }

// Blocked reports whether the key has been reported lost or stolen.
func (s State) Blocked() bool { return s == StateLost || s == StateStolen }

// Label is the state in words, for people.
func (s State) Label() string {
	switch s {
	case StateOrdered:
		return "Ordered"
	case StateInStock:
		return "In stock"
	case StateReserved:
		return "Reserved"
	case StateInTransit:
		return "In transit"
	case StateHeld:
		return "Issued, not set up"
	case StateEnrolled:
		return "In use"
	case StateLent:
		return "Lent"
	case StateLost:
		return "Lost"
	case StateStolen:
		return "Stolen"
	case StateDamaged:
		return "Damaged"
	case StateReturned:
		return "Returned"
	case StateWiped:
		return "Wiped"
	case StateDestroyed:
		return "Destroyed"
	}
	return "Unknown"
}

// Reason says why a key is blocked. The zero value is no reason and blocks nothing.
type Reason string

// The reasons.
const (
	Lost   Reason = "lost"   // may come back
	Stolen Reason = "stolen" // somebody else has it
)

// ParseReason reads "lost" or "stolen". Problem: ReasonUnknown.
func ParseReason(text string) (Reason, error) {
	switch reason := Reason(text); reason {
	case Lost, Stolen:
		return reason, nil
	}
	return "", ReasonUnknown.New()
}

// state is what a key becomes when it is blocked for this reason.
func (r Reason) state() State {
	switch r {
	case Lost:
		return StateLost
	case Stolen:
		return StateStolen
	}
	return ""
}
