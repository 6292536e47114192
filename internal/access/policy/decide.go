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
	byService map[string]*index // rules that name the service
	anyone    index             // rules for every service
	asked     asked
	copies    sync.Pool // of *Facts: see asker

	mu         sync.RWMutex
	remembered map[kind]*crowd // guarded by mu
}

// Compile indexes the rules by what and whom they are for, so that a policy of many
// rules costs a request no more than one of few. It does not keep p.
func Compile(p *Policy) *Compiled {
	c := &Compiled{version: p.Version, accepts: slices.Clone(p.Methods), rules: slices.Clone(p.Rules),
		byService: map[string]*index{}, remembered: map[kind]*crowd{},
		asked: asked{people: map[string]bool{}, departments: map[string]bool{}}}
	c.copies.New = func() any { return new(Facts) }
	for i := range c.rules {
		rule := &c.rules[i]
		c.asked.add(rule)
		if rule.Covers(AnyService) {
			c.anyone.add(rule, i)
			continue
		}
		for _, service := range rule.Services {
			if c.byService[service] == nil {
				c.byService[service] = &index{}
			}
			c.byService[service].add(rule, i)
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
	if code := ServiceFault(f); code != "" {
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
	rules := c.crowdOf(f).outcome(f)
	verdict.Require = rules.require

	for _, found := range c.checks(f) {
		if found.code != "" {
			verdict.add(found.effect, reason(found.code, ""))
		}
	}
	switch {
	case len(rules.denied) > 0:
		verdict.add(Deny, rules.denied...)
	case rules.unsure:
		verdict.add(Deny, reason(CodeRuleUnsure, ""))
	case !rules.opened:
		verdict.add(Deny, reason(CodeNoRule, ""))
	case !rules.require.Defined():
		verdict.add(Deny, reason(CodeUndefined, ""))
	case f.Session == SessionAlive:
		c.addShortfalls(&verdict, rules, f)
		if rules.places {
			addPlaces(&verdict, rules, f)
		}
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
		v.Require = eased(rules, f)
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
	exception := excepted(f)
	if exception != nil {
		verdict.Exception = exception.ID
	}
	short.Each(func(way assurance.Shortfall) {
		for _, rule := range rules.matched {
			if !rule.Deny && rule.Require.Unmet(f.Assurance, f.AuthTime, f.At)&way != 0 && !(exception != nil && lifts(rule, way)) {
				verdict.add(StepUp, reason(shortfallCode(way), rule.ID))
			}
		}
	})
	// The rules together must not ask for something that none of them asks for;
	// should they ever, it is still not met.
	if verdict.Effect == Allow && exception == nil {
		verdict.add(StepUp, reason(CodeLevelTooLow, ""))
	}
}
