package policy

import (
	"slices"

	"github.com/warder-project/warder/internal/registry/assurance"
)

// index finds the rules of one service, or of every service, that are for a person,
// without looking at those that are not.
type index struct {
	all       []candidate // sure is for index.gather to say
	everybody []int       // places in all; likewise below
	people    map[string][]int
	groups    map[string][]int
	roles     map[string][]int
	places    map[string][]int // by department
	privilege []int
}

func (x *index) add(rule *Rule, place int) {
	at := len(x.all)
	x.all = append(x.all, candidate{rule: rule, place: place})
	if rule.Everybody() {
		x.everybody = append(x.everybody, at)
		return
	}
	note := func(into *map[string][]int, names []string) {
		if *into == nil && len(names) > 0 {
			*into = map[string][]int{}
		}
		for _, name := range names {
			(*into)[name] = append((*into)[name], at)
		}
	}
	note(&x.people, rule.People)
	note(&x.groups, rule.Groups)
	note(&x.roles, rule.Roles)
	note(&x.places, rule.Departments)
	if rule.Privileged {
		x.privilege = append(x.privilege, at)
	}
}

// gather appends the rules that are for the person, or may be.
func (x *index) gather(f *Facts, to []candidate) []candidate {
	if x == nil {
		return to
	}
	known := (f.UserName != "" || len(x.people) == 0) && (f.Department != "" || len(x.places) == 0) &&
		(f.Privileged == Yes || f.Privileged == No || len(x.privilege) == 0 && len(x.roles) == 0)
	if !known {
		for _, one := range x.all {
			if applies := one.rule.AppliesTo(f); applies != No {
				to = append(to, candidate{one.rule, one.place, applies == Yes})
			}
		}
		return to
	}
	found := slices.Clone(x.everybody)
	found = append(found, x.people[f.UserName]...)
	found = append(found, x.places[f.Department]...)
	for _, group := range f.Groups.names {
		found = append(found, x.groups[group]...)
	}
	for _, role := range f.Roles.names {
		found = append(found, x.roles[role]...)
	}
	if f.Privileged == Yes {
		found = append(found, x.privilege...)
	}
	slices.Sort(found)
	for _, at := range slices.Compact(found) {
		to = append(to, candidate{x.all[at].rule, x.all[at].place, true})
	}
	return to
}

// asked is what the rules of a policy ask about people, so that nothing else tells one
// kind of person from another.
type asked struct {
	people, departments map[string]bool
	roles, privilege    bool
}

func (a *asked) add(rule *Rule) {
	for _, name := range rule.People {
		a.people[name] = true
	}
	for _, name := range rule.Departments {
		a.departments[name] = true
	}
	a.roles = a.roles || len(rule.Roles) > 0
	a.privilege = a.privilege || rule.Privileged || len(rule.Roles) > 0
}

// unnamed stands for every department, or person, that no rule names. It is no name.
const unnamed = "\x00"

func (a *asked) kind(f *Facts) kind {
	of := kind{service: f.Service, groups: f.Groups.key}
	if a.roles {
		of.roles = f.Roles.key
	}
	if a.privilege {
		of.privileged = f.Privileged
	}
	if len(a.people) > 0 {
		of.person = named(a.people, f.UserName)
	}
	if len(a.departments) > 0 {
		of.department = named(a.departments, f.Department)
	}
	return of
}

func named(names map[string]bool, name string) string {
	if name != "" && !names[name] {
		return unnamed
	}
	return name
}

// crowdOf finds, or works out and remembers, what the rules say to such people.
func (c *Compiled) crowdOf(f *Facts) *crowd {
	of := kind{service: f.Service, nobody: true}
	if !nobody(f) {
		of = c.asked.kind(f)
	}
	c.mu.RLock()
	known := c.remembered[of]
	c.mu.RUnlock()
	if known != nil {
		return known
	}
	fresh := c.newCrowd(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.remembered) < rememberedMost {
		c.remembered[of] = fresh
	}
	return fresh
}

func (c *Compiled) newCrowd(f *Facts) *crowd {
	if nobody(f) {
		return c.forNobody(f.Service)
	}
	made := &crowd{copies: &c.copies}
	return made.settle(c.anyone.gather(f, c.byService[f.Service].gather(f, nil)))
}

// forNobody is what the rules say before anybody has signed in. What is asked of
// everybody is asked now; where only rules for some people open the service, no more than
// the least that all of them ask, because more might be asked of the wrong person.
// Whoever then signs in is judged by who they are.
func (c *Compiled) forNobody(service string) *crowd {
	made := &crowd{nobody: true, copies: &c.copies}
	var everybody []candidate
	for _, x := range []*index{c.byService[service], &c.anyone} {
		if x == nil {
			continue
		}
		for _, one := range x.all {
			switch {
			case one.rule.Everybody():
				everybody = append(everybody, candidate{one.rule, one.place, true})
			case one.rule.Opens():
				made.atLeast(one.rule.Require)
			}
		}
	}
	return made.settle(everybody)
}

func (g *crowd) atLeast(require assurance.Requirement) {
	if g.hasLeast {
		require = g.least.Or(require)
	}
	g.least, g.hasLeast = require, true
}
