package maturity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// perfect is a department of which every fact is known and as the guide's fifth
// level wants it: one tenant, nine people and an administrator. spoil changes
// the tenant and the first account.
func perfect(spoil func(*coverage.System, *coverage.Account)) *coverage.Facts {
	yes := coverage.Yes
	tenant := coverage.System{Name: "tenant", Cloud: "Entra", PoliciesKnown: true, SomeEnforced: yes, Enforced: yes, Resistant: yes,
		PhoneForbidden: yes, KeysManaged: yes, StepUp: yes, DeviceChecked: yes}
	facts := &coverage.Facts{StaffKnown: true}
	var accounts []coverage.Account
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		facts.People = append(facts.People, coverage.Person{UserName: name})
		account := coverage.Account{Name: name, SignsIn: yes, Privileged: coverage.No, Registered: yes, Capable: yes, Required: yes,
			Resistant: yes, MethodsKnown: yes, KeysOnly: yes, ResistantHeld: yes, WeakFree: yes}
		if name == "a" {
			account.Privileged = yes
		}
		accounts = append(accounts, account)
	}
	spoil(&tenant, &accounts[0])
	system := facts.AddSystem(tenant)
	for _, account := range accounts {
		account.System = system
		facts.Add(account)
	}
	return facts
}

// What no file can show never holds a level back, and is never taken as shown:
// it is left for a human to sign.
func TestHighestLevelStillHasToBeSigned(t *testing.T) {
	t.Parallel()
	got := maturity.New(maturity.Deps{}).Assess(perfect(func(*coverage.System, *coverage.Account) {}))
	if got.Level != 5 || len(got.HeldBy) > 0 {
		t.Errorf("level %d, held by %v", got.Level, got.HeldBy)
	}
	if diff := cmp.Diff([]string{"L2.G1", "L3.G3", "L4.G2", "L5.G2"}, got.ToSign); diff != "" {
		t.Errorf("to sign (-want +got):\n%s", diff)
	}
	for _, id := range got.ToSign {
		criterion, err := got.Find(id)
		if err != nil || criterion.State != maturity.NeedsHuman || criterion.Sign == "" {
			t.Errorf("%s: %+v, %v", id, criterion, err)
		}
	}
}

func TestOneFactThatIsMissingOrWrongHoldsItsLevelBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*coverage.System, *coverage.Account, coverage.Fact)
		level int
		held  []string
	}{
		"a policy that demands of somebody":  {func(s *coverage.System, _ *coverage.Account, f coverage.Fact) { s.SomeEnforced = f }, 1, []string{"L2.T"}},
		"a policy that demands of everybody": {func(s *coverage.System, _ *coverage.Account, f coverage.Fact) { s.Enforced = f }, 2, []string{"L3.G1"}},
		"an administrator's second factor":   {func(_ *coverage.System, a *coverage.Account, f coverage.Fact) { a.Capable = f }, 2, []string{"L3.T"}},
		"a person of whom it is demanded":    {func(_ *coverage.System, a *coverage.Account, f coverage.Fact) { a.Required = f }, 2, []string{"L3.G1"}},
		"phone codes switched off":           {func(s *coverage.System, _ *coverage.Account, f coverage.Fact) { s.PhoneForbidden = f }, 3, []string{"L4.T", "L4.G2"}},
		"a person without phone codes":       {func(_ *coverage.System, a *coverage.Account, f coverage.Fact) { a.WeakFree = f }, 3, []string{"L4.G3"}},
		"a resistant method demanded":        {func(s *coverage.System, _ *coverage.Account, f coverage.Fact) { s.Resistant = f }, 4, []string{"L5.T"}},
		"keys of chosen models only":         {func(s *coverage.System, _ *coverage.Account, f coverage.Fact) { s.KeysManaged = f }, 4, []string{"L5.T", "L5.G2"}},
		"a person with nothing but keys":     {func(_ *coverage.System, a *coverage.Account, f coverage.Fact) { a.KeysOnly = f }, 4, []string{"L5.G1", "L5.G3"}},
		"a person of whom it is resistant":   {func(_ *coverage.System, a *coverage.Account, f coverage.Fact) { a.Resistant = f }, 4, []string{"L5.G3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for fact, state := range map[coverage.Fact]maturity.State{coverage.No: maturity.NotMet, coverage.Unknown: maturity.NotKnown} {
				got := maturity.New(maturity.Deps{}).Assess(perfect(func(s *coverage.System, a *coverage.Account) { c.spoil(s, a, fact) }))
				if got.Level != c.level {
					t.Errorf("%s: level %d, want %d", fact, got.Level, c.level)
				}
				if diff := cmp.Diff(c.held, got.HeldBy); diff != "" {
					t.Errorf("%s: held by (-want +got):\n%s", fact, diff)
				}
				for _, id := range got.HeldBy {
					criterion, err := got.Find(id)
					if err != nil || criterion.State != state || criterion.Next == "" {
						t.Errorf("%s: %s is %q, want %q, with a next step (%q), %v", fact, id, criterion.State, state, criterion.Next, err)
					}
				}
			}
		})
	}
}

// Exceptions do not hold level 3 back, but somebody must own each.
func TestExceptionsInPoliciesAreForAHumanToOwn(t *testing.T) {
	t.Parallel()
	got := maturity.New(maturity.Deps{}).Assess(perfect(func(s *coverage.System, _ *coverage.Account) { s.Exceptions = []string{"group kiosk"} }))
	criterion, err := got.Find("L3.G2")
	if err != nil || criterion.State != maturity.NeedsHuman || criterion.Sign == "" {
		t.Errorf("L3.G2 is %q: %v", criterion.State, err)
	}
	if diff := cmp.Diff([]maturity.List{{Title: "Exceptions found in the policies", Items: []string{"group kiosk"}}}, criterion.Lists); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = maturity.New(maturity.Deps{}).Assess(perfect(func(s *coverage.System, _ *coverage.Account) { s.PoliciesKnown = false }))
	if criterion, err = got.Find("L3.G2"); err != nil || criterion.State != maturity.NotKnown || got.Level != 2 {
		t.Errorf("without policies L3.G2 is %q at level %d: %v", criterion.State, got.Level, err)
	}
}

func TestNothingKnownIsNoLevel(t *testing.T) {
	t.Parallel()
	got := maturity.New(maturity.Deps{}).Assess(&coverage.Facts{})
	if got.Level != 0 || len(got.ToSign) > 0 {
		t.Errorf("level %d, to sign %v", got.Level, got.ToSign)
	}
	for _, criterion := range got.Criteria {
		if criterion.State == maturity.Met || criterion.State == maturity.NotMet {
			t.Errorf("%s is %q of nothing", criterion.ID, criterion.State)
		}
	}
}
