package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/demo"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/testkit"
)

// problems lists every problem a person may meet: the house's, the demo's and
// the command line's own.
func problems() []problem.Definition {
	return slices.Concat(app.Problems(), demo.Problems(), []problem.Definition{
		badTime, badIP, badDay, badKeyID, badLevel, badEvidenceID, nothingGiven, unreadable, unwritable, interrupted, notTheirs, mistyped, unexpected, noSuchRung, nothingToUndo, leaveOfNobody, badKind, badSignal,
	})
}

// TestEveryProblemSaysWhatHappenedAndWhatToDo walks everything a person may be
// told, and holds it against docs/problems.md, which is made from the text of
// the code: a problem that is defined and not listed, or the other way round,
// is found here.
func TestEveryProblemSaysWhatHappenedAndWhatToDo(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^[a-z_]+\.[a-z0-9_]+$`)
	var listed []string
	for _, p := range problems() {
		if !code.MatchString(p.Code) {
			t.Errorf("code %q is not room.what_happened", p.Code)
		}
		if p.Kind < problem.Internal || p.Kind > problem.Unavailable {
			t.Errorf("%s: kind %d is none", p.Code, p.Kind)
		}
		for what, sentence := range map[string]string{"sentence": p.Sentence, "next step": p.Next} {
			if !strings.HasSuffix(sentence, ".") || len(strings.Fields(sentence)) < 2 || strings.ContainsAny(sentence, "\n\t%") {
				t.Errorf("%s: the %s is not one or more whole sentences: %q", p.Code, what, sentence)
			}
		}
		if p.Sentence == p.Next {
			t.Errorf("%s: the next step only says again what happened", p.Code)
		}
		listed = append(listed, p.Code)
	}
	slices.Sort(listed)
	if unique := slices.Compact(slices.Clone(listed)); len(unique) != len(listed) {
		t.Errorf("a code is used twice: %d codes, %d of them different", len(listed), len(unique))
	}
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "problems.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, match := range regexp.MustCompile("(?m)^### `([^`]+)`$").FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, match[1])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(documented, listed); diff != "" {
		t.Errorf("docs/problems.md (-) and the program's own list (+) differ; make docs writes the former:\n%s", diff)
	}
}
