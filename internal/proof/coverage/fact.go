package coverage

import "github.com/warder-project/warder/internal/registry/assurance"

// Fact is a claim about an account with three values.
type Fact = assurance.Fact

// The three values.
const (
	Unknown = assurance.Unknown
	No      = assurance.No
	Yes     = assurance.Yes
)

// FactOf turns a plain truth value into a fact.
func FactOf(value bool) Fact {
	if value {
		return Yes
	}
	return No
}

// And is yes when both are yes, no when either is no, else not known.
func And(a, b Fact) Fact {
	switch {
	case a == No || b == No:
		return No
	case a == Yes && b == Yes:
		return Yes
	}
	return Unknown
}

// Or is yes when either is yes, no when both are no, else not known.
func Or(a, b Fact) Fact {
	switch {
	case a == Yes || b == Yes:
		return Yes
	case a == No && b == No:
		return No
	}
	return Unknown
}

// Not turns yes into no and no into yes; not known stays not known.
func Not(a Fact) Fact {
	switch a {
	case Yes:
		return No
	case No:
		return Yes
	case Unknown:
		return Unknown
	}
	return Unknown
}
