package assurance_test

import (
	"testing"
	"time"

	"github.com/warder-project/warder/internal/registry/assurance"
)

func TestRequirementComesBackFromItsMarks(t *testing.T) {
	t.Parallel()
	for marks := range int64(1 << 9) {
		want := assurance.Kept(assurance.AAL2, marks, time.Hour)
		if got := assurance.Kept(want.AAL, want.Marks(), want.MaxAge); got != want || want.Marks() != marks {
			t.Errorf("%b: got %+v with marks %b, want %+v", marks, got, want.Marks(), want)
		}
	}
}
