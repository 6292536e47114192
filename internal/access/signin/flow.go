package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/decoys"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// Deps is what a Flow needs. All is required but what says otherwise.
type Deps struct {
	Attempts    *attempts.Book
	Decoys      *decoys.Maker
	Tx          tx.Runner
	Audit       *audit.Log
	People      *people.Directory
	Factors     *factors.Factors
	Sessions    *sessions.Book
	Invitations *invitations.Desk
	// Secrets, Guard and Accepts belong together: without all three nobody signs in
	// with anything but a key.
	Secrets Secrets
	Guard   Guard
	Accepts func(ctx context.Context, method assurance.Method, at time.Time) bool // what policy says
	// Privileged says whether somebody holds a role in Warder; with it they are led to
	// a key by people and by another key only. It is needed beside Secrets.
	Privileged func(ctx context.Context, person ids.Person) (bool, error)
	Arrivals   *arrivals.Gate // judges where people come from; nil: nothing is judged
	Now        func() time.Time
	Log        *slog.Logger // nil discards
}

// Flow leads attempts from their beginning to their end.
type Flow struct{ deps Deps }

// New returns a flow.
func New(deps Deps) *Flow {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Flow{deps: deps}
}

// Begin opens a sign-in and returns it with the secret that binds it to the
// browser. With Ask.Person it asks for a stronger or fresher sign-in of that
// person. A requirement that nobody wrote is refused here, before a person is
// made to touch a key for nothing.
func (f *Flow) Begin(ctx context.Context, ask Ask) (attempts.Attempt, secret.Value, error) {
	if !ask.Require.Defined() {
		return attempts.Attempt{}, secret.Value{}, errors.New("begin a sign-in: the requirement is undefined")
	}
	if (ask.Session == "") != (ask.Person == "") {
		return attempts.Attempt{}, secret.Value{}, errors.New("begin a sign-in: a session and its person go together")
	}
	attempt, browser := f.deps.Attempts.Fresh(attempts.SignIn, attempts.Identifying, ask.Browser)
	attempt.Require, attempt.Service, attempt.Return = ask.Require, ask.Service, ask.Return
	attempt.Session, attempt.Person = ask.Session, ask.Person
	if ask.Person != "" {
		attempt.Purpose, attempt.State = attempts.StepUp, attempts.UsingKey
	}
	return attempt, browser, f.deps.Attempts.Add(ctx, attempt)
}

// BeginFurtherKey opens the registration of another key by somebody who has
// signed in with one, strongly, within the last Lifetime. Without that, whoever
// finds an unlocked screen could add a key of their own.
func (f *Flow) BeginFurtherKey(ctx context.Context, session sessions.Session, browser secret.Value) (attempts.Attempt, secret.Value, error) {
	now := f.deps.Now()
	need := FreshForNewKey()
	if session.Life(now) != sessions.Alive || need.Unmet(session.Assurance, session.AuthTime, now) != 0 {
		return attempts.Attempt{}, secret.Value{}, ErrNotFresh.New()
	}
	if err := f.stillGood(ctx, session); err != nil {
		return attempts.Attempt{}, secret.Value{}, err
	}
	if _, err := f.holder(ctx, session.Person); err != nil {
		return attempts.Attempt{}, secret.Value{}, err
	}
	attempt, browser := f.deps.Attempts.Fresh(attempts.Enrol, attempts.Registering, browser)
	attempt.Require, attempt.Person, attempt.Session = need, session.Person, session.ID
	attempt.Return = Return{Path: keyAdded}
	return attempt, browser, f.deps.Attempts.Add(ctx, attempt)
}

// BeginEnrolment opens the registration that an invitation allows. The
// invitation stays open until the registration finishes, so a person who is
// interrupted can use the link again. Of ask only Browser and Session count.
func (f *Flow) BeginEnrolment(ctx context.Context, link secret.Value, ask Ask) (attempts.Attempt, secret.Value, error) {
	invitation, err := f.deps.Invitations.Opened(ctx, link)
	if err != nil {
		return attempts.Attempt{}, secret.Value{}, err
	}
	return f.beginInvited(ctx, invitation, ask)
}

// BeginEnrolmentByPass is BeginEnrolment for a pass that was typed.
func (f *Flow) BeginEnrolmentByPass(ctx context.Context, typed invitations.TypedPass, ask Ask) (attempts.Attempt, secret.Value, error) {
	invitation, err := f.deps.Invitations.OpenedByPass(ctx, typed)
	if err != nil {
		return attempts.Attempt{}, secret.Value{}, err
	}
	return f.beginInvited(ctx, invitation, ask)
}

func (f *Flow) beginInvited(ctx context.Context, invitation invitations.Invitation, ask Ask) (attempts.Attempt, secret.Value, error) {
	if _, err := f.enrollee(ctx, invitation.Person); err != nil {
		return attempts.Attempt{}, secret.Value{}, err
	}
	attempt, browser := f.deps.Attempts.Fresh(attempts.Enrol, attempts.Registering, ask.Browser)
	attempt.Require, attempt.Person, attempt.Invitation = Ordinary(), invitation.Person, invitation.ID
	attempt.Session, attempt.Return = ask.Session, Return{Path: keyAdded}
	return attempt, browser, f.deps.Attempts.Add(ctx, attempt)
}

// Invited is whom a link is for; it changes nothing, so that a mail program
// that looks at the link does not use it up.
func (f *Flow) Invited(ctx context.Context, link secret.Value) (people.Person, error) {
	invitation, err := f.deps.Invitations.Opened(ctx, link)
	if err != nil {
		return people.Person{}, err
	}
	return f.enrollee(ctx, invitation.Person)
}

// EnrolPath is the page of a one-time link; its token follows.
const EnrolPath = "/enrol/"

// keyAdded is the person's own page, which then says that a key was added.
const keyAdded = returns.Home + "?key=added"

// Next is the dispatcher: it reads the attempt and says what comes now. Where a
// key is needed and no challenge is open, it opens one.
func (f *Flow) Next(ctx context.Context, id ids.Attempt, browser secret.Value) (Step, error) {
	attempt, err := f.deps.Attempts.ForBrowser(ctx, id, browser)
	if err != nil {
		return nil, err
	}
	if !attempt.State.Over() && attempt.Expired(f.deps.Now()) {
		return Refused{Problem: attempts.ErrExpired.New(), Return: attempt.Return}, nil
	}
	if attempt.WantsKey() && len(attempt.Options) == 0 {
		if attempt, err = f.openCeremony(ctx, id, browser); err != nil {
			return nil, err
		}
	}
	step, err := next(attempt)
	if err != nil {
		return nil, err
	}
	return f.offer(ctx, attempt, step)
}

// offer says which other ways there are at this moment.
func (f *Flow) offer(ctx context.Context, attempt attempts.Attempt, step Step) (Step, error) {
	switch step := step.(type) {
	case UseKey:
		var err error
		if attempt.State == attempts.UsingKey {
			step.Secrets, err = f.offersSecrets(ctx, attempt)
		}
		if err == nil && attempt.Purpose == attempts.StepUp {
			step.Why, step.Revalidate, err = f.deps.Arrivals.Unusual(ctx, attempt.Session)
		}
		return step, err
	case GivePassword:
		if !f.AcceptsSecrets(ctx) {
			return Refused{Problem: ErrNotAccepted.New(), Return: attempt.Return}, nil
		}
	case GiveCode:
		step.Code, step.Recovery = f.accepts(ctx, assurance.Password, assurance.TOTP), f.accepts(ctx, assurance.Password, assurance.RecoveryCode)
		if !step.Code && !step.Recovery {
			return Refused{Problem: ErrNotAccepted.New(), Return: attempt.Return}, nil
		}
		return step, nil
	case Identify, Register, Refused, Done:
	}
	return step, nil
}

// next is the dispatcher's table: one step per state.
func next(a attempts.Attempt) (Step, error) {
	switch a.State {
	case attempts.Identifying:
		return Identify{}, nil
	case attempts.UsingKey:
		return UseKey{Options: a.Options, Return: a.Return}, nil
	case attempts.GivingPassword:
		return GivePassword{Named: a.Named, Return: a.Return}, nil
	case attempts.GivingCode:
		return GiveCode{Return: a.Return}, nil
	case attempts.Confirming:
		return UseKey{Options: a.Options, NewKey: true, Return: a.Return}, nil
	case attempts.Registering:
		step := Register{Options: a.Options, SignedIn: a.Invitation == "" && a.Opening == "", Inside: a.Opening}
		if a.Opening != "" {
			step.Missing = sentences(a.Short)
		}
		return step, nil
	case attempts.Stopped:
		return refusal(a), nil
	case attempts.Finished:
		return done(a, secret.Value{}), nil
	}
	return nil, fmt.Errorf("attempt %s is in the unknown state %q", a.ID, a.State)
}

func refusal(a attempts.Attempt) Refused {
	refused := Refused{Problem: definition(a.Refusal).New(), Return: a.Return}
	refused.Missing = sentences(a.Short)
	return refused
}

// Identify takes the user name that was typed, which may be empty: then any key
// that knows its holder will do. Whether there is such a person is not told.
func (f *Flow) Identify(ctx context.Context, id ids.Attempt, browser secret.Value, userName string) error {
	userName = strings.ToLower(strings.TrimSpace(userName))
	if len(userName) > maxUserName {
		userName = userName[:maxUserName] // nobody has such a name; the page must not say so
	}
	return f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		attempt, err := f.deps.Attempts.Open(ctx, id, browser, attempts.Identifying)
		if err != nil {
			return err
		}
		attempt.Named = strings.ToValidUTF8(userName, "?")
		return f.deps.Attempts.Advance(ctx, attempt, attempts.Named)
	})
}

// maxUserName is longer than any user name of the directory.
const maxUserName = 128

// Purge forgets attempts whose time was over an hour ago, and says how many.
func (f *Flow) Purge(ctx context.Context) (int, error) { return f.deps.Attempts.Purge(ctx) }

// holder returns somebody who may sign in, or says that they may not.
func (f *Flow) holder(ctx context.Context, id ids.Person) (people.Person, error) {
	person, err := f.enrollee(ctx, id)
	if err == nil && !person.MaySignIn(f.deps.Now()) {
		return people.Person{}, ErrKeptForEmergencies.New()
	}
	return person, err
}

// enrollee returns somebody who may register a key with a one-time link: whoever
// may sign in, and an identity that is kept for emergencies, which may not.
func (f *Flow) enrollee(ctx context.Context, id ids.Person) (people.Person, error) {
	person, err := f.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return people.Person{}, ErrPersonMayNot.Because(err)
	}
	if err != nil {
		return people.Person{}, err
	}
	if now := f.deps.Now(); !person.MaySignIn(now) && !person.MayBreakGlass(now) {
		return people.Person{}, ErrPersonMayNot.New()
	}
	return person, nil
}

// enrolling returns the person an attempt registers a key for. Only a link lets an
// identity that is kept for emergencies do so, never a session.
func (f *Flow) enrolling(ctx context.Context, attempt attempts.Attempt) (people.Person, error) {
	if attempt.Invitation != "" {
		return f.enrollee(ctx, attempt.Person)
	}
	return f.holder(ctx, attempt.Person)
}
