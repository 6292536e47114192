package account

import (
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"me.html": meView{}, "sessions.html": sessionsView{}, "lost.html": lostView{}, "reported.html": reportedView{},
		"place.html": placeView{}, "remove.html": removeView{}, "removed.html": removedView{}, "kept.html": keptView{}})
}

func TestTimeOfABlockIsToldInWords(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{0: "less than a millisecond", 1500 * time.Microsecond: "1 millisecond", 34 * time.Millisecond: "34 milliseconds"} {
		if got := howLong(took); got != want {
			t.Errorf("howLong(%v) = %q, want %q", took, got, want)
		}
	}
}
