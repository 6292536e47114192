package stepup_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/access/stepup/stepuptest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

type house struct {
	*signintest.House
	desk *stepup.Desk
}

func open(t *testing.T, d *db.DB) *house {
	h := signintest.Open(t, d)
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "warder.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return &house{House: h, desk: stepup.New(stepup.Deps{Store: stepupdb.New(d, sealer), Keys: h.Factors, Tx: d, Audit: h.Audit, Now: h.Clock.Now})}
}

// portalOf is the one session that a person of these tests has at the portal.
func portalOf(person ids.Person) ids.Session {
	return ids.Session("ses_" + strings.TrimPrefix(string(person), "prs_"))
}

func by(person ids.Person) stepup.By { return stepup.By{Person: person, Session: portalOf(person)} }

// asked lets the person ask to pay somebody.
func (h *house) asked(t *testing.T, person ids.Person, change func(*stepup.Request)) stepup.Held {
	t.Helper()
	request := stepuptest.A(h.Clock.Now()).Request
	request.Person, request.Portal, request.Keep = person, portalOf(person), 0
	if change != nil {
		change(&request)
	}
	held, err := h.desk.Ask(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// touch answers the challenge of what waits with a key.
func (h *house) touch(t *testing.T, person ids.Person, id ids.StepUp, key *softkey.Key) (stepup.Held, error) {
	t.Helper()
	held, err := h.desk.Open(t.Context(), by(person), id)
	if err != nil {
		return stepup.Held{}, err
	}
	var options map[string]any
	if err := json.Unmarshal(held.Options, &options); err != nil {
		t.Fatal(err)
	}
	delete(options, "allowCredentials") // a browser of an attacker offers whatever key there is
	offered, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Get(offered, signintest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return h.desk.Grant(t.Context(), by(person), id, response)
}

func TestTouchGrantsOneRequestOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		amira, key := h.Holder(t, "amira")
		held := h.asked(t, amira.ID, nil)
		if taken, err := h.desk.Take(t.Context(), held.Request); taken || err != nil {
			t.Fatalf("before the touch: %v, %v", taken, err)
		}
		granted, err := h.touch(t, amira.ID, held.ID, key)
		if err != nil || granted.State != stepup.Granted {
			t.Fatalf("granted %s: %v", granted.State, err)
		}
		other := held.Request
		other.Address = "/pay?to=2"
		if taken, err := h.desk.Take(t.Context(), other); taken || err != nil {
			t.Errorf("another request: %v, %v", taken, err)
		}
		other = held.Request
		other.Session = ids.New[ids.Session]()
		if taken, err := h.desk.Take(t.Context(), other); taken || err != nil {
			t.Errorf("another session: %v, %v", taken, err)
		}
		for i, want := range []bool{true, false} {
			if taken, err := h.desk.Take(t.Context(), held.Request); taken != want || err != nil {
				t.Errorf("time %d: %v, %v", i+1, taken, err)
			}
		}
		if got := h.Actions(t, string(held.ID)); !slices.Equal(got, []string{"stepup.asked", "stepup.granted", "stepup.used"}) {
			t.Errorf("on record: %v", got)
		}
	})
}

func TestTheHashOfTheActionIsPartOfTheChallenge(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	amira, key := h.Holder(t, "amira")
	first, second := h.asked(t, amira.ID, nil), h.asked(t, amira.ID, func(r *stepup.Request) { r.Address = "/pay?to=2" })
	opened, err := h.desk.Open(t.Context(), by(amira.ID), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	var options struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(opened.Options, &options); err != nil {
		t.Fatal(err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(options.Challenge)
	if err != nil || len(challenge) < 64 || !bytes.HasSuffix(challenge, first.ActionHash[:]) {
		t.Errorf("challenge %x does not end in the hash %x: %v", challenge, first.ActionHash, err)
	}
	response, err := key.Get(opened.Options, signintest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Open(t.Context(), by(amira.ID), second.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Grant(t.Context(), by(amira.ID), second.ID, response); err == nil {
		t.Error("the touch for one action granted another")
	}
	if _, err := h.desk.Grant(t.Context(), by(amira.ID), first.ID, response); err != nil {
		t.Errorf("the touch for its own action: %v", err)
	}
}

func TestOnlyAGoodKeyOfTheSamePersonWillDo(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	amira, key := h.Holder(t, "amira")
	boris, others := h.Holder(t, "boris")
	held := h.asked(t, amira.ID, nil)
	if _, err := h.touch(t, boris.ID, held.ID, others); !problem.Is(err, stepup.NotFound) {
		t.Errorf("somebody else opens it: %v", err)
	}
	elsewhere := stepup.By{Person: amira.ID, Session: ids.New[ids.Session]()}
	if _, err := h.desk.Open(t.Context(), elsewhere, held.ID); !problem.Is(err, stepup.NotFound) {
		t.Errorf("she opens, in another browser, what somebody asked for: %v", err)
	}
	if _, err := h.touch(t, amira.ID, held.ID, others); err == nil {
		t.Error("the key of somebody else granted it")
	}
	key.Behaviour.SkipUserVerification = true
	if _, err := h.touch(t, amira.ID, held.ID, key); err == nil {
		t.Error("a key that did not verify its user granted it")
	}
	key.Behaviour.SkipUserVerification = false
	if _, err := h.touch(t, amira.ID, held.ID, key); err != nil {
		t.Errorf("their own key, after all that: %v", err)
	}
}

func TestWhatWaitsEnds(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	amira, key := h.Holder(t, "amira")
	again := func(n int) func(*stepup.Request) {
		return func(r *stepup.Request) { r.Address = "/pay?n=" + string(rune('a'+n)) }
	}
	declined, abandoned, unused, kept := h.asked(t, amira.ID, again(1)), h.asked(t, amira.ID, again(2)), h.asked(t, amira.ID, again(3)), h.asked(t, amira.ID, func(r *stepup.Request) {
		r.Keep = 10 * time.Minute
	})
	if err := h.desk.Decline(t.Context(), by(amira.ID), declined.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.touch(t, amira.ID, declined.ID, key); !problem.Is(err, stepup.Over) {
		t.Errorf("after no: %v", err)
	}
	for _, one := range []stepup.Held{unused, kept} {
		if _, err := h.touch(t, amira.ID, one.ID, key); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if taken, err := h.desk.Take(t.Context(), kept.Request); !taken || err != nil {
			t.Errorf("what holds for a time: %v, %v", taken, err)
		}
	}
	h.Clock.Advance(stepup.OpenFor)
	if taken, err := h.desk.Take(t.Context(), unused.Request); taken || err != nil {
		t.Errorf("five minutes later: %v, %v", taken, err)
	}
	h.Clock.Advance(stepup.WaitsFor - stepup.OpenFor)
	if _, err := h.touch(t, amira.ID, abandoned.ID, key); !problem.Is(err, stepup.Over) {
		t.Errorf("after ten minutes: %v", err)
	}
	if taken, err := h.desk.Take(t.Context(), kept.Request); taken || err != nil {
		t.Errorf("after its ten minutes: %v, %v", taken, err)
	}
	if swept, err := h.desk.Sweep(t.Context()); swept != 3 || err != nil {
		t.Errorf("%d closed: %v", swept, err)
	}
	counts, err := h.desk.Count(t.Context(), time.Time{})
	want := map[stepup.State]int{stepup.Declined: 1, stepup.Abandoned: 1, stepup.Expired: 1, stepup.Used: 1}
	for state, count := range want {
		if counts[state] != count {
			t.Errorf("%d are %s, want %d (%v)", counts[state], state, count, err)
		}
	}
	if found, err := h.desk.Find(t.Context(), by(amira.ID), abandoned.ID); err != nil || found.Body != nil {
		t.Errorf("its content is still there: %v", err)
	}
}

func TestNobodyLetsMoreThanTenRequestsWait(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	amira, _ := h.Holder(t, "amira")
	request := stepuptest.A(h.Clock.Now()).Request
	request.Person, request.Portal = amira.ID, portalOf(amira.ID)
	for i := range stepup.MostWaiting + 1 {
		request.Address = "/pay?n=" + string(rune('a'+i))
		_, err := h.desk.Ask(t.Context(), request)
		if full := i == stepup.MostWaiting; full != problem.Is(err, stepup.TooMany) || !full && err != nil {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
	h.Clock.Advance(stepup.WaitsFor)
	if _, err := h.desk.Ask(t.Context(), request); err != nil {
		t.Errorf("when those have waited too long: %v", err)
	}
}

func TestTouchForAMinuteHoldsForAMinute(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	amira, key := h.Holder(t, "amira")
	held := h.asked(t, amira.ID, func(r *stepup.Request) { r.Keep = time.Minute })
	if _, err := h.touch(t, amira.ID, held.ID, key); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, true, false} {
		if taken, err := h.desk.Take(t.Context(), held.Request); taken != want || err != nil {
			t.Errorf("taken %v, want %v: %v", taken, want, err)
		}
		h.Clock.Advance(40 * time.Second)
	}
}
