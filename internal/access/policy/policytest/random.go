// Package policytest makes up facts and policies at random, for tests of what must
// hold for all of them. Only tests import it.
package policytest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// The names that are made up: few, so that rules often apply.
var (
	services = []string{"payroll", "case-work", "wiki"}
	groups   = []string{"finance", "staff", "robots", "ministers’ office"}
	roles    = []string{"administrator", "service_desk"}
	networks = []string{"Bristol", "London", "VPN"}
)

// Facts are any facts whatever. One in two is somebody against whom nothing is
// known, so that rules come to speak.
func Facts(r *rand.Rand) policy.Facts {
	f := policy.Facts{
		At: moment(r), Vouched: !seldom(r), ServiceKnown: mostlyYes(r), ServiceAdmitted: mostlyYes(r), Service: pick(r, append(services, "")...),
		Session: policy.SessionState(r.IntN(int(policy.SessionAlive) + 1)), SessionEnd: pick(r, "", "key_lost", "signed_out"),
		PersonKnown: mostlyYes(r), PersonMaySignIn: mostlyYes(r), PersonState: pick(r, "", "active", "suspended", "left"),
		Groups: policy.GroupsOf(some(r, groups)...), NoKey: seldom(r), KeyKnown: mostlyYes(r), KeyMaySignIn: mostlyYes(r),
		KeyState: pick(r, "", "enrolled", "lost", "stolen"), CredentialActive: mostlyYes(r), Assurance: proven(r),
	}
	f.UserName, f.Department = pick(r, "", "amira.khan", "sam.okafor"), pick(r, "", "Finance", "Digital")
	f.Roles, f.Privileged, f.Device = policy.GroupsOf(some(r, roles)...), truth(r), truth(r)
	f.Route, f.Method, f.Path = pick(r, "", "rte_00000000000000000000000000"), pick(r, "", "GET", "POST"), pick(r, "", "/", "/payslip/2026/11")
	f.Network = policy.Network{Known: even(r), Names: some(r, networks)}
	f.Signals = signals(r)
	f.Exceptions = exceptions(r, f.At)
	f.AuthTime = f.At.Add(-time.Duration(r.Int64N(int64(12 * time.Hour))))
	if r.IntN(2) == 0 {
		f.Session, f.SessionEnd = policy.SessionAlive, ""
	}
	if seldom(r) {
		f.AuthTime = time.Time{}
	}
	return f
}

func signals(r *rand.Rand) policy.Signals {
	return policy.Signals{NewNetwork: truth(r), NewASN: truth(r), NewCountry: truth(r), ImpossibleTravel: truth(r), NewDevice: truth(r), UnusualHour: truth(r),
		FailureBurst: truth(r), ListedNetwork: truth(r), KeyReportedLost: truth(r), Country: pick(r, "", "GB", "FR")}
}

func exceptions(r *rand.Rand, at time.Time) []policy.Exception {
	var made []policy.Exception
	for range r.IntN(3) {
		from := at.Add(-time.Duration(r.Int64N(int64(48 * time.Hour))))
		made = append(made, policy.Exception{ID: ids.New[ids.Exception](), Floor: requirement(r), From: from, Until: from.Add(time.Duration(r.Int64N(int64(96 * time.Hour))))})
	}
	return made
}

func moment(r *rand.Rand) time.Time {
	start := time.Date(2025, time.September, 1, 0, 0, 0, 0, time.UTC)
	at := start.Add(time.Duration(r.Int64N(int64(420 * 24 * time.Hour))))
	if r.IntN(2) == 0 {
		at = at.Truncate(time.Millisecond)
	}
	return at
}

func proven(r *rand.Rand) assurance.Assurance {
	switch r.IntN(4) {
	case 0:
		return assurance.OfSecrets(assurance.Password, assurance.TOTP)
	case 1:
		catalogue := assurance.Catalogue()
		return assurance.Assurance{Method: catalogue[r.IntN(len(catalogue))].Method, AAL: assurance.Level(r.IntN(4)), PhishingResistant: even(r),
			HardwareBound: even(r), Attested: even(r), UserVerified: even(r)}
	}
	return assurance.Of(assurance.Observation{UserVerified: !seldom(r), Attested: !seldom(r), HardwareBound: !seldom(r), BackupEligible: seldom(r)})
}

// Policy is any policy of up to eight rules, under the version given.
func Policy(r *rand.Rand, version string) *policy.Policy {
	made := &policy.Policy{Version: version}
	if even(r) {
		made.Methods = assurance.Accepted{{Method: assurance.Password}, {Method: assurance.TOTP, Until: moment(r).Truncate(24 * time.Hour)}}
	}
	for i := range r.IntN(9) {
		rule := policy.Rule{ID: fmt.Sprintf("rule-%d", i), Title: "Made up", Services: some(r, services), Groups: some(r, groups)}
		if len(rule.Services) == 0 || seldom(r) {
			rule.Services = []string{policy.AnyService}
		}
		if even(r) {
			rule.Groups = nil
		}
		if seldom(r) {
			rule.Deny = true
		} else {
			rule.Require = requirement(r)
		}
		made.Rules = append(made.Rules, rule)
	}
	return made
}

func requirement(r *rand.Rand) assurance.Requirement {
	need := assurance.Requirement{AAL: assurance.Level(1 + r.IntN(3)), PhishingResistant: even(r), HardwareBound: seldom(r), Attested: seldom(r), UserVerified: even(r)}
	if even(r) {
		need.MaxAge = time.Duration(1+r.IntN(12)) * time.Hour
	}
	if seldom(r) {
		need.Forbid = assurance.Weakness(r.IntN(int(assurance.EveryWeakness) + 1))
	}
	return need
}

func even(r *rand.Rand) bool   { return r.IntN(2) == 0 }
func seldom(r *rand.Rand) bool { return r.IntN(8) == 0 }

func truth(r *rand.Rand) policy.Truth { return policy.Truth(r.IntN(3)) }

func mostlyYes(r *rand.Rand) policy.Truth {
	if seldom(r) {
		return policy.Truth(r.IntN(3))
	}
	return policy.Yes
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

func some(r *rand.Rand, words []string) []string {
	var chosen []string
	for _, word := range words {
		if even(r) {
			chosen = append(chosen, word)
		}
	}
	return chosen
}
