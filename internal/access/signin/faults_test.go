package signin_test

import (
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

func TestChallengesCannotBeSwappedBetweenTwoSignIns(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, mine := h.Holder(t, "amira.khan")
	_, theirs := h.Holder(t, "b.jones")
	one, browser := h.Begun(t)
	second, _, err := h.Flow.Begin(t.Context(), signin.Ask{Browser: browser, Require: signin.Ordinary()})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Flow.Identify(t.Context(), second.ID, browser, ""); err != nil {
		t.Fatal(err)
	}
	first, other := h.Touch(t, one, browser, mine), h.Touch(t, second.ID, browser, theirs)
	first.Response, other.Response = other.Response, first.Response
	for _, swapped := range []signin.Answer{first, other} {
		_, err := h.Flow.UseKey(t.Context(), swapped)
		refusedWith(t, "the answer to the other tab’s challenge", err, factors.VerificationInvalid)
	}
	h.Finish(t, one, browser, mine)
	h.Finish(t, second.ID, browser, theirs)
}

func TestChallengeOfAnotherSessionSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	victim, victimBrowser := h.Begun(t)
	attacker, attackerBrowser := h.Begun(t)
	stolen := h.Touch(t, victim, victimBrowser, key)
	h.Touch(t, attacker, attackerBrowser, key.Clone()) // opens the attacker's own challenge
	stolen.Attempt, stolen.Browser = attacker, attackerBrowser
	_, err := h.Flow.UseKey(t.Context(), stolen)
	refusedWith(t, "an answer made in another browser", err, factors.VerificationInvalid)
}

func TestAnswerOfARegistrationIsNoSignInAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	enrol, enrolBrowser := h.Invited(t, person.ID)
	attempt, browser := h.Begun(t)
	registration, use := h.Registration(t, enrol, enrolBrowser, h.Batch.NewKey()), h.Touch(t, attempt, browser, key)

	asUse := use
	asUse.Response = registration.Response
	_, err := h.Flow.UseKey(t.Context(), asUse)
	refusedWith(t, "a registration given as a sign-in", err, factors.UnknownCredential) // read, and of a key that nobody has yet
	asRegistration := registration
	asRegistration.Response = use.Response
	_, err = h.Flow.Register(t.Context(), asRegistration)
	refusedWith(t, "a sign-in given as a registration", err, factors.RegistrationMalformed)

	crossed := h.Touch(t, attempt, browser, key)
	_, err = h.Flow.Register(t.Context(), crossed)
	refusedWith(t, "a registration in an attempt to sign in", err, attempts.ErrWrongStep)
}

func TestTwoTabsFinishingTheSameAttemptMakeOneSession(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	before, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	attempt, browser := h.Begun(t)
	// Both tabs show the same challenge, and the key is touched in each.
	answers := []signin.Answer{h.Touch(t, attempt, browser, key), h.Touch(t, attempt, browser, key)}
	results := make([]error, len(answers))
	var both sync.WaitGroup
	for i := range answers {
		both.Go(func() { _, results[i] = h.Flow.UseKey(t.Context(), answers[i]) })
	}
	both.Wait()
	through := 0
	for _, err := range results {
		if err == nil {
			through++
			continue
		}
		refusedWith(t, "the slower tab", err, attempts.ErrAlreadyFinished)
	}
	after, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if through != 1 || len(after) != len(before)+1 {
		t.Errorf("%d tabs went through and made %d sessions, want 1 and 1", through, len(after)-len(before))
	}
}

// A clock that jumps ends what was begun, at worst; it never makes an attempt, a
// link or a session live longer than it would have.
func TestClockJumpsProlongNothing(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"an hour back": -time.Hour, "a day back": -24 * time.Hour, "a day ahead": 24 * time.Hour, "a year ahead": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house(t)
			person, key := h.Holder(t, "amira.khan")
			session, token := h.SignedIn(t, key)
			attempt, browser := h.Begun(t)
			answer := h.Touch(t, attempt, browser, key)
			link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			h.Clock.Advance(jump)
			_, err = h.Flow.UseKey(t.Context(), answer)
			refusedWith(t, "an answer from before the jump", err, attempts.ErrExpired)
			if _, _, err := h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{}); err == nil {
				t.Error("a link from before the jump works")
			}
			if _, err := h.Sessions.ByToken(t.Context(), token); err == nil {
				t.Error("a session from before the jump is alive")
			} else if found, ok := problem.Of(err); !ok || found.Kind != problem.Unauthenticated {
				t.Error(err)
			}
			if life := session.Life(h.Clock.Now()); life == sessions.Alive {
				t.Errorf("the session is %v", life)
			}
			h.SignedIn(t, key) // and everybody goes on
		})
	}
}
