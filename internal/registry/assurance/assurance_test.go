package assurance_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/warder-project/warder/internal/registry/assurance"
)

var strictest = assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}

func TestLevelThreeNeedsAttestedHardwareAndAVerifiedUser(t *testing.T) {
	t.Parallel()
	for mask := range 16 {
		seen := assurance.Observation{UserVerified: mask&1 != 0, Attested: mask&2 != 0, HardwareBound: mask&4 != 0, BackupEligible: mask&8 != 0}
		want := assurance.AAL1
		if seen.UserVerified {
			want = assurance.AAL2
		}
		if seen.UserVerified && seen.Attested && seen.HardwareBound && !seen.BackupEligible {
			want = assurance.AAL3
		}
		if got := assurance.Of(seen).AAL; got != want {
			t.Errorf("Of(%+v).AAL = %v, want %v", seen, got, want)
		}
	}
}

func TestZeroRequirementIsMetByNobody(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	best := assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true})
	if got := (assurance.Requirement{}).Unmet(best, now, now); got != assurance.RequirementUndefined {
		t.Errorf("an undefined requirement was met: %b", got)
	}
	if strictest.And(assurance.Requirement{}).Defined() {
		t.Error("adding an undefined requirement made a defined one")
	}
	if got := strictest.Unmet(assurance.Assurance{}, now, now); got == 0 {
		t.Error("nothing proven met the strictest requirement")
	}
}

func TestEachPropertyIsAskedForByItself(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	best := assurance.Assurance{AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}
	need := strictest
	need.MaxAge = time.Hour
	if got := need.Unmet(best, now.Add(-time.Hour), now); got != 0 {
		t.Errorf("the best sign-in, one hour old, falls short: %b", got)
	}
	cases := map[assurance.Shortfall]func(*assurance.Assurance, *time.Time){
		assurance.LevelTooLow:          func(a *assurance.Assurance, _ *time.Time) { a.AAL = 2 },
		assurance.NotPhishingResistant: func(a *assurance.Assurance, _ *time.Time) { a.PhishingResistant = false },
		assurance.NotHardwareBound:     func(a *assurance.Assurance, _ *time.Time) { a.HardwareBound = false },
		assurance.NotAttested:          func(a *assurance.Assurance, _ *time.Time) { a.Attested = false },
		assurance.NotUserVerified:      func(a *assurance.Assurance, _ *time.Time) { a.UserVerified = false },
		assurance.TooLongAgo:           func(_ *assurance.Assurance, at *time.Time) { *at = now.Add(-time.Hour - time.Millisecond) },
	}
	for want, spoil := range cases {
		have, at := best, now
		spoil(&have, &at)
		if got := need.Unmet(have, at, now); got != want {
			t.Errorf("Unmet = %b, want %b", got, want)
		}
	}
	if got := need.Unmet(best, now.Add(2*time.Minute), now); got != assurance.TooLongAgo {
		t.Errorf("a sign-in from the future counts as fresh: %b", got)
	}
}

func TestStrictestWins(t *testing.T) {
	t.Parallel()
	a := assurance.Requirement{AAL: 2, PhishingResistant: true, MaxAge: 8 * time.Hour}
	b := assurance.Requirement{AAL: 3, Attested: true, MaxAge: time.Hour}
	want := assurance.Requirement{AAL: 3, PhishingResistant: true, Attested: true, MaxAge: time.Hour}
	if diff := cmp.Diff(want, a.And(b)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(a.And(b), b.And(a)); diff != "" {
		t.Error("And is not symmetric:", diff)
	}
	b.MaxAge = 0
	if got := a.And(b).MaxAge; got != 8*time.Hour {
		t.Errorf("no limit on one side lifted the limit of the other: %v", got)
	}
}

func TestWhatEitherAsksForIsAskedByBoth(t *testing.T) {
	t.Parallel()
	a := assurance.Requirement{AAL: 2, PhishingResistant: true, Attested: true, MaxAge: time.Hour}
	b := assurance.Requirement{AAL: 3, PhishingResistant: true, MaxAge: 8 * time.Hour}
	want := assurance.Requirement{AAL: 2, PhishingResistant: true, MaxAge: 8 * time.Hour}
	if diff := cmp.Diff(want, a.Or(b)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(a.Or(b), b.Or(a)); diff != "" {
		t.Error("Or is not symmetric:", diff)
	}
	b.MaxAge = 0
	if got := a.Or(b).MaxAge; got != 0 {
		t.Errorf("one side sets no limit, and both together set %v", got)
	}
	if got := a.Or(assurance.Requirement{}); got.Defined() {
		t.Errorf("with what nobody wrote, %v is enough", got)
	}
}

func TestClaimsSayNoMoreThanWasProven(t *testing.T) {
	t.Parallel()
	cases := []struct {
		seen assurance.Observation
		acr  string
		amr  []string
	}{
		{assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true}, "phrh", []string{"hwk", "pop", "user", "mfa"}},
		{assurance.Observation{UserVerified: true, BackupEligible: true}, "phr", []string{"swk", "pop", "user", "mfa"}},
		{assurance.Observation{}, "phr", []string{"swk", "pop"}},
	}
	for _, c := range cases {
		have := assurance.Of(c.seen)
		if have.ACR() != c.acr {
			t.Errorf("ACR of %+v = %q, want %q", c.seen, have.ACR(), c.acr)
		}
		if diff := cmp.Diff(c.amr, have.AMR()); diff != "" {
			t.Error(diff)
		}
	}
	if nothing := (assurance.Assurance{}); nothing.ACR() != "" || nothing.AMR() != nil {
		t.Error("a sign-in that proved nothing claims something")
	}
}

func TestSecretsAreTwoFactorsOnlyTogetherAndNeverPhishingResistant(t *testing.T) {
	t.Parallel()
	password, code := assurance.Password, assurance.TOTP
	cases := []struct {
		given []assurance.Method
		level assurance.Level
		amr   []string
	}{
		{nil, assurance.None, nil},
		{[]assurance.Method{password}, assurance.AAL1, []string{"pwd"}},
		{[]assurance.Method{password, password}, assurance.AAL1, []string{"pwd"}},
		{[]assurance.Method{code, code}, assurance.AAL1, []string{"otp"}},
		{[]assurance.Method{code, password}, assurance.AAL2, []string{"pwd", "otp", "mfa"}},
		{[]assurance.Method{assurance.RecoveryCode, assurance.Pass, assurance.SMS, assurance.SecurityKeyAttested}, assurance.None, nil},
		{[]assurance.Method{password, assurance.RecoveryCode}, assurance.AAL1, []string{"pwd"}},
	}
	for _, c := range cases {
		have := assurance.OfSecrets(c.given...)
		if have.AAL != c.level || have.PhishingResistant || have.HardwareBound || have.Attested || have.UserVerified || have.ACR() != "" {
			t.Errorf("%v give %s with class %q, want %s and nothing else", c.given, have, have.ACR(), c.level)
		}
		if diff := cmp.Diff(c.amr, have.AMR()); diff != "" {
			t.Errorf("%v: %s", c.given, diff)
		}
	}
}

func TestSessionWithoutAssuranceMayNotLive(t *testing.T) {
	t.Parallel()
	for level := assurance.None - 1; level <= assurance.AAL3+1; level++ {
		idle, absolute := assurance.Limits(level)
		alive := level >= assurance.AAL1 && level <= assurance.AAL3
		if (idle > 0) != alive || (absolute > 0) != alive || idle > absolute {
			t.Errorf("Limits(%d) = %v, %v", level, idle, absolute)
		}
	}
}

func TestRequirementsReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	cases := map[time.Duration]string{
		0: "AAL2", 8 * time.Hour: "AAL2, within 8 hours", time.Hour: "AAL2, within 1 hour", 90 * time.Minute: "AAL2, within 90 minutes",
		time.Second: "AAL2, within 1 second", 1500 * time.Millisecond: "AAL2, within 1.5s",
	}
	for age, want := range cases {
		if got := (assurance.Requirement{AAL: 2, MaxAge: age}).String(); got != want {
			t.Errorf("%v reads %q, want %q", age, got, want)
		}
	}
	if got := (assurance.Requirement{}).String(); got != "undefined (nobody meets it)" {
		t.Errorf("the zero requirement reads %q", got)
	}
}
