package recovery

import (
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// How long things take.
const (
	// CoolingTime is how long the case of somebody with a role waits after it was approved.
	CoolingTime  = 4 * time.Hour
	ordinaryLife = 24 * time.Hour // of a case
	roledLife    = 72 * time.Hour // of a case of somebody with a role
	freshness    = 10 * time.Minute
)

// Why says why somebody cannot sign in. The zero value is refused.
type Why string

// The reasons.
const (
	LostAll   Why = "lost_all"
	Forgotten Why = "forgotten"
	Broken    Why = "broken"
	NewDevice Why = "new_device"
	FirstKey  Why = "first_key" // they have never had one
)

// Whys lists them in the order of a form.
func Whys() []Why { return []Why{LostAll, Broken, Forgotten, NewDevice, FirstKey} }

// Label is the reason in words.
func (w Why) Label() string {
	switch w {
	case LostAll:
		return "All their keys are lost or stolen"
	case Forgotten:
		return "Their keys are somewhere else and they cannot get them today"
	case Broken:
		return "Their key is broken, or locked after wrong PINs"
	case NewDevice:
		return "Their key does not work with what they work on now"
	case FirstKey:
		return "They have never had a key"
	}
	return "Unknown"
}

// Method is how the caller was identified. The zero value is not at all.
type Method string

// The methods.
const (
	InPerson    Method = "in_person"    // with the photo pass in the hand
	Video       Method = "video"        // with the photo pass held up
	LineManager Method = "line_manager" // who vouches with a touch of their own key
	Colleague   Method = "colleague"    // a second agent, or an administrator, who knows them and approves
)

// Methods lists them in the order of a form.
func Methods() []Method { return []Method{InPerson, Video, LineManager, Colleague} }

// Label is the method in words.
func (m Method) Label() string {
	switch m {
	case InPerson:
		return "In person, with their photo pass"
	case Video:
		return "By video, with their photo pass"
	case LineManager:
		return "Their line manager vouches for them with a touch of a key"
	case Colleague:
		return "Somebody else who approves here knows them"
	}
	return "Not yet"
}

// Loss is one key that is stated to be gone.
type Loss struct {
	Key ids.Key     `json:"key"`
	How keys.Reason `json:"how"`
}

// Approval is one person's word that the case is right.
type Approval struct {
	By   ids.Person
	Lead bool // they administer Warder or lead its security, and may do all that the person may
	At   time.Time
}

// Case is one person's way back to a key.
type Case struct {
	ID         ids.Recovery
	Person     ids.Person
	State      State
	Privileged bool // the person held a role when it was opened, or has been given one since
	Why        Why
	Lost       []Loss
	Opener     audit.Actor
	Method     Method
	Note       string      // what was checked; no numbers of documents
	Checker    audit.Actor // nobody until identity has been checked
	Approvals  []Approval
	CoolsUntil time.Time      // zero before it cools off
	Pass       ids.Invitation // the latest pass; "" before there is one
	Credential ids.Credential // what was registered; "" before
	Objection  [32]byte       // SHA-256 of what the person was sent, with which they can stop it
	Ending     string         // why it was refused, withdrawn or stopped
	OpenedAt   time.Time
	ExpiresAt  time.Time
	ClosedAt   time.Time // zero while it is open
	Version    int64     // goes up by one with each change
}

// Missing says how many approvals, at least, are still missing.
func (c Case) Missing() int {
	switch {
	case c.Privileged:
		missing := max(2-len(c.Approvals), 0)
		if missing == 0 && !c.led() {
			return 1
		}
		return missing
	case c.Method == Colleague:
		return max(1-len(c.Approvals), 0)
	}
	return 0
}

// due reports whether a date of the case has come that has not been acted on.
func (c Case) due(now time.Time) bool { return c.cooled(now) || c.expired(now) }

func (c Case) cooled(now time.Time) bool { return c.State == CoolingOff && !now.Before(c.CoolsUntil) }

func (c Case) expired(now time.Time) bool { return !c.State.Over() && !now.Before(c.ExpiresAt) }

// NeedsLead says that one of the missing approvals must be a lead's.
func (c Case) NeedsLead() bool { return c.Privileged && !c.led() }

func (c Case) led() bool {
	return slices.ContainsFunc(c.Approvals, func(a Approval) bool { return a.Lead })
}

// took says that somebody has had a part in the case already.
func (c Case) took(person ids.Person) bool {
	return c.Opener == audit.Person(person) || c.Checker == audit.Person(person) ||
		slices.ContainsFunc(c.Approvals, func(a Approval) bool { return a.By == person })
}

// By is who does something: somebody who is signed in, or the command line.
type By struct {
	Actor   audit.Actor
	Session ids.Session // theirs; "" of the command line
}

// Command is the command line; user is of the operating system.
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
