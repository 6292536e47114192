package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/registry/addresses"
	"github.com/warder-project/warder/internal/registry/addresses/addressesdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// told lists what was sent, oldest first, as "address: subject".
func (d *department) told() []string {
	d.t.Helper()
	sent, err := d.Mail.List(d.t.Context(), "", 100)
	if err != nil {
		d.t.Fatal(err)
	}
	var got []string
	for _, message := range sent {
		got = append(got, message.To+": "+message.Subject)
	}
	slices.Reverse(got)
	return got
}

// moveTo gives somebody another address, as the feed of staff does.
func (d *department) moveTo(who member, email string) {
	d.t.Helper()
	row := people.Row{UserName: who.person.UserName, Name: who.person.Name, Email: email,
		Keep: people.FieldEmployeeID | people.FieldDepartment | people.FieldJobTitle | people.FieldManager | people.FieldGroups | people.FieldStarts | people.FieldEnds}
	if _, err := d.People.Import(d.t.Context(), d.operator, []people.Row{row}, people.Apply); err != nil {
		d.t.Fatal(err)
	}
}

func (d *department) furtherKey(who member) factors.Credential {
	d.t.Helper()
	holder := factors.Holder{ID: who.person.ID, UserName: who.person.UserName, Name: who.person.Name}
	options, state, err := d.Factors.BeginRegistration(d.t.Context(), holder)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := d.batch.NewKey().Create(options, portal)
	if err != nil {
		d.t.Fatal(err)
	}
	credential, err := d.Factors.FinishRegistration(d.t.Context(), d.operator, holder, state, answer, factors.NewKey{Label: "Green"})
	if err != nil {
		d.t.Fatal(err)
	}
	return credential
}

func TestEveryChangeOfSomebodysKeysIsToldToThem(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for want, do := range map[string]func(d *department, who member) error{
		"A security key was registered for you": func(d *department, who member) error {
			d.furtherKey(who)
			return nil
		},
		"A security key was removed from your account": func(d *department, who member) error {
			spare := d.furtherKey(who)
			_, session := d.signIn(who, 3)
			_, err := d.Methods.Remove(ctx, session, spare.Key)
			return err
		},
		"One of your security keys was stopped: there may be a copy": func(d *department, who member) error {
			_, err := d.Factors.SuspendOfKey(ctx, d.operator, who.credential.Key, factors.CloneReason)
			return err
		},
		"One of your passkeys was stopped: it can be copied": func(d *department, who member) error {
			_, err := d.Factors.SuspendOfKey(ctx, d.operator, who.credential.Key, factors.BackupReason)
			return err
		},
		"One of your security keys was stopped": func(d *department, who member) error {
			_, err := d.Factors.SuspendOfKey(ctx, d.operator, who.credential.Key, "a weakness of the model")
			return err
		},
		"Your security key has been blocked": func(d *department, who member) error {
			_, err := d.LostKey.Report(ctx, d.operator, who.credential.Key, keys.Lost, time.Time{})
			return err
		},
		"You can register a security key": func(d *department, who member) error {
			_, err := d.Invitations.Invite(ctx, d.operator, who.person.ID, time.Hour)
			return err
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			d := openDepartment(t)
			who := d.join("amira.khan")
			if err := do(d, who); err != nil {
				t.Fatal(err)
			}
			sent, err := d.Mail.List(t.Context(), "", 1)
			if err != nil {
				t.Fatal(err)
			}
			got := sent[0] // the newest
			if got.Subject != want || got.To != "amira.khan@department.example" || got.Person != who.person.ID {
				t.Errorf("the newest message is %q to %s", got.Subject, got.To)
			}
			for _, part := range []string{"service desk", "account amira.khan"} {
				if !strings.Contains(got.Text, part) {
					t.Errorf("the message does not say %q:\n%s", part, got.Text)
				}
			}
		})
	}
}

// NIST SP 800-63B-4 §4.6: somebody who has taken over an account changes its
// address first, and registers their own key then.
func TestChangeOfMethodsIsToldByAChannelThatWasSetBefore(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	who := d.join("amira.khan")
	before := len(d.told())
	d.moveTo(who, "thief@elsewhere.example")
	d.furtherKey(who)
	want := []string{
		"thief@elsewhere.example: The address for messages about your account was changed",
		"amira.khan@department.example: The address for messages about your account was changed",
		"thief@elsewhere.example: A security key was registered for you",
		"amira.khan@department.example: A security key was registered for you",
	}
	got := d.told()[before:]
	slices.Sort(want)
	slices.Sort(got) // in the same millisecond either may come first
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Changing it again, and again, pushes nobody out.
	for i := range 9 {
		d.moveTo(who, fmt.Sprintf("thief%d@elsewhere.example", i))
	}
	before = len(d.told())
	if _, err := d.LostKey.Report(t.Context(), d.operator, who.credential.Key, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	got = d.told()[before:]
	if !slices.Contains(got, "amira.khan@department.example: Your security key has been blocked") || len(got) > 21 {
		t.Errorf("told were %v", got)
	}
}

func TestFormerAddressIsToldForAMonthOnly(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	who := d.join("amira.khan")
	d.moveTo(who, "amira.khan@new.example")
	if got, err := d.Addresses.Former(t.Context(), who.person.ID, "amira.khan@new.example"); err != nil || !slices.Equal(got, []string{"amira.khan@department.example"}) {
		t.Errorf("former addresses are %v, %v", got, err)
	}
	later := addresses.New(addresses.Deps{Store: addressesdb.New(d.DB), Now: func() time.Time { return time.Now().Add(addresses.Kept + time.Minute) }})
	if got, err := later.Former(t.Context(), who.person.ID, "amira.khan@new.example"); err != nil || len(got) != 0 {
		t.Errorf("a month later they are %v, %v", got, err)
	}
}

// A lost key must be blocked, whatever stands in the directory.
func TestAddressThatNoMailCanGoToStopsNothing(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	who := d.join("amira.khan")
	d.moveTo(who, "amira..khan@department.example")
	before := len(d.told())
	if _, err := d.LostKey.Report(t.Context(), d.operator, who.credential.Key, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"amira.khan@department.example: Your security key has been blocked"}
	if diff := cmp.Diff(want, d.told()[before:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if held, err := d.Keys.Get(t.Context(), who.credential.Key); err != nil || held.State != keys.StateStolen {
		t.Errorf("the key is %s, %v", held.State, err)
	}
}

// Point 7 of issue 3, all the way through the pages of the portal.
func TestRemovedMethodEndsItsSessionsOnTheNextRequest(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	who := d.join("amira.khan")
	spare := member{who.person, d.furtherKey(who)}
	cookie, _ := d.signIn(spare, 3)
	mine, session := d.signIn(who, 3)
	if status, _, _ := d.ask("GET", "/me", cookie, nil); status != 200 {
		t.Fatalf("before: %d", status)
	}
	if _, err := d.Methods.Remove(t.Context(), session, spare.credential.Key); err != nil {
		t.Fatal(err)
	}
	if status, code, _ := d.ask("GET", "/me", cookie, nil); status != 401 || code != "web.sign_in_needed" {
		t.Errorf("with a session of the removed key: %d %s", status, code)
	}
	if status, _, _ := d.ask("GET", "/me", mine, nil); status != 200 {
		t.Errorf("with a session of the other key: %d", status)
	}
}

func TestStoppedKeyIsAConditionUntilItIsLookedInto(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	who := d.join("amira.khan")
	said := func() bool {
		d.Risk.Look(t.Context())
		return slices.ContainsFunc(d.Health.List(), func(c health.Condition) bool { return c.Code == "factor.in_doubt" && c.Severity == health.Warning })
	}
	if said() {
		t.Error("there is nothing to look into")
	}
	if _, err := d.Factors.SuspendOfKey(t.Context(), d.operator, who.credential.Key, factors.CloneReason); err != nil {
		t.Fatal(err)
	}
	if !said() {
		t.Error("nobody is told of the case")
	}
	if err := d.Methods.Settle(t.Context(), d.operator, who.credential.Key, "There was a copy."); err != nil {
		t.Fatal(err)
	}
	if said() {
		t.Error("the case is closed, and still said")
	}
}
