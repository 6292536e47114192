package decision

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/canonical"
	"github.com/warder-project/warder/internal/base/ids"
)

// usualInput is how many bytes inputs usually take.
const usualInput = 128

// inputOf is the facts as they are kept. What the record says elsewhere is left out,
// and Facts puts it in again: the moment, the route, and the first request, unless its
// path is not kept as it was.
func inputOf(asked *policy.Facts, first Request) []byte {
	facts := *asked
	facts.At, facts.Route = time.Time{}, ""
	if first.isPlain() {
		facts.Method = without(facts.Method, first.Method)
		if !first.Clipped() {
			facts.Path = without(facts.Path, first.Path)
		}
	}
	return canonical.Encode(make([]byte, 0, usualInput), &facts)
}

// About is whom and what a decision was about that no fact says.
type About struct {
	Person  ids.Person
	Session ids.Session
	Key     ids.Key
	Service ids.Service
	IP      netip.Addr
}

// Remember is the record of a decision that was made at facts.At, for whoever brings
// decisions along from elsewhere. The route is the one of the facts.
func Remember(about About, facts *policy.Facts, verdict policy.Verdict) Record {
	request := Request{At: facts.At, Method: clip(facts.Method, longestMethod), Path: clip(facts.Path, longestPath)}
	return Record{ID: newID(facts.At), At: facts.At, Person: about.Person, Session: about.Session, Key: about.Key, Service: about.Service,
		Route: ids.Route(facts.Route), IP: about.IP, Effect: verdict.Effect, Reasons: verdict.Reasons, Policy: verdict.PolicyVersion,
		Require: verdict.Require, Assurance: facts.Assurance, AuthTime: facts.AuthTime, Requests: []Request{request}, Input: inputOf(facts, request)}
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
		facts.Method = orElse(facts.Method, r.Requests[0].Method)
		// A path that was cut is in the facts as it was, or was not known to policy either.
		if !r.Requests[0].Clipped() {
			facts.Path = orElse(facts.Path, r.Requests[0].Path)
		}
	}
	return facts, true, nil
}

// BeforePolicy reports whether the request was refused before any policy was asked.
func (r *Record) BeforePolicy() bool { return len(r.Reasons) > 0 && ours(r.Reasons[0].Code) }

// Clipped reports whether the path may have been longer than what is kept of it.
func (r Request) Clipped() bool { return len(r.Path) >= longestPath }

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
