package assurance

import (
	"strconv"
	"time"
)

// Requirement is what a service asks of a sign-in. The zero value is undefined
// and is met by nobody: a requirement that somebody forgot to write never lets
// anyone in.
type Requirement struct {
	AAL               Level
	PhishingResistant bool
	HardwareBound     bool
	Attested          bool
	UserVerified      bool
	Forbid            Weakness      // what the method of the sign-in must not have
	MaxAge            time.Duration // longest time since the sign-in; 0 asks for no more than the session's own limits
}

// Shortfall is a set of ways in which a sign-in falls short of a requirement.
type Shortfall uint16

// The ways, in the order in which they are told to a person.
const (
	RequirementUndefined Shortfall = 1 << iota // nobody wrote what is needed
	LevelTooLow
	NotPhishingResistant
	NotHardwareBound
	NotAttested
	NotUserVerified
	TooLongAgo
	ForbiddenPhishable // from here on in the order of the weaknesses
	ForbiddenSIMSwappable
	ForbiddenExportable
	ForbiddenReplayable
	ForbiddenRestricted
)

// Defined reports whether the requirement names a level that exists.
func (r Requirement) Defined() bool { return r.AAL >= AAL1 && r.AAL <= AAL3 }

// And is the strictest of both requirements. An undefined side stays
// undefined: it is not a way to ask for less.
func (r Requirement) And(other Requirement) Requirement {
	if !r.Defined() || !other.Defined() {
		return Requirement{}
	}
	both := Requirement{
		AAL:               max(r.AAL, other.AAL),
		PhishingResistant: r.PhishingResistant || other.PhishingResistant,
		HardwareBound:     r.HardwareBound || other.HardwareBound,
		Attested:          r.Attested || other.Attested,
		UserVerified:      r.UserVerified || other.UserVerified,
		Forbid:            r.Forbid | other.Forbid,
		MaxAge:            r.MaxAge,
	}
	if both.MaxAge == 0 || (other.MaxAge > 0 && other.MaxAge < both.MaxAge) {
		both.MaxAge = other.MaxAge
	}
	return both
}

// Or is what both requirements ask for: whoever does not meet it meets neither.
// An undefined side leaves it undefined.
func (r Requirement) Or(other Requirement) Requirement {
	if !r.Defined() || !other.Defined() {
		return Requirement{}
	}
	either := Requirement{
		AAL:               min(r.AAL, other.AAL),
		PhishingResistant: r.PhishingResistant && other.PhishingResistant,
		HardwareBound:     r.HardwareBound && other.HardwareBound,
		Attested:          r.Attested && other.Attested,
		UserVerified:      r.UserVerified && other.UserVerified,
		Forbid:            r.Forbid & other.Forbid,
	}
	if r.MaxAge > 0 && other.MaxAge > 0 {
		either.MaxAge = max(r.MaxAge, other.MaxAge)
	}
	return either
}

// Unmet says in which ways have, proven at authTime, falls short at now. Zero
// means that the requirement is met. A sign-in from the future is not fresh:
// a clock that jumped back must not keep an old proof alive.
func (r Requirement) Unmet(have Assurance, authTime, now time.Time) Shortfall {
	if !r.Defined() {
		return RequirementUndefined
	}
	var short Shortfall
	if have.AAL < r.AAL {
		short |= LevelTooLow
	}
	if r.PhishingResistant && !have.PhishingResistant {
		short |= NotPhishingResistant
	}
	if r.HardwareBound && !have.HardwareBound {
		short |= NotHardwareBound
	}
	if r.Attested && !have.Attested {
		short |= NotAttested
	}
	if r.UserVerified && !have.UserVerified {
		short |= NotUserVerified
	}
	if r.MaxAge > 0 {
		age := now.Sub(authTime)
		if age > r.MaxAge || age < -clockSkew {
			short |= TooLongAgo
		}
	}
	short |= Shortfall(r.Forbid&have.Method.Weaknesses()) * ForbiddenPhishable
	return short
}

// clockSkew is how far in the future a sign-in may seem to be on another node.
const clockSkew = time.Minute

// Each calls tell for every single way in the set, in order.
func (s Shortfall) Each(tell func(Shortfall)) {
	for way := RequirementUndefined; way <= ForbiddenRestricted; way <<= 1 {
		if s&way != 0 {
			tell(way)
		}
	}
}

// Sentence tells a person what is missing. s must be a single way.
func (s Shortfall) Sentence() string {
	switch s {
	case RequirementUndefined:
		return "Nobody has said yet how strongly people must sign in here."
	case LevelTooLow:
		return "This needs a stronger way of signing in than the one you used."
	case NotPhishingResistant:
		return "This needs a way of signing in that a fake website cannot pass on."
	case NotHardwareBound:
		return "This needs a security key that cannot be copied."
	case NotAttested:
		return "This needs a security key whose make and model are proven."
	case NotUserVerified:
		return "This needs your key’s PIN or fingerprint, not only a touch."
	case TooLongAgo:
		return "You signed in too long ago for this."
	case ForbiddenPhishable:
		return "You signed in with something that a fake website can pass on. That is not allowed here."
	case ForbiddenSIMSwappable:
		return "You signed in with something that goes wherever your phone number goes. That is not allowed here."
	case ForbiddenExportable:
		return "You signed in with something that could be copied elsewhere. That is not allowed here."
	case ForbiddenReplayable:
		return "You signed in with something that can be used again by whoever sees it. That is not allowed here."
	case ForbiddenRestricted:
		return "You signed in over the telephone network. That is not allowed here."
	}
	return "Something is missing from your sign-in."
}

// String is for people: "AAL3, phishing-resistant, within 8 hours".
func (r Requirement) String() string {
	if !r.Defined() {
		return "undefined (nobody meets it)"
	}
	text := describe(r.AAL, r.PhishingResistant, r.HardwareBound, r.Attested, r.UserVerified)
	if r.Forbid != 0 {
		text += ", nothing " + r.Forbid.String()
	}
	if r.MaxAge > 0 {
		text += ", within " + words(r.MaxAge)
	}
	return text
}

// words is a length of time as people say it: "8 hours", "90 minutes".
func words(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d%unit.length != 0 {
			continue
		}
		if n := int(d / unit.length); n != 1 {
			return strconv.Itoa(n) + " " + unit.name + "s"
		}
		return "1 " + unit.name
	}
	return d.String()
}
