package signin

import (
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// justProven is how long using a key again would prove nothing new.
const justProven = 30 * time.Second

// Enough says what a session lacks for a requirement; zero is nothing.
func (f *Flow) Enough(session sessions.Session, need assurance.Requirement) assurance.Shortfall {
	return need.Unmet(session.Assurance, session.AuthTime, f.deps.Now())
}

// JustProven says that a session's key was used so short a time ago that using
// it again would prove nothing new. A service that asks such a session for a
// stronger sign-in of a level it has wants something else than a level.
func (f *Flow) JustProven(session sessions.Session) bool {
	age := f.deps.Now().Sub(session.AuthTime)
	return age >= -attempts.ClockSkew && age < justProven
}

// FreshForNewKey is what a person must have proven to add a further key.
func FreshForNewKey() assurance.Requirement {
	need := AtLevel(assurance.AAL2)
	need.UserVerified, need.MaxAge = true, attempts.Lifetime
	return need
}

// Ordinary is what a sign-in needs when no page or service asks for more.
func Ordinary() assurance.Requirement {
	return assurance.Requirement{AAL: assurance.AAL1, PhishingResistant: true}
}

// AtLevel is Ordinary with a level; an unknown level gives the undefined
// requirement, which nobody meets.
func AtLevel(level assurance.Level) assurance.Requirement {
	need := assurance.Requirement{AAL: level, PhishingResistant: true}
	if !need.Defined() {
		return assurance.Requirement{}
	}
	return need
}
