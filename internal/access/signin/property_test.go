package signin_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// No sequence of public actions ends in a session stronger than the proofs
// given. A crowd of people, thieves and broken browsers does at random whatever
// the site lets anybody do, with whatever they have seen so far; a model that
// knows nothing of the flow keeps the proofs and judges each session.
func TestNoSequenceOfActionsGivesMoreThanWasProven(t *testing.T) {
	t.Parallel()
	var withKeys, withCodes, opened, refusals atomic.Int64
	t.Cleanup(func() {
		if withKeys.Load() == 0 || withCodes.Load() == 0 || opened.Load() == 0 || refusals.Load() == 0 {
			t.Errorf("the crowds made %d sessions and %d with a code, opened %d registrations and met %d refusals; the test has proven nothing",
				withKeys.Load(), withCodes.Load(), opened.Load(), refusals.Load())
		}
	})
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			for range 1000 {
				w.act()
			}
			w.judgeStore()
			withKeys.Add(int64(w.sessionsMade))
			withCodes.Add(int64(w.secrets.sessions))
			opened.Add(int64(w.secrets.opened))
			refusals.Add(int64(w.refusals))
		})
	}
}

type begun struct {
	id      ids.Attempt
	browser secret.Value
	person  ids.Person // whom a link or a session names; "" for an ordinary sign-in
	name    string     // what was typed
	enrol   bool
	invited bool
	at      time.Time
	need    assurance.Requirement
}

type worldKey struct {
	*softkey.Key
	attested bool
	owners   map[ids.Person]bool // with whom it may sign in now
}

// seen is one answer of a key, in the hands of whoever wants it.
type seen struct {
	attempt  ids.Attempt
	key      *worldKey
	register bool
	options  []byte
	response []byte
}

type world struct {
	t            *testing.T
	h            *signintest.House
	random       *rand.Rand
	people       []ids.Person
	names        []string
	keys         []*worldKey
	attempts     []begun
	answers      []seen
	links        []secret.Value
	linkFor      map[secret.Value]ids.Person
	live         []sessions.Session
	legitimate   map[ids.Session]bool
	used         [][]byte // options whose challenge has been answered with success
	gone         map[ids.Person]bool
	madeWith     map[ids.Session]*worldKey
	secrets      secretsModel
	sessionsMade int
	refusals     int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, h: signintest.Open(t, dbtest.SQLite(t)), random: rand.New(rand.NewPCG(seed, 1)),
		linkFor: map[secret.Value]ids.Person{}, legitimate: map[ids.Session]bool{}, gone: map[ids.Person]bool{}, madeWith: map[ids.Session]*worldKey{}}
	for i := range 6 {
		name := fmt.Sprint("person", i)
		w.names = append(w.names, name)
		if i%2 == 0 {
			w.names = append(w.names, "nobody", "")
		}
		w.people = append(w.people, w.h.Somebody(t, name).ID)
	}
	w.giveSecrets()
	for i := range 4 {
		key := &worldKey{Key: w.h.Batch.NewKey(), attested: i != 3, owners: map[ids.Person]bool{}}
		if !key.attested {
			key.Behaviour.Statement = softkey.Self
		}
		w.keys = append(w.keys, key)
	}
	return w
}

func (w *world) act() {
	actions := []func(){w.begin, w.begin, w.invite, w.openLink, w.openLink, w.furtherKey, w.stepUp,
		w.touch, w.touch, w.touch, w.touch, w.say, w.say, w.say, w.say, w.say, w.garble, w.wait, w.rare,
		w.choose, w.choose, w.choose, w.password, w.password, w.password, w.password, w.code, w.code, w.code, w.code, w.code, w.recover, w.policy}
	actions[w.random.IntN(len(actions))]()
}

func pick[T any](w *world, from []T) (T, bool) {
	var none T
	if len(from) == 0 {
		return none, false
	}
	// Mostly what happened last, as in life.
	if w.random.IntN(3) > 0 {
		return from[len(from)-1-w.random.IntN(min(3, len(from)))], true
	}
	return from[w.random.IntN(len(from))], true
}

func (w *world) note(attempt attempts.Attempt, browser secret.Value, err error, made begun) {
	if err != nil {
		w.refusals++
		return
	}
	made.id, made.browser, made.at = attempt.ID, browser, w.h.Clock.Now()
	w.attempts = append(w.attempts, made)
}

func (w *world) begin() {
	need, name := w.need(), w.names[w.random.IntN(len(w.names))]
	attempt, browser, err := w.h.Flow.Begin(w.t.Context(), signin.Ask{Require: need})
	if err == nil {
		err = w.h.Flow.Identify(w.t.Context(), attempt.ID, browser, name)
	}
	w.note(attempt, browser, err, begun{need: need, name: name})
}

func (w *world) stepUp() {
	session, ok := pick(w, w.live)
	if !ok {
		return
	}
	need := w.need()
	attempt, browser, err := w.h.Flow.Begin(w.t.Context(), signin.Ask{Require: need, Session: session.ID, Person: session.Person})
	w.note(attempt, browser, err, begun{need: need, person: session.Person})
}

func (w *world) invite() {
	person := w.people[w.random.IntN(3)] // the others come without a link, or not at all
	link, err := w.h.Invitations.Invite(w.t.Context(), signintest.Desk(), person, 0)
	if err != nil {
		w.refusals++
		return
	}
	w.links, w.linkFor[link] = append(w.links, link), person
}

func (w *world) openLink() {
	link, ok := pick(w, w.links)
	if !ok {
		return
	}
	attempt, browser, err := w.h.Flow.BeginEnrolment(w.t.Context(), link, signin.Ask{})
	w.note(attempt, browser, err, begun{need: signin.Ordinary(), person: w.linkFor[link], enrol: true, invited: true})
}

func (w *world) furtherKey() {
	session, ok := pick(w, w.live)
	if !ok {
		return
	}
	attempt, browser, err := w.h.Flow.BeginFurtherKey(w.t.Context(), session, secret.Value{})
	w.note(attempt, browser, err, begun{need: signin.FreshForNewKey(), person: session.Person, enrol: true})
}

// touch has some key answer whatever some attempt asks now.
func (w *world) touch() {
	attempt, ok := pick(w, w.attempts)
	if !ok {
		return
	}
	step, err := w.h.Flow.Next(w.t.Context(), attempt.id, attempt.browser)
	if err != nil {
		w.refusals++
		return
	}
	key := w.keys[w.random.IntN(len(w.keys))]
	switch step := step.(type) {
	case signin.UseKey:
		if response, err := key.Get(step.Options, signintest.Origin); err == nil {
			w.keep(attempt, seen{attempt: attempt.id, key: key, options: step.Options, response: response})
		}
	case signin.Register:
		if response, err := key.Create(step.Options, signintest.Origin); err == nil {
			w.keep(attempt, seen{attempt: attempt.id, key: key, register: true, options: step.Options, response: response})
		}
	}
}

// keep remembers an answer; as often as not it is given at once, as it should be.
func (w *world) keep(attempt begun, answer seen) {
	w.answers = append(w.answers, answer)
	if w.random.IntN(2) == 0 {
		w.give(attempt, attempt.browser, answer, answer.register)
	}
}

// say gives some answer to some attempt from some browser, right or wrong.
func (w *world) say() {
	answer, ok := pick(w, w.answers)
	if !ok {
		return
	}
	attempt := w.attemptOf(answer.attempt)
	if w.random.IntN(4) == 0 {
		attempt, _ = pick(w, w.attempts)
	}
	browser := attempt.browser
	if w.random.IntN(6) == 0 {
		other, _ := pick(w, w.attempts)
		browser = other.browser
	}
	w.give(attempt, browser, answer, answer.register != (w.random.IntN(12) == 0))
}

func (w *world) garble() {
	answer, ok := pick(w, w.answers)
	if !ok {
		return
	}
	broken := answer
	broken.response = bytes.Clone(answer.response)
	broken.response[w.random.IntN(len(broken.response))] ^= byte(1 + w.random.IntN(255))
	w.give(w.attemptOf(answer.attempt), w.attemptOf(answer.attempt).browser, broken, answer.register)
}

func (w *world) attemptOf(id ids.Attempt) begun {
	for _, attempt := range w.attempts {
		if attempt.id == id {
			return attempt
		}
	}
	return begun{}
}

func (w *world) give(attempt begun, browser secret.Value, answer seen, register bool) {
	given := signin.Answer{Attempt: attempt.id, Browser: browser, Response: answer.response}
	give := w.h.Flow.UseKey
	if register {
		give = w.h.Flow.Register
	}
	step, err := give(w.t.Context(), given)
	if err != nil {
		w.refusals++
		return
	}
	switch step := step.(type) {
	case signin.Done:
		w.used = append(w.used, answer.options)
		if step.Session != "" || !step.Token.Empty() {
			w.judge(attempt, browser, answer, step)
			return
		}
		w.registered(attempt, browser, answer)
	case signin.UseKey:
		w.used = append(w.used, answer.options)
		w.registered(attempt, browser, answer)
	case signin.Register:
		w.used = append(w.used, answer.options)
		w.openedByKey(attempt, browser, answer)
	case signin.Refused:
		w.refusals++
	}
}

// registered says that a key became somebody's, which needs a link for them or
// their own session.
func (w *world) registered(attempt begun, browser secret.Value, answer seen) {
	if !attempt.enrol {
		attempt.person = w.openedFor(attempt)
	}
	if attempt.person == "" || answer.attempt != attempt.id || !answer.register || !browser.Equal(attempt.browser) || w.gone[attempt.person] {
		w.t.Fatalf("a key was registered by %+v with an answer for %s", attempt, answer.attempt)
	}
	answer.key.owners[attempt.person] = true
	w.secrets.had[attempt.person] = true
}

// judge says whether the proofs given are worth the session that was made.
func (w *world) judge(attempt begun, browser secret.Value, answer seen, done signin.Done) {
	w.t.Helper()
	w.sessionsMade++
	session, err := w.h.Sessions.ByToken(w.t.Context(), done.Token)
	if err != nil {
		w.t.Fatalf("the token opens nothing: %v", err)
	}
	level := assurance.AAL2
	if answer.key.attested {
		level = assurance.AAL3
	}
	times := 0
	for _, options := range w.used {
		if bytes.Equal(options, answer.options) {
			times++
		}
	}
	now := w.h.Clock.Now()
	switch {
	case answer.register:
		w.t.Fatal("a registration made a session")
	case answer.attempt != attempt.id || !browser.Equal(attempt.browser):
		w.t.Fatal("an answer to one attempt, or from another browser, made a session")
	case times != 1:
		w.t.Fatalf("a challenge was used %d times", times)
	case !answer.key.owners[session.Person]:
		w.t.Fatalf("a key that is not of %s signed them in", session.Person)
	case attempt.person != "" && session.Person != attempt.person:
		w.t.Fatalf("an attempt of %s signed in %s", attempt.person, session.Person)
	case session.Assurance.AAL > level:
		w.t.Fatalf("a key worth %s gave %s", level, session.Assurance)
	case attempt.need.Unmet(session.Assurance, now, now) != 0:
		w.t.Fatalf("a session of %s answers %s", session.Assurance, attempt.need)
	case w.gone[session.Person]:
		w.t.Fatal("somebody who is suspended was let in")
	case now.Sub(attempt.at) >= attempts.Lifetime:
		w.t.Fatal("an attempt outlived its time")
	}
	w.legitimate[session.ID], w.madeWith[session.ID] = true, answer.key
	w.live = append(w.live, session)
}

func (w *world) wait() {
	w.h.Clock.Advance(time.Duration(w.random.IntN(100)) * time.Second)
}

// rare are the things that end something.
func (w *world) rare() {
	if w.random.IntN(4) > 0 {
		return
	}
	if w.random.IntN(2) == 0 && len(w.gone) == 0 {
		person := w.people[w.random.IntN(len(w.people))]
		if _, err := w.h.People.Suspend(w.t.Context(), signintest.Desk(), person, time.Time{}, "test"); err != nil {
			w.t.Fatal(err)
		}
		w.gone[person] = true
		return
	}
	session, ok := pick(w, w.live)
	if !ok {
		return
	}
	if _, err := w.h.LostKeys.Report(w.t.Context(), signintest.Desk(), session.Key, keys.Stolen, time.Time{}); err != nil {
		w.t.Fatal(err)
	}
	// A further link may make the same object somebody's again; till then it is nobody's.
	delete(w.madeWith[session.ID].owners, session.Person)
}

// judgeStore looks for sessions that nobody was told of.
func (w *world) judgeStore() {
	w.t.Helper()
	for _, person := range w.people {
		open, err := w.h.Sessions.OfPerson(w.t.Context(), person)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, session := range open {
			if !w.legitimate[session.ID] {
				w.t.Errorf("a session of %s is there that no proof has made", person)
			}
		}
	}
}
