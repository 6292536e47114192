package recovery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverytest"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// C31.1: issuing to oneself or to a higher privilege is refused; a link is no
// second way in for somebody who has registered a key before.
func TestNobodyGivesAWayInToSomebodyAboveThemOrWhoHasOne(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	admin, agent := h.Member(t, "admin", roles.Administrator), h.Member(t, "desk.agent", roles.ServiceDesk)
	root := audit.Command("root")
	newcomer, second := h.Somebody(t, "newcomer"), h.Somebody(t, "second.admin")
	if err := h.Roster.Grant(ctx, root, second.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	_, err := h.Desk.Invite(ctx, audit.Person(agent.ID), second.ID, 0)
	refused(t, "a link for an administrator by the desk", err, recovery.HigherPrivilege)
	_, err = h.Desk.Issue(ctx, agent.Now(t), second.ID, recovery.Wanted{Reason: "x"})
	refused(t, "a pass for an administrator by the desk", err, recovery.HigherPrivilege)
	_, err = h.Desk.Issue(ctx, agent.Now(t), newcomer.ID, recovery.Wanted{Reason: "x"})
	refused(t, "a pass without a case by the desk", err, recovery.CaseNeeded)
	for _, actor := range []audit.Actor{{}, audit.Nobody(), audit.System("x")} {
		_, err := h.Desk.Invite(ctx, actor, newcomer.ID, 0)
		refused(t, "a link by "+string(actor.Kind), err, recovery.HigherPrivilege)
	}
	for name, err := range map[string]error{
		"a newcomer's link by an administrator":    failure(h.Desk.Invite(ctx, audit.Person(admin.ID), newcomer.ID, 0)),
		"an administrator's link by another":       failure(h.Desk.Invite(ctx, audit.Person(admin.ID), second.ID, 0)),
		"an administrator's first link by command": failure(h.Desk.Invite(ctx, root, second.ID, 0)),
		"a newcomer's pass by command":             failure(h.Desk.Issue(ctx, recovery.Command(root), newcomer.ID, recovery.Wanted{Reason: "new"})),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, actor := range []audit.Actor{root, audit.Person(admin.ID)} {
		_, err = h.Desk.Invite(ctx, actor, agent.ID, 0)
		refused(t, "a link for somebody with a key", err, recovery.CaseNeeded)
	}
	_, err = h.Desk.Issue(ctx, recovery.Command(root), agent.ID, recovery.Wanted{Reason: "lost"})
	refused(t, "a pass for somebody with a key, by command", err, recovery.CaseNeeded)
	held := must(h.Keys.HeldBy(ctx, agent.ID))(t)
	must(h.LostKeys.Report(ctx, root, held[0].ID, keys.Lost, time.Time{}))(t)
	_, err = h.Desk.Invite(ctx, root, agent.ID, 0)
	refused(t, "a link for somebody whose keys are all lost", err, recovery.CaseNeeded)
	_, err = h.Desk.Issue(ctx, recovery.Command(root), agent.ID, recovery.Wanted{})
	refused(t, "without a reason", err, recovery.Incomplete)
}

// failure is what went wrong, without what came of it.
func failure[A any](_ A, err error) error { return err }

func TestCaseIsOpenedForWhoeverMaySignInAndWithWhatIsTheirs(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	agent, amira, bob := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan"), h.Member(t, "bob.stone")
	bobs := must(h.Keys.HeldBy(ctx, bob.ID))(t)[0].ID
	_, err := h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.LostAll, Lost: []recovery.Loss{{Key: bobs, How: keys.Stolen}}})
	refused(t, "with somebody else's key", err, recovery.NotTheirKey)
	if key := must(h.Keys.Get(ctx, bobs))(t); key.State.Blocked() {
		t.Error("and it was blocked")
	}
	_, err = h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: "asked nicely"})
	refused(t, "without a reason", err, recovery.Incomplete)
	_, err = h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: ids.New[ids.Person](), Why: recovery.LostAll})
	refused(t, "for nobody", err, people.NotFound)
	must(h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Broken}))(t)
	_, err = h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: amira.ID, Why: recovery.Broken})
	refused(t, "twice", err, recovery.AlreadyOpen)
	must(h.People.Suspend(ctx, audit.Command("root"), bob.ID, time.Time{}, "inquiry"))(t)
	_, err = h.Desk.Open(ctx, agent.Now(t), recovery.Opening{Person: bob.ID, Why: recovery.Broken})
	refused(t, "for somebody suspended", err, recovery.CannotHelp)
}

func TestNoteHoldsNoNumbersOfDocuments(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx := t.Context()
	agent, amira := h.Member(t, "desk.agent", roles.ServiceDesk), h.Member(t, "amira.khan")
	by := agent.Now(t)
	c := must(h.Desk.Open(ctx, by, recovery.Opening{Person: amira.ID, Why: recovery.Broken}))(t)
	for _, note := range []string{"", "  ", "passport 533401372", "pass 12 34-56", strings.Repeat("a", 501), "a\x00b"} {
		_, err := h.Desk.Check(ctx, by, c.ID, recovery.Identity{Method: recovery.InPerson, Note: note})
		refused(t, note, err, recovery.Incomplete)
	}
	_, err := h.Desk.Check(ctx, by, c.ID, recovery.Identity{Note: "seen"})
	refused(t, "no method", err, recovery.Incomplete)
	c = must(h.Desk.Check(ctx, by, c.ID, recovery.Identity{Method: recovery.Video, Note: " photo pass matches, joined in 2019, room 12 "}))(t)
	if c.Note != "photo pass matches, joined in 2019, room 12" {
		t.Errorf("kept as %q", c.Note)
	}
	_, err = h.Desk.Withdraw(ctx, by, c.ID, " ")
	refused(t, "withdrawn without a reason", err, recovery.Incomplete)
}

func TestProblemsAreComplete(t *testing.T) {
	t.Parallel()
	for _, definition := range recovery.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "recovery.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}

// One administrator could otherwise exchange both keys for their own and open
// Warder alone.
func TestEmergencyIdentityIsNeverGivenASecondKey(t *testing.T) {
	t.Parallel()
	h := recoverytest.Open(t, dbtest.SQLite(t))
	ctx, root := t.Context(), audit.Command("root")
	safe := must(h.People.Add(ctx, root, people.NewPerson{UserName: "safe-one", Name: "Safe one", Kind: people.KindBreakGlass}))(t)
	attempt, browser := h.Invited(t, safe.ID)
	key := h.Batch.NewKey()
	must(h.Flow.Register(ctx, h.Registration(t, attempt, browser, key)))(t)
	h.Finish(t, attempt, browser, key)
	held := must(h.Keys.HeldBy(ctx, safe.ID))(t)
	must(h.LostKeys.Report(ctx, root, held[0].ID, keys.Lost, time.Time{}))(t)
	_, err := h.Desk.Invite(ctx, root, safe.ID, 0)
	refused(t, "a link", err, invitations.Enrolled)
	_, err = h.Desk.Issue(ctx, recovery.Command(root), safe.ID, recovery.Wanted{Reason: "lost"})
	refused(t, "a pass", err, invitations.Enrolled)
}
