package signin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/keys"
)

// recoveryCodes makes the policy accept recovery codes as well, and gives a person some.
func recoveryCodes(t *testing.T, h *signintest.House, person ids.Person) []secret.Value {
	t.Helper()
	h.Accept(assurance.Password, assurance.TOTP, assurance.RecoveryCode)
	codes, err := h.Secrets.NewRecoveryCodes(t.Context(), signintest.Desk(), person)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// openedInside checks that a step leads into a registration.
func openedInside(t *testing.T, step signin.Step, err error, by attempts.Opening) {
	t.Helper()
	register, ok := step.(signin.Register)
	if err != nil || !ok || register.Inside != by || register.SignedIn {
		t.Fatalf("led to %+v, %v; want a registration opened by %s", step, err, by)
	}
}

func noSessions(t *testing.T, h *signintest.House, person ids.Person, allowed int) {
	t.Helper()
	open, err := h.Sessions.OfPerson(t.Context(), person)
	if err != nil || len(open) != allowed {
		t.Fatalf("%d sessions are open, %v; want %d", len(open), err, allowed)
	}
}

// From every entry route: the portal, a service behind the gateway, a stronger
// sign-in. (From a one-time link it is what the link is for.)
func TestWhoeverLacksARequiredKeyIsLedIntoRegisteringOne(t *testing.T) {
	t.Parallel()
	for _, route := range []string{"portal", "service", "step up"} {
		h := house(t)
		person, app := h.Legacy(t, "amira.khan")
		ask, before := signin.Ask{Require: signin.AtLevel(assurance.AAL2)}, sessions.Session{}
		switch route {
		case "service":
			to, service, err := h.Returns.Service(signintest.ServicePage, "state")
			if err != nil {
				t.Fatal(err)
			}
			ask.Return, ask.Service = to, service.ID
		case "step up":
			before, _ = h.SignedInWithCode(t, "amira.khan", app)
			ask.Session, ask.Person = before.ID, person.ID
		}
		attempt, browser := h.Known(t, ask, "amira.khan")
		step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
		openedInside(t, step, err, attempts.BySecrets)
		noSessions(t, h, person.ID, len([]int{0}[:min(1, len(before.ID))]))
		step, err = h.Flow.Next(t.Context(), attempt, browser)
		openedInside(t, step, err, attempts.BySecrets)
		if diff := cmp.Diff([]string{assurance.NotPhishingResistant.Sentence()}, step.(signin.Register).Missing); diff != "" {
			t.Errorf("%s: what is missing (-want +got):\n%s", route, diff)
		}
		key := h.Batch.NewKey()
		step, err = h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key))
		if use, ok := step.(signin.UseKey); err != nil || !ok || !use.NewKey {
			t.Fatalf("%s: the registration led to %+v, %v", route, step, err)
		}
		done := h.Finish(t, attempt, browser, key)
		session, err := h.Sessions.Get(t.Context(), done.Session)
		if err != nil || session.Assurance.AAL != assurance.AAL3 || session.Person != person.ID {
			t.Errorf("%s: ended in %+v, %v", route, session, err)
		}
		if done.Return != ask.Return {
			t.Errorf("%s: the person is sent to %+v, not to where they were going", route, done.Return)
		}
		noSessions(t, h, person.ID, 1) // the weaker one has been replaced
		if got := h.Actions(t, string(person.ID)); !slices.Contains(got, "enrol.opened") || !slices.Contains(got, "enrol.registered") {
			t.Errorf("%s: the record says %v", route, got)
		}
	}
}

func TestNoSessionUntilTheKeyRegisteredInsideWasUsed(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	if _, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app))); err != nil {
		t.Fatal(err)
	}
	// From here there is no way back to a session without a key.
	_, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedWith(t, "a code", err, attempts.ErrWrongStep)
	_, err = h.Flow.GivePassword(t.Context(), signintest.Given(attempt, browser, signintest.Password))
	refusedWith(t, "a password", err, attempts.ErrWrongStep)
	refusedWith(t, "choosing", h.Flow.Choose(t.Context(), attempt, browser, signin.WithSecrets), attempts.ErrWrongStep)
	key := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key)); err != nil {
		t.Fatal(err)
	}
	noSessions(t, h, person.ID, 0)
	h.Finish(t, attempt, browser, key)
	noSessions(t, h, person.ID, 1)
}

// A weak method never makes a strong one for somebody who has, or had, a key.
func TestPasswordAndCodeGiveNoKeyToWhoHasOrHadOne(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	app := h.GiveSecrets(t, person)
	h.Accept(assurance.Password, assurance.TOTP)
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedStep(t, "with a key", step, err, signin.ErrUseYourKey)
	session, _ := h.SignedIn(t, key)
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	attempt, browser = h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	step, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedStep(t, "with a lost key", step, err, signin.ErrRecover)
}

// Two attempts are led into a registration; the second must not make another key.
func TestRegistrationInsideAsksAgainAtItsEnd(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	var opened [3]ids.Attempt
	var browsers [3]secret.Value
	var answers [3]signin.Answer
	var made [3]*softkey.Key
	for i := range opened {
		opened[i], browsers[i] = h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
		step, err := h.Flow.GiveCode(t.Context(), signintest.Given(opened[i], browsers[i], h.Code(app)))
		openedInside(t, step, err, attempts.BySecrets)
		made[i] = h.Batch.NewKey()
		answers[i] = h.Registration(t, opened[i], browsers[i], made[i])
	}
	h.Accept() // policy withdraws the methods
	step, err := h.Flow.Register(t.Context(), answers[0])
	refusedStep(t, "after the policy changed", step, err, signin.ErrWithdrawn)
	h.Accept(assurance.Password, assurance.TOTP)
	if _, err := h.Flow.Register(t.Context(), answers[1]); err != nil {
		t.Fatal(err)
	}
	step, err = h.Flow.Register(t.Context(), answers[2])
	refusedStep(t, "after a key was registered", step, err, signin.ErrUseYourKey)
	held, err := h.Keys.HeldBy(t.Context(), person.ID)
	if err != nil || len(held) != 1 {
		t.Errorf("%d keys were registered, %v", len(held), err)
	}
}

func TestRegistrationInsideEndsWithItsAttempt(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	if _, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app))); err != nil {
		t.Fatal(err)
	}
	answer := h.Registration(t, attempt, browser, h.Batch.NewKey())
	h.Clock.Advance(attempts.Lifetime)
	_, err := h.Flow.Register(t.Context(), answer)
	refusedWith(t, "ten minutes later", err, attempts.ErrExpired)
}

func TestKeyThatIsNotEnoughOpensTheRegistrationOfOneThatIs(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, weak := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	weak.Behaviour.Statement = softkey.Self
	h.Enrol(t, person.ID, weak)
	ask := signin.Ask{Require: assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, Attested: true, UserVerified: true}}
	attempt, browser := h.BegunWith(t, ask, "")
	step, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, weak))
	openedInside(t, step, err, attempts.ByKey)
	want := []string{assurance.LevelTooLow.Sentence(), assurance.NotAttested.Sentence()}
	if diff := cmp.Diff(want, step.(signin.Register).Missing); diff != "" {
		t.Errorf("what is missing (-want +got):\n%s", diff)
	}
	strong := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, strong)); err != nil {
		t.Fatal(err)
	}
	_, err = h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, weak))
	refusedWith(t, "the weak key again", err, signin.ErrUseNewKey)
	done := h.Finish(t, attempt, browser, strong)
	session, err := h.Sessions.Get(t.Context(), done.Session)
	if err != nil || !session.Assurance.Attested || session.Assurance.AAL != assurance.AAL3 {
		t.Errorf("ended in %s, %v", session.Assurance, err)
	}
}

func TestTouchWithoutPINAndABlockedKeyOpenNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, weak := h.Somebody(t, "amira.khan"), h.Batch.NewKey()
	weak.Behaviour.Statement = softkey.Self
	h.Enrol(t, person.ID, weak)
	session, _ := h.SignedIn(t, weak)
	ask := signin.Ask{Require: signin.AtLevel(assurance.AAL3)}
	attempt, browser := h.BegunWith(t, ask, "")
	weak.Behaviour.SkipUserVerification = true
	step, err := h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, weak))
	if _, opened := step.(signin.Register); opened {
		t.Errorf("a touch without PIN opened a registration (%v)", err)
	}
	weak.Behaviour.SkipUserVerification = false
	attempt, browser = h.BegunWith(t, ask, "")
	step, err = h.Flow.UseKey(t.Context(), h.Touch(t, attempt, browser, weak))
	openedInside(t, step, err, attempts.ByKey)
	answer := h.Registration(t, attempt, browser, h.Batch.NewKey())
	// The thief has the page open; the holder reports the key.
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Stolen, time.Time{}); err != nil {
		t.Fatal(err)
	}
	step, err = h.Flow.Register(t.Context(), answer)
	refusedStep(t, "the key that was reported", step, err, signin.ErrSessionGone)
}

func TestRecoveryCodeOpensARegistrationAndNeverASession(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, key := h.Holder(t, "amira.khan")
	h.GiveSecrets(t, person)
	codes := recoveryCodes(t, h, person.ID)
	session, _ := h.SignedIn(t, key)
	give := func(code secret.Value) (signin.Step, ids.Attempt, secret.Value, error) {
		t.Helper()
		attempt, browser := h.Known(t, usual(h), "amira.khan")
		step, err := h.Flow.GiveRecoveryCode(t.Context(), signintest.Given(attempt, browser, code.Reveal()))
		h.Clock.Advance(time.Minute)
		return step, attempt, browser, err
	}
	// Whoever has a key uses it, or says first that it is lost; the code is not wasted.
	step, _, _, err := give(codes[0])
	refusedStep(t, "a recovery code of somebody with a key", step, err, signin.ErrUseYourKey)
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	step, attempt, browser, err := give(codes[0])
	openedInside(t, step, err, attempts.ByRecoveryCode)
	noSessions(t, h, person.ID, 0)
	_, _, _, err = give(codes[0])
	refusedWith(t, "the same code again", err, sharedsecret.WrongRecoveryCode)
	fresh := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, fresh)); err != nil {
		t.Fatal(err)
	}
	done := h.Finish(t, attempt, browser, fresh)
	if session, err := h.Sessions.Get(t.Context(), done.Session); err != nil || session.Key == "" || session.Assurance.AAL != assurance.AAL3 {
		t.Errorf("ended in %+v, %v", session, err)
	}
}

// Also where a password and a code would be enough to sign in.
func TestRecoveryCodeIsNoSecondFactor(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, _ := h.Legacy(t, "amira.khan")
	codes := recoveryCodes(t, h, person.ID)
	attempt, browser := h.Known(t, signin.Ask{Require: assurance.Requirement{AAL: assurance.AAL1}}, "amira.khan")
	_, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, codes[0].Reveal()))
	refusedWith(t, "a recovery code as a one-time code", err, sharedsecret.WrongCode)
	step, err := h.Flow.GiveRecoveryCode(t.Context(), signintest.Given(attempt, browser, codes[0].Reveal()))
	openedInside(t, step, err, attempts.ByRecoveryCode)
	noSessions(t, h, person.ID, 0)
}

func TestRecoveryCodesAreOptionalByPolicy(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	codes := recoveryCodes(t, h, person.ID)
	attempt, browser := h.Known(t, usual(h), "amira.khan")
	for _, one := range []struct {
		accepted []assurance.Method
		want     signin.GiveCode
	}{
		{[]assurance.Method{assurance.Password, assurance.TOTP}, signin.GiveCode{Code: true}},
		{[]assurance.Method{assurance.Password, assurance.RecoveryCode}, signin.GiveCode{Recovery: true}},
		{[]assurance.Method{assurance.Password, assurance.TOTP, assurance.RecoveryCode}, signin.GiveCode{Code: true, Recovery: true}},
	} {
		h.Accept(one.accepted...)
		step, err := h.Flow.Next(t.Context(), attempt, browser)
		if diff := cmp.Diff(signin.Step(one.want), step); err != nil || diff != "" {
			t.Errorf("%v accepted: %v\n%s", one.accepted, err, diff)
		}
	}
	h.Accept(assurance.Password, assurance.TOTP)
	_, err := h.Flow.GiveRecoveryCode(t.Context(), signintest.Given(attempt, browser, codes[0].Reveal()))
	refusedWith(t, "a recovery code that policy does not accept", err, signin.ErrNotAccepted)
	h.Accept(assurance.Password, assurance.RecoveryCode)
	_, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedWith(t, "a code that policy does not accept", err, signin.ErrNotAccepted)
}

// What two people must approve for somebody who holds a role (access/recovery), no
// password and no code gives them, whether they had a key or never had one.
func TestPasswordAndCodesGiveNoKeyToWhoHoldsARole(t *testing.T) {
	t.Parallel()
	h := house(t)
	lost, key := h.Holder(t, "amira.khan")
	h.GiveSecrets(t, lost)
	session, _ := h.SignedIn(t, key)
	if _, err := h.LostKeys.Report(t.Context(), signintest.Desk(), session.Key, keys.Lost, time.Time{}); err != nil {
		t.Fatal(err)
	}
	never := h.Somebody(t, "bea.okafor")
	app := h.GiveSecrets(t, never)
	codes := recoveryCodes(t, h, lost.ID)
	for _, person := range []ids.Person{lost.ID, never.ID} {
		if err := h.Roster.Grant(t.Context(), signintest.Desk(), person, roles.Auditor); err != nil {
			t.Fatal(err)
		}
	}
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	step, err := h.Flow.GiveRecoveryCode(t.Context(), signintest.Given(attempt, browser, codes[0].Reveal()))
	refusedStep(t, "a recovery code", step, err, signin.ErrHoldsRole)
	attempt, browser = h.Known(t, signin.Ask{Require: signin.Ordinary()}, "bea.okafor")
	step, err = h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	refusedStep(t, "a code", step, err, signin.ErrHoldsRole)
	noSessions(t, h, never.ID, 0)
}

// A role that is given while a registration is open counts at its end.
func TestRoleGivenWhileARegistrationIsOpenCounts(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	openedInside(t, step, err, attempts.BySecrets)
	answer := h.Registration(t, attempt, browser, h.Batch.NewKey())
	if err := h.Roster.Grant(t.Context(), signintest.Desk(), person.ID, roles.Administrator); err != nil {
		t.Fatal(err)
	}
	step, err = h.Flow.Register(t.Context(), answer)
	refusedStep(t, "the new key", step, err, signin.ErrHoldsRole)
}

// A link that was made for somebody without a key is no second way in for whoever
// kept it, once they have come to a key in another way.
func TestLinkDiesWhenAKeyIsRegisteredInAnotherWay(t *testing.T) {
	t.Parallel()
	h := house(t)
	person, app := h.Legacy(t, "amira.khan")
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), person.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	stranger, theirs, err := h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	open := h.Registration(t, stranger.ID, theirs, h.Batch.NewKey())
	attempt, browser := h.Known(t, signin.Ask{Require: signin.Ordinary()}, "amira.khan")
	step, err := h.Flow.GiveCode(t.Context(), signintest.Given(attempt, browser, h.Code(app)))
	openedInside(t, step, err, attempts.BySecrets)
	key := h.Batch.NewKey()
	if _, err := h.Flow.Register(t.Context(), h.Registration(t, attempt, browser, key)); err != nil {
		t.Fatal(err)
	}
	h.Finish(t, attempt, browser, key)
	_, _, err = h.Flow.BeginEnrolment(t.Context(), link, signin.Ask{})
	refusedWith(t, "the link", err, invitations.NotValid)
	step, err = h.Flow.Register(t.Context(), open)
	refusedStep(t, "what the link had opened", step, err, invitations.NotValid)
}
