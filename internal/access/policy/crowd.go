package policy

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// kind is one kind of person at one service: requests of the same kind meet the same
// rules, but for what varies from request to request.
type kind struct {
	service    string
	nobody     bool   // nobody has signed in
	groups     string // Groups.key
	roles      string // "" when no rule asks for it; likewise below
	department string
	person     string
	privileged Truth
}

// candidate is a rule that is for the person, or may be.
type candidate struct {
	rule  *Rule
	place int  // in the text
	sure  bool // it is known to be for them
}

// crowd is what the rules say to one kind of person, whoever they are and however
// they signed in.
type crowd struct {
	fixed   []candidate
	varying []candidate // of these it depends on the request whether they count
	settled *outcome    // when none of varying counts

	// nobody has signed in; least is then what all rules ask for that let some people
	// in, if there are any.
	nobody   bool
	least    assurance.Requirement
	hasLeast bool

	copies *sync.Pool                          // of *Facts, for conditions to look at
	mixed  atomic.Pointer[map[uint64]*outcome] // by which of varying count; only replaced whole
}

// outcome is what the rules say to one kind of request. It never changes.
type outcome struct {
	matched []*Rule
	opened  bool     // one of them lets people in
	unsure  bool     // none does, but of one it is not known
	denied  []Reason // one per rule that denies
	require assurance.Requirement
	places  bool     // some rule asks for a device or a network
	met     []Reason // what is said when everything is met
}

const (
	// rememberedMost bounds how many crowds are kept. Beyond it they are worked out
	// each time, which costs microseconds, not memory.
	rememberedMost = 8192
	// mixedMost bounds how many outcomes one crowd keeps, and varyingMost for how many
	// rules that depend on the request it keeps any: two bits of the key each.
	mixedMost   = 64
	varyingMost = 32
)

// settle sorts the candidates and works out what is said when none that varies counts.
func (g *crowd) settle(candidates []candidate) *crowd {
	slices.SortFunc(candidates, func(a, b candidate) int { return a.place - b.place })
	for _, one := range candidates {
		if one.rule.varies() {
			g.varying = append(g.varying, one)
		} else {
			g.fixed = append(g.fixed, one)
		}
	}
	g.settled = g.resolve(g.fixed)
	return g
}

// outcome is what the rules say to one request.
func (g *crowd) outcome(f *Facts) *outcome {
	if len(g.varying) == 0 {
		return g.settled
	}
	if len(g.varying) > varyingMost {
		return g.resolve(g.counting(f))
	}
	var key uint64
	asker := asker{pool: g.copies}
	for i := range g.varying {
		key |= uint64(g.weigh(&g.varying[i], asker.counts(g.varying[i].rule, f))) << (2 * i)
	}
	asker.done()
	if key == 0 {
		return g.settled
	}
	if mixed := g.mixed.Load(); mixed != nil {
		if known := (*mixed)[key]; known != nil {
			return known
		}
	}
	return g.mix(key)
}

// weigh is 0 when the rule does not count, 1 when it may, and 2 when it does. What is
// not known counts against whoever has signed in, and is not asked yet of whoever has not.
func (g *crowd) weigh(one *candidate, counts Truth) int {
	switch {
	case counts == No || counts != Yes && g.nobody:
		return 0
	case counts == Yes && one.sure:
		return 2
	}
	return 1
}

// mix makes the outcome of a key and keeps it.
func (g *crowd) mix(key uint64) *outcome {
	all := slices.Clone(g.fixed)
	for i, one := range g.varying {
		if weight := key >> (2 * i) & 3; weight != 0 {
			all = append(all, candidate{one.rule, one.place, weight == 2})
		}
	}
	fresh := g.resolve(all)
	before := g.mixed.Load()
	if before != nil && len(*before) >= mixedMost {
		return fresh
	}
	grown := map[uint64]*outcome{key: fresh}
	if before != nil {
		for known, outcome := range *before {
			grown[known] = outcome
		}
	}
	// Should another request have kept one at the same time, one of them is worked out again.
	g.mixed.CompareAndSwap(before, &grown)
	return fresh
}

// counting is what counts for one request, of more rules than keys have room for.
func (g *crowd) counting(f *Facts) []candidate {
	all := slices.Clone(g.fixed)
	asker := asker{pool: g.copies}
	for i := range g.varying {
		one := &g.varying[i]
		if weight := g.weigh(one, asker.counts(one.rule, f)); weight != 0 {
			all = append(all, candidate{one.rule, one.place, weight == 2})
		}
	}
	asker.done()
	return all
}

// asker asks conditions. They are shown a copy of the facts, made when the first is
// asked: through them the facts themselves would be moved to the heap, on every request.
type asker struct {
	pool *sync.Pool
	copy *Facts
}

// counts says whether a rule that varies counts for a request.
func (a *asker) counts(rule *Rule, f *Facts) Truth {
	about := rule.IsAbout(f)
	if about == No || rule.When == nil {
		return about
	}
	if a.copy == nil {
		a.copy = a.pool.Get().(*Facts)
		*a.copy = *f
	}
	return about.and(rule.When.counts(rule.When.Holds(a.copy)))
}

func (a *asker) done() {
	if a.copy != nil {
		*a.copy = Facts{}
		a.pool.Put(a.copy)
	}
}

// resolve adds the rules that count up: the strictest wins in each respect.
func (g *crowd) resolve(all []candidate) *outcome {
	slices.SortFunc(all, func(a, b candidate) int { return a.place - b.place })
	result := &outcome{}
	first := true
	for _, one := range all {
		rule := one.rule
		result.matched = append(result.matched, rule)
		result.met = append(result.met, reason(CodeMet, rule.ID))
		if rule.Deny {
			result.denied = append(result.denied, reason(CodeRuleDenies, rule.ID))
			continue
		}
		result.opened = result.opened || rule.Opens() && one.sure
		result.unsure = result.unsure || rule.Opens()
		result.places = result.places || rule.Device || len(rule.Networks) > 0
		if first {
			result.require, first = rule.Require, false
		} else {
			result.require = result.require.And(rule.Require)
		}
	}
	if g.hasLeast && !result.opened {
		result.opened = true
		if first {
			result.require = g.least
		} else {
			result.require = result.require.And(g.least)
		}
	}
	result.unsure = result.unsure && !result.opened
	return result
}
