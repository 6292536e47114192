package forecast

import (
	"cmp"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// class is people whom every rule treats alike: what is found of one at a service is
// true of all. A department has far fewer classes than people.
type class struct {
	facts policy.Facts          // without service and sign-in
	ways  []assurance.Assurance // what they can prove, each once
	at    map[int]*outcome      // by position of the service

	exceptions map[int][]policy.Exception
}

// outcome is what the policies say to a class at one service.
type outcome struct {
	before   bool   // some way of theirs is let in today
	wanted   bool   // today's rules let in whoever can prove enough
	let      uint64 // which of the class's ways the draft lets in, as bits
	out      bool   // the draft refuses them whatever they sign in with
	elsewise bool   // the draft asks for what no way of signing in can show
	more     bool   // the draft asks for more than is asked today
	asks     string
	rules    []string
}

// locked reports whether the draft takes from the class what it has today.
func (o *outcome) locked() bool { return o.before && o.let == 0 && !o.elsewise }

// mostWays is how many different assurances of one person are looked at.
const mostWays = 64

// judge works outcomes out, each once.
type judge struct {
	facts   *Facts
	classes map[string]*class
	numbers map[assurance.Assurance]byte // a short name for each assurance that was seen
}

func newJudge(facts *Facts) *judge {
	return &judge{facts: facts, classes: map[string]*class{}, numbers: map[assurance.Assurance]byte{}}
}

// classOf finds the class of somebody, and which of its ways each of theirs is.
func (j *judge) classOf(who *Somebody) (*class, []int) {
	distinct := make([]assurance.Assurance, 0, len(who.Ways))
	at := make([]int, len(who.Ways))
	var key strings.Builder
	for i, way := range who.Ways {
		position := slices.Index(distinct, way.Proves)
		if position < 0 && len(distinct) < mostWays {
			position = len(distinct)
			distinct = append(distinct, way.Proves)
			if _, known := j.numbers[way.Proves]; !known {
				j.numbers[way.Proves] = byte(len(j.numbers)) // there are fewer than 256 assurances
			}
			key.WriteByte(j.numbers[way.Proves])
		}
		at[i] = position
	}
	for _, list := range [][]string{who.Groups.Names(), who.Roles} {
		key.WriteByte(1)
		for _, name := range list {
			key.WriteString(name)
			key.WriteByte(0)
		}
	}
	key.WriteString(who.Department)
	if j.facts.Named[who.UserName] || len(who.Exceptions) > 0 { // nobody else is treated alike
		key.WriteString("\x02" + who.UserName)
	}
	found := j.classes[key.String()]
	if found == nil {
		found = &class{facts: j.subject(who), ways: distinct, exceptions: who.Exceptions, at: map[int]*outcome{}}
		j.classes[key.String()] = found
	}
	return found, at
}

// subject is what the rules see of somebody who has just signed in and opens the
// first page of a service. What is not known of a request before it comes stays not known.
func (j *judge) subject(who *Somebody) policy.Facts {
	return policy.Facts{
		At: j.facts.At, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Session: policy.SessionAlive,
		PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: "active", Groups: who.Groups,
		UserName: who.UserName, Department: who.Department, Roles: policy.GroupsOf(who.Roles...), Privileged: policy.Of(len(who.Roles) > 0),
		KeyKnown: policy.Yes, KeyMaySignIn: policy.Yes, KeyState: "enrolled", CredentialActive: policy.Yes, AuthTime: j.facts.At,
	}
}

// best is a sign-in that nothing can be better than.
func best() assurance.Assurance {
	return assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true})
}

// at is what the policies say to a class at a service.
func (j *judge) at(c *class, service int) *outcome {
	if known := c.at[service]; known != nil {
		return known
	}
	facts := c.facts
	facts.Service, facts.Exceptions = j.facts.Services[service].Slug, c.exceptions[service]
	facts.Route, facts.Method, facts.Path = j.facts.Services[service].Route, "GET", cmp.Or(j.facts.Services[service].Path, "/")
	found := &outcome{}
	for i, way := range c.ways {
		facts.Assurance = way
		found.before = found.before || j.facts.Before.Decide(&facts).Effect == policy.Allow
		if j.facts.Next.Decide(&facts).Effect == policy.Allow {
			found.let |= 1 << i
		}
	}
	facts.Assurance = best()
	today, then := j.facts.Before.Decide(&facts), j.facts.Next.Decide(&facts)
	found.wanted = today.Effect == policy.Allow
	found.out, found.elsewise = refusal(then)
	found.asks, found.rules = then.Require.String(), rulesOf(then)
	found.more = found.wanted && (then.Effect != policy.Allow || then.Require.And(today.Require) != today.Require)
	c.at[service] = found
	return found
}

// refusal says why the best sign-in there is was not let in: because a rule refuses
// the person, or because a rule asks for something besides.
func refusal(verdict policy.Verdict) (out, elsewise bool) {
	switch verdict.Effect {
	case policy.Allow:
		return false, false
	case policy.Deny, policy.StepUp:
	}
	for _, found := range verdict.Reasons {
		switch found.Code {
		case policy.CodeDeviceNotManaged, policy.CodeDeviceUnsure, policy.CodeNetworkElsewhere, policy.CodeNetworkUnsure, policy.CodeRuleUnsure:
		default:
			return true, false
		}
	}
	return false, true
}

func rulesOf(verdict policy.Verdict) []string {
	var named []string
	for _, reason := range verdict.Reasons {
		if reason.Rule != "" && !slices.Contains(named, reason.Rule) {
			named = append(named, reason.Rule)
		}
	}
	return named
}
