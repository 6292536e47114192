package exceptions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Exception lets some people at some service sign in with less, for a time.
type Exception struct {
	ID        ids.Exception
	Number    int64 // given by the store, from 1; people speak of E-012
	Subject   Subject
	Floor     assurance.Requirement // what is asked at the least while it is in force
	Reason    ReasonCode
	Narrative string // what cannot be done, and why, in the words of whoever asks
	Risk      Risk
	Controls  []Control // what makes up for it; at least one
	Sunset    Sunset    // how it stops being needed
	Reviews   []time.Time
	Evidence  []string // addresses of pages, or ids of evidence that is kept here
	OnOverdue Fallback // what becomes of it when a review is missed

	State      State
	Owner      ids.Person  // who answers for it
	ProposedBy audit.Actor // who asked for it
	ApprovedBy ids.Person  // "" until somebody has
	ApprovedAt time.Time
	Start, End time.Time // half open: at End it is over
	Lapses     time.Time // from then on OnOverdue holds, if nobody has reviewed it; zero when no review is due
	Renewal    Renewal   // what is asked for; zero when nothing is
	Renewals   int       // how often it has been renewed
	ForBoard   bool      // renewed more than twice
	Ending     string    // why it was refused, withdrawn or ended
	EndedAt    time.Time // zero while it is not over

	ProposedAt time.Time
	ChangedAt  time.Time
	Version    int64 // goes up by one with each change
}

// Subject is whom and what an exception is for. Of what is given, all must hold: people
// or groups at a service means those people there. Empty is everybody, or
// everywhere; not both.
type Subject struct {
	People  []ids.Person // sorted, each once
	Groups  []string     // names, sorted, each once; being in any of them is enough
	Service ids.Service  // "" is every service
	Route   ids.Route    // "" is the whole service
}

// Everybody reports whether it is for whoever comes.
func (s Subject) Everybody() bool { return len(s.People) == 0 && len(s.Groups) == 0 }

// Names reports whether somebody is one of those it is for, by name or by group.
// Where it is for everybody nobody is named.
func (s Subject) Names(person ids.Person, groups []string) bool {
	return slices.Contains(s.People, person) || slices.ContainsFunc(s.Groups, func(name string) bool { return slices.Contains(groups, name) })
}

// Control is something that makes up for the weaker sign-in.
type Control struct {
	Text     string      `json:"text"`   // what is done instead
	How      string      `json:"how"`    // how somebody finds out that it works
	Result   Result      `json:"result"` // of the last test
	Note     string      `json:"note,omitempty"`
	TestedAt time.Time   `json:"tested_at,omitzero"`
	TestedBy audit.Actor `json:"tested_by,omitzero"`
}

// Result is what a test of a control has shown. The zero value is not known.
type Result string

// The results.
const (
	Works Result = "works"
	Fails Result = "fails"
)

// Label is the result in words.
func (r Result) Label() string {
	switch r {
	case Works:
		return "Works"
	case Fails:
		return "Does not work"
	}
	return "Never tested"
}

// Sunset is how an exception stops being needed.
type Sunset struct {
	Path       Path        `json:"path"`
	Milestones []Milestone `json:"milestones,omitempty"`
}

// Milestone is one step of a sunset.
type Milestone struct {
	Text   string      `json:"text"`
	Due    time.Time   `json:"due"`
	Proof  Proof       `json:"proof,omitempty"`
	First  time.Time   `json:"first,omitzero"` // its day in the plan, if it has been moved since
	Done   time.Time   `json:"done,omitzero"`  // zero while it is not
	DoneBy audit.Actor `json:"done_by,omitzero"`
}

// Fallback is what becomes of an exception whose review is missed. The zero value is
// no choice, and is refused.
type Fallback struct {
	Kind  FallbackKind          `json:"kind"`
	Floor assurance.Requirement `json:"floor,omitzero"` // of Stricter only
}

// FallbackKind says which of the two it is.
type FallbackKind string

// The kinds.
const (
	Ends     FallbackKind = "ends"     // it ends
	Stricter FallbackKind = "stricter" // it goes on with a stricter floor
)

// Renewal is a new end that somebody asks for. The zero value is none.
type Renewal struct {
	End    time.Time   `json:"end"`
	Reason string      `json:"reason"`
	By     audit.Actor `json:"by"`
	At     time.Time   `json:"at"`
}

// Asked reports whether a renewal waits for approval.
func (r Renewal) Asked() bool { return !r.End.IsZero() }

// Name is what people call it: E-012.
func (e Exception) Name() string { return fmt.Sprintf("E-%03d", e.Number) }

// ParseName reads what Name wrote, with or without the zeros, in either case.
func ParseName(text string) (int64, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(text), "E-")
	number, err := strconv.ParseInt(rest, 10, 64)
	return number, ok && err == nil && number > 0
}

// InForce reports whether it lowers what is asked at a moment. Its end is not part
// of its time.
func (e Exception) InForce(at time.Time) bool {
	return e.State == Approved && !at.Before(e.Start) && at.Before(e.End) &&
		(e.Lapses.IsZero() || at.Before(e.Lapses) || e.OnOverdue.Kind == Stricter && e.Floor != e.OnOverdue.Floor)
}

// Lasts is how long it is in force from its beginning to its end.
func (e Exception) Lasts() time.Duration { return e.End.Sub(e.Start) }

// By is who does something: somebody who is signed in, or the command line.
type By struct {
	Actor   audit.Actor
	Session ids.Session // theirs; "" of the command line
}

// Command is the command line.
func Command(actor audit.Actor) By { return By{Actor: actor} }

// SignedIn is somebody at a page.
func SignedIn(person ids.Person, session ids.Session) By {
	return By{Actor: audit.Person(person), Session: session}
}

// Person is who it is; "" when it is no person.
func (b By) Person() ids.Person {
	if b.Actor.Kind != audit.ActorPerson {
		return ""
	}
	return ids.Person(b.Actor.ID)
}
