// Package keystest is the contract that every store of keys must keep, concurrency
// included. Only tests import it.
package keystest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// House is a store with what stands around it, all on one empty database.
type House struct {
	Store  keys.Store
	Models keys.ModelStore
	Tx     tx.Runner
	Audit  *audit.Log
}

// Monday is when tests happen.
func Monday() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) }

// Key is a key as a store must be able to keep it, with everything known.
func Key() keys.Key {
	return keys.Key{
		ID: ids.New[ids.Key](), Serial: "SN-" + string(ids.New[ids.Key]())[4:], SerialGrade: keys.SerialAttested,
		Model: "2fc0579f-8113-47ea-b116-bb5a8db9202a", ModelGrade: keys.ModelVerified, Firmware: "5.4.2", Label: "The blue one",
		State: keys.StateEnrolled, Holder: ids.New[ids.Person](), Place: "In the blue safe", ToReturn: true,
		CreatedAt: Monday(), ChangedAt: Monday(),
	}
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"a key comes back as it was kept":                    comesBack,
		"a serial number belongs to one key":                 serialOnce,
		"a change is refused when the state has moved on":    changeOnlyFrom,
		"keys of a person are theirs alone, oldest first":    heldBy,
		"pages do not skip or repeat":                        pages,
		"a search takes its text literally":                  search,
		"rules hold below the domain":                        rules,
		"a model is replaced, not doubled":                   models,
		"warnings about makes are replaced as a whole":       warnings,
		"two enrolments of one serial at once: one wins":     enrolTwice,
		"one key issued to many at once goes to one":         issueToMany,
		"blocked twice at once is blocked once":              blockTwice,
		"an abandoned unit of work leaves nothing":           abandoned,
		"reading what is not there says so":                  notThere,
		"keys without a serial number are not in each other": noSerials,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (h House) register() *keys.Register {
	return keys.New(keys.Deps{Store: h.Store, Tx: h.Tx, Audit: h.Audit, Now: Monday})
}

func (h House) add(t *testing.T, all ...keys.Key) {
	t.Helper()
	for _, key := range all {
		if err := h.tryAdd(t.Context(), key); err != nil {
			t.Fatalf("add key: %v", err)
		}
	}
}

func (h House) tryAdd(ctx context.Context, key keys.Key) error {
	return h.Tx.InTx(ctx, func(ctx context.Context) error { return h.Store.Add(ctx, key) })
}

func want(t *testing.T, err error, definition problem.Definition) {
	t.Helper()
	if !problem.Is(err, definition) {
		t.Errorf("got error %v, want problem %s", err, definition.Code)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func comesBack(t *testing.T, h House) {
	full := Key()
	bare := keys.Key{ID: ids.New[ids.Key](), State: keys.StateOrdered, CreatedAt: Monday(), ChangedAt: Monday()}
	blocked := Key()
	blocked.State, blocked.Reason = keys.StateStolen, keys.Stolen
	h.add(t, full, bare, blocked)
	for _, key := range []keys.Key{full, bare, blocked} {
		got, err := h.Store.ByID(t.Context(), key.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, key, got)
	}
	got, err := h.Store.BySerial(t.Context(), full.Serial)
	if err != nil {
		t.Fatal(err)
	}
	same(t, full, got)
}

func serialOnce(t *testing.T, h House) {
	first, second, third := Key(), Key(), Key()
	second.Serial = first.Serial
	h.add(t, first, third)
	want(t, h.tryAdd(t.Context(), second), keys.SerialTaken)

	third.Serial = first.Serial
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
		_, err := h.Store.Change(ctx, third, third.State)
		return err
	})
	want(t, err, keys.SerialTaken)
}

func changeOnlyFrom(t *testing.T, h House) {
	key := Key()
	h.add(t, key)
	lost := key
	lost.State, lost.Reason, lost.Label, lost.ChangedAt = keys.StateLost, keys.Lost, "Gone", Monday().Add(time.Hour)
	for from, wantChanged := range map[keys.State]bool{keys.StateHeld: false, keys.StateEnrolled: true} {
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
			changed, err := h.Store.Change(ctx, lost, from)
			if err == nil && changed != wantChanged {
				t.Errorf("change from %s: %v, want %v", from, changed, wantChanged)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := h.Store.ByID(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, lost, got)
}

func heldBy(t *testing.T, h House) {
	newer, older, foreign := Key(), Key(), Key()
	older.Holder = newer.Holder
	older.CreatedAt = newer.CreatedAt.Add(-time.Hour)
	h.add(t, newer, older, foreign)
	got, err := h.Store.HeldBy(t.Context(), newer.Holder)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []keys.Key{older, newer}, got)
}

func pages(t *testing.T, h House) {
	var wanted []ids.Key
	for i := range 7 {
		key := Key()
		key.CreatedAt = Monday().Add(time.Duration(i/2) * time.Minute) // some share a moment
		h.add(t, key)
		wanted = append(wanted, key.ID)
	}
	seen := map[ids.Key]int{}
	var last time.Time
	filter := keys.Filter{Limit: 2}
	for range 10 {
		page, err := h.Store.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, key := range page {
			seen[key.ID]++
			if !last.IsZero() && key.CreatedAt.After(last) {
				t.Errorf("a newer key follows an older one")
			}
			last, filter.After = key.CreatedAt, key.ID
		}
	}
	for _, id := range wanted {
		if seen[id] != 1 {
			t.Errorf("key %s was listed %d times", id, seen[id])
		}
	}
}

func search(t *testing.T, h House) {
	percent, other := Key(), Key()
	percent.Label, other.Label = "100%_sure", "100 sure"
	other.State, other.Reason = keys.StateLost, keys.Lost
	h.add(t, percent, other)
	for _, c := range []struct {
		filter keys.Filter
		want   []keys.Key
	}{
		{keys.Filter{Text: "%_SURE"}, []keys.Key{percent}},
		{keys.Filter{Text: percent.Serial[3:20]}, []keys.Key{percent}},
		{keys.Filter{State: keys.StateLost}, []keys.Key{other}},
		{keys.Filter{Holder: percent.Holder}, []keys.Key{percent}},
		{keys.Filter{Text: "nowhere"}, nil},
		{keys.Filter{Model: "another"}, nil},
	} {
		c.filter.Limit = 10
		got, err := h.Store.List(t.Context(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.want, got)
	}
}

func rules(t *testing.T, h House) {
	for name, spoil := range map[string]func(*keys.Key){
		"state that does not exist":   func(k *keys.Key) { k.State = "borrowed" },
		"no state":                    func(k *keys.Key) { k.State = "" },
		"in use by nobody":            func(k *keys.Key) { k.Holder = "" },
		"lost without a reason":       func(k *keys.Key) { k.State = keys.StateLost },
		"graded serial that is none":  func(k *keys.Key) { k.Serial = "" },
		"serial without a grade":      func(k *keys.Key) { k.SerialGrade = "" },
		"verified model that is none": func(k *keys.Key) { k.Model = "" },
	} {
		key := Key()
		spoil(&key)
		if err := h.tryAdd(t.Context(), key); err == nil {
			t.Errorf("%s: was stored", name)
		}
	}
}

func models(t *testing.T, h House) {
	first := keys.Model{AAGUID: "2fc0579f-8113-47ea-b116-bb5a8db9202a", Vendor: "B", Name: "Two", Allowed: true,
		HardwareBound: true, Roots: []byte("pem"), OwnRoots: true, ChangedAt: Monday(),
		CertificateKeys: []string{strings.Repeat("ab", 20), strings.Repeat("cd", 20)}}
	second := keys.Model{AAGUID: "42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3", Vendor: "A", Name: "One", ChangedAt: Monday()}
	denied := first
	denied.Allowed, denied.HardwareBound, denied.Roots, denied.OwnRoots, denied.ChangedAt = false, false, nil, false, Monday().Add(time.Hour)
	denied.CertificateKeys = nil
	put := func(model keys.Model) {
		t.Helper()
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Models.Put(ctx, model) })
		if err != nil {
			t.Fatal(err)
		}
	}
	put(first)
	whole, found, err := h.Models.Get(t.Context(), first.AAGUID)
	if err != nil || !found {
		t.Fatalf("get model: %v, %v", found, err)
	}
	same(t, first, whole)
	put(second)
	put(denied)
	list, err := h.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, []keys.Model{second, denied}, list)
	got, found, err := h.Models.Get(t.Context(), first.AAGUID)
	if err != nil || !found {
		t.Fatalf("get model: %v, %v", found, err)
	}
	same(t, denied, got)
}

func warnings(t *testing.T, h House) {
	const one, certificate = "2fc0579f-8113-47ea-b116-bb5a8db9202a", "abababababababababababababababababababab"
	warn := func(all ...keys.Warned) error {
		return h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Models.Warn(ctx, all) })
	}
	read := func(makes []string, wanted ...keys.Warned) {
		t.Helper()
		got, err := h.Models.Warnings(t.Context(), makes)
		if err != nil {
			t.Fatal(err)
		}
		same(t, wanted, got)
	}
	revoked := keys.Warned{Make: one, Warning: keys.Warning{Kind: keys.WarnRevoked, From: Monday(), Until: Monday().Add(time.Hour)}}
	retired := keys.Warned{Make: one, Warning: keys.Warning{Kind: keys.WarnRetired}}
	batch := keys.Warned{Make: certificate, Warning: keys.Warning{Kind: keys.WarnAttestation}}
	if err := warn(batch, retired, revoked); err != nil {
		t.Fatal(err)
	}
	read(nil, retired, revoked, batch)
	read([]string{one}, retired, revoked)
	read([]string{certificate, "unheard-of"}, batch)
	read([]string{})
	for name, all := range map[string][]keys.Warned{
		"one kind twice":  {revoked, revoked},
		"no such kind":    {{Make: one, Warning: keys.Warning{Kind: "rumour"}}},
		"about no make":   {{Make: "x", Warning: keys.Warning{Kind: keys.WarnRetired}}},
		"good, then none": {retired, {Make: "", Warning: keys.Warning{Kind: keys.WarnRetired}}},
	} {
		if err := warn(all...); err == nil {
			t.Errorf("%s: was kept", name)
		}
	}
	read(nil, retired, revoked, batch)
	if err := warn(); err != nil {
		t.Fatal(err)
	}
	read(nil)
}

// crowd runs act n times at once and returns how many did it and what the others were told.
func crowd(n int, act func(i int) error) (done int, refused []error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			err := act(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else {
				refused = append(refused, err)
			}
		})
	}
	close(start)
	all.Wait()
	return done, refused
}

func enrolTwice(t *testing.T, h House) {
	register := h.register()
	done, refused := crowd(6, func(int) error {
		_, err := register.Enrol(t.Context(), audit.System("test"), keys.Enrolment{
			Holder: ids.New[ids.Person](), Serial: "12 345 678",
		})
		return err
	})
	if done != 1 {
		t.Errorf("%d people enrolled the key of one serial number", done)
	}
	for _, err := range refused {
		want(t, err, keys.SerialTaken)
	}
	key, err := register.BySerial(t.Context(), "12345678")
	if err != nil || key.State != keys.StateEnrolled {
		t.Errorf("the key is %+v, %v", key, err)
	}
}

func issueToMany(t *testing.T, h House) {
	register := h.register()
	key, err := register.Add(t.Context(), audit.System("test"), keys.NewKey{Serial: "1"})
	if err != nil {
		t.Fatal(err)
	}
	done, refused := crowd(6, func(int) error {
		_, err := register.Issue(t.Context(), audit.System("test"), key.ID, ids.New[ids.Person]())
		return err
	})
	if done != 1 {
		t.Errorf("one key was issued %d times", done)
	}
	for _, err := range refused {
		want(t, err, keys.BadTransition)
	}
}

func blockTwice(t *testing.T, h House) {
	key := Key()
	h.add(t, key)
	register := h.register()
	done, refused := crowd(4, func(int) error {
		_, err := register.Block(t.Context(), audit.System("test"), key.ID, keys.Lost)
		return err
	})
	if done != 4 {
		t.Errorf("reporting a lost key again was refused: %v", errors.Join(refused...))
	}
	entries, err := h.Audit.List(t.Context(), audit.Filter{Subject: string(key.ID), Action: "key.blocked"})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the key was blocked %d times in the audit record, want 1", len(entries))
	}
}

func abandoned(t *testing.T, h House) {
	key := Key()
	stop := fmt.Errorf("stop here")
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
		if err := h.Store.Add(ctx, key); err != nil {
			return err
		}
		if _, err := h.Store.ByID(ctx, key.ID); err != nil {
			t.Errorf("not visible inside its own unit of work: %v", err)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	_, err = h.Store.ByID(t.Context(), key.ID)
	want(t, err, keys.NotFound)
}

func notThere(t *testing.T, h House) {
	_, err := h.Store.ByID(t.Context(), ids.New[ids.Key]())
	want(t, err, keys.NotFound)
	_, err = h.Store.BySerial(t.Context(), "404")
	want(t, err, keys.NotFound)
	_, found, err := h.Models.Get(t.Context(), "2fc0579f-8113-47ea-b116-bb5a8db9202a")
	if err != nil || found {
		t.Errorf("a model that is not there: %v, %v", found, err)
	}
}

func noSerials(t *testing.T, h House) {
	one, two := Key(), Key()
	one.Serial, one.SerialGrade, two.Serial, two.SerialGrade = "", "", "", ""
	h.add(t, one, two)
	_, err := h.Store.BySerial(t.Context(), "")
	want(t, err, keys.NotFound)
}
