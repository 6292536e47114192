package retirement_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/journey/retirement/retirementdb"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const words = "the ferry leaves Heysham at dawn"

var root = audit.Command("root")

// office is a department in which people have keys and passwords, with the desk that
// retires methods, on one real store.
type office struct {
	*signintest.House
	t       *testing.T
	secrets *sharedsecret.Book
	desk    *retirement.Desk
	accepts bool
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{House: signintest.Open(t, d), t: t, accepts: true}
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	o.must(err)
	hasher, err := password.NewHasher(password.Cost{Memory: 64, Passes: 1, Threads: 1}, 2)
	o.must(err)
	o.secrets, err = sharedsecret.New(sharedsecret.Deps{Store: sharedsecretdb.New(d), Tx: d, Audit: o.Audit, Seal: sealer, Hasher: hasher,
		Now: o.Clock.Now, Codes: totp.Usual(), Issuer: "Warder"})
	o.must(err)
	counter := adoption.New(adoption.Deps{People: o.People, Factors: o.Factors, Roles: o.Roster, Secrets: o.held, Now: o.Clock.Now})
	o.desk = retirement.New(retirement.Deps{Store: retirementdb.New(d), Tx: d, Audit: o.Audit, Counter: counter, People: o.People, Secrets: o.secrets, Now: o.Clock.Now})
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// held are the secrets of one person, or of everybody.
func (o *office) held(ctx context.Context, only ids.Person, yield func(ids.Person, adoption.Holding) error) error {
	for _, method := range sharedsecret.Methods() {
		holders, err := o.secrets.Holders(ctx, method)
		if err != nil {
			return err
		}
		for _, holder := range holders {
			if only != "" && only != holder {
				continue
			}
			if err := yield(holder, adoption.Holding{Method: method, Accepted: o.accepts}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *office) password(person people.Person) {
	o.t.Helper()
	_, err := o.secrets.SetPassword(o.t.Context(), root, person.ID, secret.New(words))
	o.must(err)
}

func (o *office) codes(person people.Person) {
	o.t.Helper()
	_, err := o.secrets.NewRecoveryCodes(o.t.Context(), root, person.ID)
	o.must(err)
}

// days lets somebody sign in with their key, once on each of so many days.
func (o *office) days(key *softkey.Key, days int) {
	o.t.Helper()
	for range days {
		_, err := factorstest.Verify(o.t, o.Factors, key, signintest.Origin)
		o.must(err)
		o.Clock.Advance(24 * time.Hour)
	}
}

func (o *office) plan(method assurance.Method) retirement.Plan {
	o.t.Helper()
	plan, err := o.desk.Plan(o.t.Context(), method)
	o.must(err)
	return plan
}

func (o *office) apply(method assurance.Method) retirement.Outcome {
	o.t.Helper()
	outcome, err := o.desk.Apply(o.t.Context(), root, method, retirement.Usual)
	o.must(err)
	return outcome
}

func (o *office) works(person people.Person) bool {
	o.t.Helper()
	_, err := o.secrets.CheckPassword(o.t.Context(), person.ID, secret.New(words))
	if err != nil && !problem.Is(err, sharedsecret.WrongPassword) {
		o.t.Fatal(err)
	}
	return err == nil
}

// told is a plan as text: who is what, ready or not, and what is still to be done.
func told(plan retirement.Plan) string {
	var lines []string
	for _, item := range plan.Items {
		line := item.Account.Person.UserName + " " + string(item.Class)
		if item.Ready {
			line += " ready"
		}
		for _, step := range item.Steps {
			if !step.Done {
				line += " / " + step.Text
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Capability C28.1: who has only that, who has it beside something strong, whose way
// back it is, and what each of them needs in which order.
func TestPlanSaysWhoNeedsWhatInWhichOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	only := o.Somebody(t, "a.only")
	o.password(only)
	beside, key := o.Holder(t, "b.beside")
	o.password(beside)
	o.codes(beside)
	proven, other := o.Holder(t, "c.proven")
	o.password(proven)
	o.Holder(t, "d.without")
	o.days(key, 0)
	o.days(other, 2)
	want := `a.only only / Issue a security key and register it, with a one-time link or a pass. / Sign in with it on two different days. / Disable the password.
b.beside beside / Sign in with it on two different days. / Disable the password. / Retire the recovery codes: they can be phished too.
c.proven beside ready / Disable the password.`
	plan := o.plan(assurance.Password)
	if diff := cmp.Diff(want, told(plan)); diff != "" || !plan.Accepted || plan.Ready() != 1 || len(plan.Of(retirement.Beside)) != 2 {
		t.Errorf("accepted %v, %d ready (-want +got):\n%s", plan.Accepted, plan.Ready(), diff)
	}
	if diff := cmp.Diff("b.beside back / Sign in with it on two different days. / Register a second key. / Disable the recovery code.", told(o.plan(assurance.RecoveryCode))); diff != "" {
		t.Error(diff)
	}
	for _, method := range []assurance.Method{assurance.SMS, assurance.SecurityKey, assurance.UnknownMethod} {
		if _, err := o.desk.Plan(t.Context(), method); !problem.Is(err, retirement.NotOurs) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// Capability C28.2: used successfully, twice, on different days.
func TestWeakMethodGoesOnlyAfterTheStrongOneWasUsedOnTwoDays(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	amira, key := o.Holder(t, "amira.khan")
	o.password(amira)
	nobody := o.Somebody(t, "bob.only")
	o.password(nobody)
	o.Clock.Advance(24 * time.Hour)
	for range 3 { // many times, but on one more day than the day of registration
		if outcome := o.apply(assurance.Password); len(outcome.Disabled) != 0 || outcome.Waiting != 2 || !o.works(amira) {
			t.Fatalf("disabled too early: %+v", outcome)
		}
	}
	o.days(key, 1)
	if proven := o.plan(assurance.Password).Ready(); proven == 0 { // registering ended with a sign-in, the day before
		o.days(key, 1)
	}
	outcome := o.apply(assurance.Password)
	if len(outcome.Disabled) != 1 || outcome.Waiting != 1 || o.works(amira) || !o.works(nobody) {
		t.Errorf("after two days: %+v, works %v", outcome, o.works(amira))
	}
	if _, err := factorstest.Verify(t, o.Factors, key, signintest.Origin); err != nil {
		t.Errorf("the key: %v", err)
	}
	if again := o.apply(assurance.Password); len(again.Disabled) != 0 {
		t.Errorf("disabled twice: %+v", again)
	}
	if actions := strings.Join(o.Actions(t, string(outcome.Disabled[0].ID)), " "); actions != "retirement.disabled" {
		t.Errorf("recorded: %s", actions)
	}
	for _, days := range []int{0, -1, 91} {
		if _, err := o.desk.Apply(t.Context(), root, assurance.Password, days); !problem.Is(err, retirement.DaysRefused) {
			t.Errorf("%d days: %v", days, err)
		}
	}
}

// disabled is somebody whose password has been disabled.
func (o *office) disabled(name string) (people.Person, retirement.Retired) {
	o.t.Helper()
	person, key := o.Holder(o.t, name)
	o.password(person)
	o.days(key, 2)
	outcome := o.apply(assurance.Password)
	if len(outcome.Disabled) != 1 || outcome.Disabled[0].Person != person.ID {
		o.t.Fatalf("%+v", outcome)
	}
	return person, outcome.Disabled[0]
}

// Capability C28.3: an undo window, with an approver.
func TestWhatWasDisabledIsGivenBackBySomebodyElseOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	amira, retired := o.disabled("amira.khan")
	approver := audit.Person(o.Somebody(t, "approver").ID)
	for _, test := range []struct {
		name   string
		actor  audit.Actor
		reason string
		want   problem.Definition
	}{
		{"whoever disabled it", root, "They need it.", retirement.SameHand},
		{"the person themselves", audit.Person(amira.ID), "I need it.", retirement.SameHand},
		{"nobody", audit.Actor{}, "Please.", retirement.SameHand},
		{"the system", audit.System("sync"), "Because.", retirement.SameHand},
		{"no reason", approver, "  ", retirement.NoReason},
		{"too much of a reason", approver, strings.Repeat("x", 501), retirement.NoReason},
	} {
		if _, err := o.desk.Undo(t.Context(), test.actor, retired.ID, test.reason); !problem.Is(err, test.want) || o.works(amira) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want.Code)
		}
	}
	given, err := o.desk.Undo(t.Context(), approver, retired.ID, "Their key does not fit the new laptop.")
	if err != nil || given.State != retirement.Restored || !o.works(amira) {
		t.Fatalf("%+v, works %v, %v", given, o.works(amira), err)
	}
	if _, err := o.desk.Undo(t.Context(), approver, retired.ID, "Again."); !problem.Is(err, retirement.Over) {
		t.Errorf("given back twice: %v", err)
	}
	if _, err := o.desk.Undo(t.Context(), approver, ids.New[ids.Retirement](), "None."); !problem.Is(err, retirement.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestWhatIsNotGivenBackInTimeIsRemovedForGood(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	amira, retired := o.disabled("amira.khan")
	if removed, err := o.desk.Finish(t.Context()); err != nil || removed != 0 {
		t.Fatalf("%d removed too early, %v", removed, err)
	}
	o.Clock.Advance(retirement.Usual * 24 * time.Hour)
	if _, err := o.desk.Undo(t.Context(), audit.Person(o.Somebody(t, "approver").ID), retired.ID, "Too late."); !problem.Is(err, retirement.Over) {
		t.Errorf("given back too late: %v", err)
	}
	for _, want := range []int{1, 0} {
		if removed, err := o.desk.Finish(t.Context()); err != nil || removed != want {
			t.Errorf("%d removed, want %d, %v", removed, want, err)
		}
	}
	held, err := o.secrets.OfPerson(t.Context(), amira.ID)
	if err != nil || len(held) != 1 || held[0].State != factors.Revoked {
		t.Errorf("%+v, %v", held, err)
	}
	if got, err := o.desk.Get(t.Context(), retired.ID); err != nil || got.State != retirement.Removed {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPasswordThatWasReplacedMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	amira, retired := o.disabled("amira.khan")
	o.password(amira)
	if _, err := o.desk.Undo(t.Context(), audit.Person("prs_x"), retired.ID, "Back."); !problem.Is(err, retirement.Over) {
		t.Errorf("got %v", err)
	}
	o.Clock.Advance(retirement.Usual * 24 * time.Hour)
	if removed, err := o.desk.Finish(t.Context()); err != nil || removed != 1 || !o.works(amira) {
		t.Errorf("%d closed, %v; the new password works: %v", removed, err, o.works(amira))
	}
}

// Ways back are checked: who has one key keeps the codes, and a code goes after the
// password, which alone would do.
func TestNothingGoesThatWouldLeaveLess(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	amira, key := o.Holder(t, "amira.khan")
	o.codes(amira)
	o.days(key, 2)
	if outcome := o.apply(assurance.RecoveryCode); len(outcome.Disabled) != 0 || outcome.Waiting != 1 {
		t.Errorf("with one key: %+v", outcome)
	}
	factorstest.Enrol(t, o.Factors, o.Batch.NewKey(), factors.Holder{ID: amira.ID, UserName: amira.UserName, Name: amira.Name}, signintest.Origin)
	if outcome := o.apply(assurance.RecoveryCode); len(outcome.Disabled) != 1 {
		t.Errorf("with two keys: %+v", outcome)
	}
	o.password(amira)
	o.app(amira)
	if outcome := o.apply(assurance.TOTP); len(outcome.Disabled) != 0 {
		t.Errorf("with a password: %+v", outcome)
	}
	o.apply(assurance.Password)
	if outcome := o.apply(assurance.TOTP); len(outcome.Disabled) != 1 {
		t.Errorf("without a password: %+v", outcome)
	}
}

// app gives somebody an authenticator app.
func (o *office) app(person people.Person) {
	o.t.Helper()
	holder := factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
	offer, err := o.secrets.BeginTOTP(o.t.Context(), holder)
	o.must(err)
	phone, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(offer.Secret, " ", ""))
	o.must(err)
	_, err = o.secrets.FinishTOTP(o.t.Context(), root, person.ID, offer.State, phone.Code(totp.Step(o.Clock.Now())), "App")
	o.must(err)
}

func TestTwoWhoApplyAtOnceDisableOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		amira, key := o.Holder(t, "amira.khan")
		o.password(amira)
		o.days(key, 2)
		var disabled [4]int
		var all sync.WaitGroup
		for i := range disabled {
			all.Go(func() {
				outcome, err := o.desk.Apply(t.Context(), root, assurance.Password, retirement.Usual)
				if err != nil {
					t.Error(err)
				}
				disabled[i] = len(outcome.Disabled)
			})
		}
		all.Wait()
		if sum := disabled[0] + disabled[1] + disabled[2] + disabled[3]; sum != 1 {
			t.Errorf("disabled %v times", disabled)
		}
	})
}

func TestEveryProblemSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, definition := range retirement.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "retirement.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}
