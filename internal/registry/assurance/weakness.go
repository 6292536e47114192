package assurance

import "strings"

// Weakness is a set of properties that a policy can forbid a sign-in to have.
type Weakness uint8

// The weaknesses, in the order in which they are told. Their numbers are kept in
// stores: a new one goes to the end.
const (
	Phishable Weakness = 1 << iota
	SIMSwappable
	Exportable
	Replayable
	Restricted
)

// EveryWeakness is all of them: what is counted against a method nobody knows.
const EveryWeakness = Phishable | SIMSwappable | Exportable | Replayable | Restricted

// weaknesses is what each method has, or may have: what is not known of a method
// counts against it.
var weaknesses = func() (all [methodCount]Weakness) {
	for i := range catalogue {
		for _, weakness := range Weaknesses() {
			if weakness.Of(catalogue[i]) != No {
				all[i] |= weakness
			}
		}
	}
	return all
}()

// Weaknesses lists each by itself.
func Weaknesses() []Weakness {
	return []Weakness{Phishable, SIMSwappable, Exportable, Replayable, Restricted}
}

// Of says whether a class has the weakness, which must be a single one.
func (w Weakness) Of(class Class) Fact {
	switch w {
	case Phishable:
		return class.Phishable
	case SIMSwappable:
		return class.SIMSwappable
	case Exportable:
		return class.Exportable
	case Replayable:
		return class.Replayable
	case Restricted:
		return class.Restricted
	case EveryWeakness: // not a single one
	}
	return Unknown
}

// Weaknesses is what the method has or may have.
func (m Method) Weaknesses() Weakness {
	if m >= methodCount {
		return EveryWeakness
	}
	return weaknesses[m]
}

// Words are the words of a policy for the set: "phishable", "sim_swappable".
func (w Weakness) Words() []string {
	var words []string
	for _, one := range Weaknesses() {
		if w&one != 0 {
			words = append(words, one.word())
		}
	}
	return words
}

func (w Weakness) word() string {
	switch w {
	case Phishable:
		return "phishable"
	case SIMSwappable:
		return "sim_swappable"
	case Exportable:
		return "exportable"
	case Replayable:
		return "replayable"
	case Restricted:
		return "restricted"
	case EveryWeakness: // not a single one
	}
	return ""
}

// String is for people: "phishable or SIM-swappable".
func (w Weakness) String() string {
	text := strings.Join(w.Words(), " or ")
	return strings.ReplaceAll(strings.ReplaceAll(text, "sim_", "SIM_"), "_", "-")
}

// ParseWeakness reads one word; false for any other.
func ParseWeakness(word string) (Weakness, bool) {
	for _, one := range Weaknesses() {
		if one.word() == word {
			return one, true
		}
	}
	return EveryWeakness, false
}
