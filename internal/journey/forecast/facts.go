package forecast

import (
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Facts are all that a forecast is made from.
type Facts struct {
	At     time.Time        // the moment for which it is made
	Before *policy.Compiled // in force; nil when nothing is, and then nobody is locked out
	Next   *policy.Compiled // the draft
	// Privileged says that the draft asks more of people with a role: then each of
	// them must have two strong ways in, not only one of them.
	Privileged bool

	Services []Service  // that are open
	People   []Somebody // who may sign in at At, in order of user name
	Scope    Scope
	Uses     Uses
	Named    map[string]bool // user names that a rule of either policy names

	// BreakGlass says whether the emergency access was tested and can be counted on.
	BreakGlass policy.Truth
}

// Scope says at which services people are judged. The zero value is the stricter.
type Scope string

// The scopes.
const (
	WhereLetIn Scope = ""     // at every service that a rule lets them into today
	WhereUsed  Scope = "used" // at the services they have used since Uses.Since
)

// Uses says what the uses of services are known from.
type Uses struct {
	Since time.Time
	Until time.Time // later decisions have not been counted yet
}

// Service is one service that is open.
type Service struct {
	Slug string
	Name string
	// The way in whose first page is judged; "" is not known.
	Route string
	Path  string
}

// Somebody is one person who may sign in.
type Somebody struct {
	ID         ids.Person
	UserName   string
	Name       string
	Department string
	Shared     bool // one name that several people use
	Groups     policy.Groups
	Roles      []string // that they hold in Warder
	Administer bool     // one of them is the administrator's
	Ways       []Way
	Post       []string // keys that are theirs and not registered, by name
	Leave      Leave
	Uses       []int // positions in Facts.Services
	// Exceptions are those that may apply to them, by position of the service.
	Exceptions map[int][]policy.Exception
}

// Way is one way in that works for somebody today.
type Way struct {
	Proves assurance.Assurance
	Key    ids.Key // the key it is on; "" when it is on none
	Spare  bool    // as good as a key must be to be registered here
}

// Leave is whether somebody is on leave on the day.
type Leave struct {
	Away policy.Truth
	Back time.Time // the first day on which they are back; zero unless Away is Yes
}
