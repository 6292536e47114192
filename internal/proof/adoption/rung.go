package adoption

import (
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Rung is the best that somebody has on the way to hardware keys. The zero value is
// nothing.
type Rung int

// The rungs, lowest first.
const (
	Nothing     Rung = iota // cannot sign in
	Weak                    // a password and no code beside it, which signs nobody in
	Codes                   // a password and a code from an app
	Synced                  // a passkey that is copied between devices
	Device                  // a passkey that stays on its device, as far as it says
	Unattested              // a security key whose make is only claimed
	Attested                // a security key whose make is proven
	TwoAttested             // two of them
)

// Rungs lists them, lowest first.
func Rungs() []Rung {
	var all []Rung
	for rung := Nothing; rung <= TwoAttested; rung++ {
		all = append(all, rung)
	}
	return all
}

// rungs are the stable word and the name of each.
var rungs = [...]struct{ word, name string }{
	Nothing:     {"none", "Nothing: cannot sign in"},
	Weak:        {"weak", "Password without a code: cannot sign in"},
	Codes:       {"totp", "Password and code from an app"},
	Synced:      {"passkey_synced", "Synced passkey"},
	Device:      {"passkey_device", "Passkey bound to a device"},
	Unattested:  {"security_key", "Security key, make not proven"},
	Attested:    {"security_key_attested", "One attested security key"},
	TwoAttested: {"two_attested", "Two attested security keys"},
}

// String is the stable word: "two_attested".
func (r Rung) String() string { return rungs[r.known()].word }

// Name is for people.
func (r Rung) Name() string { return rungs[r.known()].name }

// known is the rung, or the lowest for a number that is none.
func (r Rung) known() Rung {
	if r < Nothing || r > TwoAttested {
		return Nothing
	}
	return r
}

// ParseRung reads what String wrote.
func ParseRung(word string) (Rung, bool) {
	for rung := range rungs {
		if rungs[rung].word == word {
			return Rung(rung), true
		}
	}
	return Nothing, false
}

// Rung is the best that is accepted of the account's.
func (a Account) Rung() Rung {
	ways := a.Ways()
	if len(ways) == 0 {
		for _, holding := range a.Holdings {
			if holding.Accepted && holding.Method == assurance.Password {
				return Weak
			}
		}
		return Nothing
	}
	switch ways[0][0] {
	case assurance.SecurityKeyAttested:
		if len(a.keys(assurance.SecurityKeyAttested)) > 1 {
			return TwoAttested
		}
		return Attested
	case assurance.SecurityKey:
		return Unattested
	case assurance.PasskeyDevice:
		return Device
	case assurance.PasskeySynced:
		return Synced
	default: // what is not a key is a password and a code
	}
	return Codes
}

// keys are the different keys on which the account has one of the methods.
func (a Account) keys(methods ...assurance.Method) map[ids.Key]bool {
	found := map[ids.Key]bool{}
	for _, holding := range a.Holdings {
		for _, method := range methods {
			if holding.Accepted && holding.Method == method && holding.Key != "" {
				found[holding.Key] = true
			}
		}
	}
	return found
}
