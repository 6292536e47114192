package forecast

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Kind is one kind of finding.
type Kind string

// The kinds, in the order in which they are told.
const (
	NoMethod        Kind = "no_method"               // nothing of theirs does what the draft asks
	ShutOut         Kind = "shut_out"                // the draft refuses them whatever they sign in with
	NoAdministrator Kind = "no_administrator"        // no administrator has two strong ways in
	WeakPrivileged  Kind = "privileged_with_one"     // they hold a role and have fewer than two
	NoBreakGlass    Kind = "break_glass_not_tested"  // nobody could open Warder in an emergency
	OneKey          Kind = "one_key"                 // losing it locks them out
	InPost          Kind = "key_in_post"             // issued, not registered
	OnLeave         Kind = "on_leave"                // they would be locked out, and are away that day
	LeaveUnknown    Kind = "leave_not_known"         // they would be locked out, and nobody can say whether they are away
	SharedAccount   Kind = "shared_account"          // several people use the name
	Elsewise        Kind = "asks_more_than_a_method" // a rule asks for what cannot be foreseen
	Already         Kind = "already"                 // they cannot get in today either
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{NoMethod, ShutOut, NoAdministrator, WeakPrivileged, NoBreakGlass, OneKey, InPost, OnLeave, LeaveUnknown, SharedAccount, Elsewise, Already}
}

// words are the title of each kind, what to do about it, and whether it stops the draft.
var words = map[Kind]struct {
	title, next string
	blocks      bool
}{
	NoMethod: {"Would be locked out: no usable method",
		"Issue each of them a key and have it registered, or narrow the rule, before the draft is enforced.", true},
	ShutOut: {"Would be locked out: refused whatever they sign in with",
		"Add a rule that lets them in, or make sure that they are meant to lose the service.", true},
	NoAdministrator: {"No administrator would be left with two strong methods",
		"Have an administrator register a second security key.", true},
	WeakPrivileged: {"Hold a role, and have fewer than two strong methods",
		"Have each of them register a second security key, or take the role away.", true},
	NoBreakGlass: {"The emergency access is not tested",
		"Two people touch two keys on the page for emergency access.", true},
	OneKey: {"Have a single key", "Give each of them a second key: whoever loses the only one is locked out.", false},
	InPost: {"Have a key that is not registered", "Ask whether it has arrived, and send a one-time link to register it.", false},
	OnLeave: {"Would be locked out, and are on leave that day",
		"Reach them before they go, or expect them at the service desk on their first day back.", false},
	LeaveUnknown: {"Would be locked out, and nobody knows whether they are on leave that day",
		"Import the leave calendar: warder person leave-calendar FILE.", false},
	SharedAccount: {"Are accounts that several people share", "A key has one holder. Give each person an account of their own.", false},
	Elsewise: {"Depends on more than how they sign in",
		"A rule asks for a network, a device or an approval. Whether they will have it cannot be foreseen: run the draft in report-only first.", false},
	Already: {"Cannot get in today either", "The draft changes nothing for them. Look into each: they may never have needed the service.", false},
}

// Title is the kind for people.
func (k Kind) Title() string { return words[k].title }

// Next is what to do about it.
func (k Kind) Next() string { return words[k].next }

// Blocks reports whether a draft with such a finding is not to be enforced.
func (k Kind) Blocks() bool { return words[k].blocks }

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return words[k].title != "" }

// Forecast is what enforcing a draft on a day would mean.
type Forecast struct {
	At       time.Time `json:"at"`
	Version  string    `json:"version"`
	Against  string    `json:"against"` // the version in force; "" when none is
	Scope    Scope     `json:"scope"`
	Uses     Uses      `json:"-"`
	People   int       `json:"people"` // who were judged
	Findings []Finding `json:"findings"`
	Services []Service `json:"-"`
	ByName   []AtOne   `json:"services"` // services at which somebody would be locked out, worst first
	Load     Load      `json:"service_desk"`
}

// Finding is one kind of thing that was found. About the organisation as a whole,
// there are no people.
type Finding struct {
	Kind   Kind    `json:"kind"`
	Blocks bool    `json:"blocks"`
	People []Entry `json:"people,omitempty"`
}

// Entry is one person in a list.
type Entry struct {
	ID         ids.Person `json:"id"`
	UserName   string     `json:"user_name"`
	Name       string     `json:"name"`
	Department string     `json:"department,omitempty"`
	At         []Asked    `json:"at,omitempty"`
	Notes      []string   `json:"notes,omitempty"` // what else is known that matters here
}

// Asked is what a draft asks of somebody at a service.
type Asked struct {
	Service string   `json:"service"`
	Asks    string   `json:"asks"`  // "AAL3, phishing-resistant"
	Rules   []string `json:"rules"` // that ask for it
}

// AtOne is one service, with whom the draft would lock out of it.
type AtOne struct {
	Service string   `json:"service"`
	Judged  int      `json:"people"`     // who were judged there
	Locked  []string `json:"locked_out"` // user names
}

// Load is how many people are expected to contact the service desk in the first five
// working days. It is an assumption, not a measurement.
type Load struct {
	Contacts   int    `json:"contacts"`
	Locked     int    `json:"locked_out"` // each is expected once
	More       int    `json:"asked_more"` // one in ten is expected
	Assumption string `json:"assumption"`
}

// Find is the finding of a kind; false when there is none.
func (f *Forecast) Find(kind Kind) (Finding, bool) {
	for _, finding := range f.Findings {
		if finding.Kind == kind {
			return finding, true
		}
	}
	return Finding{}, false
}

// Blockers are the findings that stop the draft.
func (f *Forecast) Blockers() []Finding {
	var found []Finding
	for _, finding := range f.Findings {
		if finding.Blocks {
			found = append(found, finding)
		}
	}
	return found
}
