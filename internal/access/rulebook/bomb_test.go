package rulebook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/rulebook"
)

// A text of a kilobyte that stands for a thousand million words, and others that
// are deep or long: each is refused while somebody waits. (Were one not, this test
// would not end.)
func TestHostilePolicyTextIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	var laughs strings.Builder
	laughs.WriteString("version: \"1\"\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	laughs.WriteString("rules: *a11\n")
	for name, text := range map[string]string{
		"billion laughs": laughs.String(),
		"itself":         "version: \"1\"\nrules: &a [*a]\n",
		"deep lists":     "version: \"1\"\nrules: " + strings.Repeat("[", 200_000),
		"deep maps":      "version: \"1\"\nrules:" + strings.Repeat(" {a:", 100_000),
		"many keys":      "version: \"1\"\n" + strings.Repeat("? a\n", 100_000),
		"many rules":     "version: \"1\"\nrules:\n" + strings.Repeat("  - {id: a, title: a, services: [\"*\"], require: {aal: 1}}\n", 15_000),
		"long scalar":    "version: \"" + strings.Repeat("\\u0000", 150_000) + "\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := rulebook.Parse("hostile.yaml", []byte(text)); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}
