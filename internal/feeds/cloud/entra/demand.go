package entra

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/coverage"
)

// Subject is the user a policy is asked about.
type Subject struct {
	ID    string // object id; empty is not known
	Guest bool
	Admin coverage.Fact // holds an administrator role, whichever
}

// inForce: report-only is not enforced. Trap 4.
func (p *Policy) inForce() bool { return strings.EqualFold(p.State, "enabled") }

// ReportOnly reports whether the policy only writes down what it would do.
func (p *Policy) ReportOnly() bool {
	return strings.EqualFold(p.State, "enabledForReportingButNotEnforced")
}

func (p *Policy) name() string {
	if p.DisplayName != "" {
		return p.DisplayName
	}
	return p.ID
}

// guarantee says what somebody who passes the grant controls has done: a second
// factor, and one that resists phishing. With the operator OR every way through
// has to (trap 5: mfa OR compliantDevice); with AND one is enough.
func (g *grant) guarantee() (factor, resistant coverage.Fact) {
	if g == nil {
		return coverage.No, coverage.No // only session controls: nothing is demanded
	}
	type way struct{ factor, resistant coverage.Fact }
	var ways []way
	for _, control := range g.BuiltIn {
		if strings.EqualFold(control, "block") {
			return coverage.No, coverage.No // nobody passes; that is not a second factor
		}
		ways = append(ways, way{coverage.FactOf(strings.EqualFold(control, "mfa")), coverage.No})
	}
	if g.Strength.any() {
		factor, resistant := g.Strength.judge()
		ways = append(ways, way{factor, resistant})
	}
	for range len(g.Custom) {
		ways = append(ways, way{coverage.Unknown, coverage.Unknown}) // another company's check: not seen from here
	}
	for range len(g.Terms) {
		ways = append(ways, way{coverage.No, coverage.No})
	}
	if len(ways) == 0 {
		return coverage.No, coverage.No
	}
	all := strings.EqualFold(g.Operator, "AND")
	factor, resistant = ways[0].factor, ways[0].resistant
	for _, next := range ways[1:] {
		if all {
			factor, resistant = coverage.Or(factor, next.factor), coverage.Or(resistant, next.resistant)
		} else {
			factor, resistant = coverage.And(factor, next.factor), coverage.And(resistant, next.resistant)
		}
	}
	return factor, resistant
}

// builtIn are the strengths every tenant has. Standards.md A.2.5.
var builtIn = map[string]struct{ factor, resistant coverage.Fact }{
	"00000000-0000-0000-0000-000000000002": {coverage.Yes, coverage.No},
	"00000000-0000-0000-0000-000000000003": {coverage.Yes, coverage.No},
	"00000000-0000-0000-0000-000000000004": {coverage.Yes, coverage.Yes},
}

// judge resolves a strength: it may itself be weak, so its combinations count
// before its name does.
func (s *strength) judge() (factor, resistant coverage.Fact) {
	if len(s.Combinations) == 0 {
		known := builtIn[s.ID]
		return known.factor, known.resistant
	}
	factor, resistant = coverage.Yes, coverage.Yes
	for _, combination := range s.Combinations {
		one := combinationFactor(combination)
		factor = coverage.And(factor, one)
		// The test of ScubaGear and Microsoft's Zero Trust assessment.
		resistant = coverage.And(resistant, coverage.FactOf(slices.ContainsFunc(
			[]string{"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"},
			func(strong string) bool { return strings.EqualFold(strong, combination) })))
	}
	return factor, resistant
}

func combinationFactor(combination string) coverage.Fact {
	switch strings.ToLower(combination) {
	case "windowshelloforbusiness", "fido2", "x509certificatemultifactor", "devicebasedpush", "federatedmultifactor",
		"temporaryaccesspassonetime", "temporaryaccesspassmultiuse":
		return coverage.Yes
	case "password", "sms", "x509certificatesinglefactor", "federatedsinglefactor", "qrcodepin", "email", "voice":
		return coverage.No
	}
	if strings.Contains(combination, ",") {
		return coverage.Yes // two methods
	}
	return coverage.Unknown
}

// hole is why a policy does not hold everywhere and always.
type hole struct {
	text    string
	partial bool // it holds for some services or some clients, not for all
}

// holes lists what the conditions leave open, exclusions of people apart.
func (p *Policy) holes() []hole {
	c := &p.Conditions
	var found []hole
	add := func(when bool, text string) {
		if when {
			found = append(found, hole{text: text, partial: true})
		}
	}
	add(!c.Applications.Include.Has("All"), "it is for some applications, not for all")
	add(len(c.Applications.Exclude) > 0, fmt.Sprintf("%d applications are excluded", len(c.Applications.Exclude)))
	add(len(c.Applications.Actions) > 0 || len(c.Applications.Classes) > 0 || c.Applications.Filter.any(), "it is for some actions or filtered applications only")
	add(c.Locations != nil && len(c.Locations.Include) > 0 && !c.Locations.Include.Has("All"), "it is for some places only")
	// Trap (c): excluding AllTrusted is a second factor only off the network.
	add(c.Locations != nil && len(c.Locations.Exclude) > 0, "sign-ins from excluded (trusted) networks are let off")
	add(c.Platforms != nil && len(c.Platforms.Include) > 0 && !c.Platforms.Include.Has("all"), "it is for some platforms only")
	add(c.Platforms != nil && len(c.Platforms.Exclude) > 0, "some platforms are excluded")
	add(c.Devices != nil && (c.Devices.Filter.any() || len(c.Devices.Include)+len(c.Devices.Exclude)+len(c.Devices.IncludeStates)+len(c.Devices.ExcludeStates) > 0), "some devices are let off")
	add(p.risky(), "it is for risky sign-ins or users only")
	add(c.Flows != nil && len(c.Flows.Transfer) > 0 && !c.Flows.Transfer.Has("none"), "it is for some sign-in flows only")
	add(c.Times != nil || c.DeviceStates != nil || c.Clients != nil || c.Agents != nil || c.GlobalSecurePath != nil, "it has a condition Warder does not judge")
	return found
}

func (p *Policy) risky() bool {
	c := &p.Conditions
	return len(c.SignInRisk)+len(c.UserRisk)+len(c.InsiderRisk)+len(c.PrincipalRisk)+len(c.AgentRisk) > 0
}

// clients says which clients are covered: all, and the modern ones (browsers
// and current applications). Legacy clients cannot do a second factor.
func clients(types cloud.Words) (all, modern bool) {
	all = len(types) == 0 || types.Has("all")
	return all, all || types.Has("browser") && types.Has("mobileAppsAndDesktopClients")
}

// applies says whether the policy is about a user. Who is in a group or holds
// which role the exports do not say, so a group or role makes it not known.
func (u *users) applies(who Subject) coverage.Fact {
	in := coverage.FactOf(u.IncludeUsers.Has("All") || who.ID != "" && u.IncludeUsers.Has(who.ID) ||
		who.Guest && u.IncludeUsers.Has("GuestsOrExternalUsers"))
	if len(u.IncludeGroups) > 0 || who.Guest && u.IncludeGuests.any() {
		in = coverage.Or(in, coverage.Unknown)
	}
	if len(u.IncludeRoles) > 0 && who.Admin != coverage.No {
		in = coverage.Or(in, coverage.Unknown)
	}
	out := coverage.FactOf(u.ExcludeUsers.Has("All") || who.ID != "" && u.ExcludeUsers.Has(who.ID) ||
		who.Guest && u.ExcludeUsers.Has("GuestsOrExternalUsers"))
	if who.ID == "" && len(u.ExcludeUsers) > 0 || len(u.ExcludeGroups) > 0 || who.Guest && u.ExcludeGuests.any() {
		out = coverage.Or(out, coverage.Unknown)
	}
	if len(u.ExcludeRoles) > 0 && who.Admin != coverage.No {
		out = coverage.Or(out, coverage.Unknown)
	}
	return coverage.And(in, coverage.Not(out))
}

// Demands says whether the policies in force demand a second factor of a user
// at every sign-in to every application, and a phishing-resistant one. Policies
// add up: one that covers the user wholly is enough, and one for modern clients
// together with one that blocks legacy clients is enough.
func (p *Policies) Demands(who Subject) (required, resistant coverage.Fact) {
	required, resistant = coverage.No, coverage.No
	blocked := p.legacyBlocked(who)
	for i := range p.List {
		policy := &p.List[i]
		if !policy.inForce() || len(policy.holes()) > 0 {
			continue
		}
		factor, strong := policy.Grant.guarantee()
		if factor == coverage.No && strong == coverage.No {
			continue
		}
		all, modern := clients(policy.Conditions.ClientAppTypes)
		covers := policy.Conditions.Users.applies(who)
		switch {
		case !modern:
			continue
		case !all: // trap (d)
			covers = coverage.And(covers, blocked)
		}
		required = coverage.Or(required, coverage.And(covers, factor))
		resistant = coverage.Or(resistant, coverage.And(covers, strong))
	}
	if !p.Complete { // a policy on a page we do not have may demand it
		required, resistant = coverage.Or(required, coverage.Unknown), coverage.Or(resistant, coverage.Unknown)
	}
	return required, resistant
}

func (p *Policies) legacyBlocked(who Subject) coverage.Fact {
	blocked := coverage.No
	for i := range p.List {
		policy := &p.List[i]
		if !policy.inForce() || len(policy.holes()) > 0 || policy.Grant == nil || !policy.Grant.BuiltIn.Has("block") {
			continue
		}
		types := policy.Conditions.ClientAppTypes
		// With OR beside block there would be a way round it.
		if len(policy.Grant.BuiltIn) > 1 || !types.Has("exchangeActiveSync") || !types.Has("other") {
			continue
		}
		blocked = coverage.Or(blocked, policy.Conditions.Users.applies(who))
	}
	return blocked
}
