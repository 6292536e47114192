package services

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// State says whether a service is open for use. The zero value and any unknown
// word are strict: the service is refused.
type State string

// The states. A retired service keeps its routes, closed, so that no wider
// route of another service answers for them.
const (
	Admitted State = "admitted"
	Retired  State = "retired"
)

// Service is something people sign in to.
type Service struct {
	ID     ids.Service
	Slug   string // unique; lower-case letters, digits, hyphens; how policies and people name it
	Name   string
	Owner  ids.Person // who answers for it; "" when nobody does
	Impact int        // how much harm a break-in would do: 1 (little) to 5 (grave); 0 is not known
	State  State
	Routes []Route // in order of host and path
	// Obligations are what it is held to from outside: nhs-mfa-2023, caf-b2. In order.
	Obligations []string
	Actions     []Action // what in it asks for a touch of the key, in order of name
	Identity    IdentityHeaders
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// Route is one way into a service.
type Route struct {
	ID         ids.Route
	Service    ids.Service
	Host       string   // host or host:port, lower case; ports 80 and 443 are left out
	PathPrefix string   // starts with "/", no "/" at the end except for "/" itself
	Methods    []string // upper case, sorted; empty means every method
	Upstream   string   // http or https URL to pass requests on to; "" when only another proxy asks us
	CreatedAt  time.Time
}

// IdentityHeaders names the headers that tell the application who is signed in.
type IdentityHeaders struct {
	User   string
	Email  string
	Name   string
	Groups string
}

// DefaultHeaders are the names most applications already understand.
func DefaultHeaders() IdentityHeaders {
	return IdentityHeaders{User: "Remote-User", Email: "Remote-Email", Name: "Remote-Name", Groups: "Remote-Groups"}
}

// NewService is what is needed to add a service. Empty header names take the
// defaults. Routes are added with it.
type NewService struct {
	Slug     string
	Name     string
	Owner    ids.Person
	Impact   int
	Identity IdentityHeaders
	Routes   []NewRoute

	Obligations []string
}

// NewRoute is what is needed to add a route. An empty PathPrefix is "/".
type NewRoute struct {
	Host       string
	PathPrefix string
	Methods    []string
	Upstream   string
}
