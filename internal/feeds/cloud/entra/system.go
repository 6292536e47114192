package entra

import (
	"fmt"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// everybody stands for a member nobody has named in a policy, and an
// administrator in a role nobody has named.
var everybody = Subject{ID: "an account no policy names", Admin: coverage.No}

// System is the tenant as a service. policies and tenant may be nil.
//
// Enforced is yes when a policy in force demands a second factor of everybody,
// for everything, from everywhere; people, groups and roles it excludes are
// exceptions, listed by name and counted with the people.
func System(policies *Policies, tenant *Tenant) coverage.System {
	system := coverage.System{Name: "Entra tenant", Cloud: Cloud}
	if tenant != nil {
		system.PhoneForbidden, system.KeysManaged = tenant.PhoneForbidden, tenant.KeysManaged
		system.Notes = append(system.Notes, tenant.Notes...)
	}
	if policies == nil {
		return system
	}
	system.PoliciesKnown = true
	system.SomeEnforced, system.StepUp, system.DeviceChecked = policies.some()
	system.Enforced, system.Resistant = policies.withoutExceptions().Demands(everybody)
	system.Exceptions, system.Notes = policies.describe(system.Exceptions, system.Notes)
	if policies.withoutExceptions().legacyBlocked(everybody) != coverage.Yes && system.Enforced != coverage.Yes {
		system.Notes = append(system.Notes, "Nothing in the policies blocks legacy clients, which cannot do a second factor.")
	}
	if !policies.Complete {
		system.Notes = append(system.Notes, "The export of policies has another page that was not given.")
	}
	return system
}

// withoutExceptions are the policies as if they excluded nobody: the exceptions
// are counted where the people are.
func (p *Policies) withoutExceptions() *Policies {
	bare := &Policies{Complete: p.Complete}
	for _, policy := range p.List {
		u := &policy.Conditions.Users
		u.ExcludeUsers, u.ExcludeGroups, u.ExcludeRoles, u.ExcludeGuests = nil, nil, nil, nil
		bare.List = append(bare.List, policy)
	}
	return bare
}

// some answers what needs only one policy.
func (p *Policies) some() (enforced, stepUp, device coverage.Fact) {
	enforced, stepUp, device = coverage.No, coverage.No, coverage.No
	for i := range p.List {
		policy := &p.List[i]
		if !policy.inForce() {
			continue
		}
		factor, _ := policy.Grant.guarantee()
		blocks := policy.Grant != nil && policy.Grant.BuiltIn.Has("block")
		if policy.reachesSomebody() {
			enforced = coverage.Or(enforced, factor)
		}
		if policy.risky() && (factor == coverage.Yes || blocks) {
			stepUp = coverage.Yes
		}
		if policy.Grant != nil && (policy.Grant.BuiltIn.Has("compliantDevice") || policy.Grant.BuiltIn.Has("domainJoinedDevice")) {
			device = coverage.Yes
		}
	}
	if !p.Complete {
		enforced, stepUp, device = coverage.Or(enforced, coverage.Unknown), coverage.Or(stepUp, coverage.Unknown), coverage.Or(device, coverage.Unknown)
	}
	return enforced, stepUp, device
}

func (p *Policy) reachesSomebody() bool {
	u := &p.Conditions.Users
	named := len(u.IncludeUsers) > 0 && !u.IncludeUsers.Has("None") || len(u.IncludeGroups)+len(u.IncludeRoles) > 0 || u.IncludeGuests.any()
	return named && !u.ExcludeUsers.Has("All")
}

// describe puts exceptions and holes of the policies that ask for a second
// factor into words.
func (p *Policies) describe(exceptions, notes []string) ([]string, []string) {
	for i := range p.List {
		policy := &p.List[i]
		factor, _ := policy.Grant.guarantee()
		asks := policy.Grant != nil && (policy.Grant.BuiltIn.Has("mfa") || policy.Grant.Strength.any())
		if !asks {
			continue
		}
		if policy.ReportOnly() {
			notes = append(notes, fmt.Sprintf("Policy “%s” is report-only: it demands nothing.", policy.name()))
			continue
		}
		if !policy.inForce() {
			continue
		}
		if factor == coverage.No {
			notes = append(notes, fmt.Sprintf("Policy “%s” offers a way round the second factor (operator OR, or a weak strength), so it does not demand one.", policy.name()))
			continue
		}
		for _, hole := range policy.holes() {
			notes = append(notes, fmt.Sprintf("Policy “%s” has a hole: %s.", policy.name(), hole.text))
		}
		if all, _ := clients(policy.Conditions.ClientAppTypes); !all {
			notes = append(notes, fmt.Sprintf("Policy “%s” leaves out legacy clients.", policy.name()))
		}
		exceptions = append(exceptions, policy.exceptions()...)
	}
	return exceptions, notes
}

func (p *Policy) exceptions() []string {
	u := &p.Conditions.Users
	var found []string
	for _, one := range []struct {
		what string
		list []string
	}{{"user", u.ExcludeUsers}, {"group", u.ExcludeGroups}, {"role", u.ExcludeRoles}} {
		for _, id := range one.list {
			found = append(found, fmt.Sprintf("Policy “%s” excludes the %s %s.", p.name(), one.what, id))
		}
	}
	if u.ExcludeGuests.any() {
		found = append(found, fmt.Sprintf("Policy “%s” excludes guests or external users.", p.name()))
	}
	return found
}
