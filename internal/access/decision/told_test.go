package decision_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var (
	rawCode     = regexp.MustCompile(`[a-z]+[._][a-z_]+|_`)
	endOfSaying = regexp.MustCompile(`[.!?]( |$)`)
)

// Every reason there is, for every effect, is told in two plain sentences without a
// code in them.
func TestEveryReasonIsToldInTwoPlainSentences(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	for _, code := range append(slices.Concat(policy.Codes(), decision.Codes()), "policy.from_a_later_version") {
		for _, effect := range []policy.Effect{policy.Allow, policy.StepUp, policy.Deny} {
			record := decision.Record{At: at, AuthTime: at.Add(-42 * time.Minute), Assurance: decisiontest.Best(), Effect: effect,
				Reasons: []policy.Reason{{Code: code, Rule: "payroll-fresh"}}}
			told := record.Told("Payroll 2004")
			if sentences := len(endOfSaying.FindAllString(told, -1)); sentences != 2 {
				t.Errorf("%s, %v: %d sentences: %s", code, effect, sentences, told)
			}
			if found := rawCode.FindString(told); found != "" || strings.Contains(told, "payroll-fresh") {
				t.Errorf("%s, %v: %q is no word for people: %s", code, effect, found, told)
			}
			plain(t, string(code), told)
			plain(t, string(code), decision.Sentence(code))
		}
	}
}

// plain is how long the sentences of somebody who writes for tired people are.
func plain(t *testing.T, code, told string) {
	t.Helper()
	for _, sentence := range strings.SplitAfter(told, ". ") {
		words := strings.Fields(sentence)
		if len(words) > 26 {
			t.Errorf("%s: %d words in one sentence: %s", code, len(words), sentence)
		}
		letters := 0
		for _, word := range words {
			letters += utf8.RuneCountInString(word)
			if len(word) > 14 && !strings.Contains(word, "’") {
				t.Errorf("%s: %q is a long word", code, word)
			}
		}
		// The automated readability index (Smith and Senter, 1967): a school year plus five.
		if index := 4.71*float64(letters)/float64(len(words)) + 0.5*float64(len(words)) - 21.43; index > 11 {
			t.Errorf("%s: reads as for year %.0f: %s", code, index, sentence)
		}
	}
}

func TestPersonIsToldWhyTheyAreAskedRightThen(t *testing.T) {
	t.Parallel()
	h := decisiontest.Open(t, dbtest.SQLite(t))
	service := h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("one"))
	amira := h.Somebody(t, "amira.khan")
	_, weak := h.SignIn(t, amira, assurance.Of(assurance.Observation{}))
	if why := h.Desk.WhyAsked(t.Context(), amira.Person.ID, service.ID); why != "" {
		t.Errorf("before anything was asked: %q", why)
	}
	h.Ask(t, "payroll", weak)
	why := h.Desk.WhyAsked(t.Context(), amira.Person.ID, service.ID)
	if why != "This needs a stronger way of signing in than the one you used." {
		t.Errorf("told %q", why)
	}
	if why = h.Desk.WhyAsked(t.Context(), amira.Person.ID, ""); why != "" {
		t.Errorf("of no service: %q", why)
	}
	h.Clock.Advance(6 * time.Minute)
	if why = h.Desk.WhyAsked(t.Context(), amira.Person.ID, service.ID); why != "" {
		t.Errorf("six minutes later: %q", why)
	}
}
