package assurance

import "time"

// The bits of Marks. Those of what is forbidden follow.
const (
	markPhishingResistant = 1 << iota
	markHardwareBound
	markAttested
	markUserVerified
	markForbidden // the first of the weaknesses
)

// Marks is what is asked for beyond the level and the age, as one number in which
// stores keep it.
func (r Requirement) Marks() int64 {
	marks := int64(r.Forbid) * markForbidden
	for bit, asked := range map[int64]bool{markPhishingResistant: r.PhishingResistant, markHardwareBound: r.HardwareBound,
		markAttested: r.Attested, markUserVerified: r.UserVerified} {
		if asked {
			marks |= bit
		}
	}
	return marks
}

// Kept is the requirement of what a store has kept: the level, Marks and the age. A
// level that does not exist leaves it undefined, which nobody meets.
func Kept(level Level, marks int64, age time.Duration) Requirement {
	return Requirement{AAL: level, MaxAge: age, Forbid: Weakness(marks / markForbidden),
		PhishingResistant: marks&markPhishingResistant != 0, HardwareBound: marks&markHardwareBound != 0,
		Attested: marks&markAttested != 0, UserVerified: marks&markUserVerified != 0}
}
