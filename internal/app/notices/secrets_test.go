package notices

import "testing"

func TestRecoveryCodesThatRunLowAreSaid(t *testing.T) {
	t.Parallel()
	for left, text := range map[string]string{"0": "None is left: make new ones as soon as you are signed in with a key.", "3": "3 are left: make new ones soon.", "4": "4 are left.", "x": ""} {
		if got := codesLeft(left); got != text {
			t.Errorf("%s: %q", left, got)
		}
	}
}
