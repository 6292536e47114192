package assurance

// Fact is a claim with three values. The zero value is Unknown: nothing is
// assumed to be fine because nobody looked.
type Fact int8

// The three values.
const (
	Unknown Fact = iota
	No
	Yes
)

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
