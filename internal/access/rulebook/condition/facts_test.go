package condition

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What a condition can speak of is written down for those who write policies.
func TestEveryFactStandsInTheDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../docs/operate/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range Facts() {
		missing := ""
		if fact.Missing {
			missing = "yes"
		}
		about := fact.About
		if about == "" {
			about = "as a policy’s `require` has it"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |", fact.Name, fact.Kind, missing, about); !strings.Contains(string(text), row) {
			t.Errorf("docs/operate/policy.md lacks this row:\n%s", row)
		}
	}
}
