package people

import (
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
)

// State says whether a person works here. The zero value and any unknown word
// are strict: such a person cannot sign in.
type State string

// The states. See doc.go for how one follows another.
const (
	Active    State = "active"
	Suspended State = "suspended"
	Left      State = "left"
)

// Known reports whether s is one of the states.
func (s State) Known() bool { return s == Active || s == Suspended || s == Left }

// Kind says what sort of identity it is. The zero value and any unknown word
// are strict: such an identity cannot sign in.
type Kind string

// The kinds.
const (
	KindPerson     Kind = "person"      // somebody who works here
	KindService    Kind = "service"     // a program; it has no finger to touch a key and cannot sign in
	KindGuest      Kind = "guest"       // somebody who works for someone else
	KindShared     Kind = "shared"      // one name used by several people
	KindBreakGlass Kind = "break_glass" // kept for emergencies; it never signs in by itself, see access/breakglass
)

// Kinds lists every kind, in the order of a form.
func Kinds() []Kind {
	return []Kind{KindPerson, KindGuest, KindShared, KindService, KindBreakGlass}
}

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool {
	switch k {
	case KindPerson, KindService, KindGuest, KindShared, KindBreakGlass:
		return true
	}
	return false
}

// Person is one identity in the directory.
type Person struct {
	ID         ids.Person
	UserName   string // unique; lower case; letters, digits, dot, underscore, hyphen
	Name       string // as the person writes it
	Email      string // as typed; "" when there is none; unique without regard to case
	EmployeeID string // the number HR knows them by; "" when there is none
	Department string
	JobTitle   string
	Kind       Kind
	Manager    ids.Person // the line manager; "" when there is none
	Starts     time.Time  // first working day: midnight UTC of that date; zero is no limit
	Ends       time.Time  // last working day, inclusive: midnight UTC of that date; zero is no limit
	State      State
	CreatedAt  time.Time
	ChangedAt  time.Time
}

// MaySignIn reports whether the directory lets this person sign in at that
// moment: they are active, of a kind that can sign in by itself, and employed on
// that day in London. Starts and Ends both count as working days.
func (p Person) MaySignIn(at time.Time) bool {
	return p.Kind.signsIn() && p.works(at)
}

// MayBreakGlass reports whether the directory lets this identity take part in
// opening Warder in an emergency at that moment. Nobody may both do that and sign
// in: what this is true for, MaySignIn refuses.
func (p Person) MayBreakGlass(at time.Time) bool { return p.Kind == KindBreakGlass && p.works(at) }

// signsIn reports whether identities of the kind can sign in by themselves.
func (k Kind) signsIn() bool {
	switch k {
	case KindPerson, KindGuest, KindShared:
		return true
	case KindService, KindBreakGlass:
	}
	return false
}

// works reports whether somebody is active and employed on that day in London.
func (p Person) works(at time.Time) bool {
	if p.State != Active {
		return false
	}
	today := days.London(at)
	if !p.Starts.IsZero() && today.Before(p.Starts) {
		return false
	}
	return p.Ends.IsZero() || !today.After(p.Ends)
}

// NewPerson is what is needed to add somebody. An empty Kind means KindPerson.
// Starts and Ends are read as calendar dates in their own location.
type NewPerson struct {
	UserName   string
	Name       string
	Email      string
	EmployeeID string
	Department string
	JobTitle   string
	Kind       Kind
	Manager    ids.Person
	Starts     time.Time
	Ends       time.Time
}

// Filter narrows a list. The zero value lists the first page of everybody.
type Filter struct {
	Text       string // part of the user name, name, e-mail address or employee number; case does not matter
	Department string // exactly this department
	State      State  // exactly this state
	Kind       Kind   // exactly this kind
	After      string // the user name after which the page starts: what List returned as next
	Limit      int    // people on a page; 0 is 50, at most 500
}
