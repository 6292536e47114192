package audit

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// ActorKind says what sort of actor made a change. The zero value is nobody.
type ActorKind string

// The closed set of actors.
const (
	ActorNobody  ActorKind = "nobody"  // somebody who is not signed in
	ActorPerson  ActorKind = "person"  // ID is an ids.Person
	ActorCommand ActorKind = "command" // the command line; ID is the user of the operating system
	ActorSystem  ActorKind = "system"  // Warder by itself; ID names the task
)

// Actor is who made a change. The zero value is nobody.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
}

// Person is somebody who works here and is signed in.
func Person(id ids.Person) Actor { return Actor{Kind: ActorPerson, ID: string(id)} }

// Command is the command line, used by the named user of the operating system.
func Command(user string) Actor { return Actor{Kind: ActorCommand, ID: user} }

// System is Warder itself; name says which task: "audit.seal", "session.expiry".
func System(name string) Actor { return Actor{Kind: ActorSystem, ID: name} }

// Nobody is somebody who is not signed in.
func Nobody() Actor { return Actor{Kind: ActorNobody} }

// orNobody spells out the zero value; an unknown kind is nobody as well.
func (a Actor) orNobody() Actor {
	switch a.Kind {
	case ActorPerson, ActorCommand, ActorSystem:
		return a
	case ActorNobody:
		return Nobody()
	default:
		return Nobody()
	}
}

// Event is what a room records.
type Event struct {
	Actor   Actor
	Action  string            // what was done, "key.blocked"
	Subject string            // the id of the thing it was done to
	Details map[string]string // no secrets, no e-mail addresses
}

// Entry is one line of the record.
type Entry struct {
	ID      ids.Entry         `json:"entry"`
	At      time.Time         `json:"at"`   // milliseconds, UTC
	Turn    int64             `json:"turn"` // order among entries of one process in one millisecond
	Actor   Actor             `json:"actor"`
	Action  string            `json:"action"`
	Subject string            `json:"subject"`
	Details map[string]string `json:"details,omitempty"`

	Number   int64 `json:"number,omitempty"`   // place in the chain, from 1; 0 is not sealed yet
	Previous Hash  `json:"previous,omitempty"` // hash of the entry before
	Hash     Hash  `json:"hash,omitempty"`     // over Number, Previous and all fields above
}

// Filter picks entries for a page, newest first. Empty fields match everything.
type Filter struct {
	Subject string
	Actor   Actor     // the zero value is any actor
	Action  string    // exact; with a dot at the end, everything that starts so: "key."
	After   ids.Entry // the last entry of the page before
	Limit   int       // 1 to 500; 0 is 50
}
