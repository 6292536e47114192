package versions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy/versions"
)

func TestDifferenceIsSaidInWordsForEachRuleAndForWhom(t *testing.T) {
	t.Parallel()
	before := written(t, `methods: {password: {}, totp: {until: 2027-03-31}}
...
- {id: all, title: All, services: ['*'], require: {aal: 2}}
- {id: pay, title: Pay, services: [payroll], groups: [finance], require: {aal: 2}}
- {id: robots, title: Robots, services: ['*'], groups: [robots], deny: true}
- {id: same, title: Same, services: [wiki], require: {aal: 1}}
- {id: named, title: One name, services: [wiki], require: {aal: 1}}
`)
	next := written(t, `methods: {password: {until: 2027-01-31}, totp: {until: 2027-03-31}}
...
- {id: all, title: All, services: ['*'], require: {aal: 2, phishing_resistant: true}}
- {id: pay, title: Pay, services: [payroll, ledger], groups: [audit], require: {aal: 2}}
- {id: same, title: Same, services: [wiki], require: {aal: 1}}
- {id: named, title: Another name, services: [wiki], require: {aal: 1}}
- {id: guests, title: Guests, services: [wiki], groups: [guests], deny: true}
`)
	want := []versions.Change{
		{About: "all", Whom: "everybody at every service", Direction: versions.Tighter,
			What: []string{"It asks for AAL2, phishing-resistant; it did ask for AAL2."}},
		{About: "pay", Whom: "people in audit at payroll, ledger", What: []string{"It is now also at ledger.", "It is now also for people in audit.", "It is no longer for people in finance."}},
		{About: "named", Whom: "everybody at wiki", What: []string{"Its title is “Another name”; it was “One name”."}},
		{About: "guests", Whom: "people in guests at wiki", Direction: versions.Tighter, What: []string{"It is new: it refuses."}},
		{About: "robots", Whom: "people in robots at every service", Direction: versions.Looser, What: []string{"It is gone: it no longer refuses."}},
		{About: "methods: password", Whom: "everybody who signs in with it", Direction: versions.Tighter,
			What: []string{"It is accepted to the end of 31 January 2027; it was accepted until further notice."}},
	}
	got := versions.Changes(before, next)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if same := versions.Changes(next, next); len(same) > 0 {
		t.Errorf("a text differs from itself: %+v", same)
	}
}

func TestDifferenceNamesEveryPartOfARule(t *testing.T) {
	t.Parallel()
	before := written(t, `- {id: all, title: All, services: ['*'], require: {aal: 2}}
- {id: pay, title: Pay, services: [payroll], groups: [finance], require: {aal: 3}}
`)
	next := written(t, `- {id: all, title: All, services: ['*'], require: {aal: 2, device: managed, network: [office]}}
- {id: pay, title: Pay, services: [payroll], departments: [Finance], privileged: true, groups: [finance], methods: [POST], paths: [/pay], when: '!("office" in network.names)', unknown: applies, require: {aal: 3}}
`)
	for i, want := range [][]string{
		{"It asks for AAL2, and a managed device, and a network of office; it did ask for AAL2."},
		{"It is now also for the department Finance.", "It is now also for whoever administers.", "It is about the method POST; it was about any method.",
			"It is about the path /pay; it was about any path.", "It counts when “!(\"office\" in network.names)”, and where that is not known; it counted always."},
	} {
		changes := versions.Changes(before, next)
		if diff := cmp.Diff(want, changes[i].What); diff != "" {
			t.Error(diff)
		}
	}
}
