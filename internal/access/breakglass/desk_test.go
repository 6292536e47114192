package breakglass_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglasstest"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(t *testing.T) *breakglasstest.House {
	t.Helper()
	return breakglasstest.Open(t, dbtest.SQLite(t))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that err is the problem wanted.
func refused(t testing.TB, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: got %v, want %s", what, err, want.Code)
	}
}

// admitted says whether a session would be let in by its token now.
func admitted(t testing.TB, h *breakglasstest.House, token secret.Value) bool {
	t.Helper()
	session, err := h.Sessions.ByToken(t.Context(), token)
	if _, known := problem.Of(err); known {
		return false
	}
	must(t, err)
	_, err = h.Desk.Admits(t.Context(), session)
	if err != nil && !problem.Is(err, breakglass.NotOpen) {
		t.Fatal(err)
	}
	return err == nil
}

func TestTwoPeopleWithTwoKeysOpenOneSessionForAnHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := breakglasstest.Open(t, d)
		begun := h.Clock.Now()
		use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
		if use.State != breakglass.Waiting || use.Session != "" {
			t.Fatalf("one key alone led to %+v", use)
		}
		h.Clock.Advance(9 * time.Minute)
		opened, err := h.Desk.Second(t.Context(), use.ID, h.Second(t, use.ID, browser, h.SouthKey))
		must(t, err)
		got, err := h.Desk.Get(t.Context(), use.ID)
		must(t, err)
		want := breakglass.Use{ID: use.ID, Purpose: breakglass.Emergency, State: breakglass.Open, Reason: "Every administrator has lost their key.",
			First: use.First, Second: breakglass.Touch{Person: h.South.ID, Credential: got.Second.Credential, Key: h.KeyOf(t, h.South.ID), Holder: breakglasstest.SecondHolder},
			Browser: browser.Hash(), Challenge: use.Challenge, BegunAt: begun, OpenedAt: h.Clock.Now(), Until: h.Clock.Now().Add(time.Hour), Session: opened.Use.Session}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		session, err := h.Sessions.ByToken(t.Context(), opened.Token)
		must(t, err)
		if session.Person != h.North.ID || session.Assurance.AAL != 3 || session.AbsoluteEnd != want.Until {
			t.Errorf("the session is %+v", session)
		}
		name, err := h.Desk.Admits(t.Context(), session)
		if err != nil || name != "emergency access: Nadia Holt and Sam Reed" {
			t.Errorf("it is called %q, %v", name, err)
		}
		if diff := cmp.Diff([]string{"breakglass.first_key", "breakglass.opened"}, h.Actions(t, string(use.ID))); diff != "" {
			t.Errorf("the record (-want +got):\n%s", diff)
		}
	})
}

func TestOpenSessionEndsAfterAnHourHoweverItIsUsed(t *testing.T) {
	t.Parallel()
	h := house(t)
	opened := h.Opened(t, breakglass.Emergency)
	for range 6 {
		seen := h.Clock.Advance(9 * time.Minute)
		must(t, h.Sessions.Touch(t.Context(), map[ids.Session]time.Time{opened.Use.Session: seen}))
		if !admitted(t, h, opened.Token) {
			t.Fatal("it ended too early")
		}
		must(t, h.Desk.Sweep(t.Context()))
	}
	h.Clock.Advance(6*time.Minute - time.Millisecond)
	if !admitted(t, h, opened.Token) {
		t.Error("it ended before its hour")
	}
	h.Clock.Advance(time.Millisecond)
	if admitted(t, h, opened.Token) {
		t.Error("it lives on after an hour")
	}
	h.Clock.Advance(-30 * time.Minute)
	if admitted(t, h, opened.Token) {
		t.Error("a clock that jumped back revived it")
	}
	h.Clock.Advance(31 * time.Minute)
	must(t, h.Desk.Sweep(t.Context()))
	closed, err := h.Desk.Get(t.Context(), opened.Use.ID)
	if err != nil || closed.State != breakglass.Closed || closed.Ending != breakglass.TimeUp {
		t.Errorf("afterwards it is %+v, %v", closed, err)
	}
}

func TestClockThatJumpsBackOpensNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	browser := secret.Token()
	asked, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	answer := h.Answered(t, asked, browser, h.NorthKey)
	h.Clock.Advance(-2 * time.Minute)
	_, err = h.Desk.First(t.Context(), answer)
	refused(t, "a page from the future", err, breakglass.TooLate)
	use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
	second := h.Second(t, use.ID, browser, h.SouthKey)
	h.Clock.Advance(-2 * time.Minute)
	_, err = h.Desk.Second(t.Context(), use.ID, second)
	refused(t, "a touch from the future", err, breakglass.TooLate)
}

func TestOneIdentityAloneOpensNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
	_, asked, err := h.Desk.Next(t.Context(), use.ID, browser)
	must(t, err)
	if _, err := h.NorthKey.Get(asked.Options, signintest.Origin); err == nil {
		t.Error("the first key is asked for again")
	}
	// Whoever has one key can still make it sign anything they like.
	given := breakglass.Answer{Sealed: asked.Sealed, Browser: browser, Holder: breakglasstest.SecondHolder, Response: forced(t, h.NorthKey, asked.Options)}
	_, err = h.Desk.Second(t.Context(), use.ID, given)
	refused(t, "the same key twice", err, breakglass.NotThisKey)
	// Even with two keys of one identity, which no link can bring about.
	other := h.Batch.NewKey()
	register(t, h, h.North.ID, other)
	given.Response = forced(t, other, asked.Options)
	_, err = h.Desk.Second(t.Context(), use.ID, given)
	refused(t, "two keys of one identity", err, breakglass.NotThisKey)
	given = h.Second(t, use.ID, browser, h.SouthKey)
	given.Holder = "  NADIA  holt "
	_, err = h.Desk.Second(t.Context(), use.ID, given)
	refused(t, "the same name twice", err, breakglass.SameHolder)
	given.Holder = ""
	_, err = h.Desk.Second(t.Context(), use.ID, given)
	refused(t, "no name", err, breakglass.Malformed)
	if open, err := h.Sessions.OfPerson(t.Context(), h.North.ID); err != nil || len(open) != 0 {
		t.Errorf("sessions %v, %v", open, err)
	}
}

// forced is the answer of a key whose owner has made it answer although it was not
// asked for.
func forced(t testing.TB, key *softkey.Key, options []byte) []byte {
	t.Helper()
	var request map[string]json.RawMessage
	must(t, json.Unmarshal(options, &request))
	delete(request, "allowCredentials")
	open, err := json.Marshal(request)
	must(t, err)
	response, err := key.Get(open, signintest.Origin)
	must(t, err)
	return response
}

// register registers a key past every rule about who may.
func register(t testing.TB, h *breakglasstest.House, person ids.Person, key *softkey.Key) {
	t.Helper()
	holder := factors.Holder{ID: person, UserName: "x", Name: "X"}
	options, state, err := h.Factors.BeginRegistration(t.Context(), holder)
	must(t, err)
	response, err := key.Create(options, signintest.Origin)
	must(t, err)
	_, err = h.Factors.FinishRegistration(t.Context(), signintest.Desk(), holder, state, response, factors.NewKey{})
	must(t, err)
}

func TestKeysOfOthersOpenNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, ordinary := h.Holder(t, "amira.khan")
	browser := secret.Token()
	asked, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	given := breakglass.Answer{Sealed: asked.Sealed, Browser: browser, Response: forced(t, ordinary, asked.Options)}
	_, err = h.Desk.First(t.Context(), given)
	refused(t, "somebody's own key", err, breakglass.NotThisKey)
	soft := h.Batch.NewKey()
	soft.Behaviour.Statement = softkey.Self
	register(t, h, h.North.ID, soft)
	asked, err = h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	given = h.Answered(t, asked, browser, soft)
	_, err = h.Desk.First(t.Context(), given)
	refused(t, "a key that proves nothing", err, breakglass.NotHardware)
	h.NorthKey.Behaviour.SkipUserVerification = true
	asked, err = h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	_, err = h.Desk.First(t.Context(), h.Answered(t, asked, browser, h.NorthKey))
	refused(t, "a key without its PIN", err, factors.VerificationMissing)
}

func TestAnswersAreOfOneBrowserOneUseAndTenMinutes(t *testing.T) {
	t.Parallel()
	h := house(t)
	browser := secret.Token()
	asked, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	first := h.Answered(t, asked, browser, h.NorthKey)
	stolen := first
	stolen.Browser = secret.Token()
	_, err = h.Desk.First(t.Context(), stolen)
	refused(t, "another browser", err, breakglass.OtherBrowser)
	stolen.Browser = secret.Value{}
	_, err = h.Desk.First(t.Context(), stolen)
	refused(t, "no browser", err, breakglass.OtherBrowser)
	damaged := first
	middle := len(damaged.Sealed) / 2
	damaged.Sealed = damaged.Sealed[:middle] + "AAAA" + damaged.Sealed[middle+4:]
	_, err = h.Desk.First(t.Context(), damaged)
	refused(t, "a page that was changed", err, breakglass.OtherBrowser)
	use, err := h.Desk.First(t.Context(), first)
	must(t, err)

	_, err = h.Desk.Second(t.Context(), use.ID, breakglass.Answer{Sealed: first.Sealed, Browser: browser, Response: first.Response, Holder: "Sam"})
	refused(t, "the first answer as the second", err, breakglass.OtherBrowser)
	other, otherBrowser := h.First(t, breakglass.Emergency, h.SouthKey)
	second := h.Second(t, use.ID, browser, h.SouthKey)
	_, err = h.Desk.Second(t.Context(), other.ID, second)
	refused(t, "the answer to another use", err, breakglass.OtherBrowser)
	_, _, err = h.Desk.Next(t.Context(), use.ID, otherBrowser)
	refused(t, "a use of another browser", err, breakglass.OtherBrowser)
	_, err = h.Desk.First(t.Context(), second)
	refused(t, "the second answer as the first", err, breakglass.OtherBrowser)

	h.Clock.Advance(breakglass.ToTouch)
	_, _, err = h.Desk.Next(t.Context(), use.ID, browser)
	refused(t, "the second page after ten minutes", err, breakglass.TooLate)
	_, err = h.Desk.Second(t.Context(), use.ID, second)
	refused(t, "the second key after ten minutes", err, breakglass.TooLate)
	must(t, h.Desk.Sweep(t.Context()))
	lapsed, err := h.Desk.Get(t.Context(), use.ID)
	if err != nil || lapsed.State != breakglass.Lapsed {
		t.Errorf("it is %s, %v", lapsed.State, err)
	}
	_, err = h.Desk.Second(t.Context(), use.ID, second)
	if err == nil {
		t.Error("what has lapsed was opened")
	}
}

// TestAnAnswerSentTwiceCountsOnceAndCostsNoKey: the counter of a key that is judged
// twice would look like that of a copy, and the key would be stopped.
func TestAnAnswerSentTwiceCountsOnceAndCostsNoKey(t *testing.T) {
	t.Parallel()
	h := house(t)
	browser := secret.Token()
	asked, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
	must(t, err)
	answer := h.Answered(t, asked, browser, h.NorthKey)
	use, err := h.Desk.First(t.Context(), answer)
	must(t, err)
	again, err := h.Desk.First(t.Context(), answer)
	if err != nil || again.ID != use.ID {
		t.Errorf("the first answer again led to %+v, %v", again, err)
	}
	second := h.Second(t, use.ID, browser, h.SouthKey)
	_, err = h.Desk.Second(t.Context(), use.ID, second)
	must(t, err)
	_, err = h.Desk.Second(t.Context(), use.ID, second)
	refused(t, "the second answer again", err, breakglass.MovedOn)
	h.Opened(t, breakglass.Emergency) // both keys still work
}

func TestOfManyWhoRaceForOneUseOneOpens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := breakglasstest.Open(t, d)
		_, third := h.Kept(t, "west", "Safe in Truro")
		use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
		var answers []breakglass.Answer
		for _, key := range []*softkey.Key{h.SouthKey, third} {
			answer := h.Second(t, use.ID, browser, key)
			answers = append(answers, answer, answer) // and both are sent twice
		}
		results := make([]error, len(answers))
		var all sync.WaitGroup
		for i, answer := range answers {
			all.Go(func() { _, results[i] = h.Desk.Second(t.Context(), use.ID, answer) })
		}
		all.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
				continue
			}
			refused(t, "a loser", err, breakglass.MovedOn)
		}
		open, err := h.Sessions.OfPerson(t.Context(), h.North.ID)
		if won != 1 || err != nil || len(open) != 1 {
			t.Errorf("%d opened it, with %d sessions, %v", won, len(open), err)
		}
		for _, person := range []ids.Person{h.North.ID, h.South.ID} {
			held, err := h.Factors.OfPerson(t.Context(), person)
			must(t, err)
			if held[0].State != factors.Active {
				t.Errorf("the race cost a key: %+v", held[0])
			}
		}
	})
}

func TestTwoBrowsersThatOpenAtOnceLeaveOneSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := breakglasstest.Open(t, d)
		_, west := h.Kept(t, "west", "Safe in Truro")
		_, east := h.Kept(t, "east", "Safe in Hull")
		one, oneBrowser := h.First(t, breakglass.Emergency, h.NorthKey)
		two, twoBrowser := h.First(t, breakglass.Emergency, west)
		answers := map[ids.Use]breakglass.Answer{one.ID: h.Second(t, one.ID, oneBrowser, h.SouthKey), two.ID: h.Second(t, two.ID, twoBrowser, east)}
		tokens := make(chan secret.Value, 2)
		var all sync.WaitGroup
		for id, answer := range answers {
			all.Go(func() {
				opened, err := h.Desk.Second(t.Context(), id, answer)
				if err != nil {
					t.Error(err)
				}
				tokens <- opened.Token
			})
		}
		all.Wait()
		inside := 0
		for range 2 {
			if admitted(t, h, <-tokens) {
				inside++
			}
		}
		if inside != 1 {
			t.Errorf("%d are inside, want 1: the later one", inside)
		}
	})
}

func TestLosingEitherKeyEndsItAtOnce(t *testing.T) {
	t.Parallel()
	for _, which := range []string{"first", "second"} {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			h := house(t)
			opened := h.Opened(t, breakglass.Emergency)
			lost := opened.Use.First.Key
			if which == "second" {
				lost = opened.Use.Second.Key
			}
			_, err := h.LostKeys.Report(t.Context(), signintest.Desk(), lost, keys.Stolen, h.Clock.Now())
			must(t, err)
			if admitted(t, h, opened.Token) {
				t.Error("it is still open")
			}
			if acts, err := h.Desk.Administers(t.Context(), h.North.ID); err != nil || acts {
				t.Errorf("it still administers: %v, %v", acts, err)
			}
			must(t, h.Desk.Sweep(t.Context()))
			if closed, err := h.Desk.Get(t.Context(), opened.Use.ID); err != nil || closed.State != breakglass.Closed || closed.Ending != breakglass.SignedOut {
				t.Errorf("it is %+v, %v", closed, err)
			}
		})
	}
	t.Run("between the touches", func(t *testing.T) {
		t.Parallel()
		h := house(t)
		use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
		_, err := h.LostKeys.Report(t.Context(), signintest.Desk(), use.First.Key, keys.Lost, h.Clock.Now())
		must(t, err)
		_, err = h.Desk.Second(t.Context(), use.ID, h.Second(t, use.ID, browser, h.SouthKey))
		refused(t, "the second key", err, breakglass.NotThisKey)
	})
}

func TestOpenSessionIsAnAdministratorAndNothingCanBeAddedToItsIdentity(t *testing.T) {
	t.Parallel()
	h := house(t)
	opened := h.Opened(t, breakglass.Emergency)
	if acts, err := h.Desk.Administers(t.Context(), h.North.ID); err != nil || !acts {
		t.Errorf("the first identity: %v, %v", acts, err)
	}
	if acts, err := h.Desk.Administers(t.Context(), h.South.ID); err != nil || acts {
		t.Errorf("the second identity has no session: %v, %v", acts, err)
	}
	session, err := h.Sessions.ByToken(t.Context(), opened.Token)
	must(t, err)
	if _, _, err := h.Flow.BeginFurtherKey(t.Context(), session, secret.Value{}); err == nil {
		t.Error("the emergency session may add a key to its identity")
	}
	must(t, h.Sessions.End(t.Context(), audit.Person(h.North.ID), opened.Use.Session, sessions.SignedOut))
	if acts, err := h.Desk.Administers(t.Context(), h.North.ID); err != nil || acts {
		t.Errorf("after signing out: %v, %v", acts, err)
	}
}

// TestStrangersKeepNobodyOutAndFillNothing: before a key of the purpose is touched
// there is nothing to fill and no limit to use up.
func TestStrangersKeepNobodyOutAndFillNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	before, err := h.Audit.List(t.Context(), audit.Filter{Limit: 500})
	must(t, err)
	var caught []byte // what a real key once answered to something else
	for i := range 300 {
		browser := secret.Token()
		asked, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), browser)
		must(t, err)
		if i == 0 {
			caught = forced(t, h.NorthKey.Clone(), asked.Options)
			continue
		}
		_, err = h.Desk.First(t.Context(), breakglass.Answer{Sealed: asked.Sealed, Browser: browser, Response: caught})
		refused(t, "an answer to something else", err, factors.VerificationInvalid)
	}
	after, err := h.Audit.List(t.Context(), audit.Filter{Limit: 500})
	must(t, err)
	uses, _, err := h.Desk.Uses(t.Context(), "")
	if err != nil || len(uses) != 0 || len(after) != len(before) {
		t.Errorf("strangers left %d uses and %d entries, %v", len(uses), len(after)-len(before), err)
	}
	h.Opened(t, breakglass.Emergency)
}

func TestTestBeginsNoSessionAndCountsForAHundredDays(t *testing.T) {
	t.Parallel()
	h := house(t)
	wantReady(t, h, "never tested", false)
	h.Clock.Advance(time.Minute)
	opened := h.Opened(t, breakglass.Test)
	if opened.Use.State != breakglass.Tested || opened.Use.Session != "" || !opened.Token.Empty() {
		t.Errorf("the test led to %+v", opened.Use)
	}
	for _, person := range []ids.Person{h.North.ID, h.South.ID} {
		if open, err := h.Sessions.OfPerson(t.Context(), person); err != nil || len(open) != 0 {
			t.Errorf("sessions %v, %v", open, err)
		}
	}
	wantReady(t, h, "just tested", true)
	h.Clock.Advance(breakglass.TestEvery)
	wantReady(t, h, "on the hundredth day", true)
	h.Clock.Advance(time.Millisecond)
	wantReady(t, h, "after a hundred days", false)
	h.Opened(t, breakglass.Emergency) // a real opening is as good a test
	wantReady(t, h, "just opened", true)
}

func wantReady(t *testing.T, h *breakglasstest.House, when string, want bool) {
	t.Helper()
	if found, err := h.Desk.Readiness(t.Context()); err != nil || found.Ready() != want {
		t.Errorf("%s: ready %v, %v", when, found.Ready(), err)
	}
}

func TestReadinessNamesEveryFault(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Opened(t, breakglass.Test)
	amira, _ := h.Holder(t, "amira.khan")
	west, _ := h.Kept(t, "west", " safe  in BATH")
	east, _ := h.Kept(t, "east", "")
	faults := func() map[string][]breakglass.Fault {
		found, err := h.Desk.Readiness(t.Context())
		must(t, err)
		all := map[string][]breakglass.Fault{}
		for _, identity := range found.Identities {
			all[identity.Person.UserName] = identity.Faults
			for _, held := range identity.Keys {
				all[identity.Person.UserName] = append(all[identity.Person.UserName], held.Faults...)
			}
		}
		return all
	}
	want := map[string][]breakglass.Fault{"north": nil, "south": {breakglass.SamePlace},
		"west": {breakglass.NotTouched, breakglass.SamePlace}, "east": {breakglass.NoPlace, breakglass.NotTouched}}
	if diff := cmp.Diff(want, faults()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := h.LostKeys.Report(t.Context(), signintest.Desk(), h.KeyOf(t, west.ID), keys.Lost, h.Clock.Now())
	must(t, err)
	_, err = h.People.Suspend(t.Context(), signintest.Desk(), east.ID, h.Clock.Now(), "")
	must(t, err)
	model, _, err := h.Models.Get(t.Context(), signintest.Model)
	must(t, err)
	model.Allowed = false
	_, err = h.Models.Put(t.Context(), signintest.Desk(), model)
	must(t, err)
	want = map[string][]breakglass.Fault{"north": {breakglass.NotProven}, "south": {breakglass.NotProven},
		"west": {breakglass.NoKey}, "east": {breakglass.NotAtWork, breakglass.NotProven, breakglass.NoPlace, breakglass.NotTouched}}
	if diff := cmp.Diff(want, faults()); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
	for _, fault := range []breakglass.Fault{breakglass.NoKey, breakglass.NotAtWork, breakglass.NotProven, breakglass.NoPlace, breakglass.SamePlace, breakglass.NotTouched} {
		if fault.Sentence() == "" {
			t.Errorf("%s has no sentence", fault)
		}
	}
	refused(t, "the place of somebody's own key", h.Desk.KeepAt(t.Context(), signintest.Desk(), h.KeyOf(t, amira.ID), "My pocket"), breakglass.NotIdentity)
}

func TestUseIsAFindingUntilSomebodyElseHasReviewedIt(t *testing.T) {
	t.Parallel()
	h := house(t)
	codes := func() []string {
		found, err := h.Desk.Conditions(t.Context())
		must(t, err)
		var all []string
		for _, condition := range found {
			all = append(all, condition.Code)
			if condition.Cause == "" || condition.Next == "" {
				t.Errorf("%+v", condition)
			}
		}
		return all
	}
	wants := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, codes()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	wants("breakglass.not_ready")
	opened := h.Opened(t, breakglass.Emergency)
	wants("breakglass.in_use")
	id := opened.Use.ID
	admin := h.Somebody(t, "amira.khan")
	refused(t, "while it is open", h.Desk.Review(t.Context(), admin.ID, id, "All of it was right."), breakglass.NotToReview)
	must(t, h.Desk.End(t.Context(), audit.Person(admin.ID), id))
	if admitted(t, h, opened.Token) {
		t.Error("it was ended, and lives on")
	}
	refused(t, "ending it again", h.Desk.End(t.Context(), audit.Person(admin.ID), id), breakglass.MovedOn)
	wants("breakglass.review_due")

	nadia := h.Somebody(t, "nadia.holt")
	for _, person := range []ids.Person{h.North.ID, h.South.ID} {
		refused(t, "one of the two identities", h.Desk.Review(t.Context(), person, id, "All of it was right."), breakglass.OwnReview)
	}
	use, err := h.Desk.MayReview(t.Context(), nadia.ID, id)
	must(t, err) // her name in the directory is another
	if use.First.Holder != "Nadia Holt" {
		t.Fatalf("%+v", use.First)
	}
	refused(t, "nothing found", h.Desk.Review(t.Context(), admin.ID, id, "ok"), breakglass.Malformed)
	must(t, h.Desk.Review(t.Context(), admin.ID, id, "They reinstated Bo. That was right."))
	refused(t, "a second review", h.Desk.Review(t.Context(), admin.ID, id, "They reinstated Bo. That was right."), breakglass.NotToReview)
	wants()
	if diff := cmp.Diff([]string{"breakglass.first_key", "breakglass.opened", "breakglass.ended", "breakglass.reviewed"}, h.Actions(t, string(id))); diff != "" {
		t.Errorf("the record (-want +got):\n%s", diff)
	}
}

func TestWhoGaveTheirNameDoesNotReview(t *testing.T) {
	t.Parallel()
	h := house(t)
	sam := h.Somebody(t, "sam.reed")
	use, browser := h.First(t, breakglass.Emergency, h.NorthKey)
	answer := h.Second(t, use.ID, browser, h.SouthKey)
	answer.Holder = " SAM.reed"
	_, err := h.Desk.Second(t.Context(), use.ID, answer)
	must(t, err)
	must(t, h.Desk.End(t.Context(), signintest.Desk(), use.ID))
	refused(t, "by user name", h.Desk.Review(t.Context(), sam.ID, use.ID, "All of it was right."), breakglass.OwnReview)
}

func TestOpeningAnewEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	h := house(t)
	before := h.Opened(t, breakglass.Emergency)
	h.Clock.Advance(50 * time.Minute)
	h.Opened(t, breakglass.Test) // a test disturbs nothing
	must(t, h.Sessions.Touch(t.Context(), map[ids.Session]time.Time{before.Use.Session: h.Clock.Now()}))
	if !admitted(t, h, before.Token) {
		t.Fatal("a test ended it")
	}
	after := h.Opened(t, breakglass.Emergency)
	if admitted(t, h, before.Token) || !admitted(t, h, after.Token) {
		t.Error("the earlier session lives, or the later does not")
	}
	if use, err := h.Desk.Get(t.Context(), before.Use.ID); err != nil || use.Ending != breakglass.Superseded {
		t.Errorf("the earlier is %+v, %v", use, err)
	}
}

func TestEverythingTheFirstPersonEntersIsChecked(t *testing.T) {
	t.Parallel()
	h := house(t)
	good := breakglasstest.Ask(breakglass.Emergency)
	for name, change := range map[string]func(*breakglass.Ask){
		"purpose": func(a *breakglass.Ask) { a.Purpose = breakglass.Recovery },
		"reason":  func(a *breakglass.Ask) { a.Reason = " too short " },
		"holder":  func(a *breakglass.Ask) { a.Holder = "X\x00Y" },
	} {
		ask := good
		change(&ask)
		_, err := h.Desk.Begin(t.Context(), ask, secret.Token())
		known, _ := problem.Of(err)
		if !problem.Is(err, breakglass.Malformed) || len(known.Fields) != 1 || known.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutKeysThePageSaysWhatElseThereIs(t *testing.T) {
	t.Parallel()
	h := house(t)
	for _, person := range []ids.Person{h.North.ID, h.South.ID} {
		_, err := h.People.Suspend(t.Context(), signintest.Desk(), person, h.Clock.Now(), "")
		must(t, err)
	}
	_, err := h.Desk.Begin(t.Context(), breakglasstest.Ask(breakglass.Emergency), secret.Token())
	refused(t, "nobody's key", err, breakglass.NoKeys)
}

// TestEveryMoveIsInTheTable says the whole table a second time, by hand.
func TestEveryMoveIsInTheTable(t *testing.T) {
	t.Parallel()
	want := map[breakglass.State][]breakglass.State{
		breakglass.Waiting: {breakglass.Open, breakglass.Tested, breakglass.Lapsed},
		breakglass.Open:    {breakglass.Closed},
		breakglass.Closed:  {breakglass.Reviewed},
	}
	for _, from := range append(breakglass.States(), "", "other") {
		var got []breakglass.State
		for _, to := range append(breakglass.States(), "", "other") {
			if from.MayBecome(to) {
				got = append(got, to)
			}
		}
		if diff := cmp.Diff(want[from], got); diff != "" {
			t.Errorf("from %q (-want +got):\n%s", from, diff)
		}
	}
}

func TestEveryProblemHasSentenceAndNextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range breakglass.Problems() {
		if definition.Code == "" || definition.Sentence == "" || definition.Next == "" {
			t.Errorf("%+v", definition)
		}
	}
}
