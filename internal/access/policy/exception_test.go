package policy_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

const leave = ids.Exception("exc_00000000000000000000000000")

// short is the facts of somebody who signed in with less than the rules ask for, and
// has an exception from eight until ten o'clock.
func short() (*policy.Compiled, policy.Facts) {
	c := compiled(everybody(), policy.Rule{ID: "payroll", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 3, Attested: true}})
	facts := good()
	facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: 1, UserVerified: true}
	facts.Exceptions = []policy.Exception{{ID: leave, Floor: assurance.Requirement{AAL: 1, UserVerified: true},
		From: monday.Add(-time.Hour), Until: monday.Add(time.Hour)}}
	return c, facts
}

func TestExceptionLowersWhatTheRulesAskForAndIsNamed(t *testing.T) {
	t.Parallel()
	c, facts := short()
	got := c.Decide(&facts)
	if got.Effect != policy.Allow || got.Exception != leave || got.ReasonCodes() != "policy.exception" {
		t.Errorf("within the exception: %v %s under %q", got.Effect, got.ReasonCodes(), got.Exception)
	}
	facts.Assurance.UserVerified = false
	got = c.Decide(&facts)
	if got.Effect != policy.StepUp || got.Exception != "" || !got.Has(policy.CodeLevelTooLow) || got.Require != facts.Exceptions[0].Floor {
		t.Errorf("below its floor: %v %s under %q, to sign in with %v", got.Effect, got.ReasonCodes(), got.Exception, got.Require)
	}
	facts.Assurance = best
	if got = c.Decide(&facts); got.Effect != policy.Allow || got.Exception != "" || got.Has(policy.CodeException) {
		t.Errorf("of no use to somebody with a good key: %v %s under %q", got.Effect, got.ReasonCodes(), got.Exception)
	}
}

func TestExceptionEndsAtItsMillisecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Duration
		want policy.Effect
	}{
		{-time.Hour - time.Millisecond, policy.StepUp}, {-time.Hour, policy.Allow},
		{time.Hour - time.Millisecond, policy.Allow}, {time.Hour, policy.StepUp}, {time.Hour + time.Millisecond, policy.StepUp},
	} {
		compiled, facts := short()
		facts.At = monday.Add(c.at)
		got := compiled.Decide(&facts)
		if got.Effect != c.want || (got.Exception != "") != (c.want == policy.Allow) {
			t.Errorf("%v from nine o’clock: %v under %q", c.at, got.Effect, got.Exception)
		}
		facts.Exceptions = nil
		if without := compiled.Decide(&facts); c.want == policy.StepUp && (without.Require != got.Require || without.ReasonCodes() != got.ReasonCodes()) {
			t.Errorf("%v from nine o’clock it is not as if it had never been: %+v, %+v", c.at, got, without)
		}
	}
	for name, spoil := range map[string]func(*policy.Exception){
		"without an end":       func(e *policy.Exception) { e.Until = time.Time{} },
		"without a floor":      func(e *policy.Exception) { e.Floor = assurance.Requirement{} },
		"ends before it began": func(e *policy.Exception) { e.From, e.Until = e.Until, e.From },
	} {
		compiled, facts := short()
		spoil(&facts.Exceptions[0])
		if got := compiled.Decide(&facts); got.Effect != policy.StepUp || got.Require.AAL != 3 {
			t.Errorf("%s: %v, to sign in with %v", name, got.Effect, got.Require)
		}
	}
}

func TestExceptionLiftsNothingButShortfalls(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*policy.Facts){
		"a rule that denies":  func(f *policy.Facts) { f.Groups = policy.GroupsOf("guests") },
		"no rule":             func(f *policy.Facts) { f.Service = "mail" },
		"person suspended":    func(f *policy.Facts) { f.PersonMaySignIn, f.PersonState = policy.No, "suspended" },
		"person unsure":       func(f *policy.Facts) { f.PersonKnown = policy.Unknown },
		"key lost":            func(f *policy.Facts) { f.KeyMaySignIn, f.KeyState = policy.No, "lost" },
		"credential stopped":  func(f *policy.Facts) { f.CredentialActive = policy.No },
		"session ended":       func(f *policy.Facts) { f.Session = policy.SessionEnded },
		"method not accepted": func(f *policy.Facts) { f.Assurance.Method = assurance.SMS },
		"service closed":      func(f *policy.Facts) { f.ServiceAdmitted = policy.No },
		"not vouched":         func(f *policy.Facts) { f.Vouched = false },
	} {
		_, facts := short()
		c := compiled(policy.Rule{ID: "payroll", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 3}},
			policy.Rule{ID: "guests", Services: []string{"*"}, Groups: []string{"guests"}, Deny: true})
		spoil(&facts)
		if got := c.Decide(&facts); got.Effect == policy.Allow || got.Exception != "" || got.Has(policy.CodeException) {
			t.Errorf("%s: %v %s under %q", name, got.Effect, got.ReasonCodes(), got.Exception)
		}
	}
}

// Whoever is let in has met what the rules ask for, or the floor of an exception that
// holds; and it is named exactly when it made the difference.
func TestExceptionIsNamedOnlyWhenItMadeTheDifference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 26))
	some := func() assurance.Requirement {
		return assurance.Requirement{AAL: assurance.Level(random.IntN(4)), Attested: random.IntN(2) == 0, UserVerified: random.IntN(2) == 0}
	}
	for range 5000 {
		c := compiled(policy.Rule{ID: "a", Services: []string{"*"}, Require: some()}, policy.Rule{ID: "b", Services: []string{"payroll"}, Require: some()})
		facts := good()
		facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: assurance.Level(random.IntN(4)), Attested: random.IntN(2) == 0, UserVerified: random.IntN(2) == 0}
		without := c.Decide(&facts)
		for range random.IntN(3) {
			facts.Exceptions = append(facts.Exceptions, policy.Exception{ID: leave, Floor: some(),
				From: monday.Add(time.Duration(random.IntN(5)-3) * time.Millisecond), Until: monday.Add(time.Duration(random.IntN(5)-1) * time.Millisecond)})
		}
		with := c.Decide(&facts)
		made := with.Effect == policy.Allow && without.Effect != policy.Allow
		if made != (with.Exception != "") || with.Effect < without.Effect || (without.Effect == policy.Deny && with.Effect != policy.Deny) {
			t.Fatalf("%+v: %v without, %v with, under %q", facts, without.Effect, with.Effect, with.Exception)
		}
		if with.Effect == policy.StepUp {
			facts.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: with.Require.AAL, Attested: with.Require.Attested, UserVerified: with.Require.UserVerified}
			if again := c.Decide(&facts); again.Effect != policy.Allow {
				t.Fatalf("asked for %v, came with it, and is %v: %s", with.Require, again.Effect, again.ReasonCodes())
			}
		}
	}
}
