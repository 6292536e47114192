package signin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(t *testing.T) *signintest.House {
	t.Helper()
	return signintest.Open(t, dbtest.SQLite(t))
}

// refusedWith checks that err is the problem wanted.
func refusedWith(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func TestPersonSignsInWithTheirKey(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	session, token := h.SignedIn(t, key)
	found, err := h.Sessions.ByToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if found.ID != session.ID || found.Person != person.ID {
		t.Errorf("the token opens %+v, not the session of %s", found, person.ID)
	}
	want := assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: assurance.AAL3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}
	if diff := cmp.Diff(want, found.Assurance); diff != "" {
		t.Errorf("what was proven (-want +got):\n%s", diff)
	}
	if got := h.Actions(t, string(session.ID)); !slices.Equal(got, []string{"session.started", "signin.succeeded"}) {
		t.Errorf("the record says %v", got)
	}
}

func TestSignInWithoutARequirementDoesNotBegin(t *testing.T) {
	t.Parallel()
	h := house(t)
	if _, _, err := h.Flow.Begin(t.Context(), signin.Ask{}); err == nil {
		t.Error("a sign-in began although nobody said what it needs")
	}
	if _, _, err := h.Flow.Begin(t.Context(), signin.Ask{Require: signin.AtLevel(4)}); err == nil {
		t.Error("a sign-in began that asks for a level that does not exist")
	}
}

func TestReplayedAnswerSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	answer := h.Touch(t, attempt, browser, key)
	if _, err := h.Flow.UseKey(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
	_, err := h.Flow.UseKey(t.Context(), answer)
	refusedWith(t, "the same answer again", err, attempts.ErrAlreadyFinished)

	other, otherBrowser := h.Begun(t)
	if _, err := h.Flow.Next(t.Context(), other, otherBrowser); err != nil {
		t.Fatal(err)
	}
	answer.Attempt, answer.Browser = other, otherBrowser
	_, err = h.Flow.UseKey(t.Context(), answer)
	refusedWith(t, "an answer to another attempt’s challenge", err, factors.VerificationInvalid)
}

func TestChallengeIsUsedUpByABadAnswer(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	good := h.Touch(t, attempt, browser, key)
	bad := good
	bad.Response = []byte(`{"id":"x"}`)
	if _, err := h.Flow.UseKey(t.Context(), bad); err == nil {
		t.Fatal("a bad answer was accepted")
	}
	_, err := h.Flow.UseKey(t.Context(), good)
	refusedWith(t, "a good answer to a challenge that was used", err, attempts.ErrWrongStep)
	// A fresh challenge lets the person go on.
	h.Finish(t, attempt, browser, key)
}

func TestAttemptBelongsToTheBrowserThatBeganIt(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	victim, victimBrowser := h.Begun(t)
	attacker, attackerBrowser := h.Begun(t)
	for name, browser := range map[string]secret.Value{"another browser": attackerBrowser, "no cookie": {}, "a guess": secret.New("x")} {
		_, err := h.Flow.Next(t.Context(), victim, browser)
		refusedWith(t, name, err, attempts.ErrForeignBrowser)
	}
	// The attacker has the victim touch a key for the attacker's attempt.
	answer := h.Touch(t, attacker, attackerBrowser, key)
	answer.Browser = victimBrowser
	_, err := h.Flow.UseKey(t.Context(), answer)
	refusedWith(t, "an attempt swapped into another browser", err, attempts.ErrForeignBrowser)
	refusedWith(t, "a name typed from another browser", h.Flow.Identify(t.Context(), victim, attackerBrowser, "x"), attempts.ErrForeignBrowser)
}

func TestAttemptEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	for name, jump := range map[string]time.Duration{"forward": attempts.Lifetime, "back": -2 * time.Minute} {
		attempt, browser := h.Begun(t)
		answer := h.Touch(t, attempt, browser, key)
		h.Clock.Advance(jump)
		_, err := h.Flow.UseKey(t.Context(), answer)
		refusedWith(t, "an answer after the clock jumped "+name, err, attempts.ErrExpired)
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		if err != nil {
			t.Fatal(err)
		}
		refused, ok := step.(signin.Refused)
		if !ok || refused.Problem.Code != attempts.ErrExpired.Code {
			t.Errorf("after the clock jumped %s the page shows %+v", name, step)
		}
		h.Clock.Advance(-jump)
	}
}

func TestKeyUsedAtAnotherAddressIsRefused(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	step, err := h.Flow.Next(t.Context(), attempt, browser)
	if err != nil {
		t.Fatal(err)
	}
	// A page on a subdomain can use the relying party id, but is not the page we know.
	response, err := key.Get(step.(signin.UseKey).Options, "https://login.warder.example")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Flow.UseKey(t.Context(), signin.Answer{Attempt: attempt, Browser: browser, Response: response})
	refusedWith(t, "an answer from another origin", err, factors.VerificationOrigin)
	if _, err := key.Get(step.(signin.UseKey).Options, "https://warder.example.evil.example"); err == nil {
		t.Error("the key answered on a look-alike page")
	}
}

func TestTouchWithoutPINIsNotEnough(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	key.Behaviour.SkipUserVerification = true
	attempt, browser := h.Begun(t)
	_, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, key))
	refusedWith(t, "a key that skipped the PIN", err, factors.VerificationMissing)
}

func TestTwoTabsEachFinishOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	first, browser := h.Begun(t)
	second, same, err := h.Flow.Begin(t.Context(), signin.Ask{Browser: browser, Require: signin.Ordinary()})
	if err != nil {
		t.Fatal(err)
	}
	if !same.Equal(browser) {
		t.Error("the second tab took the first tab’s cookie away")
	}
	if err := h.Flow.Identify(t.Context(), second.ID, same, ""); err != nil {
		t.Fatal(err)
	}
	h.Finish(t, second.ID, same, key)
	h.Finish(t, first, browser, key)
}

func TestDoubleSubmitFinishesOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	before, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	attempt, browser := h.Begun(t)
	answer := h.Touch(t, attempt, browser, key)
	results := make(chan error)
	for range 4 {
		go func() {
			_, err := h.Flow.UseKey(t.Context(), answer)
			results <- err
		}()
	}
	through := 0
	for range 4 {
		if err := <-results; err == nil {
			through++
		} else {
			refusedWith(t, "a second submit", err, attempts.ErrAlreadyFinished)
		}
	}
	after, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if through != 1 || len(after) != len(before)+1 {
		t.Errorf("%d submits went through and made %d sessions, want 1 and 1", through, len(after)-len(before))
	}
}

func TestBlockedKeySignsNobodyInAndTheRecordSaysSo(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	answer := h.Touch(t, attempt, browser, key)
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), held[0].ID, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err = h.Flow.UseKey(t.Context(), answer)
	refusedWith(t, "a stolen key", err, factors.KeyBlocked)
	credentials, err := h.Factors.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Actions(t, string(credentials[0].ID)); !slices.Contains(got, "factor.refused") {
		t.Errorf("the use of the stolen key is not in the record: %v", got)
	}
	if got := h.Actions(t, string(attempt)); !slices.Contains(got, "signin.failed") {
		t.Errorf("the failed sign-in is not in the record: %v", got)
	}
}

func TestCopiedKeyIsStoppedAlthoughTheSignInFails(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	twin := key.Clone()
	h.SignedIn(t, key)
	h.SignedIn(t, key)
	attempt, browser := h.Begun(t)
	_, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, twin))
	refusedWith(t, "a copy of the key", err, factors.CloneSuspected)
	credentials, err := h.Factors.OfPerson(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	if credentials[0].State != factors.Suspended {
		t.Errorf("the copied credential is %s, want %s", credentials[0].State, factors.Suspended)
	}
}

func TestLeaverCannotSignInWithAGoodKey(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	answer := h.Touch(t, attempt, browser, key)
	if _, err := h.People.Leave(t.Context(), signintest.Desk(), person.ID, time.Time{}, "left"); err != nil {
		t.Fatal(err)
	}
	step, err := h.Flow.UseKey(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if refused, ok := step.(signin.Refused); !ok || refused.Problem.Code != signin.ErrPersonMayNot.Code {
		t.Errorf("a leaver’s key led to %+v", step)
	}
}

func TestWeakKeyIsToldWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, weak := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	weak.Behaviour.Statement = softkey.Self
	h.Enrol(t, person.ID, weak)
	h.Enrol(t, person.ID, h.Batch.NewKey()) // the one they should have used
	attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.AtLevel(assurance.AAL3)}, "")
	step, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, weak))
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Flow.Next(t.Context(), attempt, browser)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []signin.Step{step, again} {
		refused, ok := shown.(signin.Refused)
		if !ok || refused.Problem.Code != signin.ErrNotEnough.Code {
			t.Fatalf("a key that is too weak led to %+v", shown)
		}
		if diff := cmp.Diff([]string{assurance.LevelTooLow.Sentence()}, refused.Missing); diff != "" {
			t.Errorf("what is missing (-want +got):\n%s", diff)
		}
	}
	if got := h.Actions(t, string(attempt)); !slices.Contains(got, "signin.refused") {
		t.Errorf("the refusal is not in the record: %v", got)
	}
}

func TestFiveRefusedKeysEndTheAttempt(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	attempt, browser := h.Begun(t)
	for try := 1; try <= attempts.MaxTries; try++ {
		answer := h.Touch(t, attempt, browser, key)
		answer.Response = []byte("{}")
		step, err := h.Flow.UseKey(t.Context(), answer)
		if over := err == nil; over != (try == attempts.MaxTries) {
			t.Fatalf("try %d: %+v, %v", try, step, err)
		}
	}
	_, err := h.Flow.UseKey(t.Context(), signin.Answer{Attempt: attempt, Browser: browser, Response: []byte("{}")})
	refusedWith(t, "a sixth try", err, attempts.ErrAlreadyFinished)
}

func TestStrongerSignInReplacesTheSession(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	old, oldToken := h.SignedIn(t, key)
	attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.AtLevel(assurance.AAL3), Session: old.ID, Person: person.ID}, "")
	done := h.Finish(t, attempt, browser, key)
	if done.Purpose != attempts.StepUp || done.Token.Equal(oldToken) {
		t.Errorf("the stronger sign-in is %+v", done)
	}
	_, err := h.Sessions.ByToken(t.Context(), oldToken)
	refusedWith(t, "the token from before", err, sessions.HasEnded)
}

func TestStrongerSignInMustBeOfTheSamePerson(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	_, other := h.Holder(t, "ben.adams")
	session, token := h.SignedIn(t, key)
	attempt, browser := h.BegunWith(t, signin.Ask{Require: signin.Ordinary(), Session: session.ID, Person: person.ID}, "")
	step, err := h.Flow.Next(t.Context(), attempt, browser)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Get(step.(signin.UseKey).Options, signintest.Origin); err == nil {
		t.Error("the browser offers somebody else’s key")
	}
	if _, err := h.Sessions.ByToken(t.Context(), token); err != nil {
		t.Errorf("the session ended although nobody signed in anew: %v", err)
	}
}
