package versions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
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

func whom(rule *policy.Rule) string {
	who, where := "everybody", "at every service"
	if len(rule.Groups) > 0 {
		who = "people in " + strings.Join(rule.Groups, " or ")
	}
	if !slices.Contains(rule.Services, policy.AnyService) {
		where = "at " + strings.Join(rule.Services, ", ")
	}
	return who + " " + where
}

func asks(rule *policy.Rule) string {
	if rule.Deny {
		return "refuses"
	}
	return "asks for " + rule.Require.String()
}

// differences says how a rule differs from the one of the same name.
func differences(had, has *policy.Rule) []string {
	var what []string
	if had.Deny != has.Deny || !had.Deny && had.Require != has.Require {
		what = append(what, fmt.Sprintf("It %s; it did %s.", asks(has), strings.Replace(strings.Replace(asks(had), "asks", "ask", 1), "refuses", "refuse", 1)))
	}
	what = append(what, lists(had.Services, has.Services, "at")...)
	switch {
	case len(had.Groups) == 0 && len(has.Groups) > 0:
		what = append(what, "It is only for people in "+strings.Join(has.Groups, " or ")+"; it was for everybody.")
	case len(had.Groups) > 0 && len(has.Groups) == 0:
		what = append(what, "It is for everybody; it was only for people in "+strings.Join(had.Groups, " or ")+".")
	default:
		what = append(what, lists(had.Groups, has.Groups, "for people in")...)
	}
	if had.Title != has.Title {
		what = append(what, "Its title is “"+has.Title+"”; it was “"+had.Title+"”.")
	}
	return what
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
