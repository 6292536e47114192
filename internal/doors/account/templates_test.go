package account

import (
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"me.html": meView{}, "lost.html": lostView{}, "reported.html": reportedView{}})
}

func TestBrowserIsNamedAsAPersonKnowsIt(t *testing.T) {
	t.Parallel()
	for userAgent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1":                        "Safari on iPhone",
		"curl/8.0": "Unknown browser",
		"":         "Unknown browser",
	} {
		if got := browserName(userAgent); got != want {
			t.Errorf("browserName(%q) = %q, want %q", userAgent, got, want)
		}
	}
}

func TestTimeOfABlockIsToldInWords(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{0: "less than a millisecond", 1500 * time.Microsecond: "1 millisecond", 34 * time.Millisecond: "34 milliseconds"} {
		if got := howLong(took); got != want {
			t.Errorf("howLong(%v) = %q, want %q", took, got, want)
		}
	}
}
