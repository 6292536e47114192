package assurance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// What is left of a sign-in is what the same use would prove today, and never more than it was.
func TestLoweredSignInIsWorthWhatItWouldProveToday(t *testing.T) {
	t.Parallel()
	for mask := range 8 {
		seen := assurance.Observation{UserVerified: mask&1 != 0, Attested: mask&2 != 0, HardwareBound: mask&6 == 6}
		for limit := range 8 {
			most := assurance.Ceiling{Attested: limit&1 != 0, HardwareBound: limit&2 != 0, UserVerified: limit&4 != 0}
			now := assurance.Observation{
				UserVerified:  seen.UserVerified && most.UserVerified,
				Attested:      seen.Attested && most.Attested,
				HardwareBound: seen.HardwareBound && most.HardwareBound && most.Attested,
			}
			got := assurance.Of(seen).Under(most)
			if diff := cmp.Diff(assurance.Of(now), got); diff != "" {
				t.Errorf("%+v under %+v (-want +got):\n%s", seen, most, diff)
			}
			if again := got.Under(most); again != got {
				t.Errorf("lowering twice is not lowering once: %+v", again)
			}
		}
	}
	if secrets := assurance.OfSecrets(assurance.Password, assurance.TOTP); secrets.Under(assurance.Ceiling{}) != secrets {
		t.Errorf("a password and a code lost something: %+v", secrets.Under(assurance.Ceiling{}))
	}
	if got := (assurance.Assurance{}).Under(assurance.Ceiling{Attested: true, HardwareBound: true, UserVerified: true}); got != (assurance.Assurance{}) {
		t.Errorf("nothing became %+v", got)
	}
}
