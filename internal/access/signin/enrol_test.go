package signin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

func TestLinkAloneNeverYieldsASession(t *testing.T) {
	t.Parallel()
	h := house(t)
	person := h.Somebody(t, "amira.khan")
	attempt, browser := h.Invited(t, person.ID)
	step, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, h.Batch.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	if use, ok := step.(signin.UseKey); !ok || !use.NewKey {
		t.Errorf("after the registration comes %+v, want the new key to be used", step)
	}
	open, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(open) != 0 {
		t.Errorf("a registration alone opened %d sessions", len(open))
	}
}

func TestNewKeyAndNoOtherEndsTheEnrolment(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, old := h.Holder(t, "amira.khan")
	attempt, browser := h.Invited(t, person.ID)
	fresh := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, fresh)); err != nil {
		t.Fatal(err)
	}
	_, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, old))
	refusedWith(t, "an older key", err, signin.ErrUseNewKey)
	done := h.Finish(t, attempt, browser, fresh)
	if done.Person != person.ID || done.Purpose != attempts.Enrol {
		t.Errorf("the enrolment ended as %+v", done)
	}
}

func TestLinkWorksOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	person := h.Somebody(t, "amira.khan")
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Two people have the link open at once: the holder, and whoever read the message.
	var opened [2]attempts.Attempt
	var browsers [2]secret.Value
	for i := range opened {
		if opened[i], browsers[i], err = h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, opened[0].ID, browsers[0], h.Batch.NewKey())); err != nil {
		t.Fatal(err)
	}
	step, err := h.Flow.Register(t.Context(), h.Registration(t, opened[1].ID, browsers[1], h.Batch.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	if refused, ok := step.(signin.Refused); !ok || refused.Problem.Code != invitations.NotValid.Code {
		t.Errorf("a link used twice led to %+v", step)
	}
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(held) != 1 {
		t.Errorf("a link registered %d keys, want 1", len(held))
	}
	_, _, err = h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
	refusedWith(t, "a used link opened again", err, invitations.NotValid)
	_, err = h.Flow.Invited(t.Context(), link)
	refusedWith(t, "a used link looked at again", err, invitations.NotValid)
}

func TestLinkOutlivesAFailedRegistration(t *testing.T) {
	t.Parallel()
	h := house(t)
	person := h.Somebody(t, "amira.khan")
	attempt, browser := h.Invited(t, person.ID)
	bad := h.Registration(t, attempt, browser, h.Batch.NewKey())
	bad.Response = []byte("{}")
	_, err := h.Flow.Register(t.Context(), bad)
	refusedWith(t, "a garbled registration", err, factors.RegistrationMalformed)
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, h.Batch.NewKey())); err != nil {
		t.Errorf("the link did not survive a failed try: %v", err)
	}
}

func TestLinkEndsWithItsTimeItsSuccessorAndItsPerson(t *testing.T) {
	t.Parallel()
	h := house(t)
	person := h.Somebody(t, "amira.khan")
	old, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Flow.Invited(t.Context(), old)
	refusedWith(t, "a link that was replaced", err, invitations.NotValid)
	for _, jump := range []time.Duration{time.Hour, -2 * time.Minute} {
		h.Clock.Advance(jump)
		_, _, err = h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
		refusedWith(t, "a link after the clock moved "+jump.String(), err, invitations.NotValid)
		h.Clock.Advance(-jump)
	}
	for name, guess := range map[string]secret.Value{"nothing": {}, "a guess": secret.Token()} {
		_, err = h.Flow.Invited(t.Context(), guess)
		refusedWith(t, name, err, invitations.NotValid)
	}
	if _, err := h.People.Suspend(t.Context(), signintest.Desk(), person.ID, time.Time{}, "away"); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
	refusedWith(t, "a link of somebody suspended", err, signin.ErrPersonMayNot)
	_, err = h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 0)
	refusedWith(t, "inviting somebody suspended", err, invitations.CannotInvite)
	_, err = h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 30*24*time.Hour)
	refusedWith(t, "a link for a month", err, invitations.LifeRefused)
}

func TestInvitationIsInTheRecordWithoutItsToken(t *testing.T) {
	t.Parallel()
	h := house(t)
	person := h.Somebody(t, "amira.khan")
	h.Enrol(t, person.ID, h.Batch.NewKey())
	got := h.Actions(t, string(person.ID))
	for _, want := range []string{"enrol.invited", "enrol.registered"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not in the record: %v", want, got)
		}
	}
}

func TestFurtherKeyNeedsAFreshStrongSignIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	weak := session
	weak.Assurance.AAL = 1
	_, _, err := h.Flow.BeginFurtherKey(t.Context(), weak, secret.Value{})
	refusedWith(t, "a weak session", err, signin.ErrNotFresh)
	h.Clock.Advance(attempts.Lifetime + time.Second)
	_, _, err = h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{})
	refusedWith(t, "a session eleven minutes old", err, signin.ErrNotFresh)
	_, _, err = h.Flow.BeginFurtherKey(t.Context(), sessions.Session{}, secret.Value{})
	refusedWith(t, "no session", err, signin.ErrNotFresh)

	session, _ = h.SignedIn(t, key)
	attempt, browser, err := h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{})
	if err != nil {
		t.Fatal(err)
	}
	second := h.Batch.NewKey()
	step, err := h.Flow.Register(t.Context(), h.Registration(t, attempt.ID, browser, second))
	if err != nil {
		t.Fatal(err)
	}
	if done, ok := step.(signin.Done); !ok || done.Session != "" || !done.Token.Empty() {
		t.Errorf("adding a key led to %+v, want no new session", step)
	}
	if again, _ := h.SignedIn(t, second); again.Person != person.ID {
		t.Errorf("the second key signs in %s", again.Person)
	}
}

func TestEndedSessionCannotAddAKeyAnyMore(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	attempt, browser, err := h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.Registration(t, attempt.ID, browser, h.Batch.NewKey())
	// The thief has the page open; the holder reports the key.
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	step, err := h.Flow.Register(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if refused, ok := step.(signin.Refused); !ok || refused.Problem.Code != signin.ErrSessionGone.Code {
		t.Errorf("the ended session led to %+v", step)
	}
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(held) != 1 {
		t.Errorf("the thief has registered a key: %d keys", len(held))
	}
}

// The thief has a copy of the key, has signed in with it and opened the page for
// a further key. Then the copy is noticed.
func TestSessionOfACopiedKeyCannotAddAKey(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	twin := key.Clone()
	h.SignedIn(t, key)
	session, _ := h.SignedIn(t, key)
	attempt, browser, err := h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.Registration(t, attempt.ID, browser, h.Batch.NewKey())
	other, otherBrowser := h.Begun(t)
	_, err = h.Flow.UseKey(t.Context(), h.Touch(t, other, otherBrowser, twin))
	refusedWith(t, "a copy of the key", err, factors.CloneSuspected)
	step, err := h.Flow.Register(t.Context(), answer)
	if refused, ok := step.(signin.Refused); err != nil || !ok || refused.Problem.Code != signin.ErrSessionGone.Code {
		t.Errorf("the session of a copied key led to %+v, %v", step, err)
	}
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil || len(held) != 1 {
		t.Errorf("the thief has registered a key: %d keys, %v", len(held), err)
	}
	if _, _, err := h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{}); err == nil {
		t.Error("the session of a copied key may begin to add one")
	}
}

func TestEnrolmentEndsTheSessionThatTheBrowserHad(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	session, token := h.SignedIn(t, key)
	newcomer, fresh := h.Somebody(t, "ben.adams"), h.Batch.NewKey()
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), newcomer.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	attempt, browser, err := h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{Session: session.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt.ID, browser, fresh)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Errorf("the session ended before the other person had signed in: %v", err)
	}
	h.Finish(t, attempt.ID, browser, fresh)
	_, err = h.Sessions.ByToken(t.Context(), token)
	refusedWith(t, "the session of before", err, sessions.HasEnded)
}

func TestFirstAdministratorIsMadeOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	first, err := h.Invitations.FirstAdministrator(t.Context(), signintest.Desk(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	// Nobody has used the link, so a second one may be printed; it replaces the first.
	second, err := h.Invitations.FirstAdministrator(t.Context(), signintest.Desk(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Flow.Invited(t.Context(), first)
	refusedWith(t, "the link that was printed before", err, invitations.NotValid)
	attempt, browser, err := h.Flow.BeginEnrolment(t.Context(), second, signin.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	key := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt.ID, browser, key)); err != nil {
		t.Fatal(err)
	}
	h.Finish(t, attempt.ID, browser, key)
	for _, name := range []string{"admin", "somebody.else"} {
		_, err = h.Invitations.FirstAdministrator(t.Context(), signintest.Desk(), name)
		refusedWith(t, "a further first administrator "+name, err, invitations.AdministratorExists)
	}
	if _, err := h.People.ByUserName(t.Context(), "somebody.else"); err == nil {
		t.Error("the refused administrator was added all the same")
	}
	// When the only administrator's key is lost, the terminal is the way back.
	person, err := h.People.ByUserName(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), held[0].ID, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invitations.FirstAdministrator(t.Context(), signintest.Desk(), "admin"); err != nil {
		t.Errorf("an administrator without a key cannot come back: %v", err)
	}
}
