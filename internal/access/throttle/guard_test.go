package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/access/throttle/throttledb"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const amira = ids.Person("prs_0000000000000000000000000a")

// node is one running Warder: a guard on a database it may share.
type node struct {
	*throttle.Guard
	audit *audit.Log
	db    *db.DB
	clock *testkit.Clock
}

func open(t testing.TB) node { return on(dbtest.SQLite(t), testkit.NewClock(), nil) }

// on opens a node; runner stands between it and its database, when not nil.
func on(database *db.DB, clock *testkit.Clock, runner tx.Runner) node {
	if runner == nil {
		runner = database
	}
	log := audit.New(audit.Deps{Store: auditdb.New(database), Tx: runner, Now: clock.Now})
	person := func(_ context.Context, account string) (ids.Person, error) {
		if account == "amira.khan" {
			return amira, nil
		}
		return "", nil
	}
	return node{throttle.New(throttle.Deps{Store: throttledb.New(database), Tx: runner, Audit: log, Person: person, Now: clock.Now}), log, database, clock}
}

func from(address string) throttle.Try {
	return throttle.Try{Kind: "password", Account: "amira.khan", Source: netip.MustParseAddr(address)}
}

// wrong guesses and reports whether the guess was admitted.
func (n node) wrong(t testing.TB, try throttle.Try) bool {
	t.Helper()
	if err := n.Admit(t.Context(), try); err != nil {
		if found, ok := problem.Of(err); !ok || found.Kind != problem.TooMany {
			t.Fatal(err)
		}
		return false
	}
	must(t, n.Failed(t.Context(), try))
	return true
}

// stop guesses wrongly, waits as it is told, and so on, until the method has stopped.
func (n node) stop(t testing.TB, try throttle.Try) {
	t.Helper()
	for {
		if n.wrong(t, try) {
			continue
		}
		found, _ := problem.Of(n.Admit(t.Context(), try))
		if found.RetryAfter == 0 {
			waits(t, found, throttle.Stopped)
			return
		}
		n.clock.Advance(found.RetryAfter)
	}
}

// elsewhere is one of many addresses.
func elsewhere(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(100 + i>>8), byte(i)}) }

func (n node) right(t testing.TB, try throttle.Try) {
	t.Helper()
	must(t, n.Admit(t.Context(), try))
	must(t, n.Succeeded(t.Context(), try))
}

func (n node) actions(t testing.TB, action string) int {
	t.Helper()
	entries, err := n.audit.List(t.Context(), audit.Filter{Limit: 500})
	must(t, err)
	count := 0
	for _, entry := range entries {
		if entry.Action == action {
			count++
		}
	}
	return count
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// waits expects a refusal and returns how long it says to wait.
func waits(t testing.TB, err error, want problem.Definition) time.Duration {
	t.Helper()
	found, ok := problem.Of(err)
	if !ok || found.Code != want.Code {
		t.Fatalf("the answer is %v, want %s", err, want.Code)
	}
	return found.RetryAfter
}

// Cyber Essentials: no more than ten guesses in five minutes; NIST SP 800-63B-4
// §3.2.2: no more than a hundred in a row. Against somebody with every address
// there is, the two usual places among them, who never stops.
func TestAccountSeesAtMostTenGuessesInFiveMinutesAndAHundredInARow(t *testing.T) {
	t.Parallel()
	n := open(t)
	usual := []throttle.Try{from("192.0.2.1"), from("192.0.2.2")}
	for _, place := range usual {
		n.right(t, place)
	}
	var admitted []time.Time
	for round := range 400 {
		tries := append(slices.Clone(usual), from(fmt.Sprintf("198.51.100.%d", round%250)), from(fmt.Sprintf("203.0.113.%d", round%250)))
		for _, try := range tries {
			for n.wrong(t, try) {
				admitted = append(admitted, n.clock.Now())
			}
		}
		if round < 60 {
			n.clock.Advance(17 * time.Second)
		} else {
			n.clock.Advance(11 * time.Minute)
		}
	}
	for i, first := range admitted {
		if i+10 < len(admitted) && admitted[i+10].Sub(first) <= 5*time.Minute {
			t.Fatalf("the guesses %d to %d came within %s", i, i+10, admitted[i+10].Sub(first))
		}
	}
	if len(admitted) != 100 {
		t.Errorf("%d guesses in a row were judged, want 100", len(admitted))
	}
	for _, try := range append(usual, from("203.0.113.251")) {
		waits(t, n.Admit(t.Context(), try), throttle.Stopped)
	}
	other := from("192.0.2.1")
	other.Kind = "totp"
	must(t, n.Admit(t.Context(), other)) // another method goes on
}

func TestOwnersUsualPlaceGoesOnWhileOthersGuessEverywhereElse(t *testing.T) {
	t.Parallel()
	n := open(t)
	home := from("192.0.2.1")
	n.right(t, home)
	for i := range 100 {
		n.wrong(t, throttle.Try{Kind: "password", Account: "amira.khan", Source: elsewhere(i)})
		n.clock.Advance(20 * time.Minute)
	}
	waits(t, n.Admit(t.Context(), from("203.0.113.9")), throttle.Stopped)
	for range 5 {
		n.right(t, home)
	}
	waits(t, n.Admit(t.Context(), from("203.0.113.9")), throttle.Stopped) // the success forgives what came from there, and no more
}

func TestOneWhoGuessesDoesNotUseUpTheTriesOfEverybodyElsewhere(t *testing.T) {
	t.Parallel()
	n := open(t)
	for range 12 * 60 { // an hour
		n.wrong(t, from("198.51.100.9"))
		n.clock.Advance(5 * time.Second)
	}
	n.right(t, from("203.0.113.7")) // the owner, on a train
}

func TestOfficeIsNotLockedByOneWhoGuessesThere(t *testing.T) {
	t.Parallel()
	n := open(t)
	office := netip.MustParseAddr("192.0.2.1")
	for range 500 {
		n.wrong(t, throttle.Try{Kind: "password", Account: "amira.khan", Source: office})
	}
	for i := range 90 {
		colleague := throttle.Try{Kind: "password", Account: fmt.Sprintf("colleague.%d", i), Source: office}
		if !n.wrong(t, colleague) { // a slip of the finger
			t.Fatalf("colleague %d was not let in to try", i)
		}
		n.right(t, colleague)
		n.clock.Advance(6 * time.Second)
	}
}

func TestManyAccountsTriedFromOnePlaceAreHeldBack(t *testing.T) {
	t.Parallel()
	n := open(t)
	admitted := 0
	for i := range 1000 {
		if n.wrong(t, throttle.Try{Kind: "password", Account: fmt.Sprintf("name.%d", i), Source: netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i))}) {
			admitted++
		}
	}
	if admitted != 100 {
		t.Errorf("%d accounts were tried at once from one network, want 100", admitted)
	}
	if wait := waits(t, n.Admit(t.Context(), from("2001:db8::ffff")), throttle.PlaceWaits); wait != 6*time.Second {
		t.Errorf("the network waits %s, want 6s", wait)
	}
	must(t, n.Admit(t.Context(), from("2001:db8:0:1::1")))
	if got := n.actions(t, "throttle.place_flooded"); got != 1 {
		t.Errorf("the record tells %d times of the flood, want once", got)
	}
}

func TestWaitGrowsAndIsSaid(t *testing.T) {
	t.Parallel()
	n := open(t)
	home := from("192.0.2.1")
	n.right(t, home)
	var got []string
	for range 7 {
		for n.wrong(t, home) {
		}
		err := n.Admit(t.Context(), home)
		wait := waits(t, err, throttle.Wait)
		found, _ := problem.Of(err)
		got = append(got, strings.TrimPrefix(found.Detail, "You can try again in "))
		n.clock.Advance(wait - time.Millisecond)
		waits(t, n.Admit(t.Context(), home), throttle.Wait)
		n.clock.Advance(time.Millisecond)
	}
	want := []string{"5 seconds.", "5 minutes.", "10 minutes.", "15 minutes.", "15 minutes.", "15 minutes.", "15 minutes."}
	if !slices.Equal(got, want) {
		t.Errorf("the waits are %q, want %q", got, want)
	}
}

func TestThousandGuessesAtOnceAreNotAThousandFreeOnes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock()
		nodes := []node{on(d, clock, nil), on(d, clock, nil)} // and they count together
		var admitted, refused sync.Map
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				for j := range 20 {
					err := nodes[i%2].Admit(t.Context(), from(fmt.Sprintf("198.51.100.%d", i)))
					found, ok := problem.Of(err)
					switch {
					case err == nil:
						admitted.Store(i*1000+j, true)
					case !ok || found.Kind != problem.TooMany && !problem.Is(err, db.Busy):
						refused.Store(i*1000+j, err)
					}
				}
			})
		}
		all.Wait()
		refused.Range(func(_, err any) bool { t.Error(err); return true })
		count := 0
		admitted.Range(func(_, _ any) bool { count++; return true })
		if count != 3 {
			t.Errorf("%d of a thousand guesses were judged, want 3", count)
		}
	})
}

func TestCountsSurviveARestart(t *testing.T) {
	t.Parallel()
	n := open(t)
	for n.wrong(t, from("198.51.100.9")) {
	}
	again := on(n.db, n.clock, nil)
	waits(t, again.Admit(t.Context(), from("198.51.100.9")), throttle.Wait)
}

// broken refuses every unit of work.
type broken struct{}

func (broken) InTx(context.Context, func(ctx context.Context) error) error {
	return errors.New("a unit of work was asked for")
}

func TestRefusedGuessWritesNothing(t *testing.T) {
	t.Parallel()
	n := open(t)
	for n.wrong(t, from("198.51.100.9")) {
	}
	still := on(n.db, n.clock, broken{})
	for range 1000 {
		waits(t, still.Admit(t.Context(), from("198.51.100.9")), throttle.Wait)
	}
}

func TestFloodIsAFewLinesOfTheRecord(t *testing.T) {
	t.Parallel()
	n := open(t)
	for i := range 200 {
		for range 5 {
			n.wrong(t, throttle.Try{Kind: "password", Account: "amira.khan", Source: elsewhere(i)})
		}
		n.clock.Advance(7 * time.Minute)
	}
	must(t, n.Report(t.Context()))
	must(t, n.Report(t.Context())) // nothing new to tell
	for action, want := range map[string]int{"throttle.guessed": 2, "throttle.stopped": 1, "throttle.refused": 1} {
		if got := n.actions(t, action); got != want {
			t.Errorf("the record says %s %d times, want %d", action, got, want)
		}
	}
}

func TestNameThatNobodyHasIsTreatedAlikeAndToldOfNowhere(t *testing.T) {
	t.Parallel()
	n := open(t)
	known, unknown := from("198.51.100.9"), from("198.51.100.10")
	unknown.Account = "Correct-horse-battery" // a password, typed into the wrong field
	for i := range 100 {
		known.Source, unknown.Source = elsewhere(i), elsewhere(i)
		for range 3 {
			if a, b := n.wrong(t, known), n.wrong(t, unknown); a != b {
				t.Fatal("a name that somebody has is treated differently from one that nobody has")
			}
		}
		n.clock.Advance(7 * time.Minute)
	}
	entries, err := n.audit.List(t.Context(), audit.Filter{Limit: 500})
	must(t, err)
	for _, entry := range entries {
		if text := strings.ToLower(fmt.Sprint(entry)); strings.Contains(text, "horse") {
			t.Errorf("the record tells what was typed: %s", text)
		}
	}
	var rows int
	must(t, n.db.From(t.Context()).QueryRowContext(t.Context(),
		`select count(name)
		 from throttle_count
		 where lower(name || account) like '%horse%' or lower(name || account) like '%amira%'`).Scan(&rows))
	if rows != 0 {
		t.Errorf("%d rows hold a name as it was typed", rows)
	}
}

func TestStoppedMethodGoesOnAfterAKeyOrTheDesk(t *testing.T) {
	t.Parallel()
	n := open(t)
	n.stop(t, from("198.51.100.9"))
	must(t, n.Proven(t.Context(), audit.Person(amira), "Amira.Khan ", netip.MustParseAddr("192.0.2.1")))
	n.clock.Advance(5 * time.Minute)
	n.right(t, from("198.51.100.9"))
	n.stop(t, from("198.51.100.9"))
	lifted, err := n.Lift(t.Context(), audit.Command("desk"), "amira.khan")
	must(t, err)
	if lifted == 0 {
		t.Error("nothing was lifted")
	}
	n.clock.Advance(5 * time.Minute)
	n.right(t, from("198.51.100.9"))
	if got := n.actions(t, "throttle.lifted"); got != 2 {
		t.Errorf("the record tells of %d liftings, want 2", got)
	}
	if standings, err := n.Standings(t.Context(), "amira.khan"); err != nil || len(standings) != 0 {
		t.Errorf("after all is well there stands %+v, %v", standings, err)
	}
}

// Whoever signs in with a key while others guess must not give those more guesses.
func TestFrequentKeySignInsDoNotHelpWhoGuesses(t *testing.T) {
	t.Parallel()
	n := open(t)
	admitted := 0
	for i := range 300 {
		must(t, n.Proven(t.Context(), audit.Person(amira), "amira.khan", netip.MustParseAddr("192.0.2.1")))
		if n.wrong(t, from(fmt.Sprintf("198.51.100.%d", i%250))) {
			admitted++
		}
		n.clock.Advance(time.Second)
	}
	if admitted > 4 {
		t.Errorf("%d guesses in five minutes", admitted)
	}
}

func TestClockSetBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	n := open(t)
	n.clock.Advance(365 * 24 * time.Hour) // somebody set it wrongly
	for n.wrong(t, from("198.51.100.9")) {
	}
	n.clock.Advance(-365 * 24 * time.Hour)
	n.right(t, from("198.51.100.9"))
	for n.wrong(t, from("198.51.100.9")) {
	}
	if wait := waits(t, n.Admit(t.Context(), from("198.51.100.9")), throttle.Wait); wait > 5*time.Minute {
		t.Errorf("the wait is %s", wait)
	}
}

func TestGuessCountedInAUnitOfWorkIsRefused(t *testing.T) {
	t.Parallel()
	n := open(t)
	var admitted error
	must(t, n.db.InTx(t.Context(), func(ctx context.Context) error {
		admitted = n.Admit(ctx, from("198.51.100.9"))
		return nil
	}))
	if admitted == nil {
		t.Error("a guess was admitted that would not be counted if the work around it was undone")
	}
}

func TestGuessWithoutAnAccountCountsForItsPlace(t *testing.T) {
	t.Parallel()
	n := open(t)
	pass := throttle.Try{Kind: "pass", Source: netip.Addr{}}
	admitted := 0
	for range 300 {
		if n.wrong(t, pass) {
			admitted++
		}
	}
	if admitted != 100 {
		t.Errorf("%d guesses at passes at once, want 100", admitted)
	}
	n.clock.Advance(6 * time.Second)
	n.right(t, pass)
	must(t, n.Admit(t.Context(), pass)) // the right one has given its count back
}

func TestOldCountsAreForgottenAndStoppedOnesAreNot(t *testing.T) {
	t.Parallel()
	n := open(t)
	n.stop(t, from("198.51.100.9"))
	other := from("198.51.100.10")
	other.Account = "b.jones"
	n.wrong(t, other)
	n.clock.Advance(400 * 24 * time.Hour)
	pruned, err := n.Prune(t.Context())
	must(t, err)
	if pruned < 3 {
		t.Errorf("%d counts were forgotten", pruned)
	}
	waits(t, n.Admit(t.Context(), from("198.51.100.9")), throttle.Stopped)
}
