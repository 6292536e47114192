package identity

import (
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/doors/gateway/forged"
)

// FuzzCanonical: every name that a CGI-like server would fold into one of ours is
// recognised.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"Remote-User", "remote_user", "REMOTE.USER", "Remote User", "x", "", "-", "Warder\xffAssertion"} {
		f.Add(seed)
	}
	folded := func(name string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r - 'a' + 'A'
			}
			if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, name)
	}
	who := &Identity{headers: []header{{name: "X-Payroll-User"}}}
	f.Fuzz(func(t *testing.T, name string) {
		spelt := forged.Canonical(http.CanonicalHeaderKey(name)) // as Go's server hands it over
		for _, ours := range []string{"Remote-User", "Warder-Assertion", "X-Payroll-User", "X-Forwarded-For"} {
			if folded(name) == folded(ours) && !who.forbids(spelt) {
				t.Errorf("%q reaches the application, which reads %s", name, ours)
			}
		}
	})
}
