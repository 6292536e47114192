package adoption

import (
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/people"
)

// Holding is one thing with which a person signs in, or helps themselves back in.
type Holding struct {
	ID       ids.Credential
	Method   assurance.Method // what a use of it is worth today
	Key      ids.Key          // the key it is on; "" when it is on none
	Accepted bool             // the policy takes it; keys are not asked about
	DaysUsed int              // on how many different days it was used
	LastUsed time.Time        // zero when never
}

// Account is one person who may sign in, with what works for them.
type Account struct {
	Person   people.Person
	Roles    []roles.Role
	Complete bool // losing a key does not lock them out
	Holdings []Holding
}

// Privileged reports whether the person administers anything.
func (a Account) Privileged() bool { return len(a.Roles) > 0 }

// Spare says what becomes of the person if they lose a key.
func (a Account) Spare() string {
	switch {
	case a.Complete:
		return "They have another that works."
	case len(a.Ways()) == 0:
		return "They cannot sign in now."
	case len(a.keys(keyMethods()...)) == 0:
		return "They sign in without one."
	case len(a.Ways()) > 1:
		return "They have no other key, only a weaker way in."
	}
	return "They cannot sign in until somebody helps them."
}

// keyMethods are the methods that live on something a person can lose, strongest first.
func keyMethods() []assurance.Method {
	return []assurance.Method{assurance.SecurityKeyAttested, assurance.SecurityKey, assurance.PasskeyDevice, assurance.PasskeySynced}
}

// Way is what must be given together to sign in, strongest part first.
type Way []assurance.Method

// String is for people: "password and code from an app".
func (w Way) String() string {
	var names []string
	for _, method := range w {
		names = append(names, method.Class().Name)
	}
	return strings.Join(names, " and ")
}

// Weaknesses is what whoever attacks this way can make use of. Parts are attacked
// one by one, so a way has a weakness when each of its parts has it.
func (w Way) Weaknesses() assurance.Weakness {
	all := assurance.EveryWeakness
	for _, method := range w {
		all &= method.Weaknesses()
	}
	return all
}

// Ways lists how somebody can sign in with what is accepted of theirs, strongest
// first, each once. A password alone, and a code alone, sign nobody in. A recovery code
// opens no session, and is a way back and not a way in.
func (a Account) Ways() []Way {
	var ways []Way
	has := map[assurance.Method]bool{}
	for _, holding := range a.Holdings {
		if holding.Accepted {
			has[holding.Method] = true
		}
	}
	for _, method := range keyMethods() { // strongest first
		if has[method] {
			ways = append(ways, Way{method})
		}
	}
	if has[assurance.Password] && has[assurance.TOTP] {
		ways = append(ways, Way{assurance.Password, assurance.TOTP})
	}
	return ways
}

// WaysBack lists the methods with which somebody can open a registration when they
// have lost the others.
func (a Account) WaysBack() []assurance.Method {
	for _, holding := range a.Holdings {
		if holding.Accepted && holding.Method == assurance.RecoveryCode {
			return []assurance.Method{assurance.RecoveryCode}
		}
	}
	return nil
}

// Strength is how hard it is to get into an account. The zero value is an account
// that nobody can sign in to.
type Strength struct {
	Best       Way                // what its holder would use
	Weakest    Way                // what whoever attacks it would choose
	Weaknesses assurance.Weakness // of all ways together
}

// Strength is what the account is worth: as much as the weakest way into it.
func (a Account) Strength() Strength {
	ways := a.Ways()
	if len(ways) == 0 {
		return Strength{}
	}
	strength := Strength{Best: ways[0], Weakest: slices.MaxFunc(ways, func(x, y Way) int { return weight(x) - weight(y) })}
	for _, way := range ways {
		strength.Weaknesses |= way.Weaknesses()
	}
	return strength
}

// weight orders ways by what can be done to them: what can be phished is worst, as
// it is done to many people at once and from afar.
func weight(way Way) int {
	weight := 0
	for _, weakness := range assurance.Weaknesses() {
		weight *= 2
		if way.Weaknesses()&weakness != 0 {
			weight++
		}
	}
	return weight
}

// Downgraded reports whether a weaker way undoes what a better one gives.
func (s Strength) Downgraded() bool { return weight(s.Weakest) > weight(s.Best) }

// Phishable reports whether a fake website gets in, by whichever way.
func (s Strength) Phishable() bool { return s.Weaknesses&assurance.Phishable != 0 }

// String is for administrators: "phishable: has attested security key, but password
// and code from an app are accepted too".
func (s Strength) String() string {
	switch {
	case len(s.Best) == 0:
		return "nothing that works: cannot sign in"
	case s.Downgraded():
		return s.Weaknesses.String() + ": has " + s.Best.String() + ", but " + s.Weakest.String() + " will do too"
	case s.Weaknesses == 0:
		return "not phishable, nothing can be copied: " + s.Best.String()
	case !s.Phishable():
		return "not phishable, but may be " + s.Weaknesses.String() + ": " + s.Best.String()
	}
	return s.Weaknesses.String() + ": " + s.Best.String()
}
