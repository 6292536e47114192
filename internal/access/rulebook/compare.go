package rulebook

import (
	"slices"

	"github.com/warder-project/warder/internal/access/policy"
)

// Includes reports whether a rule is for everybody, at every service and for every
// request, that other is for, as far as the rules themselves tell.
func Includes(r, other *policy.Rule) bool {
	if r.When != nil && (other.When == nil || r.When.Text != other.When.Text || r.When.Ignored && !other.When.Ignored) {
		return false
	}
	return within(r.Services, other.Services, policy.AnyService) && (len(r.Routes) == 0 || within(r.Routes, other.Routes, "")) &&
		(len(r.Methods) == 0 || within(r.Methods, other.Methods, "")) && (len(r.Paths) == 0 || within(r.Paths, other.Paths, "")) && includesPeople(r, other)
}

func includesPeople(r, other *policy.Rule) bool {
	if r.Everybody() {
		return true
	}
	inside := func(mine, theirs []string) bool { return len(theirs) == 0 || within(mine, theirs, "") }
	return !other.Everybody() && inside(r.People, other.People) && inside(r.Groups, other.Groups) && inside(r.Departments, other.Departments) &&
		(r.Privileged || !other.Privileged && inside(r.Roles, other.Roles))
}

// within reports whether all of theirs, of which there must be some, are among mine.
func within(mine, theirs []string, all string) bool {
	if all != "" && slices.Contains(mine, all) {
		return true
	}
	return len(theirs) > 0 && !slices.ContainsFunc(theirs, func(one string) bool { return !slices.Contains(mine, one) })
}

// Meet reports whether there may be a service that both rules are about.
func Meet(r, other *policy.Rule) bool {
	return slices.Contains(r.Services, policy.AnyService) || slices.Contains(other.Services, policy.AnyService) ||
		slices.ContainsFunc(other.Services, func(service string) bool { return slices.Contains(r.Services, service) })
}

// AsksFor reports whether a rule asks for at least as much as other does.
func AsksFor(r, other *policy.Rule) bool {
	if r.Deny || other.Deny {
		return r.Deny
	}
	return r.Require.And(other.Require) == r.Require && (r.Device || !other.Device) &&
		(len(other.Networks) == 0 || within(other.Networks, r.Networks, ""))
}
