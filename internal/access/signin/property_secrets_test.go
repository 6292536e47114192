package signin_test

import (
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
)

// secretsModel is what the crowd of property_test.go knows beside keys, and what
// of it has been proven where.
type secretsModel struct {
	passwords []secret.Value // of each of the people
	apps      []signintest.App
	recovery  [][]secret.Value
	known     map[ids.Attempt]ids.Person          // whose password was right there
	mayAdd    map[ids.Attempt]map[ids.Person]bool // who may register a key there, and with no other proof
	spent     map[string]bool                     // codes that were right once
	codes     []string                            // all that were ever shown
	had       map[ids.Person]bool                 // a key, at any time
	sessions  int
	opened    int
}

// giveSecrets: everybody has a password, an app and recovery codes. What they are
// worth is what policy says at the moment.
func (w *world) giveSecrets() {
	w.secrets = secretsModel{known: map[ids.Attempt]ids.Person{}, mayAdd: map[ids.Attempt]map[ids.Person]bool{},
		spent: map[string]bool{}, had: map[ids.Person]bool{}}
	for i, id := range w.people {
		person, err := w.h.People.Get(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		app := w.h.GiveSecrets(w.t, person)
		password := secret.New(fmt.Sprintf("%d wrens that nobody would guess", i))
		if _, err := w.h.Secrets.SetPassword(w.t.Context(), signintest.Desk(), id, password); err != nil {
			w.t.Fatal(err)
		}
		codes, err := w.h.Secrets.NewRecoveryCodes(w.t.Context(), signintest.Desk(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		w.secrets.passwords, w.secrets.apps = append(w.secrets.passwords, password), append(w.secrets.apps, app)
		w.secrets.recovery = append(w.secrets.recovery, codes)
	}
	w.h.LetGuess()
	w.h.Clock.Advance(time.Minute) // the codes that set the apps up are used
	w.h.Accept(assurance.Password, assurance.TOTP, assurance.RecoveryCode)
}

// need is what somebody may be asked for; half of it a password and a code could meet.
func (w *world) need() assurance.Requirement {
	need := signin.AtLevel(assurance.Level(1 + w.random.IntN(3)))
	need.PhishingResistant = w.random.IntN(2) == 0
	return need
}

func (w *world) policy() {
	all := []assurance.Method{assurance.Password, assurance.TOTP, assurance.RecoveryCode}
	if w.random.IntN(6) == 0 { // most of the time all of them are accepted
		all = all[:w.random.IntN(len(all)+1)]
	}
	w.h.Accept(all...)
}

// somewhere is an attempt and a browser, mostly the right one.
func (w *world) somewhere() (attempt begun, browser secret.Value, ok bool) {
	attempt, ok = pick(w, w.attempts)
	browser = attempt.browser
	if w.random.IntN(8) == 0 {
		other, _ := pick(w, w.attempts)
		browser = other.browser
	}
	return attempt, browser, ok
}

// mostly is whose secret is tried: as often as not that of whom the attempt is for.
func (w *world) mostly(attempt begun) int {
	for i, id := range w.people {
		if (id == attempt.person || attempt.name == fmt.Sprint("person", i)) && w.random.IntN(4) > 0 {
			return i
		}
	}
	return w.random.IntN(len(w.people))
}

func (w *world) typed(attempt begun, browser secret.Value, text string) signin.Answer {
	answer := signintest.Given(attempt.id, browser, text)
	answer.IP = fmt.Sprint("198.51.100.", 1+w.random.IntN(250))
	return answer
}

func (w *world) choose() {
	attempt, browser, ok := w.somewhere()
	if !ok {
		return
	}
	way := signin.WithSecrets
	if w.random.IntN(4) == 0 {
		way = signin.WithKey
	}
	if err := w.h.Flow.Choose(w.t.Context(), attempt.id, browser, way); err != nil {
		w.refusals++
		return
	}
	if way == signin.WithSecrets && w.random.IntN(4) > 0 { // most people go on
		w.passwordTo(attempt, browser)
	}
}

func (w *world) password() {
	if attempt, browser, ok := w.somewhere(); ok {
		w.passwordTo(attempt, browser)
	}
}

func (w *world) passwordTo(attempt begun, browser secret.Value) {
	whose, text := w.mostly(attempt), "a guess and not the password"
	if right := w.random.IntN(6) > 0; right {
		text = w.secrets.passwords[whose].Reveal()
	}
	step, err := w.h.Flow.GivePassword(w.t.Context(), w.typed(attempt, browser, text))
	if err != nil {
		w.refusals++
		return
	}
	switch step.(type) {
	case signin.GiveCode:
		w.mustBeFor(attempt, browser, w.people[whose])
		if text != w.secrets.passwords[whose].Reveal() || attempt.enrol {
			w.t.Fatalf("the password %q was taken for %s by %+v", text, w.people[whose], attempt)
		}
		w.secrets.known[attempt.id] = w.people[whose]
		if w.random.IntN(4) > 0 {
			w.codeTo(attempt, browser)
		}
	case signin.Refused:
		w.refusals++
	default:
		w.t.Fatalf("a password led to %+v", step)
	}
}

// mustBeFor says that an answer came from the right browser, in time, for the
// person whom the attempt is for.
func (w *world) mustBeFor(attempt begun, browser secret.Value, person ids.Person) {
	w.t.Helper()
	named := false
	for i, id := range w.people {
		named = named || id == person && attempt.name == fmt.Sprint("person", i)
	}
	if !browser.Equal(attempt.browser) || attempt.person != person && !(attempt.person == "" && named) ||
		w.h.Clock.Now().Sub(attempt.at) >= attempts.Lifetime {
		w.t.Fatalf("a secret of %s was taken by %+v", person, attempt)
	}
}

func (w *world) code() {
	if attempt, browser, ok := w.somewhere(); ok {
		w.codeTo(attempt, browser)
	}
}

func (w *world) codeTo(attempt begun, browser secret.Value) {
	w.h.Clock.Advance(time.Duration(w.random.IntN(40)) * time.Second)
	whose := w.mostly(attempt)
	code := w.secrets.apps[whose].Generator.Code(totp.Step(w.h.Clock.Now()))
	if old, any := pick(w, w.secrets.codes); any && w.random.IntN(4) == 0 {
		code = old
	}
	w.secrets.codes = append(w.secrets.codes, code)
	step, err := w.h.Flow.GiveCode(w.t.Context(), w.typed(attempt, browser, code))
	w.came(attempt, browser, step, err, code)
}

func (w *world) recover() {
	attempt, browser, ok := w.somewhere()
	if !ok {
		return
	}
	whose := w.mostly(attempt)
	code := w.secrets.recovery[whose][w.random.IntN(10)].Reveal()
	step, err := w.h.Flow.GiveRecoveryCode(w.t.Context(), w.typed(attempt, browser, code))
	if _, session := step.(signin.Done); session {
		w.t.Fatal("a recovery code made a session")
	}
	w.came(attempt, browser, step, err, code)
}

// came judges what came of a code.
func (w *world) came(attempt begun, browser secret.Value, step signin.Step, err error, code string) {
	w.t.Helper()
	if err != nil {
		w.refusals++
		return
	}
	if _, ok := step.(signin.Refused); ok {
		w.refusals++
		return
	}
	person := w.secrets.known[attempt.id]
	w.mustBeFor(attempt, browser, person)
	if w.secrets.spent[string(person)+code] {
		w.t.Fatal("a code was good twice")
	}
	w.secrets.spent[string(person)+code] = true
	if w.gone[person] {
		w.t.Fatal("somebody who is suspended was let in")
	}
	switch step := step.(type) {
	case signin.Done:
		w.judgeCode(attempt, person, step)
	case signin.Register:
		if step.Inside == attempts.BySecrets && w.secrets.had[person] || w.hasKey(person) {
			w.t.Fatalf("%s, who has or had a key, may register one by %s", person, step.Inside)
		}
		w.secrets.opened++
		w.secrets.mayAdd[attempt.id] = map[ids.Person]bool{person: true}
	default:
		w.t.Fatalf("a code led to %+v", step)
	}
}

// judgeCode says whether a password and a code are worth the session that was made.
func (w *world) judgeCode(attempt begun, person ids.Person, done signin.Done) {
	w.t.Helper()
	session, err := w.h.Sessions.ByToken(w.t.Context(), done.Token)
	if err != nil {
		w.t.Fatalf("the token opens nothing: %v", err)
	}
	now := w.h.Clock.Now()
	want := assurance.OfSecrets(assurance.Password, assurance.TOTP)
	if session.Person != person || session.Assurance != want || session.Key != "" || attempt.need.Unmet(want, now, now) != 0 {
		w.t.Fatalf("password and code of %s gave %+v to an attempt that needs %s", person, session, attempt.need)
	}
	w.secrets.sessions++
	w.legitimate[session.ID] = true
}

// hasKey says whether somebody has a key that works, as far as anybody has seen.
func (w *world) hasKey(person ids.Person) bool {
	for _, key := range w.keys {
		if key.owners[person] {
			return true
		}
	}
	return false
}

// openedByKey: a key that is good, but not enough, has opened a registration.
func (w *world) openedByKey(attempt begun, browser secret.Value, answer seen) {
	w.t.Helper()
	if attempt.enrol || answer.register || answer.attempt != attempt.id || !browser.Equal(attempt.browser) || len(answer.key.owners) == 0 {
		w.t.Fatalf("a registration was opened in %+v by an answer for %s", attempt, answer.attempt)
	}
	w.secrets.opened++
	w.secrets.mayAdd[attempt.id] = map[ids.Person]bool{}
	for owner := range answer.key.owners {
		w.secrets.mayAdd[attempt.id][owner] = true
	}
}

// openedFor is who has just registered a key in an attempt that was not begun for
// that. It must be somebody whose proofs opened it.
func (w *world) openedFor(attempt begun) ids.Person {
	w.t.Helper()
	step, err := w.h.Flow.Next(w.t.Context(), attempt.id, attempt.browser)
	if use, ok := step.(signin.UseKey); err != nil || !ok || !use.NewKey {
		w.t.Fatalf("after a registration the attempt asks for %+v, %v", step, err)
	}
	kept, err := w.h.Store.ByID(w.t.Context(), attempt.id)
	if err != nil {
		w.t.Fatal(err)
	}
	if !w.secrets.mayAdd[attempt.id][kept.Person] {
		w.t.Fatalf("%s registered a key in %+v, which nothing had opened for them", kept.Person, attempt)
	}
	return kept.Person
}
