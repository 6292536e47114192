package decision

import (
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/canonical"
)

// usualInput is how many bytes inputs usually take.
const usualInput = 128

// inputOf is the facts as they are kept. What the record says elsewhere is left out,
// and Facts puts it in again: the moment, the route, and the first request, unless its
// path is not kept as it was.
func inputOf(w wish) []byte {
	facts := *w.facts
	facts.At, facts.Route = time.Time{}, ""
	if kept := requestOf(w.question, w.decision.At); kept.isPlain() {
		facts.Method, facts.Path = without(facts.Method, kept.Method), without(facts.Path, kept.Path)
	}
	return canonical.Encode(make([]byte, 0, usualInput), &facts)
}

// without is text, unless it is what is kept elsewhere.
func without(text, elsewhere string) string {
	if text == elsewhere {
		return ""
	}
	return text
}

// isPlain reports whether a request is read from its line as it was.
func (r Request) isPlain() bool {
	return !strings.ContainsFunc(r.Method, breaks) && !strings.ContainsFunc(r.Path, breaks)
}

// Facts is what policy was asked with, at the first request; false when it was not
// asked, or when the decision was made before this was kept.
func (r *Record) Facts() (facts policy.Facts, kept bool, err error) {
	if len(r.Input) == 0 {
		return policy.Facts{}, false, nil
	}
	if facts, err = canonical.Decode(r.Input); err != nil {
		return policy.Facts{}, false, fmt.Errorf("read what decision %s was made of: %w", r.ID, err)
	}
	facts.At, facts.Route = r.At, string(r.Route)
	if len(r.Requests) > 0 {
		facts.Method, facts.Path = orElse(facts.Method, r.Requests[0].Method), orElse(facts.Path, r.Requests[0].Path)
	}
	return facts, true, nil
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
