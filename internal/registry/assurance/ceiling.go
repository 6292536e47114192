package assurance

// Ceiling is what is still believed of the make of a key. The zero value believes
// nothing but that somebody has the key.
type Ceiling struct {
	Attested      bool // that it is of that make at all
	HardwareBound bool // that private keys cannot leave it
	UserVerified  bool // that it checks a PIN or a finger
}

// Under is what is left of a sign-in with a key once less is believed of its make:
// each property and level that rested on what is doubted now is gone, and nothing is
// ever gained. A sign-in without a key rests on no make.
func (a Assurance) Under(most Ceiling) Assurance {
	if !a.PhishingResistant {
		return a // secrets: OfSecrets
	}
	a.Attested = a.Attested && most.Attested
	// What no make is proven for is only said to be hardware.
	a.HardwareBound = a.HardwareBound && most.HardwareBound && a.Attested
	a.UserVerified = a.UserVerified && most.UserVerified
	if !a.HardwareBound {
		a.AAL = min(a.AAL, AAL2) // NIST SP 800-63B-4 §2.3.1: AAL3 needs a non-exportable key
		if a.Method == SecurityKeyAttested {
			a.Method = SecurityKey
		}
	}
	if !a.UserVerified {
		a.AAL = min(a.AAL, AAL1) // §3.1.7: without user verification it is a single factor
	}
	return a
}
