package signin

import (
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Return is where a browser goes afterwards.
type Return = returns.Address

// Ask is what begins a sign-in.
type Ask struct {
	Browser secret.Value // the secret this browser already has; empty for a fresh one
	Require assurance.Requirement
	Service ids.Service
	Return  Return
	Session ids.Session // the live session of this browser, if any
	Person  ids.Person  // whose session that is; the stronger sign-in must be theirs
}

// Answer is what a browser sends back for an attempt.
type Answer struct {
	Attempt     ids.Attempt
	Browser     secret.Value
	Response    []byte          // what the key said, JSON as the browser wrote it
	Secret      secret.Value    // a password, a code or a recovery code, as it was typed
	Serial      string          // registration: the number printed on the key; may be empty
	Label       string          // registration: what the person calls it; may be empty
	InHand      arrivals.InHand // what the person says about the key, where that is asked
	IP          string
	Device      string // what the browser's device cookie names; "" when it has none
	UserAgent   string
	revalidated bool // see arrivals.Gate.Revalidate
}

func (a Answer) from() arrivals.From {
	return arrivals.From{Address: arrivals.Address(a.IP), Device: a.Device}
}
