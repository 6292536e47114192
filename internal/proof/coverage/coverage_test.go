package coverage_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/proof/coverage"
)

func TestNotKnownIsNeverTakenForYes(t *testing.T) {
	t.Parallel()
	all := []coverage.Fact{coverage.Unknown, coverage.No, coverage.Yes}
	for _, a := range all {
		for _, b := range all {
			and, or := coverage.And(a, b), coverage.Or(a, b)
			if and == coverage.Yes && (a != coverage.Yes || b != coverage.Yes) || or == coverage.No && (a != coverage.No || b != coverage.No) {
				t.Errorf("%s, %s: and %s, or %s", a, b, and, or)
			}
			if coverage.Not(and) != coverage.Or(coverage.Not(a), coverage.Not(b)) {
				t.Errorf("%s, %s: not (a and b) differs from (not a) or (not b)", a, b)
			}
		}
	}
	if fmt.Sprint(coverage.Fact(0)) != "not known" {
		t.Error("the zero fact is not the strict one")
	}
}

func required(a *coverage.Account) coverage.Fact { return a.Required }

// department builds facts: a system, people, and accounts by name.
func department(people []coverage.Person, accounts ...coverage.Account) *coverage.Facts {
	facts := &coverage.Facts{StaffKnown: true, People: people}
	system := facts.AddSystem(coverage.System{Name: "tenant", Cloud: "Entra"})
	for _, account := range accounts {
		account.System = system
		facts.Add(account)
	}
	facts.Join()
	return facts
}

func TestAccountsAreJoinedByNamedRulesOnly(t *testing.T) {
	t.Parallel()
	facts := department([]coverage.Person{
		{UserName: "nadia", Email: "n.rahman@example.org"}, {UserName: "omar", Email: "omar@example.org"},
		{UserName: "same", Email: "one@example.org"}, {UserName: "other", Email: "same"}},
		coverage.Account{Name: "NADIA"}, coverage.Account{Name: "N.Rahman@Example.org"}, coverage.Account{Name: "omar@example.org"},
		coverage.Account{Name: "nadia@example.org"}, coverage.Account{Name: "nadia@elsewhere.example"}, coverage.Account{Name: "same"}, coverage.Account{Name: "nadi"})
	var got []string
	for account := range facts.Accounts() {
		name := ""
		if person, ok := facts.PersonOf(account); ok {
			name = person.UserName
		}
		got = append(got, account.Name+" "+account.Linked.Code()+" "+name)
	}
	want := []string{"NADIA user_name nadia", "N.Rahman@Example.org email nadia", "omar@example.org email omar", "nadia@example.org local_part nadia",
		"nadia@elsewhere.example unlinked ", "same ambiguous ", "nadi unlinked "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPersonIsAsWellProtectedAsTheirWeakestAccount(t *testing.T) {
	t.Parallel()
	yes, no := coverage.Yes, coverage.No
	facts := department([]coverage.Person{{UserName: "both"}, {UserName: "half"}, {UserName: "unsure"}, {UserName: "none"}, {UserName: "gone", Excluded: coverage.RuleLeaver}},
		coverage.Account{Name: "both", Required: yes}, coverage.Account{Name: "BOTH", Required: yes},
		coverage.Account{Name: "half", Required: yes}, coverage.Account{Name: "Half", Required: no},
		coverage.Account{Name: "unsure", Required: yes}, coverage.Account{Name: "Unsure"},
		coverage.Account{Name: "gone", Required: no}, coverage.Account{Name: "stranger", Required: no},
		coverage.Account{Name: "robot", SignsIn: no}, coverage.Account{Name: "visitor", Kind: coverage.OfGuest})
	figure := facts.OfPeople(coverage.Question{Account: required})
	if figure.Yes != 1 || figure.No != 2 || figure.NotKnown != 2 || figure.Of != 5 || figure.Left() != 3 {
		t.Errorf("got %d yes, %d no, %d not known of %d, %d left out", figure.Yes, figure.No, figure.NotKnown, figure.Of, figure.Left())
	}
	listed := 0
	figure.Walk(func(coverage.Unit) bool { listed++; return true })
	if listed != figure.Of+figure.Left() {
		t.Errorf("%d are behind the number, it says %d", listed, figure.Of+figure.Left())
	}
}

func TestAShareIsClaimedOnlyWhenItIsCertain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		figure coverage.Figure
		want   coverage.Fact
	}{
		{coverage.Figure{Complete: true, Of: 10, Yes: 9, No: 1}, coverage.No}, // over 90% is more than 90%
		{coverage.Figure{Complete: true, Of: 100, Yes: 91, No: 9}, coverage.Yes},
		{coverage.Figure{Complete: true, Of: 100, Yes: 91, NotKnown: 9}, coverage.Yes},
		{coverage.Figure{Complete: true, Of: 100, Yes: 80, NotKnown: 20}, coverage.Unknown},
		{coverage.Figure{Complete: true, Of: 100, Yes: 80, NotKnown: 10, No: 10}, coverage.No},
		{coverage.Figure{Of: 100, Yes: 100}, coverage.Unknown},
		{coverage.Figure{Complete: true}, coverage.Unknown},
	} {
		if got := c.figure.Over(90); got != c.want {
			t.Errorf("%+v is over 90%%: %s, want %s", c.figure, got, c.want)
		}
	}
}

func TestStrengthOfMethods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                       string
		methods                    coverage.Method
		attested                   coverage.Fact
		keysOnly, weakFree, resist coverage.Fact
	}{
		{"attested key", coverage.SecurityKey, coverage.Yes, coverage.Yes, coverage.Yes, coverage.Yes},
		{"key, attestation not enforced", coverage.SecurityKey, coverage.No, coverage.Unknown, coverage.Yes, coverage.Yes},
		{"key and pass", coverage.SecurityKey | coverage.Pass, coverage.Yes, coverage.Yes, coverage.Yes, coverage.Yes},
		{"key and phone", coverage.SecurityKey | coverage.Phone, coverage.Yes, coverage.No, coverage.No, coverage.Yes},
		{"synced passkey", coverage.PasskeySynced, coverage.Yes, coverage.No, coverage.Yes, coverage.Yes},
		{"u2f of AWS", coverage.WebAuthn, coverage.Yes, coverage.Unknown, coverage.Yes, coverage.Yes},
		{"code from an app", coverage.TOTP, coverage.Yes, coverage.No, coverage.Yes, coverage.No},
		{"nobody knows", coverage.Unrecognised, coverage.Yes, coverage.Unknown, coverage.Unknown, coverage.Unknown},
		{"e-mail only", coverage.Email, coverage.Yes, coverage.No, coverage.No, coverage.No},
	} {
		account := coverage.Account{Methods: c.methods, MethodsKnown: coverage.Yes, Registered: coverage.Yes}
		account.Settle(c.attested)
		if account.KeysOnly != c.keysOnly || account.WeakFree != c.weakFree || account.ResistantHeld != c.resist {
			t.Errorf("%s: keys only %s, weak free %s, resistant %s; want %s, %s, %s", c.name, account.KeysOnly, account.WeakFree, account.ResistantHeld, c.keysOnly, c.weakFree, c.resist)
		}
		account.MethodsKnown = coverage.Unknown
		account.Settle(c.attested)
		if account.KeysOnly == coverage.Yes || account.WeakFree == coverage.Yes {
			t.Errorf("%s: an incomplete list of methods proves something", c.name)
		}
	}
}
