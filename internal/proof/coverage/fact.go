package coverage

// Fact is a claim about an account with three values. The zero value is
// Unknown: nothing is assumed to be fine because nobody looked.
type Fact int8

// The three values.
const (
	Unknown Fact = iota
	No
	Yes
)

// FactOf turns a plain truth value into a fact.
func FactOf(value bool) Fact {
	if value {
		return Yes
	}
	return No
}

// String is "yes", "no" or "not known".
func (f Fact) String() string {
	switch f {
	case Yes:
		return "yes"
	case No:
		return "no"
	case Unknown:
		return "not known"
	}
	return "not known"
}

// MarshalText writes the word, so that JSON never holds a bare number.
func (f Fact) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

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
