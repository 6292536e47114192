package adoption_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// with is an account with accepted methods; each WebAuthn method is on a key of its own.
func with(methods ...assurance.Method) adoption.Account {
	var account adoption.Account
	for i, method := range methods {
		one := adoption.Holding{Method: method, Accepted: true}
		if method != assurance.Password && method != assurance.TOTP && method != assurance.RecoveryCode {
			one.Key = ids.Key("key_" + string(rune('a'+i)))
		}
		account.Holdings = append(account.Holdings, one)
	}
	return account
}

const (
	password = assurance.Password
	totp     = assurance.TOTP
	recovery = assurance.RecoveryCode
	synced   = assurance.PasskeySynced
	device   = assurance.PasskeyDevice
	loose    = assurance.SecurityKey
	attested = assurance.SecurityKeyAttested
)

// Capability C27.3: an account is worth what the weakest accepted way is worth.
func TestAccountIsAsStrongAsItsWeakestAcceptedWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		account adoption.Account
		rung    adoption.Rung
		says    string
		undone  bool
	}{
		{with(), adoption.Nothing, "nothing that works: cannot sign in", false},
		{with(recovery), adoption.Nothing, "nothing that works: cannot sign in", false},
		{with(totp), adoption.Nothing, "nothing that works: cannot sign in", false},
		{with(password), adoption.Weak, "nothing that works: cannot sign in", false},
		{with(password, totp), adoption.Codes, "phishable or exportable: password and code from an app", false},
		{with(synced), adoption.Synced, "not phishable, but may be exportable: synced passkey", false},
		{with(device), adoption.Device, "not phishable, but may be exportable: passkey bound to a device", false},
		{with(loose), adoption.Unattested, "not phishable, but may be exportable: security key", false},
		{with(attested), adoption.Attested, "not phishable, nothing can be copied: attested security key", false},
		{with(attested, attested), adoption.TwoAttested, "not phishable, nothing can be copied: attested security key", false},
		{with(attested, password, totp), adoption.Attested, "phishable or exportable: has attested security key, but password and code from an app will do too", true},
		{with(attested, attested, password), adoption.TwoAttested, "not phishable, nothing can be copied: attested security key", false},
		{with(attested, synced), adoption.Attested, "exportable: has attested security key, but synced passkey will do too", true},
		{with(synced, password, totp), adoption.Synced, "phishable or exportable: has synced passkey, but password and code from an app will do too", true},
		{with(attested, recovery), adoption.Attested, "not phishable, nothing can be copied: attested security key", false},
	} {
		strength := test.account.Strength()
		got := []any{test.account.Rung(), strength.String(), strength.Downgraded()}
		if diff := cmp.Diff([]any{test.rung, test.says, test.undone}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.account.Holdings, diff)
		}
	}
	refused := with(attested, password, totp)
	refused.Holdings[1].Accepted = false
	if strength := refused.Strength(); strength.Downgraded() || strength.Phishable() {
		t.Errorf("a password that is not accepted counts: %s", strength)
	}
}

func TestNoWayMoreEverMakesAnAccountStronger(t *testing.T) {
	t.Parallel()
	all := []assurance.Method{password, totp, recovery, synced, device, loose, attested, attested}
	for mask := range 1 << len(all) {
		var held []assurance.Method
		for i, method := range all {
			if mask>>i&1 == 1 {
				held = append(held, method)
			}
		}
		before := with(held...)
		for _, more := range []assurance.Method{synced, device, loose, attested} {
			after := with(append(slices.Clone(held), more)...)
			if lost := before.Strength().Weaknesses &^ after.Strength().Weaknesses; lost != 0 {
				t.Fatalf("with %s on top of %v the account is no longer %s", more, held, lost)
			}
			if after.Rung() < before.Rung() {
				t.Fatalf("with %s on top of %v the account fell from %s to %s", more, held, before.Rung(), after.Rung())
			}
		}
	}
}

func TestRungsComeBackFromTheirWords(t *testing.T) {
	t.Parallel()
	for _, rung := range adoption.Rungs() {
		if got, known := adoption.ParseRung(rung.String()); !known || got != rung || rung.Name() == "" {
			t.Errorf("%d: %q, %v", rung, rung, got)
		}
	}
	if _, known := adoption.ParseRung("gold"); known || adoption.Rung(99).String() != "none" {
		t.Error("a rung that is none is known")
	}
}

// Capability C36.1: everybody is on one rung, and no sum is lost.
func TestEverybodyStandsOnOneRung(t *testing.T) {
	t.Parallel()
	picture := &adoption.Picture{}
	for i, methods := range [][]assurance.Method{{}, {password}, {password, totp}, {synced}, {device}, {loose}, {attested}, {attested, attested}, {attested, password}} {
		account := with(methods...)
		account.Person.UserName = string(rune('a' + i))
		if i%2 == 0 {
			account.Roles = []roles.Role{roles.Auditor}
		}
		picture.Accounts = append(picture.Accounts, account)
	}
	want := map[string][3]int{"none": {1, 0, 0}, "weak": {0, 1, 0}, "totp": {1, 0, 0}, "passkey_synced": {0, 1, 0}, "passkey_device": {1, 0, 0},
		"security_key": {0, 1, 0}, "security_key_attested": {2, 0, 0}, "two_attested": {0, 1, 0}}
	got, sum := map[string][3]int{}, 0
	for _, step := range picture.Split() {
		got[step.Rung.String()] = [3]int{len(step.Privileged), len(step.Others), len(step.Undone())}
		sum += len(step.All())
	}
	if diff := cmp.Diff(want, got); diff != "" || sum != len(picture.Accounts) {
		t.Errorf("%d of %d people (-want +got):\n%s", sum, len(picture.Accounts), diff)
	}
}

// Capability C27.1: how many people rely on what a property forbids.
func TestRelianceIsWhoCouldNotSignInWithout(t *testing.T) {
	t.Parallel()
	picture := &adoption.Picture{Accounts: []adoption.Account{with(password, totp), with(password), with(attested, password, totp), with(attested), with(), with(recovery)}}
	for method, want := range map[assurance.Method][2]int{password: {3, 1}, totp: {2, 1}, attested: {2, 1}, recovery: {1, 0}, synced: {0, 0}} {
		got := picture.RelyOn(method)
		if diff := cmp.Diff(want, [2]int{len(got.Have), len(got.Only)}); diff != "" {
			t.Errorf("%s: %s", method, diff)
		}
	}
	if got := picture.RelyOnWeakness(assurance.Phishable); len(got.Have) != 4 || len(got.Only) != 1 {
		t.Errorf("phishable: %d have it, %d have nothing else", len(got.Have), len(got.Only))
	}
	if got := picture.RelyOnWeakness(assurance.SIMSwappable); len(got.Have) != 0 {
		t.Errorf("%d people have something SIM-swappable", len(got.Have))
	}
}

// Capability C28.4: the ways back count.
func TestEveryoneIsCalledStrongOnlyWhenTheWaysBackAreStrongToo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		accounts []adoption.Account
		want     assurance.Fact
		against  string
	}{
		{nil, assurance.Unknown, "There is nobody who may sign in."},
		{[]adoption.Account{with(attested), with(synced)}, assurance.Yes, ""},
		{[]adoption.Account{with(attested), with()}, assurance.No, "1 person has nothing to sign in with."},
		{[]adoption.Account{with(attested, password, totp), with(attested)}, assurance.No, "1 person can be let in with something that a fake website can pass on."},
		{[]adoption.Account{with(attested, recovery), with(attested, recovery)}, assurance.No, "2 people have a way back in that a fake website can pass on."},
	} {
		got, against := (&adoption.Picture{Accounts: test.accounts}).EveryoneStrong()
		if got != test.want || strings.Join(against, " ") != test.against {
			t.Errorf("%v: %q, want %v: %q", got, against, test.want, test.against)
		}
	}
}

// department is a house in which people have keys, with what counts them.
type department struct {
	*signintest.House
	counter *adoption.Counter
	secrets map[ids.Person][]adoption.Holding
}

func open(t *testing.T) *department {
	t.Helper()
	d := &department{House: signintest.Open(t, dbtest.SQLite(t)), secrets: map[ids.Person][]adoption.Holding{}}
	d.counter = adoption.New(adoption.Deps{People: d.People, Factors: d.Factors, Roles: d.Roster, Now: d.Clock.Now,
		Secrets: func(_ context.Context, only ids.Person, yield func(ids.Person, adoption.Holding) error) error {
			for person, held := range d.secrets {
				for _, one := range held {
					if only != "" && only != person {
						continue
					}
					if err := yield(person, one); err != nil {
						return err
					}
				}
			}
			return nil
		}})
	return d
}

func (d *department) count(t *testing.T) *adoption.Picture {
	t.Helper()
	picture, err := d.counter.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func names(accounts []*adoption.Account) string {
	var found []string
	for _, account := range accounts {
		found = append(found, account.Person.UserName)
	}
	return strings.Join(found, " ")
}

// Capability C30.4: one key, and keys that several people hang from.
func TestSinglePointsOfFailureAreListed(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.Holder(t, "one.key")
	two, _ := d.Holder(t, "two.keys")
	factorstest.Enrol(t, d.Factors, d.Batch.NewKey(), factors.Holder{ID: two.ID, UserName: two.UserName, Name: two.Name}, signintest.Origin)
	lost, _ := d.Holder(t, "lost.key")
	held, err := d.Factors.OfPerson(t.Context(), lost.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Keys.Block(t.Context(), signintest.Desk(), held[0].Key, keys.Lost); err != nil {
		t.Fatal(err)
	}
	d.Somebody(t, "no.key")
	picture := d.count(t)
	if got := names(picture.OneKey()); got != "one.key" || len(picture.SharedKeys()) != 0 || picture.Complete() != 1 {
		t.Errorf("one key: %q, shared: %v, complete: %d", got, picture.SharedKeys(), picture.Complete())
	}
	d.passOn(t, "first", "second")
	shared := d.count(t).SharedKeys()
	if len(shared) != 1 || names(shared[0].Accounts) != "first second" {
		t.Errorf("shared: %+v", shared)
	}
}

// passOn leaves a key that two people have registered, as when it is handed on unwiped.
func (d *department) passOn(t *testing.T, from, to string) {
	t.Helper()
	first, _ := d.Holder(t, from)
	second := d.Somebody(t, to)
	held, err := d.Factors.OfPerson(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	copied := held[0]
	copied.ID, copied.Person, copied.CredentialID = ids.New[ids.Credential](), second.ID, []byte("another registration")
	if err := d.DB.InTx(t.Context(), func(ctx context.Context) error { return factorsdb.New(d.DB).Add(ctx, copied) }); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyThoseWhoMaySignInAreCounted(t *testing.T) {
	t.Parallel()
	d := open(t)
	boss, _ := d.Holder(t, "boss")
	if err := d.Roster.Grant(t.Context(), signintest.Desk(), boss.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	clerk := d.Somebody(t, "clerk")
	d.secrets[clerk.ID] = []adoption.Holding{{Method: password, Accepted: true}, {Method: totp, Accepted: true}}
	gone, _ := d.Holder(t, "gone")
	if _, err := d.People.Suspend(t.Context(), signintest.Desk(), gone.ID, d.Clock.Now(), ""); err != nil {
		t.Fatal(err)
	}
	for _, one := range []people.NewPerson{{UserName: "robot", Name: "Robot", Kind: people.KindService}, {UserName: "later", Name: "Later", Starts: days.Date(2030, 1, 1)}} {
		if _, err := d.People.Add(t.Context(), signintest.Desk(), one); err != nil {
			t.Fatal(err)
		}
	}
	picture := d.count(t)
	want := map[adoption.Reason]int{adoption.NotAPerson: 1, adoption.NotActive: 1, adoption.NotEmployed: 1}
	if diff := cmp.Diff(want, picture.LeftOut); diff != "" || len(picture.Accounts) != 2 {
		t.Errorf("%d counted; left out (-want +got):\n%s", len(picture.Accounts), diff)
	}
	split := picture.Split()
	if names(split[adoption.Attested].Privileged) != "boss" || names(split[adoption.Codes].Others) != "clerk" {
		t.Errorf("%+v", split)
	}
	for _, counted := range picture.Accounts {
		alone, err := d.counter.Of(t.Context(), counted.Person)
		if diff := cmp.Diff(counted, alone, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s alone, %v (-everybody +alone):\n%s", counted.Person.UserName, err, diff)
		}
	}
}
