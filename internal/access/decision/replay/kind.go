package replay

import "github.com/warder-project/warder/internal/access/policy"

// Kind is what would become of a decision. The zero value is that nobody can tell.
type Kind int

// The kinds.
const (
	Unjudged  Kind = iota // its facts were not kept
	Elsewhere             // refused before any policy was asked: no policy changes that
	Same                  // as it was
	Stopped               // refused, and was not
	Asked                 // asked to sign in, and was let in
	Offered               // asked to sign in, and was refused
	LetIn                 // let in, and was not
	kindCount
)

// Kinds lists those that are a difference, the gravest first.
func Kinds() []Kind { return []Kind{Stopped, Asked, LetIn, Offered} }

func kindOf(was, would policy.Effect) Kind {
	switch {
	case was == would:
		return Same
	case would == policy.Deny:
		return Stopped
	case would == policy.Allow:
		return LetIn
	case was == policy.Allow:
		return Asked
	}
	return Offered
}

// Differs reports whether the draft would have decided otherwise.
func (k Kind) Differs() bool { return k >= Stopped && k < kindCount }

// String is how the kind is written in addresses and JSON: "stopped".
func (k Kind) String() string {
	switch k {
	case Unjudged:
		return "unjudged"
	case Elsewhere:
		return "elsewhere"
	case Same:
		return "same"
	case Stopped:
		return "stopped"
	case Asked:
		return "asked"
	case Offered:
		return "offered"
	case LetIn:
		return "let_in"
	case kindCount:
	}
	return "unjudged"
}

// Words is the kind for people.
func (k Kind) Words() string {
	switch k {
	case Unjudged:
		return "cannot be told: the facts were not kept"
	case Elsewhere:
		return "refused before any policy is asked"
	case Same:
		return "as it was"
	case Stopped:
		return "would be stopped"
	case Asked:
		return "would be asked to sign in, and was let in"
	case Offered:
		return "would be asked to sign in, and was refused"
	case LetIn:
		return "would be let in, and was not"
	case kindCount:
	}
	return "cannot be told"
}

// ParseKind reads what String wrote of a difference; false for anything else.
func ParseKind(text string) (Kind, bool) {
	for _, kind := range Kinds() {
		if text == kind.String() {
			return kind, true
		}
	}
	return Unjudged, false
}
