package policy

import (
	"slices"
	"sync"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// Compiled is a policy made ready for many requests. It is safe for concurrent
// use. A nil *Compiled is a policy nobody has written: it denies.
type Compiled struct {
	version   string
	accepts   assurance.Accepted
	rules     []Rule
	byService map[string][]*Rule // rules that name the service or AnyService, in the order of the text
	anyone    []*Rule            // rules with AnyService, for services no rule names

	mu         sync.RWMutex
	remembered map[who]*outcome // guarded by mu
}

// who is one kind of person at one service: requests of the same kind meet the
// same rules.
type who struct {
	service string
	groups  string // Groups.key
}

// outcome is what the rules say to one kind of person at one service, whoever
// they are and however they signed in. It never changes.
type outcome struct {
	matched []*Rule
	denied  []Reason // one per rule that denies
	require assurance.Requirement
	met     []Reason // what is said when everything is met
}

// rememberedMost bounds how many outcomes are kept. Beyond it they are worked
// out each time, which costs microseconds, not memory.
const rememberedMost = 8192

// Compile indexes the rules by service, so that a policy of many rules costs a
// request no more than one of few. It does not keep p.
func Compile(p *Policy) *Compiled {
	c := &Compiled{version: p.Version, accepts: slices.Clone(p.Methods), rules: append([]Rule(nil), p.Rules...),
		byService: map[string][]*Rule{}, remembered: map[who]*outcome{}}
	for _, slug := range p.Services() {
		for i := range c.rules {
			if c.rules[i].covers(slug) {
				c.byService[slug] = append(c.byService[slug], &c.rules[i])
			}
		}
	}
	for i := range c.rules {
		if c.rules[i].covers(AnyService) {
			c.anyone = append(c.anyone, &c.rules[i])
		}
	}
	return c
}

// Version is the version text of the policy; "" for nil.
func (c *Compiled) Version() string {
	if c == nil {
		return ""
	}
	return c.version
}

// Rules lists the rules in the order of the text. The caller must not change them.
func (c *Compiled) Rules() []Rule {
	if c == nil {
		return nil
	}
	return c.rules
}

// Decide answers one request. It allocates nothing when it allows.
func (c *Compiled) Decide(f *Facts) Verdict {
	if !f.Vouched {
		return c.denied(CodeNotVouched)
	}
	if c == nil {
		return c.denied(CodeNoPolicy)
	}
	if code := serviceFault(f); code != "" {
		return c.denied(code)
	}
	return c.decide(f)
}

func (c *Compiled) denied(code Code) Verdict {
	return Verdict{Effect: Deny, Reasons: []Reason{reason(code, "")}, PolicyVersion: c.Version()}
}

// decide answers for a service that is open.
func (c *Compiled) decide(f *Facts) Verdict {
	verdict := Verdict{Effect: Allow, PolicyVersion: c.version}
	rules := c.rulesFor(f)
	verdict.Require = rules.require

	for _, found := range c.checks(f) {
		if found.code != "" {
			verdict.add(found.effect, reason(found.code, ""))
		}
	}
	switch {
	case len(rules.denied) > 0:
		verdict.add(Deny, rules.denied...)
	case len(rules.matched) == 0:
		verdict.add(Deny, reason(CodeNoRule, ""))
	case !rules.require.Defined():
		verdict.add(Deny, reason(CodeUndefined, ""))
	case f.Session == SessionAlive:
		c.addShortfalls(&verdict, rules, f)
	}
	verdict.settle(rules, f)
	return verdict
}

// settle says why somebody is let in, and what would do for those who are not.
func (v *Verdict) settle(rules *outcome, f *Facts) {
	switch {
	case v.Effect == Allow && v.Exception != "":
		v.Reasons = []Reason{reason(CodeException, "")}
	case v.Effect == Allow:
		v.Reasons = rules.met
	default:
		// It made no difference: they are not let in.
		v.Exception = ""
	}
	if v.Effect == StepUp && rules.require.Defined() {
		v.Require = eased(rules.require, f)
	}
}

// add puts a reason at the end; the strictest effect stands.
func (v *Verdict) add(effect Effect, reasons ...Reason) {
	v.Effect = min(v.Effect, effect)
	v.Reasons = append(v.Reasons, reasons...)
}

// addShortfalls names, for every way in which the sign-in falls short, each rule
// that asks for more.
func (c *Compiled) addShortfalls(verdict *Verdict, rules *outcome, f *Facts) {
	short := rules.require.Unmet(f.Assurance, f.AuthTime, f.At)
	if short == 0 {
		return
	}
	if exception := excepted(f); exception != nil {
		verdict.Exception = exception.ID
		return
	}
	short.Each(func(way assurance.Shortfall) {
		for _, rule := range rules.matched {
			if rule.Require.Unmet(f.Assurance, f.AuthTime, f.At)&way != 0 {
				verdict.add(StepUp, reason(shortfallCode(way), rule.ID))
			}
		}
	})
	// The rules together must not ask for something that none of them asks for;
	// should they ever, it is still not met.
	if verdict.Effect == Allow {
		verdict.add(StepUp, reason(CodeLevelTooLow, ""))
	}
}

func (c *Compiled) rulesFor(f *Facts) *outcome {
	if nobody(f) {
		return c.forNobody(f.Service)
	}
	return c.outcome(f.Service, f.Groups)
}

// outcome finds, or works out and remembers, what the rules say.
func (c *Compiled) outcome(service string, groups Groups) *outcome {
	key := who{service, groups.key}
	c.mu.RLock()
	known := c.remembered[key]
	c.mu.RUnlock()
	if known != nil {
		return known
	}
	var matched []*Rule
	for _, rule := range c.rulesOf(service) {
		if rule.appliesTo(groups) {
			matched = append(matched, rule)
		}
	}
	fresh := resolve(matched)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.remembered) < rememberedMost {
		c.remembered[key] = fresh
	}
	return fresh
}

func (c *Compiled) rulesOf(service string) []*Rule {
	if rules, ok := c.byService[service]; ok {
		return rules
	}
	return c.anyone
}

// resolve adds the matching rules up: the strictest wins in each respect.
func resolve(matched []*Rule) *outcome {
	result := &outcome{matched: matched}
	for i, rule := range matched {
		if rule.Deny {
			result.denied = append(result.denied, reason(CodeRuleDenies, rule.ID))
		}
		if i == 0 {
			result.require = rule.Require
		} else {
			result.require = result.require.And(rule.Require)
		}
		result.met = append(result.met, reason(CodeMet, rule.ID))
	}
	return result
}

// forNobody is what the rules say before anybody has signed in. What is asked of
// everybody is asked now; where all rules are for groups, no more than the
// least that all of them ask, because more might be asked of the wrong person.
// Whoever then signs in is judged by their own groups.
func (c *Compiled) forNobody(service string) *outcome {
	var everybody, grouped []*Rule
	for _, rule := range c.rulesOf(service) {
		switch {
		case rule.everybody():
			everybody = append(everybody, rule)
		case !rule.Deny:
			grouped = append(grouped, rule)
		}
	}
	if len(everybody) > 0 || len(grouped) == 0 {
		return resolve(everybody)
	}
	least := grouped[0].Require
	for _, rule := range grouped[1:] {
		least = least.Or(rule.Require)
	}
	return &outcome{matched: grouped, require: least}
}
