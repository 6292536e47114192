package signin

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// outcome is what one answer did to an attempt.
type outcome struct {
	step      Step  // Done or Refused when the attempt is over
	complaint error // why the answer was no good, when it may be tried again
}

// UseKey takes the answer of a key. It returns Done with the token of the new
// session, Refused, or the problem for which the key may be tried again. The
// challenge is used up by any answer, in the unit of work that judges it.
func (f *Flow) UseKey(ctx context.Context, answer Answer) (Step, error) {
	return f.answer(ctx, answer, f.useKey, attempts.UsingKey, attempts.Confirming)
}

// Register takes the new credential of a key. An invited person must use the
// key next; a person who is signed in is done.
func (f *Flow) Register(ctx context.Context, answer Answer) (Step, error) {
	return f.answer(ctx, answer, f.register, attempts.Registering)
}

type judge func(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error)

// answer takes what a key said.
func (f *Flow) answer(ctx context.Context, answer Answer, judge judge, allowed ...attempts.State) (Step, error) {
	if len(answer.Response) == 0 {
		return nil, ErrAnswerMissing.New()
	}
	open := func(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
		if len(attempt.Ceremony) == 0 {
			return outcome{}, attempts.ErrWrongStep.New() // the challenge was used by another answer
		}
		return judge(ctx, attempt, answer)
	}
	return f.judged(ctx, answer, open, allowed...)
}

// judged has an answer judged, and keeps what came of it.
func (f *Flow) judged(ctx context.Context, answer Answer, judge judge, allowed ...attempts.State) (Step, error) {
	var result outcome
	var opened bool
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		result, opened = outcome{}, false
		attempt, err := f.deps.Attempts.Open(ctx, answer.Attempt, answer.Browser, allowed...)
		if err != nil {
			return err
		}
		opened = true
		result, err = judge(ctx, attempt, answer)
		return err
	})
	if err != nil && opened && forPerson(err) && !problem.Is(err, attempts.ErrWrongStep) {
		// What the answer changed is undone; that it was given is kept.
		result, err = f.afterwards(ctx, answer, err, allowed...)
	}
	if err != nil {
		return nil, err
	}
	f.tell(ctx, answer.Attempt, result)
	return result.step, result.complaint
}

// tell writes what came of an answer into the log, once it has been kept.
func (f *Flow) tell(ctx context.Context, attempt ids.Attempt, result outcome) {
	said := f.deps.Log.With("attempt", string(attempt))
	if known, ok := problem.Of(result.complaint); ok {
		said.InfoContext(ctx, "an answer was refused", "code", known.Code)
	}
	switch step := result.step.(type) {
	case Done:
		said.InfoContext(ctx, "an attempt has succeeded", "purpose", string(step.Purpose), "person", string(step.Person), "session", string(step.Session))
	case Refused:
		said.InfoContext(ctx, "an attempt was refused", "code", step.Problem.Code)
	case UseKey, GivePassword, GiveCode, Register, Identify:
	}
}

// forPerson says that an error tells a person what is wrong with their answer;
// any other error is ours, and leaves the attempt as it was.
func forPerson(err error) bool {
	found, ok := problem.Of(err)
	if !ok {
		return false
	}
	switch found.Kind {
	case problem.Invalid, problem.Unauthenticated, problem.StepUp, problem.Forbidden, problem.NotFound, problem.Conflict:
		return true
	case problem.Internal, problem.TooMany, problem.Unavailable:
	}
	return false
}

// afterwards records an answer that was no good in a unit of work of its own.
func (f *Flow) afterwards(ctx context.Context, answer Answer, cause error, allowed ...attempts.State) (outcome, error) {
	var result outcome
	err := f.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		attempt, err := f.deps.Attempts.Open(ctx, answer.Attempt, answer.Browser, allowed...)
		if err != nil {
			return err
		}
		result, err = f.fail(ctx, attempt, cause)
		return err
	})
	return result, err
}

// useKey judges the answer of a key.
func (f *Flow) useKey(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
	proof, err := f.deps.Factors.FinishVerification(ctx, attempt.Ceremony, answer.Response)
	if forPerson(err) {
		// What factors has recorded about a copied or blocked key must stay.
		return f.fail(ctx, attempt, err)
	}
	if err != nil {
		return outcome{}, err
	}
	if complaint := f.foreign(ctx, attempt, proof); complaint != nil {
		return f.fail(ctx, attempt, complaint)
	}
	if attempt.State == attempts.Confirming {
		person, err := f.enrollee(ctx, proof.Credential.Person)
		if err == nil && person.MayBreakGlass(f.deps.Now()) {
			return f.confirm(ctx, attempt, proof)
		}
	}
	person, err := f.holder(ctx, proof.Credential.Person)
	if err != nil {
		return f.fail(ctx, attempt, err)
	}
	if attempt.Purpose == attempts.StepUp {
		touch := arrivals.Touch{Person: person.ID, Session: attempt.Session, UserVerified: proof.UserVerified, InHand: answer.InHand}
		if answer.revalidated, err = f.deps.Arrivals.Revalidate(ctx, touch); err != nil {
			return f.fail(ctx, attempt, err)
		}
	}
	if f.deps.Guard != nil {
		if err := f.deps.Guard.Proven(ctx, audit.Person(person.ID), person.UserName, arrivals.Address(answer.IP)); err != nil {
			return outcome{}, err
		}
	}
	now := f.deps.Now()
	if attempt.Short = attempt.Require.Unmet(proof.Assurance, now, now); attempt.Short != 0 {
		return f.tooWeak(ctx, attempt, answer, proof)
	}
	return f.succeed(ctx, attempt, answer, sessions.NewSession{Person: person.ID, Credential: proof.Credential.ID,
		Key: proof.Credential.Key, Assurance: proof.Assurance, AMR: proof.AMR}, false)
}

// tooWeak answers a good key that is not enough: it may open the registration of
// one that is.
func (f *Flow) tooWeak(ctx context.Context, attempt attempts.Attempt, answer Answer, proof factors.Proof) (outcome, error) {
	opens, err := f.opensByKey(ctx, attempt, proof)
	if err != nil {
		return outcome{}, err
	}
	if !opens {
		return f.fail(ctx, attempt, ErrNotEnough.New())
	}
	attempt.Person, attempt.Opener = proof.Credential.Person, proof.Credential.ID
	return f.inside(ctx, attempt, attempts.ByKey, answer)
}

// foreign says whether a good key is not the one that this attempt is for.
func (f *Flow) foreign(ctx context.Context, attempt attempts.Attempt, proof factors.Proof) error {
	if attempt.Person != "" && proof.Credential.Person != attempt.Person {
		return ErrOtherPerson.New()
	}
	if attempt.State == attempts.Confirming && (attempt.Credential == "" || proof.Credential.ID != attempt.Credential) {
		return ErrUseNewKey.New()
	}
	if attempt.Named == "" {
		return nil
	}
	person, err := f.deps.People.Get(ctx, proof.Credential.Person)
	if err != nil || !strings.EqualFold(person.UserName, attempt.Named) {
		return ErrOtherPerson.New()
	}
	return nil
}

// succeed starts the session and closes the attempt, in one unit of work. hasKey
// says that the person could have used a key and did not.
func (f *Flow) succeed(ctx context.Context, attempt attempts.Attempt, answer Answer, begun sessions.NewSession, hasKey bool) (outcome, error) {
	actor := audit.Person(begun.Person)
	visit, err := f.deps.Arrivals.Arrive(ctx, begun.Person, answer.from())
	if err != nil {
		return f.fail(ctx, attempt, err)
	}
	begun.IP, begun.UserAgent = answer.IP, answer.UserAgent
	begun.Cause = audit.Event{Actor: actor, Action: "signin.succeeded", Details: map[string]string{
		"attempt": string(attempt.ID), "purpose": string(attempt.Purpose), "assurance": begun.Assurance.String(),
		"method": begun.Assurance.Method.String(), "credential": string(begun.Credential), "key": string(begun.Key),
	}}
	if attempt.Service != "" {
		begun.Cause.Details["service"] = string(attempt.Service)
	}
	session, token, err := f.deps.Sessions.Start(ctx, actor, begun)
	if err != nil {
		return outcome{}, err
	}
	if err := f.deps.Arrivals.Arrived(ctx, session.ID, visit, answer.revalidated); err != nil {
		return outcome{}, err
	}
	if err := f.replace(ctx, actor, attempt); err != nil {
		return outcome{}, err
	}
	attempt.Result, attempt.Person = session.ID, session.Person
	attempt.Ceremony, attempt.Options = nil, nil
	if err := f.deps.Attempts.Advance(ctx, attempt, attempts.Proven); err != nil {
		return outcome{}, err
	}
	step := done(attempt, token)
	step.HasKey = hasKey
	return outcome{step: step}, f.deps.Invitations.Confirmed(ctx, attempt.Credential)
}

// confirm closes the enrolment of an identity that is kept for emergencies: its
// key works, and alone it begins no session.
func (f *Flow) confirm(ctx context.Context, attempt attempts.Attempt, proof factors.Proof) (outcome, error) {
	attempt.Ceremony, attempt.Options = nil, nil
	if err := f.deps.Attempts.Advance(ctx, attempt, attempts.Proven); err != nil {
		return outcome{}, err
	}
	event := audit.Event{Actor: audit.Person(proof.Credential.Person), Action: "enrol.confirmed", Subject: string(proof.Credential.Person),
		Details: map[string]string{"attempt": string(attempt.ID), "credential": string(proof.Credential.ID), "key": string(proof.Credential.Key)}}
	return outcome{step: done(attempt, secret.Value{})}, f.deps.Audit.Record(ctx, event)
}

// replace ends the session that the browser had: after a new sign-in the old
// token must not be worth anything (OWASP ASVS 5.0 §7.2.4).
func (f *Flow) replace(ctx context.Context, actor audit.Actor, attempt attempts.Attempt) error {
	if attempt.Session == "" {
		return nil
	}
	switch _, err := f.liveSession(ctx, attempt); {
	case problem.Is(err, ErrSessionGone):
		return nil
	case err != nil:
		return err
	}
	return f.deps.Sessions.End(ctx, actor, attempt.Session, sessions.Replaced)
}

// liveSession returns the session with which the attempt was begun, if it is still alive.
func (f *Flow) liveSession(ctx context.Context, attempt attempts.Attempt) (sessions.Session, error) {
	session, err := f.deps.Sessions.Get(ctx, attempt.Session)
	if problem.Is(err, sessions.NoSuch) {
		return sessions.Session{}, ErrSessionGone.Because(err)
	}
	if err != nil {
		return sessions.Session{}, err
	}
	if session.Life(f.deps.Now()) != sessions.Alive {
		return sessions.Session{}, ErrSessionGone.New()
	}
	return session, nil
}

func done(attempt attempts.Attempt, token secret.Value) Done {
	return Done{Purpose: attempt.Purpose, Person: attempt.Person, Session: attempt.Result, Token: token, Return: attempt.Return,
		KeptForEmergencies: attempt.Invitation != "" && attempt.Result == ""}
}

// register judges a new credential. The invitation is used up here and not
// before, so that a registration that fails can be tried again, and one that is
// cut off leaves the link as it was.
func (f *Flow) register(ctx context.Context, attempt attempts.Attempt, answer Answer) (outcome, error) {
	person, err := f.enrolling(ctx, attempt)
	if err != nil {
		return f.fail(ctx, attempt, err)
	}
	if err := f.mayAdd(ctx, attempt); err != nil {
		return outcome{}, err
	}
	actor := audit.Person(person.ID)
	credential, err := f.deps.Factors.FinishRegistration(ctx, actor, holderOf(person), attempt.Ceremony, answer.Response,
		factors.NewKey{Serial: strings.TrimSpace(answer.Serial), Label: strings.TrimSpace(answer.Label)})
	if err != nil {
		return outcome{}, err
	}
	if person.Kind == people.KindBreakGlass && !(credential.Attested() && credential.HardwareBound) {
		return outcome{}, ErrNotHardware.New()
	}
	attempt.Credential = credential.ID
	attempt.Ceremony, attempt.Options, attempt.Tries, attempt.Short = nil, nil, 0, 0
	what, action := attempts.Registered, "enrol.registered"
	if attempt.Invitation == "" && attempt.Opening == "" {
		what, action = attempts.Added, "enrol.key_added"
	}
	if err := f.deps.Attempts.Advance(ctx, attempt, what); err != nil {
		return outcome{}, err
	}
	event := audit.Event{Actor: actor, Action: action, Subject: string(person.ID), Details: map[string]string{
		"attempt": string(attempt.ID), "credential": string(credential.ID), "key": string(credential.Key),
		"invitation": string(attempt.Invitation), "opened_by": string(attempt.Opening),
	}}
	if err := f.deps.Audit.Record(ctx, event); err != nil {
		return outcome{}, err
	}
	if attempt.Invitation == "" {
		// A link or pass that is still open was meant for somebody without this key; in
		// other hands it would be a second way in.
		if _, err := f.deps.Invitations.Withdraw(ctx, actor, person.ID); err != nil {
			return outcome{}, err
		}
	}
	if what == attempts.Added {
		return outcome{step: done(attempt, secret.Value{})}, nil
	}
	return outcome{step: UseKey{NewKey: true}}, f.deps.Invitations.Registered(ctx, attempt.Invitation, credential.ID)
}

// mayAdd checks again, at the end, what allowed the registration at the beginning.
func (f *Flow) mayAdd(ctx context.Context, attempt attempts.Attempt) error {
	switch {
	case attempt.Invitation != "":
		return f.deps.Invitations.Use(ctx, attempt.Invitation)
	case attempt.Opening != "":
		return f.mayOpen(ctx, attempt, attempt.Opening)
	}
	session, err := f.liveSession(ctx, attempt)
	if err != nil {
		return err
	}
	if session.Person != attempt.Person {
		return ErrSessionGone.New()
	}
	if err := f.stillGood(ctx, session); err != nil {
		return err
	}
	// The sign-in may be as old as the attempt by now, and no older.
	if attempt.Require.Unmet(session.Assurance, session.AuthTime, attempt.CreatedAt) != 0 {
		return ErrNotFresh.New()
	}
	return nil
}

// stillGood answers with ErrSessionGone when what a session was begun with may
// not be used any more. A copy that was noticed suspends the registration and
// leaves the session as it is.
func (f *Flow) stillGood(ctx context.Context, session sessions.Session) error {
	good, err := f.deps.Factors.StillGood(ctx, session.Person, session.Key, session.Credential)
	if err == nil && !good {
		return ErrSessionGone.New()
	}
	return err
}

// fail records an answer that was no good. Some end the attempt at once,
// because trying again would not help.
func (f *Flow) fail(ctx context.Context, attempt attempts.Attempt, cause error) (outcome, error) {
	found, ok := problem.Of(cause)
	if !ok {
		return outcome{}, cause
	}
	attempt.Tries++
	attempt.Ceremony, attempt.Options = nil, nil
	action := "signin.failed"
	if attempt.State == attempts.Registering {
		action = "enrol.failed"
	}
	what, ending := attempts.Failed, found.Definition
	switch {
	case final(found):
		what = attempts.Refused
	case attempt.Tries >= attempts.MaxTries:
		what, ending = attempts.Refused, ErrTooManyTries
	}
	if what == attempts.Refused {
		action = strings.Replace(action, "failed", "refused", 1)
		attempt.Refusal = ending.Code
	}
	if err := f.deps.Attempts.Advance(ctx, attempt, what); err != nil {
		return outcome{}, err
	}
	details := map[string]string{"attempt": string(attempt.ID), "code": found.Code, "tries": strconv.Itoa(attempt.Tries)}
	if attempt.Short != 0 {
		details["missing"] = strings.Join(sentences(attempt.Short), " ")
	}
	subject := cmp.Or(string(attempt.Person), string(attempt.ID))
	if err := f.deps.Audit.Record(ctx, audit.Event{Action: action, Subject: subject, Details: details}); err != nil {
		return outcome{}, fmt.Errorf("record a refused answer: %w", err)
	}
	if what == attempts.Refused {
		return outcome{step: refusal(attempt)}, nil
	}
	return outcome{complaint: cause}, nil
}

// final says that trying again cannot help.
func final(found *problem.Error) bool {
	for _, ending := range []problem.Definition{ErrNotEnough, ErrPersonMayNot, ErrKeptForEmergencies, invitations.NotValid, ErrSessionGone, ErrNotFresh,
		ErrWithdrawn, ErrUseYourKey, ErrRecover, ErrHoldsRole, risk.RouteBlocked, risk.NotInHand, risk.NotVerified, risk.NoLongerOffered} {
		if found.Code == ending.Code {
			return true
		}
	}
	return false
}

func sentences(short assurance.Shortfall) []string {
	var missing []string
	short.Each(func(way assurance.Shortfall) { missing = append(missing, way.Sentence()) })
	return missing
}
