package recovery_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

var seen = recovery.Identity{Method: recovery.InPerson, Note: "photo pass matches"}

func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func refused(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func is(t *testing.T, c recovery.Case, want recovery.State) {
	t.Helper()
	if c.State != want {
		t.Fatalf("the case is %s, want %s", c.State, want)
	}
}

// opened opens a case in which everything the person held is lost.
func opened(t *testing.T, h *recoverytest.House, by recovery.By, person people.Person) recovery.Case {
	t.Helper()
	said := recovery.Opening{Person: person.ID, Why: recovery.LostAll}
	for _, key := range must(h.Keys.HeldBy(t.Context(), person.ID))(t) {
		said.Lost = append(said.Lost, recovery.Loss{Key: key.ID, How: keys.Lost})
	}
	return must(h.Desk.Open(t.Context(), by, said))(t)
}

// registers uses a pass with a new key, and does not use the key yet.
func registers(t *testing.T, h *recoverytest.House, person people.Person, pass invitations.Pass) (ids.Attempt, secret.Value, *softkey.Key) {
	t.Helper()
	attempt, browser, err := h.Flow.BeginEnrolmentByPass(t.Context(), invitations.TypedPass{UserName: person.UserName, Code: pass.Code.Reveal()}, signin.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	key := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt.ID, browser, key)); err != nil {
		t.Fatal(err)
	}
	return attempt.ID, browser, key
}

// C31.3: on completion the old key is blocked, its sessions are ended, the person
// and their line manager are told, and the record says all of it.
func TestLostKeysToNewKeyForAnOrdinaryPerson(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := recoverytest.Open(t, d)
		manager, agent := h.Member(t, "maria.lind"), h.Member(t, "desk.agent", roles.ServiceDesk)
		amira := h.Under(t, "amira.khan", manager.Person)
		_, session := h.SignedIn(t, amira.Key)

		c := opened(t, h, agent.Now(t), amira.Person)
		is(t, c, recovery.Opened)
		if _, err := h.Sessions.ByToken(t.Context(), session); err == nil {
			t.Error("the session of a key that was stated lost goes on")
		}
		c = must(h.Desk.Check(t.Context(), agent.Now(t), c.ID, seen))(t)
		is(t, c, recovery.Ready)
		pass, c, err := h.Desk.IssueFor(t.Context(), agent.Now(t), c.ID, recovery.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		is(t, c, recovery.PassIssued)
		if open := must(h.Sessions.OfPerson(t.Context(), amira.ID))(t); len(open) != 0 {
			t.Errorf("the pass gave %d sessions", len(open))
		}
		attempt, browser, key := registers(t, h, amira.Person, pass)
		is(t, must(h.Desk.Get(t.Context(), c.ID))(t), recovery.Registered)
		h.Finish(t, attempt, browser, key)
		is(t, must(h.Desk.Get(t.Context(), c.ID))(t), recovery.Completed)

		for _, held := range must(h.Keys.HeldBy(t.Context(), amira.ID))(t) {
			if lost := held.ID == c.Lost[0].Key; lost != held.State.Blocked() {
				t.Errorf("key %s is %s", held.ID, held.State)
			}
		}
		for _, words := range []string{"Somebody says that you cannot sign in", "https://warder.example/not-me/", "You can sign in again"} {
			if !strings.Contains(h.Told(amira.ID), words) {
				t.Errorf("the person was not told %q:\n%s", words, h.Told(amira.ID))
			}
		}
		for _, words := range []string{"A colleague cannot sign in", "A colleague can sign in again"} {
			if !strings.Contains(h.Told(manager.ID), words) {
				t.Errorf("the line manager was not told %q:\n%s", words, h.Told(manager.ID))
			}
		}
		got := h.Actions(t, string(amira.ID))
		for _, action := range []string{"recovery.opened", "recovery.checked", "recovery.sufficed", "pass.issued", "recovery.issued", "recovery.registered", "recovery.completed"} {
			if !slices.Contains(got, action) {
				t.Errorf("the record does not say %s: %v", action, got)
			}
		}
		if strings.Contains(h.Told(amira.ID)+h.Told(manager.ID), pass.Code.Reveal()) {
			t.Error("the code is in a message")
		}
	})
}

// C31.2: for somebody with a role two approve, one of them a lead who may do all
// that they may; then time passes, which nobody shortens. The desk cannot do it alone.
func TestDeskCannotHelpAnAdministratorAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := recoverytest.Open(t, d)
		boss := h.Member(t, "boss", roles.Administrator)
		other := h.Member(t, "other.admin", roles.Administrator)
		lead := h.Member(t, "lead", roles.SecurityLead)
		agents := []recoverytest.Member{h.Member(t, "desk.one", roles.ServiceDesk), h.Member(t, "desk.two", roles.ServiceDesk), h.Member(t, "desk.three", roles.ServiceDesk)}
		c := opened(t, h, agents[0].Now(t), boss.Person)
		if !c.Privileged {
			t.Fatal("an administrator is not privileged")
		}
		c = must(h.Desk.Check(t.Context(), agents[0].Now(t), c.ID, seen))(t)
		is(t, c, recovery.Checked)
		issue := func(what string, by recovery.By, want problem.Definition) {
			t.Helper()
			_, _, err := h.Desk.IssueFor(t.Context(), by, c.ID, recovery.Wanted{})
			refused(t, what, err, want)
		}
		issue("the desk, before anybody approved", agents[0].Now(t), recovery.NotReady)
		issue("an administrator, before anybody approved", other.Now(t), recovery.NotReady)
		issue("the command line", recovery.Command(audit.Command("root")), recovery.NotReady)

		_, err := h.Desk.Approve(t.Context(), agents[0].Now(t), c.ID)
		refused(t, "the opener approves", err, recovery.AlreadyInvolved)
		_, err = h.Desk.Approve(t.Context(), recovery.Command(audit.Command("root")), c.ID)
		refused(t, "the command line approves", err, recovery.HigherPrivilege)
		for _, member := range []recoverytest.Member{agents[1], agents[2], lead} {
			c = must(h.Desk.Approve(t.Context(), member.Now(t), c.ID))(t)
			is(t, c, recovery.Checked) // two of the desk and a lead who may do less are no administrator
			if c.Missing() != 1 || !c.NeedsLead() {
				t.Errorf("%d approvals are missing, a lead's: %v", c.Missing(), c.NeedsLead())
			}
			_, err := h.Desk.Approve(t.Context(), member.Now(t), c.ID)
			refused(t, "approves twice", err, recovery.AlreadyInvolved)
		}
		c = must(h.Desk.Approve(t.Context(), other.Now(t), c.ID))(t)
		is(t, c, recovery.CoolingOff)
		if wait := c.CoolsUntil.Sub(h.Clock.Now()); wait != recovery.CoolingTime {
			t.Errorf("it cools off for %s", wait)
		}
		if !strings.Contains(h.Told(boss.ID), "A new key for you has been approved") {
			t.Errorf("the person was not told:\n%s", h.Told(boss.ID))
		}
		h.Clock.Advance(recovery.CoolingTime - time.Second)
		issue("a second too early", other.Now(t), recovery.NotReady)
		h.Clock.Advance(time.Second)
		issue("the desk, when it is ready", agents[1].Now(t), recovery.HigherPrivilege)
		issue("the lead, when it is ready", lead.Now(t), recovery.HigherPrivilege)
		pass, c, err := h.Desk.IssueFor(t.Context(), other.Now(t), c.ID, recovery.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		attempt, browser, key := registers(t, h, boss.Person, pass)
		h.Finish(t, attempt, browser, key)
		is(t, must(h.Desk.Get(t.Context(), c.ID))(t), recovery.Completed)
	})
}

func TestApprovalsAtOnceCountEachOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := recoverytest.Open(t, d)
		boss, agent := h.Member(t, "boss", roles.SecurityLead), h.Member(t, "desk.agent", roles.ServiceDesk)
		c := opened(t, h, agent.Now(t), boss.Person)
		c = must(h.Desk.Check(t.Context(), agent.Now(t), c.ID, seen))(t)
		admins := []recoverytest.Member{h.Member(t, "admin.one", roles.Administrator), h.Member(t, "admin.two", roles.Administrator)}
		var byes []recovery.By
		for range 3 {
			for _, admin := range admins {
				byes = append(byes, admin.Now(t))
			}
		}
		results := make([]error, len(byes))
		var all sync.WaitGroup
		for i, by := range byes {
			all.Go(func() { _, results[i] = h.Desk.Approve(t.Context(), by, c.ID) })
		}
		all.Wait()
		kept := 0
		for _, err := range results {
			switch {
			case err == nil:
				kept++
			case !problem.Is(err, recovery.AlreadyInvolved) && !problem.Is(err, recovery.WrongStep):
				t.Error(err)
			}
		}
		c = must(h.Desk.Get(t.Context(), c.ID))(t)
		if kept != 2 || len(c.Approvals) != 2 || c.State != recovery.CoolingOff {
			t.Errorf("%d were kept, the case is %s with %d", kept, c.State, len(c.Approvals))
		}
	})
}

func TestNobodyHelpsThemselvesOrActsWithoutAFreshKey(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	agent, second := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "desk.two", roles.ServiceDesk)
	ctx := t.Context()
	_, err := h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: agent.ID, Why: recovery.Broken})
	refused(t, "opens their own", err, recovery.Yourself)
	_, err = h.Desk.Invite(ctx, audit.Person(agent.ID), agent.ID, 0)
	refused(t, "invites themselves", err, recovery.Yourself)
	_, err = h.Desk.Issue(ctx, agent.Now(t), agent.ID, recovery.Wanted{Reason: "x"})
	refused(t, "issues themselves a pass", err, recovery.Yourself)

	own := must(h.Desk.Open(ctx, second.Now(t), recovery.Opening{Person: agent.ID, Why: recovery.Broken}))(t)
	_, err = h.Desk.Check(ctx, agent.Now(t), own.ID, seen)
	refused(t, "checks themselves", err, recovery.Yourself)
	must(h.Desk.Check(ctx, second.Now(t), own.ID, seen))(t)
	_, err = h.Desk.Approve(ctx, agent.Now(t), own.ID)
	refused(t, "approves themselves", err, recovery.Yourself)
	_, err = h.Desk.Refuse(ctx, agent.Now(t), own.ID, "no")
	refused(t, "refuses their own", err, recovery.Yourself)

	amira, bob := h.Member(t, "amira.khan"), h.Member(t, "bob.stone")
	c := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Broken}))(t)
	c = must(h.Desk.Check(ctx, agent.Now(t), c.ID, recovery.Identity{Method: recovery.Colleague, Note: "voice, and knows their team"}))(t)
	is(t, c, recovery.Checked)
	stale := second.Now(t)
	h.Clock.Advance(11 * time.Minute)
	_, err = h.Desk.Approve(ctx, stale, c.ID)
	refused(t, "a key touched eleven minutes ago", err, recovery.NotFresh)
	_, err = h.Desk.Approve(ctx, recovery.SignedIn(second.ID, agent.Now(t).Session), c.ID)
	refused(t, "somebody else's session", err, recovery.NotFresh)
	_, err = h.Desk.Approve(ctx, recovery.SignedIn(second.ID, ids.New[ids.Session]()), c.ID)
	refused(t, "no session", err, recovery.NotFresh)
	_, err = h.Desk.Approve(ctx, bob.Now(t), c.ID)
	refused(t, "somebody without a role", err, recovery.HigherPrivilege)
	_, err = h.Desk.Approve(ctx, agent.Now(t), c.ID)
	refused(t, "whoever opened it", err, recovery.AlreadyInvolved)
	is(t, must(h.Desk.Approve(ctx, second.Now(t), c.ID))(t), recovery.Ready)
	stale = agent.Now(t)
	h.Clock.Advance(11 * time.Minute)
	_, _, err = h.Desk.IssueFor(ctx, stale, c.ID, recovery.Wanted{})
	refused(t, "issued with a key touched eleven minutes ago", err, recovery.NotFresh)
}

func TestLineManagerVouchesWithATouchOfTheirOwnKey(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	manager, agent := h.Member(t, "maria.lind"), h.Member(t, "desk.agent", roles.ServiceDesk)
	amira, alone := h.Under(t, "amira.khan", manager.Person), h.Member(t, "bob.stone")
	vouch := recovery.Identity{Method: recovery.LineManager, Note: "called from their own desk"}

	c := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: alone.ID, Why: recovery.Broken}))(t)
	_, err := h.Desk.Check(ctx, agent.Now(t), c.ID, vouch)
	refused(t, "without a line manager", err, recovery.NoManager)

	c = must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Broken}))(t)
	_, err = h.Desk.Vouch(ctx, manager.Now(t), c.ID)
	refused(t, "before they are asked", err, recovery.NotTheManager)
	is(t, must(h.Desk.Check(ctx, agent.Now(t), c.ID, vouch))(t), recovery.Opened)
	if !strings.Contains(h.Told(manager.ID), "Please say whether a colleague has asked for help") {
		t.Errorf("the line manager was not asked:\n%s", h.Told(manager.ID))
	}
	if asked := must(h.Desk.ToVouch(ctx, manager.ID))(t); len(asked) != 1 || asked[0].ID != c.ID {
		t.Errorf("the line manager sees %v", asked)
	}
	if asked := must(h.Desk.ToVouch(ctx, alone.ID))(t); len(asked) != 0 {
		t.Errorf("somebody else sees %v", asked)
	}
	_, _, err = h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
	refused(t, "a pass before they vouched", err, recovery.NotReady)
	_, err = h.Desk.Vouch(ctx, agent.Now(t), c.ID)
	refused(t, "the agent vouches", err, recovery.NotTheManager)
	_, err = h.Desk.Vouch(ctx, amira.Now(t), c.ID)
	refused(t, "the person vouches for themselves", err, recovery.NotTheManager)
	stale := manager.Now(t)
	h.Clock.Advance(11 * time.Minute)
	_, err = h.Desk.Vouch(ctx, stale, c.ID)
	refused(t, "without a fresh touch", err, recovery.NotFresh)
	c = must(h.Desk.Vouch(ctx, manager.Now(t), c.ID))(t)
	is(t, c, recovery.Ready)
	if c.Checker != audit.Person(manager.ID) {
		t.Errorf("checked by %v", c.Checker)
	}
	must(h.Desk.Withdraw(ctx, agent.Now(t), c.ID, "found the key"))(t)

	c = must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Broken}))(t)
	must(h.Desk.Check(ctx, agent.Now(t), c.ID, vouch))(t)
	is(t, must(h.Desk.Disown(ctx, stale, c.ID))(t), recovery.Refused) // a no needs no touch
}

// “This was not me”, in each way it can be said and at each moment.
func TestPersonStopsWhatTheyHaveNotAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := recoverytest.Open(t, d)
		ctx := t.Context()
		agent, bob := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "bob.stone")
		amira := h.Member(t, "amira.khan")
		ready := func() recovery.Case {
			c := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Forgotten}))(t)
			return must(h.Desk.Check(ctx, agent.Now(t), c.ID, seen))(t)
		}
		ready()
		_, err := h.Desk.StopOwn(ctx, bob.Now(t))
		refused(t, "somebody who has no case", err, recovery.NotFound)
		c := must(h.Desk.StopOwn(ctx, amira.Now(t)))(t)
		is(t, c, recovery.Stopped)
		_, _, err = h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
		refused(t, "a pass of a stopped case", err, recovery.NotReady)

		// With the address in the message, and without being signed in; the pass is dead.
		c = ready()
		pass, c, err := h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Desk.Object(ctx, secret.Token())
		refused(t, "a made-up address", err, recovery.NotFound)
		is(t, must(h.Desk.Object(ctx, h.Objection()))(t), recovery.Stopped)
		_, err = h.Desk.Object(ctx, h.Objection())
		refused(t, "said again", err, recovery.WrongStep)
		_, err = h.Invitations.OpenedByPass(ctx, invitations.TypedPass{UserName: amira.UserName, Code: pass.Code.Reveal()})
		refused(t, "the pass of a stopped case", err, invitations.PassNotValid)

		// In the middle of a registration nothing comes of it.
		c = ready()
		pass, c, _ = h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
		attempt, browser, err := h.Flow.BeginEnrolmentByPass(ctx, invitations.TypedPass{UserName: amira.UserName, Code: pass.Code.Reveal()}, signin.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		answer := h.Registration(t, attempt.ID, browser, h.Batch.NewKey())
		must(h.Desk.Stop(ctx, agent.Now(t), c.ID))(t)
		if step, err := h.Flow.Register(ctx, answer); err == nil {
			if _, over := step.(signin.Refused); !over {
				t.Errorf("a registration of a stopped case went on to %T", step)
			}
		}

		// Between the registration and the first use: the new key is blocked.
		c = ready()
		pass, c, _ = h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
		_, _, key := registers(t, h, amira.Person, pass)
		must(h.Desk.Stop(ctx, agent.Now(t), c.ID))(t)
		started, cookie := h.Begun(t)
		if _, err := h.Flow.UseKey(ctx, h.Touch(t, started, cookie, key)); err == nil {
			t.Error("a key from a stopped case signs in")
		}
		h.SignedIn(t, amira.Key) // and their own key goes on working
	})
}

func TestCaseExpiresInEveryState(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	agent := h.Member(t, "desk.agent", roles.ServiceDesk)
	for state, reach := range map[recovery.State]func(c recovery.Case, person people.Person){
		recovery.Opened: func(recovery.Case, people.Person) {},
		recovery.Ready:  func(c recovery.Case, _ people.Person) { must(h.Desk.Check(ctx, agent.Now(t), c.ID, seen))(t) },
		recovery.PassIssued: func(c recovery.Case, _ people.Person) {
			must(h.Desk.Check(ctx, agent.Now(t), c.ID, seen))(t)
			_, c, err := h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
			must(c, err)(t)
		},
		recovery.Registered: func(c recovery.Case, person people.Person) {
			must(h.Desk.Check(ctx, agent.Now(t), c.ID, seen))(t)
			pass, _, err := h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
			registers(t, h, person, must(pass, err)(t))
		},
	} {
		person := h.Member(t, "p."+strings.ReplaceAll(string(state), "_", "-"))
		c := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: person.ID, Why: recovery.Forgotten}))(t)
		reach(c, person.Person)
		is(t, must(h.Desk.Get(ctx, c.ID))(t), state)
		h.Clock.Advance(25*time.Hour + time.Minute)
		if err := h.Desk.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		c = must(h.Desk.Get(ctx, c.ID))(t)
		is(t, c, recovery.Expired)
		if c.Credential != "" {
			for _, key := range must(h.Keys.HeldBy(ctx, person.ID))(t) {
				for _, credential := range must(h.Factors.OfKey(ctx, key.ID))(t) {
					if blocked := credential.ID == c.Credential; blocked != key.State.Blocked() {
						t.Errorf("after the case key %s is %s", key.ID, key.State)
					}
				}
			}
		}
		_, err := h.Desk.Check(ctx, agent.Now(t), c.ID, seen)
		refused(t, "after its end", err, recovery.WrongStep)
	}
}

// Somebody registers with the pass, closes the page, and signs in as usual.
func TestKeyThatIsUsedElsewhereCompletesItsCase(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	c := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Forgotten}))(t)
	must(h.Desk.Check(ctx, agent.Now(t), c.ID, seen))(t)
	pass, _, err := h.Desk.IssueFor(ctx, agent.Now(t), c.ID, recovery.Wanted{})
	_, _, key := registers(t, h, amira.Person, must(pass, err)(t))
	h.SignedIn(t, key)
	if err := h.Desk.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	is(t, must(h.Desk.Get(ctx, c.ID))(t), recovery.Completed)
}

func TestRoleGivenMeanwhileCountsAtOnce(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	admin, agent := h.Member(t, "admin", roles.Administrator), h.Member(t, "desk.agent", roles.ServiceDesk)
	early, late := h.Member(t, "early"), h.Member(t, "late")
	first := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: early.ID, Why: recovery.Broken}))(t)
	second := must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: late.ID, Why: recovery.Broken}))(t)
	must(h.Desk.Check(ctx, agent.Now(t), second.ID, seen))(t)
	for _, person := range []ids.Person{early.ID, late.ID} {
		if err := h.Roster.Grant(ctx, audit.Person(admin.ID), person, roles.ServiceDesk); err != nil {
			t.Fatal(err)
		}
	}
	first = must(h.Desk.Check(ctx, agent.Now(t), first.ID, seen))(t)
	is(t, first, recovery.Checked)
	if !first.Privileged {
		t.Error("whoever was given a role is helped as if they had none")
	}
	_, _, err := h.Desk.IssueFor(ctx, agent.Now(t), second.ID, recovery.Wanted{})
	refused(t, "a pass of a case from before the role", err, recovery.BecamePrivileged)
}

// A role that is given between the pass and its use: whoever knows the pass must
// not become more than the case was approved for.
func TestRoleGivenAfterThePassCounts(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	admin, lead := h.Member(t, "admin", roles.Administrator), h.Member(t, "lead", roles.SecurityLead)
	agents := []recoverytest.Member{h.Member(t, "desk.one", roles.ServiceDesk), h.Member(t, "desk.two", roles.ServiceDesk)}
	ordinary, auditor := h.Member(t, "ordinary"), h.Member(t, "auditor", roles.ExerciseLead)

	c := opened(t, h, agents[0].Now(t), ordinary.Person)
	must(h.Desk.Check(ctx, agents[0].Now(t), c.ID, seen))(t)
	pass, c, err := h.Desk.IssueFor(ctx, agents[0].Now(t), c.ID, recovery.Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	attempt, browser, err := h.Flow.BeginEnrolmentByPass(ctx, invitations.TypedPass{UserName: ordinary.UserName, Code: pass.Code.Reveal()}, signin.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.Registration(t, attempt.ID, browser, h.Batch.NewKey())

	// And of somebody who had one: what the lead could vouch for is not enough any more.
	more := opened(t, h, agents[0].Now(t), auditor.Person)
	must(h.Desk.Check(ctx, agents[0].Now(t), more.ID, seen))(t)
	must(h.Desk.Approve(ctx, agents[1].Now(t), more.ID))(t)
	is(t, must(h.Desk.Approve(ctx, lead.Now(t), more.ID))(t), recovery.CoolingOff)
	for _, person := range []ids.Person{ordinary.ID, auditor.ID} {
		if err := h.Roster.Grant(ctx, audit.Person(admin.ID), person, roles.Administrator); err != nil {
			t.Fatal(err)
		}
	}
	step, err := h.Flow.Register(ctx, answer)
	if over, ok := step.(signin.Refused); !ok || over.Problem.Code != invitations.NotValid.Code {
		t.Errorf("the pass led on to %+v, %v", step, err)
	}
	_, _, err = h.Desk.IssueFor(ctx, admin.Now(t), c.ID, recovery.Wanted{})
	refused(t, "another pass", err, recovery.BecamePrivileged)
	h.Clock.Advance(recovery.CoolingTime)
	_, _, err = h.Desk.IssueFor(ctx, admin.Now(t), more.ID, recovery.Wanted{})
	refused(t, "a pass for who may do more", err, recovery.BecamePrivileged)
}
