package versions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/trace"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Direction says what a change of a rule does to people. The zero value is nothing.
type Direction uint8

// The directions.
const (
	Neither Direction = iota // nobody notices
	Tighter                  // somebody may be asked for more, or shut out
	Looser                   // somebody may be asked for less, or let in
	Both                     // the one for some, the other for others
)

// Words is the direction for people.
func (d Direction) Words() string {
	switch d {
	case Tighter:
		return "stricter"
	case Looser:
		return "weaker"
	case Both:
		return "stricter for some, weaker for others"
	case Neither:
	}
	return "asks the same"
}

// Change is what one rule, or one way of signing in, does differently.
type Change struct {
	About     string // the id of a rule, or "methods: password"
	Whom      string // whom it is about, and where
	What      []string
	Direction Direction
}

// String is the change on one line.
func (c Change) String() string {
	return fmt.Sprintf("%s: %s, for %s. %s", c.About, c.Direction.Words(), c.Whom, strings.Join(c.What, " "))
}

// Changes says in words what next does differently from before, rule by rule in the
// order of the texts. The directions are those of Stricter, both ways: they may say
// stricter or weaker once too often, never once too little.
func Changes(before, next *policy.Policy) []Change {
	up, down := Stricter(before, next), Stricter(next, before)
	towards := func(about string) Direction {
		switch {
		case slices.Contains(up, about) && slices.Contains(down, about):
			return Both
		case slices.Contains(up, about):
			return Tighter
		case slices.Contains(down, about):
			return Looser
		}
		return Neither
	}
	var changes []Change
	add := func(about, whom string, what []string) {
		if direction := towards(about); len(what) > 0 || direction != Neither {
			changes = append(changes, Change{About: about, Whom: whom, What: what, Direction: direction})
		}
	}
	old, fresh := byID(before), byID(next)
	for i := range next.Rules {
		rule := &next.Rules[i]
		if had := old[rule.ID]; had != nil {
			add(rule.ID, whom(rule), differences(had, rule))
			continue
		}
		add(rule.ID, whom(rule), []string{"It is new: it " + asks(rule) + "."})
	}
	for i := range before.Rules {
		if rule := &before.Rules[i]; fresh[rule.ID] == nil {
			add(rule.ID, whom(rule), []string{"It is gone: it no longer " + asks(rule) + "."})
		}
	}
	for _, method := range assurance.SharedSecrets() {
		was, is := lasting(before.Methods, method), lasting(next.Methods, method)
		if was != is {
			add("methods: "+method.String(), "everybody who signs in with it", []string{"It is " + is + "; it was " + was + "."})
		}
	}
	return changes
}

// whom says for whom a rule is, and where.
func whom(rule *policy.Rule) string {
	where := "at every service"
	if !slices.Contains(rule.Services, policy.AnyService) {
		where = "at " + strings.Join(rule.Services, ", ")
	}
	return trace.For(rule) + " " + where
}

func asks(rule *policy.Rule) string {
	if rule.Deny {
		return "refuses"
	}
	parts := []string{rule.Require.String()}
	if rule.Device {
		parts = append(parts, "a managed device")
	}
	if len(rule.Networks) > 0 {
		parts = append(parts, "a network of "+strings.Join(rule.Networks, " or "))
	}
	return "asks for " + strings.Join(parts, ", and ")
}

// differences says how a rule differs from the one of the same name.
func differences(had, has *policy.Rule) []string {
	var what []string
	if asks(had) != asks(has) {
		what = append(what, fmt.Sprintf("It %s; it did %s.", asks(has), strings.Replace(strings.Replace(asks(had), "asks", "ask", 1), "refuses", "refuse", 1)))
	}
	what = append(what, lists(had.Services, has.Services, "at")...)
	switch {
	case had.Everybody() != has.Everybody():
		what = append(what, "It is for "+trace.For(has)+"; it was for "+trace.For(had)+".")
	default:
		what = append(what, lists(had.Groups, has.Groups, "for people in")...)
		what = append(what, lists(had.People, has.People, "for")...)
		what = append(what, lists(had.Roles, has.Roles, "for whoever holds the role")...)
		what = append(what, lists(had.Departments, has.Departments, "for the department")...)
		if had.Privileged != has.Privileged {
			what = append(what, map[bool]string{true: "It is now also for whoever administers.", false: "It is no longer for all who administer."}[has.Privileged])
		}
	}
	what = append(what, narrowed("route", had.Routes, has.Routes)...)
	what = append(what, narrowed("method", had.Methods, has.Methods)...)
	what = append(what, narrowed("path", had.Paths, has.Paths)...)
	if when(had) != when(has) {
		what = append(what, "It counts "+when(has)+"; it counted "+when(had)+".")
	}
	if had.Title != has.Title {
		what = append(what, "Its title is “"+has.Title+"”; it was “"+had.Title+"”.")
	}
	return what
}

// narrowed says how the requests changed that a rule is about; no name is any.
func narrowed(noun string, had, has []string) []string {
	if slices.Equal(had, has) {
		return nil
	}
	of := func(names []string) string {
		if len(names) == 0 {
			return "any " + noun
		}
		return "the " + noun + " " + strings.Join(names, " or ")
	}
	return []string{"It is about " + of(has) + "; it was about " + of(had) + "."}
}

func when(rule *policy.Rule) string {
	switch {
	case rule.When == nil:
		return "always"
	case rule.When.Ignored:
		return "when “" + rule.When.Text + "” is known to be so"
	}
	return "when “" + rule.When.Text + "”, and where that is not known"
}

// lists says what was put into a list and taken out of it.
func lists(had, has []string, in string) []string {
	var what []string
	without := func(all, others []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(others, one) })
	}
	if more := without(has, had); len(more) > 0 {
		what = append(what, "It is now also "+in+" "+strings.Join(more, ", ")+".")
	}
	if less := without(had, has); len(less) > 0 {
		what = append(what, "It is no longer "+in+" "+strings.Join(less, ", ")+".")
	}
	return what
}

// lasting says whether and how long a shared secret is accepted.
func lasting(accepted assurance.Accepted, method assurance.Method) string {
	for _, one := range accepted {
		switch {
		case one.Method != method:
		case one.Until.IsZero():
			return "accepted until further notice"
		default:
			return "accepted to the end of " + one.Until.Format("2 January 2006")
		}
	}
	return "not accepted"
}
