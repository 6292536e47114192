package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func parsed(t *testing.T, methods string) *policy.Policy {
	t.Helper()
	read, err := rulebook.Parse("p.yaml", []byte("version: 1\n"+methods+"rules: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestSharedSecretThatIsNotNamedIsNotAccepted(t *testing.T) {
	t.Parallel()
	var none *policy.Policy
	for name, one := range map[string]*policy.Policy{"without methods": parsed(t, ""), "with none": parsed(t, "methods: {}\n"), "no policy": none} {
		for _, class := range assurance.Catalogue() {
			key := class.SignsIn && class.Method != assurance.TOTP
			if got := one.Accepts(class.Method, monday); got != (key && one != nil) {
				t.Errorf("%s: %s is accepted: %v", name, class.Word, got)
			}
		}
		if one.Accepts(assurance.UnknownMethod, monday) {
			t.Errorf("%s: a method nobody knows is accepted", name)
		}
	}
	var compiledNone *policy.Compiled
	if compiledNone.Accepts(assurance.SecurityKeyAttested, monday) {
		t.Error("without a policy something is accepted")
	}
}

func TestMethodIsAcceptedToTheEndOfItsLastDay(t *testing.T) {
	t.Parallel()
	one := parsed(t, "methods:\n  totp: {until: 2027-06-30}\n  password: {until: 2027-03-31}\n  recovery_code: {}\n")
	want := assurance.Accepted{{Method: assurance.Password, Until: day("2027-03-31")}, {Method: assurance.TOTP, Until: day("2027-06-30")}, {Method: assurance.RecoveryCode}}
	if diff := cmp.Diff(want, one.Methods); diff != "" {
		t.Error(diff)
	}
	last := time.Date(2027, 3, 31, 23, 59, 59, 999_999_999, time.UTC)
	for _, by := range []interface {
		Accepts(assurance.Method, time.Time) bool
	}{one, policy.Compile(one)} {
		for _, c := range []struct {
			method assurance.Method
			at     time.Time
			want   bool
		}{
			{assurance.Password, last, true}, {assurance.Password, last.Add(1), false}, {assurance.Password, monday, true},
			// A code is nothing without its password, however long it is accepted itself.
			{assurance.TOTP, last, true}, {assurance.TOTP, last.Add(1), false},
			{assurance.RecoveryCode, last.AddDate(50, 0, 0), true}, {assurance.SecurityKey, last.AddDate(50, 0, 0), true},
		} {
			if got := by.Accepts(c.method, c.at); got != c.want {
				t.Errorf("%s at %v: %v", c.method, c.at, got)
			}
		}
	}
}

// Whoever is signed in with a method is asked to sign in anew once it is withdrawn,
// by its date or by another policy, and is told so.
func TestLiveSessionOfAWithdrawnMethodIsRefused(t *testing.T) {
	t.Parallel()
	one := parsed(t, "methods: {password: {until: 2026-11-23}, totp: {}}\n")
	one.Rules = []policy.Rule{everybody()}
	facts := good()
	facts.NoKey, facts.KeyKnown, facts.KeyMaySignIn, facts.KeyState = true, policy.No, policy.Unknown, ""
	facts.Assurance = assurance.OfSecrets(assurance.Password, assurance.TOTP)
	if got := policy.Compile(one).Decide(&facts); got.Effect != policy.Allow {
		t.Fatalf("accepted: %v because %s", got.Effect, got.ReasonCodes())
	}
	if got := compiled(everybody()).Decide(&facts); got.Effect != policy.StepUp || got.ReasonCodes() != "policy.method_not_accepted" || !got.Require.Defined() {
		t.Errorf("by another policy: %v because %s", got.Effect, got.ReasonCodes())
	}
	facts.At = monday.AddDate(0, 0, 1)
	facts.AuthTime = facts.At
	if got := policy.Compile(one).Decide(&facts); got.Effect != policy.StepUp || got.ReasonCodes() != "policy.method_not_accepted" {
		t.Errorf("by its date: %v because %s", got.Effect, got.ReasonCodes())
	}
	if diff := cmp.Diff([]assurance.Method{assurance.Password, assurance.TOTP}, one.Methods.Withdrawn(parsed(t, "").Methods, monday)); diff != "" {
		t.Error(diff)
	}
	if got := one.Methods.Withdrawn(one.Methods, monday); got != nil {
		t.Errorf("withdrawn by nothing: %v", got)
	}
}

func TestSessionWithoutAKeyStillNeedsEverythingElse(t *testing.T) {
	t.Parallel()
	one := parsed(t, "methods: {password: {}, totp: {}}\n")
	one.Rules = []policy.Rule{everybody(), {ID: "keys", Services: []string{"payroll"}, Require: assurance.Requirement{AAL: 2, PhishingResistant: true}}}
	facts := good()
	facts.NoKey, facts.Assurance = true, assurance.OfSecrets(assurance.Password, assurance.TOTP)
	if got := policy.Compile(one).Decide(&facts); got.Effect != policy.StepUp || got.ReasonCodes() != "policy.not_phishing_resistant:keys" {
		t.Errorf("a rule for keys: %v because %s", got.Effect, got.ReasonCodes())
	}
	facts.Service, facts.CredentialActive = "mail", policy.Unknown
	if got := policy.Compile(one).Decide(&facts); got.Effect != policy.Deny || got.ReasonCodes() != "policy.credential_unsure" {
		t.Errorf("a credential that is not known: %v because %s", got.Effect, got.ReasonCodes())
	}
}
