package signin_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// refusedStep checks that a step is the end wanted.
func refusedStep(t *testing.T, what string, step signin.Step, err error, want problem.Definition) {
	t.Helper()
	if refused, ok := step.(signin.Refused); err != nil || !ok || refused.Problem.Code != want.Code {
		t.Errorf("%s led to %+v, %v; want %s", what, step, err, want.Code)
	}
}

func usual(h *signintest.House) signin.Ask {
	return signin.Ask{Require: h.Flow.Usual(context.Background())}
}

func TestPasswordAndCodeSignInAtAAL2AndSaySo(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	session, token := h.SignedInWithCode(t, "Amira.Khan ", app)
	found, err := h.Sessions.ByToken(t.Context(), token)
	if err != nil || found.ID != session.ID || found.Person != person.ID || found.Credential != app.ID || found.Key != "" {
		t.Fatalf("the token opens %+v, %v", found, err)
	}
	want := assurance.Assurance{Method: assurance.TOTP, AAL: assurance.AAL2}
	if diff := cmp.Diff(want, found.Assurance); diff != "" || found.Assurance.ACR() != "" {
		t.Errorf("what was proven, class %q (-want +got):\n%s", found.Assurance.ACR(), diff)
	}
	// RFC 8176 §2.
	if diff := cmp.Diff([]string{"pwd", "otp", "mfa"}, found.AMR); diff != "" {
		t.Errorf("amr (-want +got):\n%s", diff)
	}
	if idle, absolute := assurance.Limits(assurance.AAL2); found.AbsoluteEnd.Sub(found.CreatedAt) != absolute || found.IdleUntil().Sub(found.CreatedAt) != idle {
		t.Errorf("it lives until %s, idle %s", found.AbsoluteEnd, found.IdleUntil())
	}
	if got := h.Actions(t, string(session.ID)); !slices.Equal(got, []string{"session.started", "signin.succeeded"}) {
		t.Errorf("the record says %v", got)
	}
	if good, err := h.Flow.StillAccepted(t.Context(), found); err != nil || !good {
		t.Errorf("the session is not good: %v, %v", good, err)
	}
}

func TestNothingButAKeyIsAcceptedUnlessPolicySaysSo(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	session, _ := h.SignedInWithCode(t, "amira.khan", app)
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	for name, accepted := range map[string][]assurance.Method{"nothing": nil, "a password": {assurance.Password},
		"a code": {assurance.TOTP}, "another method": {assurance.SMS, assurance.Email}} {
		h.Accept(accepted...)
		if diff := cmp.Diff(signin.Ordinary(), h.Flow.Usual(context.Background())); diff != "" || h.Flow.AcceptsSecrets(t.Context()) {
			t.Errorf("%s accepted: the portal needs less:\n%s", name, diff)
		}
		begun, secrets := h.BegunWith(t, usual(h), "amira.khan")
		refusedWith(t, name+" accepted, choosing", h.Flow.Choose(t.Context(), begun, secrets, signin.WithSecrets), signin.ErrNotAccepted)
		if step, err := h.Flow.Next(t.Context(), begun, secrets); err != nil || step.(signin.UseKey).Secrets {
			t.Errorf("%s accepted: the page offers a password (%v)", name, err)
		}
		// Also in the middle, and afterwards: it holds from this moment.
		_, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
		refusedWith(t, name+" accepted, giving a code", err, signin.ErrNotAccepted)
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		refusedStep(t, name+" accepted, going on", step, err, signin.ErrNotAccepted)
		if good, err := h.Flow.StillAccepted(t.Context(), session); err != nil || good {
			t.Errorf("%s accepted: the session goes on (%v)", name, err)
		}
	}
}

func TestPasswordAloneNeverSignsAnyoneIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Legacy(t, "amira.khan")
	// Whatever is asked, even the least that can be asked.
	for _, need := range []assurance.Requirement{{AAL: assurance.AAL1}, h.Flow.Usual(context.Background()), signin.AtLevel(assurance.AAL1)} {
		attempt, browser := h.Choosing(t, signin.Ask{Require: need}, "amira.khan")
		step, err := h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, signintest.Password))
		if _, ok := step.(signin.GiveCode); err != nil || !ok {
			t.Errorf("%s: a password led to %+v, %v", need, step, err)
		}
		// The same factor twice is one factor.
		_, err = h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, signintest.Password))
		refusedWith(t, "the password again", err, attempts.ErrWrongStep)
		_, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, signintest.Password))
		refusedWith(t, "the password as a code", err, sharedsecret.WrongCode)
		h.Clock.Advance(time.Hour)
	}
}

func TestCodeWithoutThePasswordBeforeIsNotJudged(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	h.Accept(assurance.Password, assurance.TOTP, assurance.RecoveryCode)
	code := h.Code(app)
	for name, open := range map[string]func() (ids.Attempt, secret.Value){
		"asked for a key":      func() (ids.Attempt, secret.Value) { return h.BegunWith(t, usual(h), "amira.khan") },
		"asked for a password": func() (ids.Attempt, secret.Value) { return h.Choosing(t, usual(h), "amira.khan") },
		"not named yet": func() (ids.Attempt, secret.Value) {
			attempt, browser, err := h.Flow.Begin(t.Context(), usual(h))
			if err != nil {
				t.Fatal(err)
			}
			return attempt.ID, browser
		},
	} {
		attempt, browser := open()
		for _, give := range []func() (signin.Step, error){
			func() (signin.Step, error) {
				return h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code))
			},
			func() (signin.Step, error) {
				return h.Flow.GiveRecoveryCode(t.Context(), signintest.Given(attempt, browser, code))
			},
		} {
			step, err := give()
			refusedWith(t, "a code to an attempt that is "+name, err, attempts.ErrWrongStep)
			if step != nil {
				t.Errorf("a code to an attempt that is %s led to %+v", name, step)
			}
		}
	}
	// Nothing of it was used up.
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	if step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code)); err != nil {
		t.Errorf("the code does not work any more: %+v, %v", step, err)
	}
}

// A stranger cannot tell who exists, who has a password, who has a key, who is
// suspended: every page and every answer is the same.
func TestWrongPasswordLooksTheSameForEverybodyAndNobody(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Legacy(t, "with.password")
	both, _ := h.Holder(t, "with.both")
	h.GiveSecrets(t, both)
	h.Holder(t, "with.key")
	h.Somebody(t, "with.nothing")
	gone := h.Somebody(t, "suspended")
	h.GiveSecrets(t, gone)
	if _, err := h.People.Suspend(t.Context(), signintest.Desk(), gone.ID, time.Time{}, "away"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"with.password", "with.both", "with.key", "with.nothing", "suspended", "nobody", strings.Repeat("x", 300)} {
		for _, need := range []assurance.Requirement{h.Flow.Usual(context.Background()), signin.AtLevel(assurance.AAL3)} {
			attempt, browser := h.BegunWith(t, signin.Ask{Require: need}, name)
			step, err := h.Flow.Next(t.Context(), attempt, browser)
			if use, ok := step.(signin.UseKey); err != nil || !ok || !use.Secrets {
				t.Fatalf("%s: the page is %+v, %v", name, step, err)
			}
			if err := h.Flow.Choose(t.Context(), attempt, browser, signin.WithSecrets); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			step, err = h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, "not the password of anybody"))
			refusedWith(t, name, err, sharedsecret.WrongPassword)
			if step != nil {
				t.Errorf("%s: a wrong password led to %+v", name, step)
			}
			if got := h.Actions(t, string(attempt)); !slices.Equal(got, []string{"signin.failed"}) {
				t.Errorf("%s: the record says %v", name, got)
			}
			h.Clock.Advance(20 * time.Minute) // what has been guessed is counted alike, too
		}
	}
}

// Whether there is a key is not told after the password either.
func TestRightPasswordDoesNotTellWhetherThereIsAKeyOrAnApp(t *testing.T) {
	t.Parallel()
	h := house(t)
	holder, _ := h.Holder(t, "with.both")
	h.GiveSecrets(t, holder)
	bare := h.Somebody(t, "with.password")
	if _, err := h.Secrets.SetPassword(t.Context(), signintest.Desk(), bare.ID, secret.New(signintest.Password)); err != nil {
		t.Fatal(err)
	}
	h.Accept(assurance.Password, assurance.TOTP)
	var shown []signin.Step
	for _, name := range []string{"with.both", "with.password"} {
		attempt, browser := h.Known(t, signin.Ask{Require: signin.AtLevel(assurance.AAL3)}, name)
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, step)
		if err := h.Flow.Choose(t.Context(), attempt, browser, signin.WithKey); err != nil {
			t.Fatal(err)
		}
		step, err = h.Flow.Next(t.Context(), attempt, browser)
		if err != nil {
			t.Fatal(err)
		}
		if use := step.(signin.UseKey); !strings.Contains(string(use.Options), `"allowCredentials":[{`) {
			t.Errorf("%s: the key page lists no keys: %s", name, use.Options)
		}
		_, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, "123456"))
		refusedWith(t, "a code on the key page", err, attempts.ErrWrongStep)
	}
	if diff := cmp.Diff(shown[0], shown[1]); diff != "" {
		t.Errorf("the pages differ:\n%s", diff)
	}
}

func TestPasswordThatWasRightStaysProvenForTheAttempt(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	for _, way := range []signin.Way{signin.WithKey, signin.WithKey, signin.WithSecrets, signin.WithSecrets} {
		if err := h.Flow.Choose(t.Context(), attempt, browser, way); err != nil {
			t.Fatal(err)
		}
	}
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	if _, ok := step.(signin.Done); err != nil || !ok {
		t.Errorf("the code led to %+v, %v", step, err)
	}
}

func TestKeyAtAnyPointFinishesAtOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	h.GiveSecrets(t, person)
	h.Accept(assurance.Password, assurance.TOTP)
	for name, open := range map[string]func() (ids.Attempt, secret.Value){
		"the password": func() (ids.Attempt, secret.Value) { return h.Choosing(t, usual(h), "amira.khan") },
		"the code":     func() (ids.Attempt, secret.Value) { return h.Known(t, usual(h), "amira.khan") },
	} {
		attempt, browser := open()
		if err := h.Flow.Choose(t.Context(), attempt, browser, signin.WithKey); err != nil {
			t.Fatal(err)
		}
		done := h.Finish(t, attempt, browser, key)
		session, err := h.Sessions.Get(t.Context(), done.Session)
		if err != nil || session.Assurance.AAL != assurance.AAL3 || session.Key == "" {
			t.Errorf("a key instead of %s gave %s, %v", name, session.Assurance, err)
		}
	}
}

func TestPersonWithAKeyIsToldToUseItAfterwards(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, _ := h.Holder(t, "amira.khan")
	app := h.GiveSecrets(t, person)
	h.Accept(assurance.Password, assurance.TOTP)
	// Where a password and a code are enough, they are enough, and the key is named.
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	if done, ok := step.(signin.Done); err != nil || !ok || !done.HasKey {
		t.Errorf("led to %+v, %v", step, err)
	}
	// Where they are not, the way ends, and nothing is opened by it.
	attempt, browser = h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	code := h.Code(app)
	step, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code))
	refusedStep(t, "a weaker way", step, err, signin.ErrUseYourKey)
	// The code was used all the same.
	attempt, browser = h.Known(t, usual(h), "amira.khan")
	_, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code))
	refusedWith(t, "the same code elsewhere", err, sharedsecret.CodeUsed)
}

// Whoever is known to have a key is not shown a way that leads nowhere (C27.3).
func TestDowngradeIsNotOfferedToSomebodyKnownToHaveAKey(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	keyless, _ := h.SignedInWithCode(t, "amira.khan", app)
	_, key := h.Holder(t, "ben.adams")
	holder, _ := h.SignedIn(t, key)
	for _, one := range []struct {
		session sessions.Session
		need    assurance.Requirement
		offered bool
	}{
		{holder, signin.AtLevel(assurance.AAL2), false},
		{holder, assurance.Requirement{AAL: assurance.AAL3}, false},
		{holder, assurance.Requirement{AAL: assurance.AAL2}, true},
		{keyless, assurance.Requirement{AAL: assurance.AAL2}, true},
		{keyless, signin.AtLevel(assurance.AAL2), true}, // who has none comes to register one
	} {
		attempt, browser, err := h.Flow.Begin(t.Context(), signin.Ask{Require: one.need, Session: one.session.ID, Person: one.session.Person})
		if err != nil {
			t.Fatal(err)
		}
		step, err := h.Flow.Next(t.Context(), attempt.ID, browser)
		if err != nil || step.(signin.UseKey).Secrets != one.offered {
			t.Errorf("%s, with key %q: offered %+v, %v", one.need, one.session.Key, step, err)
		}
		if err := h.Flow.Choose(t.Context(), attempt.ID, browser, signin.WithSecrets); (err == nil) != one.offered {
			t.Errorf("%s, with key %q: choosing it: %v", one.need, one.session.Key, err)
		}
	}
}

func TestCodeAnswersItsOwnAttemptOnly(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	h.Legacy(t, "ben.adams")
	first, browser := h.Known(t, usual(h), "amira.khan")
	bens, bensBrowser := h.Known(t, usual(h), "ben.adams")
	code := h.Code(app)
	// Amira's code in the attempt in which Ben's password was given.
	_, err := h.Flow.GiveCode(t.Context(), signintest.Given(bens, bensBrowser, code))
	refusedWith(t, "somebody else’s code", err, sharedsecret.WrongCode)
	// From another browser.
	_, err = h.Flow.GiveCode(t.Context(), signintest.Given(first, bensBrowser, code))
	refusedWith(t, "another browser", err, attempts.ErrForeignBrowser)
	_, err = h.Flow.GivePassword(t.Context(), signintest.Given(first, secret.Value{}, signintest.Password))
	refusedWith(t, "no browser", err, attempts.ErrForeignBrowser)
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(first, browser, code))
	if done, ok := step.(signin.Done); err != nil || !ok || done.Token.Empty() {
		t.Fatalf("the right attempt: %+v, %v", step, err)
	}
	// Used is used: in the same attempt, and in another.
	_, err = h.Flow.GiveCode(t.Context(), signintest.Given(first, browser, code))
	refusedWith(t, "the attempt that is over", err, attempts.ErrAlreadyFinished)
	second, browser := h.Known(t, usual(h), "amira.khan")
	_, err = h.Flow.GiveCode(t.Context(), signintest.Given(second, browser, code))
	refusedWith(t, "the code again", err, sharedsecret.CodeUsed)
}

// A name that passes on in the middle of a sign-in does not take the password along.
func TestPasswordOfOneAndCodeOfAnotherAreNotOnePerson(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "a.khan")
	attempt, browser := h.Known(t, usual(h), "a.khan")
	if _, err := h.People.Leave(t.Context(), signintest.Desk(), person.ID, h.Clock.Now(), "moved on"); err != nil {
		t.Fatal(err)
	}
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedStep(t, "a leaver", step, err, signin.ErrPersonMayNot)
}

func TestSecretsThatAreChangedInTheMiddleDoNotCount(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	if _, err := h.Secrets.SetPassword(t.Context(), signintest.Desk(), person.ID, secret.New("eleven other wrens in a copper tree")); err != nil {
		t.Fatal(err)
	}
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedStep(t, "the password of before", step, err, signin.ErrWithdrawn)
}

func TestPasswordAndCodeOutliveNeitherTheAttemptNorAClockThatJumps(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{attempts.Lifetime, 24 * time.Hour, -2 * time.Minute, -24 * time.Hour} {
		h := house(t)
		_, app := h.Legacy(t, "amira.khan")
		attempt, browser := h.Known(t, usual(h), "amira.khan")
		code := h.Code(app)
		h.Clock.Advance(jump)
		_, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code))
		refusedWith(t, "after the clock moved "+jump.String(), err, attempts.ErrExpired)
		refusedWith(t, "choosing", h.Flow.Choose(t.Context(), attempt, browser, signin.WithKey), attempts.ErrExpired)
	}
}

func TestTwoTabsAndADoubleClickFinishOnceWithACode(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { finishOnce(t, signintest.Open(t, d)) })
}

func finishOnce(t *testing.T, h *signintest.House) {
	t.Helper()
	person, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	code := h.Code(app)
	const clicks = 6
	var steps [clicks]signin.Step
	var errs [clicks]error
	var all sync.WaitGroup
	for i := range clicks {
		all.Go(func() {
			steps[i], errs[i] = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, code))
		})
	}
	all.Wait()
	tokens := 0
	for i, step := range steps {
		if done, ok := step.(signin.Done); ok && !done.Token.Empty() {
			tokens++
			continue
		}
		// The guard may have had enough of them; otherwise somebody else was faster.
		if known, ok := problem.Of(errs[i]); !ok || known.Kind != problem.Conflict && known.Kind != problem.TooMany {
			t.Errorf("click %d: %+v, %v", i, step, errs[i])
		}
	}
	open, err := h.Sessions.OfPerson(t.Context(), person.ID)
	if err != nil || tokens != 1 || len(open) != 1 {
		t.Errorf("%d clicks led to %d tokens and %d sessions, %v", clicks, tokens, len(open), err)
	}
	// The password of a double click is judged once as well.
	second, browser := h.Choosing(t, usual(h), "amira.khan")
	for i, want := range []bool{true, false} {
		_, err := h.Flow.GivePassword(t.Context(), signintest.Given(second, browser, signintest.Password))
		if (err == nil) != want {
			t.Errorf("password, click %d: %v", i, err)
		}
	}
}

func TestGuessesAreHeldBackAndAKeyIsNot(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	h.GiveSecrets(t, person)
	h.Accept(assurance.Password, assurance.TOTP)
	held, ended := 0, 0
	for range 40 {
		attempt, browser := h.Choosing(t, usual(h), "amira.khan")
		answer := signintest.Given(attempt, browser, "a guess and not the password")
		answer.IP = "198.51.100.9"
		_, err := h.Flow.GivePassword(t.Context(), answer)
		known, ok := problem.Of(err)
		switch {
		case ok && known.Kind == problem.TooMany:
			held++
			if known.RetryAfter <= 0 {
				t.Fatalf("%s does not say how long to wait", known.Code)
			}
		case problem.Is(err, sharedsecret.WrongPassword):
			ended++
		default:
			t.Fatal(err)
		}
	}
	if held < 30 {
		t.Errorf("of 40 guesses %d were held back and %d judged", held, ended)
	}
	// What was held back does not count against the attempt, or against the owner.
	h.SignedIn(t, key)
}

func TestFiveWrongAnswersEndTheAttempt(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Choosing(t, usual(h), "amira.khan")
	given := func(text string) signin.Answer {
		answer := signintest.Given(attempt, browser, text)
		answer.IP = fmt.Sprint("198.51.100.", h.Clock.Advance(time.Second).Second()) // from one place the guard would be faster
		return answer
	}
	for range 2 {
		_, err := h.Flow.GivePassword(t.Context(), given("a guess and not the password"))
		refusedWith(t, "a wrong password", err, sharedsecret.WrongPassword)
	}
	if _, err := h.Flow.GivePassword(t.Context(), given(signintest.Password)); err != nil {
		t.Fatal(err)
	}
	for range attempts.MaxTries - 3 {
		_, err := h.Flow.GiveCode(t.Context(), given("000000"))
		refusedWith(t, "a wrong code", err, sharedsecret.WrongCode)
	}
	step, err := h.Flow.GiveCode(t.Context(), given("000000"))
	refusedStep(t, "the fifth wrong answer", step, err, signin.ErrTooManyTries)
	_, err = h.Flow.GiveCode(t.Context(), given(h.Code(app)))
	refusedWith(t, "a right one afterwards", err, attempts.ErrAlreadyFinished)
}

func TestEmptyAnswerIsNoTry(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Legacy(t, "amira.khan")
	attempt, browser := h.Choosing(t, usual(h), "amira.khan")
	for range 2 * attempts.MaxTries {
		_, err := h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, ""))
		refusedWith(t, "nothing typed", err, signin.ErrSecretMissing)
	}
	if _, err := h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, signintest.Password)); err != nil {
		t.Errorf("afterwards the password is refused: %v", err)
	}
}
