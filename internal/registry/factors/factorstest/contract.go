// Package factorstest is the contract that every store of credentials must keep,
// and a builder that takes a key through both ceremonies. Only tests import it.
package factorstest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// House is a store with what stands around it, all on one empty database.
type House struct {
	Store factors.Store
	Keys  *keys.Register // a credential stands on a key
	Tx    tx.Runner
}

// Monday is when tests happen.
func Monday() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) }

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"a credential comes back as it was kept":          comesBack,
		"what has proven a model is listed":               listsOfModel,
		"a credential id belongs to one person":           idOnce,
		"a credential needs a key that exists":            needsKey,
		"a use is recorded while it is active":            used,
		"each day of use counts once":                     daysUsed,
		"everybody's active credentials are gone through": eachActive,
		"what suspended itself is listed, longest first":  inDoubt,
		"a change is refused when the state moved on":     change,
		"lists are of one person or key, oldest first":    lists,
		"rules hold below the domain":                     rules,
		"one credential registered at once by many":       registerTwice,
		"one credential suspended at once by many":        suspendTwice,
		"reading what is not there says so":               notThere,
		"uses at once never leave the counter in a mix":   countAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

// credential is a credential as a store must be able to keep it, on a new key.
func (h House) credential(t *testing.T) factors.Credential {
	t.Helper()
	person := ids.New[ids.Person]()
	key, err := h.Keys.Enrol(t.Context(), audit.System("test"), keys.Enrolment{Holder: person})
	if err != nil {
		t.Fatal(err)
	}
	id := ids.New[ids.Credential]()
	return factors.Credential{
		ID: id, Person: person, Key: key.ID, CredentialID: []byte(id), PublicKey: []byte{0xa5, 0, 0xff},
		Model: "2fc0579f-8113-47ea-b116-bb5a8db9202a", Attestation: factors.AttestationVerified, HardwareBound: true,
		SignCount: 4294967295, Transports: []string{"usb", "nfc"}, State: factors.Active, Label: "Mine",
		CreatedAt: Monday(), LastUsedAt: Monday().Add(time.Minute), DaysUsed: 1,
	}
}

func (h House) add(ctx context.Context, credential factors.Credential) error {
	return h.Tx.InTx(ctx, func(ctx context.Context) error { return h.Store.Add(ctx, credential) })
}

func (h House) mustAdd(t *testing.T, all ...factors.Credential) {
	t.Helper()
	for _, credential := range all {
		if err := h.add(t.Context(), credential); err != nil {
			t.Fatalf("add credential: %v", err)
		}
	}
}

// do runs a write that reports whether it was done.
func (h House) do(t *testing.T, act func(ctx context.Context) (bool, error)) bool {
	t.Helper()
	var done bool
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
		var err error
		done, err = act(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func (h House) get(t *testing.T, credential factors.Credential) factors.Credential {
	t.Helper()
	got, err := h.Store.ByCredentialID(t.Context(), credential.CredentialID)
	if err != nil {
		t.Fatal(err)
	}
	return got
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
	full, bare := h.credential(t), h.credential(t)
	bare.Model, bare.Attestation, bare.HardwareBound = "", factors.AttestationNone, false
	bare.SignCount, bare.Transports, bare.LastUsedAt, bare.DaysUsed, bare.Label = 0, nil, time.Time{}, 0, ""
	bare.BackupEligible, bare.BackedUp = true, true
	h.mustAdd(t, full, bare)
	same(t, full, h.get(t, full))
	same(t, bare, h.get(t, bare))
}

func idOnce(t *testing.T, h House) {
	first, second := h.credential(t), h.credential(t)
	second.CredentialID = first.CredentialID
	h.mustAdd(t, first)
	want(t, h.add(t.Context(), second), factors.AlreadyRegistered)
}

func listsOfModel(t *testing.T, h House) {
	one, another, stopped, claimed, other := h.credential(t), h.credential(t), h.credential(t), h.credential(t), h.credential(t)
	third := h.credential(t)
	third.Person = one.Person
	stopped.State, stopped.Reason = factors.Suspended, "lost"
	claimed.Attestation, claimed.HardwareBound = factors.AttestationUnverified, false
	other.Model = "42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3"
	h.mustAdd(t, one, another, stopped, claimed, other, third)
	for model, wanted := range map[string][]factors.Credential{
		one.Model: {one, another, third}, other.Model: {other}, "": nil,
	} {
		got, err := h.Store.OfModel(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(wanted, func(a, b factors.Credential) int { return strings.Compare(string(a.ID), string(b.ID)) })
		same(t, wanted, got)
	}
}

func needsKey(t *testing.T, h House) {
	credential := h.credential(t)
	credential.Key = ids.New[ids.Key]()
	if err := h.add(t.Context(), credential); err == nil {
		t.Error("a credential on a key that does not exist was stored")
	}
}

func used(t *testing.T, h House) {
	credential := h.credential(t)
	credential.HardwareBound, credential.BackupEligible = false, true
	h.mustAdd(t, credential)
	later := Monday().Add(time.Hour)
	use := func(use factors.Use, at time.Time) bool {
		return h.do(t, func(ctx context.Context) (bool, error) { return h.Store.Used(ctx, credential.ID, use, at) })
	}
	if !use(factors.Use{UserVerified: true, BackedUp: true, SignCount: 7}, later) {
		t.Error("a use of an active credential was not recorded")
	}
	credential.SignCount, credential.BackedUp, credential.LastUsedAt = 7, true, later
	same(t, credential, h.get(t, credential))

	h.do(t, func(ctx context.Context) (bool, error) {
		return h.Store.Change(ctx, factors.Change{ID: credential.ID, From: factors.Active, To: factors.Suspended, Reason: "lost", At: later})
	})
	if use(factors.Use{SignCount: 8}, later.Add(time.Hour)) {
		t.Error("a use of a suspended credential was recorded")
	}
	credential.State, credential.Reason = factors.Suspended, "lost"
	same(t, credential, h.get(t, credential))
}

// daysUsed also lets the clock jump back: that makes no day count twice.
func daysUsed(t *testing.T, h House) {
	credential := h.credential(t)
	credential.LastUsedAt, credential.DaysUsed = time.Time{}, 0
	h.mustAdd(t, credential)
	noon := Monday().Add(3 * time.Hour)
	for _, use := range []struct {
		at   time.Time
		days int
		last time.Time
	}{
		{noon, 1, noon}, {noon.Add(time.Minute), 1, noon.Add(time.Minute)},
		{noon.Add(24 * time.Hour), 2, noon.Add(24 * time.Hour)},
		{noon, 2, noon.Add(24 * time.Hour)}, {noon.Add(25 * time.Hour), 2, noon.Add(25 * time.Hour)},
		{noon.Add(60 * time.Hour), 3, noon.Add(60 * time.Hour)},
	} {
		h.do(t, func(ctx context.Context) (bool, error) {
			return h.Store.Used(ctx, credential.ID, factors.Use{}, use.at)
		})
		got := h.get(t, credential)
		same(t, []any{use.days, use.last.UTC()}, []any{got.DaysUsed, got.LastUsedAt.UTC()})
	}
}

func eachActive(t *testing.T, h House) {
	newer, older, other, stopped := h.credential(t), h.credential(t), h.credential(t), h.credential(t)
	older.Person, older.CreatedAt = newer.Person, newer.CreatedAt.Add(-time.Hour)
	stopped.Person, stopped.State, stopped.Reason = newer.Person, factors.Suspended, "lost"
	h.mustAdd(t, newer, older, other, stopped)
	wanted := []factors.Credential{older, newer, other}
	if other.Person < newer.Person {
		wanted = []factors.Credential{other, older, newer}
	}
	var got []factors.Credential
	err := h.Store.EachActive(t.Context(), func(credential factors.Credential) error {
		got = append(got, credential)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, wanted, got)
	enough := errors.New("enough")
	if err := h.Store.EachActive(t.Context(), func(factors.Credential) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("a walk that was ended says %v", err)
	}
}

func change(t *testing.T, h House) {
	credential := h.credential(t)
	h.mustAdd(t, credential)
	step := func(from, to factors.State, reason string) bool {
		return h.do(t, func(ctx context.Context) (bool, error) {
			return h.Store.Change(ctx, factors.Change{ID: credential.ID, From: from, To: to, Reason: reason, At: Monday()})
		})
	}
	same(t, []bool{false, true, false, true}, []bool{
		step(factors.Suspended, factors.Revoked, "x"), step(factors.Active, factors.Suspended, "lost"),
		step(factors.Active, factors.Suspended, "lost"), step(factors.Suspended, factors.Revoked, "returned"),
	})
	got := h.get(t, credential)
	same(t, []string{"revoked", "returned"}, []string{string(got.State), got.Reason})
}

func lists(t *testing.T, h House) {
	newer, older, other := h.credential(t), h.credential(t), h.credential(t)
	older.Person, older.Key = newer.Person, newer.Key
	older.CreatedAt = newer.CreatedAt.Add(-time.Hour)
	h.mustAdd(t, newer, older, other)
	ofPerson, err := h.Store.OfPerson(t.Context(), newer.Person)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []factors.Credential{older, newer}, ofPerson)
	ofKey, err := h.Store.OfKey(t.Context(), other.Key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []factors.Credential{other}, ofKey)
}

func rules(t *testing.T, h House) {
	for name, spoil := range map[string]func(*factors.Credential){
		"of nobody":                        func(c *factors.Credential) { c.Person = "" },
		"without a grade":                  func(c *factors.Credential) { c.Attestation = "" },
		"hardware-bound on a mere claim":   func(c *factors.Credential) { c.Attestation = factors.AttestationUnverified },
		"hardware-bound and synced":        func(c *factors.Credential) { c.BackupEligible = true },
		"backed up without being eligible": func(c *factors.Credential) { c.BackedUp = true },
		"in no state":                      func(c *factors.Credential) { c.State = "" },
		"active with a reason not to be":   func(c *factors.Credential) { c.Reason = "lost" },
	} {
		credential := h.credential(t)
		spoil(&credential)
		if err := h.add(t.Context(), credential); err == nil {
			t.Errorf("a credential %s was stored", name)
		}
	}
}

func notThere(t *testing.T, h House) {
	_, err := h.Store.ByCredentialID(t.Context(), []byte("nobody's"))
	want(t, err, factors.UnknownCredential)
	for _, list := range []func() ([]factors.Credential, error){
		func() ([]factors.Credential, error) { return h.Store.OfPerson(t.Context(), ids.New[ids.Person]()) },
		func() ([]factors.Credential, error) { return h.Store.OfKey(t.Context(), ids.New[ids.Key]()) },
	} {
		found, err := list()
		if err != nil || len(found) != 0 {
			t.Errorf("%d credentials, %v", len(found), err)
		}
	}
}

// atOnce runs act n times at once.
func atOnce(n int, act func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			act(i)
		})
	}
	close(start)
	all.Wait()
}

func registerTwice(t *testing.T, h House) {
	base := h.credential(t)
	var stored atomic.Int32
	atOnce(6, func(int) {
		mine := base
		mine.ID = ids.New[ids.Credential]()
		if err := h.add(t.Context(), mine); err == nil {
			stored.Add(1)
		} else {
			want(t, err, factors.AlreadyRegistered)
		}
	})
	if stored.Load() != 1 {
		t.Errorf("one credential was registered %d times", stored.Load())
	}
}

func suspendTwice(t *testing.T, h House) {
	credential := h.credential(t)
	h.mustAdd(t, credential)
	var done atomic.Int32
	atOnce(6, func(int) {
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
			changed, err := h.Store.Change(ctx, factors.Change{
				ID: credential.ID, From: factors.Active, To: factors.Suspended, Reason: "lost", At: Monday(),
			})
			if err == nil && changed {
				done.Add(1)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	if done.Load() < 1 {
		t.Error("nobody suspended the credential")
	}
	if got := h.get(t, credential); got.State != factors.Suspended {
		t.Errorf("the credential is %s", got.State)
	}
}

// countAtOnce lets many uses read the counter and write the next number, each in
// one unit of work: none may be lost.
func countAtOnce(t *testing.T, h House) {
	credential := h.credential(t)
	credential.SignCount = 0
	h.mustAdd(t, credential)
	const uses = 8
	atOnce(uses, func(int) {
		err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
			now, err := h.Store.ByCredentialID(ctx, credential.CredentialID)
			if err != nil {
				return err
			}
			_, err = h.Store.Used(ctx, credential.ID, factors.Use{SignCount: now.SignCount + 1}, Monday())
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	if got := h.get(t, credential).SignCount; got != uses {
		t.Errorf("the counter is %d after %d uses", got, uses)
	}
}

func inDoubt(t *testing.T, h House) {
	all := []factors.Credential{h.credential(t), h.credential(t), h.credential(t), h.credential(t), h.credential(t)}
	h.mustAdd(t, all...)
	stop := func(i int, to factors.State, reason string, after time.Duration) {
		if !h.do(t, func(ctx context.Context) (bool, error) {
			return h.Store.Change(ctx, factors.Change{ID: all[i].ID, From: all[i].State, To: to, Reason: reason, At: Monday().Add(after)})
		}) {
			t.Fatal("a change was refused")
		}
		all[i].State, all[i].Reason = to, reason
	}
	stop(0, factors.Suspended, factors.CloneReason, 3*time.Hour)
	stop(1, factors.Suspended, factors.BackupReason, 2*time.Hour)
	stop(2, factors.Suspended, "lost", time.Hour)
	stop(3, factors.Suspended, factors.CloneReason, time.Hour)
	stop(3, factors.Revoked, factors.LookedInto, 4*time.Hour)
	got, err := h.Store.InDoubt(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, []factors.Doubt{{Credential: all[1], Since: Monday().Add(2 * time.Hour)}, {Credential: all[0], Since: Monday().Add(3 * time.Hour)}}, got)
}
