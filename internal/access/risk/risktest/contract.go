// Package risktest is the contract that every store of what is usual and unusual
// must keep, and a small world for the tests of the rooms that ask access/risk. Only
// tests import it.
package risktest

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store on one empty database.
type Kept struct {
	Store risk.Store
	DB    *db.DB
}

// Contract is what every risk.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("gives back what is known of a person, and of no other", func(t *testing.T) { known(t, open(t)) })
	t.Run("drops what must make room", func(t *testing.T) { drops(t, open(t)) })
	t.Run("gives back a sight as it was kept", func(t *testing.T) { sights(t, open(t)) })
	t.Run("narrows a list of sights", func(t *testing.T) { narrows(t, open(t)) })
	t.Run("forgets what is old", func(t *testing.T) { forgets(t, open(t)) })
	t.Run("closes a case once", func(t *testing.T) { closes(t, open(t)) })
	t.Run("loses nothing among many writers", func(t *testing.T) { many(t, open(t)) })
}

func (k Kept) in(t testing.TB, work func(ctx context.Context) error) {
	t.Helper()
	must(t, k.DB.InTx(t.Context(), work))
}

// Sight is a sight with everything known.
func Sight() risk.Sight {
	at := testkit.Start()
	from := netip.MustParseAddr("198.51.100.7")
	before := policy.Signals{NewCountry: policy.Yes}
	return risk.Sight{Session: ids.New[ids.Session](), Person: ids.New[ids.Person](), Network: risk.NetworkOf(from), Address: from, Device: "dvc", At: at,
		Objection: [32]byte{1, 2, 3}, Answer: risk.Confirmed,
		Found: risk.Found{Place: places.Place{Country: "ES", CountryName: "España", ASN: 64500, Organisation: "Example", Located: true, Latitude: 40.4, Longitude: -3.7, RadiusKM: 20},
			Names: []string{"madrid"}, Kind: places.Roaming, Lists: []string{"tor"},
			Signals: policy.Signals{NewNetwork: policy.No, ImpossibleTravel: policy.Unknown, ListedNetwork: policy.Yes, Country: "ES"}, Before: &before,
			Travel:   &risk.Travel{From: "ses_x", FromPlace: places.Place{Country: "GB"}, FromAt: at.Add(-time.Hour), DistanceKM: 1264, Took: time.Hour, KMH: 1264},
			Failures: 3, SignIns: 40, Revalidated: at}}
}

// same compares what is kept: addresses by their text.
func same() cmp.Options {
	return cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})}
}

func known(t *testing.T, k Kept) {
	one, other := ids.New[ids.Person](), ids.New[ids.Person]()
	at := testkit.Start()
	device := risk.Known{Kind: risk.Device, Value: "a", First: at, Last: at, Confirmed: at, Times: 1}
	country := risk.Known{Kind: risk.Country, Value: "GB", First: at, Last: at, Times: 3}
	k.in(t, func(ctx context.Context) error { return k.Store.Learn(ctx, one, []risk.Known{device, country}, nil) })
	country.Last, country.Times, country.Confirmed = at.Add(time.Hour), 4, at.Add(time.Hour)
	k.in(t, func(ctx context.Context) error { return k.Store.Learn(ctx, one, []risk.Known{country}, nil) })
	got, err := k.Store.Known(t.Context(), one)
	must(t, err)
	if diff := cmp.Diff([]risk.Known{country, device}, got); diff != "" {
		t.Errorf("what is known changed on its way (-want +got):\n%s", diff)
	}
	if got, err := k.Store.Known(t.Context(), other); err != nil || len(got) != 0 {
		t.Errorf("of somebody else %v is known, error %v", got, err)
	}
}

func drops(t *testing.T, k Kept) {
	person, at := ids.New[ids.Person](), testkit.Start()
	old := risk.Known{Kind: risk.Network, Value: "192.0.2.0/24", First: at, Last: at, Times: 1}
	fresh := risk.Known{Kind: risk.Network, Value: "198.51.100.0/24", First: at, Last: at, Times: 1}
	k.in(t, func(ctx context.Context) error { return k.Store.Learn(ctx, person, []risk.Known{old}, nil) })
	k.in(t, func(ctx context.Context) error {
		return k.Store.Learn(ctx, person, []risk.Known{fresh}, []risk.Known{old})
	})
	got, err := k.Store.Known(t.Context(), person)
	must(t, err)
	if diff := cmp.Diff([]risk.Known{fresh}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func sights(t *testing.T, k Kept) {
	sight := Sight()
	k.in(t, func(ctx context.Context) error { return k.Store.KeepSight(ctx, sight) })
	sight.Answer, sight.Signals.ListedNetwork, sight.Objection = risk.WasNotMe, policy.No, [32]byte{}
	k.in(t, func(ctx context.Context) error { return k.Store.KeepSight(ctx, sight) })
	nowhere := risk.Sight{Session: sight.Session, Person: sight.Person, At: sight.At.Add(time.Hour)}
	k.in(t, func(ctx context.Context) error { return k.Store.KeepSight(ctx, nowhere) })
	got, err := k.Store.Sights(t.Context(), risk.Which{Sessions: []ids.Session{sight.Session}})
	must(t, err)
	if diff := cmp.Diff([]risk.Sight{nowhere, sight}, got, same()); diff != "" {
		t.Errorf("sights changed on their way (-want +got):\n%s", diff)
	}
}

func narrows(t *testing.T, k Kept) {
	one, plain := Sight(), Sight()
	plain.Objection, plain.Signals, plain.At = [32]byte{}, policy.Signals{}, one.At.Add(time.Minute)
	plain.Person = one.Person
	for _, sight := range []risk.Sight{one, plain} {
		k.in(t, func(ctx context.Context) error { return k.Store.KeepSight(ctx, sight) })
	}
	for name, c := range map[string]struct {
		which risk.Which
		want  []ids.Session
	}{
		"of a person":   {risk.Which{Person: one.Person}, []ids.Session{plain.Session, one.Session}},
		"the last":      {risk.Which{Person: one.Person, Limit: 1}, []ids.Session{plain.Session}},
		"raised ones":   {risk.Which{Person: one.Person, Raised: true}, []ids.Session{one.Session}},
		"objected":      {risk.Which{Objection: one.Objection}, []ids.Session{one.Session}},
		"of nobody":     {risk.Which{Person: "prs_x"}, nil},
		"of no session": {risk.Which{Sessions: []ids.Session{}}, nil},
		"alive":         {risk.Which{Person: one.Person, Live: true}, nil}, // there is no such session at all
	} {
		found, err := k.Store.Sights(t.Context(), c.which)
		must(t, err)
		var got []ids.Session
		for _, sight := range found {
			got = append(got, sight.Session)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func forgets(t *testing.T, k Kept) {
	sight, at := Sight(), testkit.Start()
	open, closed := Case(at), Case(at)
	closed.ClosedAt, closed.ClosedBy, closed.Finding = at.Add(time.Hour), "prs_x", "nothing"
	k.in(t, func(ctx context.Context) error {
		must(t, k.Store.KeepSight(ctx, sight))
		must(t, k.Store.OpenCase(ctx, open))
		must(t, k.Store.OpenCase(ctx, closed))
		_, err := k.Store.CloseCase(ctx, closed)
		must(t, err)
		return k.Store.Learn(ctx, sight.Person, []risk.Known{{Kind: risk.Country, Value: "GB", First: at, Last: at, Times: 1}}, nil)
	})
	for before, want := range map[time.Time]int{at: 0, at.Add(2 * time.Hour): 3} {
		k.in(t, func(ctx context.Context) error {
			gone, err := k.Store.Forget(ctx, before)
			if gone != want && want > 0 {
				t.Errorf("before %s %d were forgotten, want %d", before, gone, want)
			}
			return err
		})
	}
	if left, err := k.Store.Cases(t.Context(), false, 0); err != nil || len(left) != 1 || left[0].ID != open.ID {
		t.Errorf("left are %v, error %v; want the open case", left, err)
	}
}

// Case is an open case.
func Case(at time.Time) risk.Case {
	return risk.Case{ID: ids.New[ids.RiskCase](), Person: ids.New[ids.Person](), Session: ids.New[ids.Session](), Network: "198.51.100.0/24", Device: "dvc", OpenedAt: at}
}

func closes(t *testing.T, k Kept) {
	one := Case(testkit.Start())
	k.in(t, func(ctx context.Context) error { return k.Store.OpenCase(ctx, one) })
	one.ClosedAt, one.ClosedBy, one.Finding = one.OpenedAt.Add(time.Hour), "prs_x", "a colleague's browser"
	for _, want := range []bool{true, false} {
		k.in(t, func(ctx context.Context) error {
			closed, err := k.Store.CloseCase(ctx, one)
			if closed != want {
				t.Errorf("closed: %v, want %v", closed, want)
			}
			return err
		})
	}
	all, err := k.Store.Cases(t.Context(), false, 5)
	must(t, err)
	if diff := cmp.Diff([]risk.Case{one}, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if open, err := k.Store.Cases(t.Context(), true, 5); err != nil || len(open) != 0 {
		t.Errorf("open are %v, error %v", open, err)
	}
}

func many(t *testing.T, k Kept) {
	person, at := ids.New[ids.Person](), testkit.Start()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := k.DB.InTx(t.Context(), func(ctx context.Context) error {
				sight := Sight()
				sight.Objection = [32]byte{byte(i + 1)}
				if err := k.Store.KeepSight(ctx, sight); err != nil {
					return err
				}
				return k.Store.Learn(ctx, person, []risk.Known{{Kind: risk.Hour, Value: "9", First: at, Last: at, Times: i}, {Kind: risk.Device, Value: string(rune('a' + i)), First: at, Last: at, Times: 1}}, nil)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := k.Store.Known(t.Context(), person); err != nil || len(got) != 9 {
		t.Errorf("%d things are known, error %v; want 9", len(got), err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
