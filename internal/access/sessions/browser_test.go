package sessions_test

import (
	"testing"

	"github.com/warder-project/warder/internal/access/sessions"
)

func TestBrowserIsNamedAsAPersonKnowsIt(t *testing.T) {
	t.Parallel()
	for userAgent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1":                        "Safari on iPhone",
		"curl/8.0": "Unknown browser",
		"":         "Unknown browser",
	} {
		if got := (&sessions.Session{UserAgent: userAgent}).Browser(); got != want {
			t.Errorf("the browser of %q is %q, want %q", userAgent, got, want)
		}
	}
}
