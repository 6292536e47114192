// Package sharedsecrettest is the contract that every store of shared secrets must
// keep. Only tests import it.
package sharedsecrettest

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// House is a store with what stands around it, all on one empty database.
type House struct {
	Store sharedsecret.Store
	Tx    tx.Runner
}

var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"a secret comes back as it was kept":              comesBack,
		"a person has one password and one set of codes":  onePassword,
		"two new passwords at once leave one":             passwordsAtOnce,
		"a step is used once and never goes back":         steps,
		"one step used at once by many is used by one":    stepAtOnce,
		"a code is spent once":                            codes,
		"one code used at once by many is spent by one":   codeAtOnce,
		"what is revoked is empty":                        revoked,
		"a change is refused when the state has moved on": change,
		"holders are those with an active one":            holders,
		"rules hold below the domain":                     rules,
		"reading what is not there says so":               notThere,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

// kept is a secret as a store must be able to keep it.
func kept(person ids.Person, method assurance.Method) sharedsecret.Kept {
	one := sharedsecret.Kept{Secret: sharedsecret.Secret{ID: ids.New[ids.Credential](), Person: person, Method: method,
		State: factors.Active, CreatedAt: monday, LastUsedAt: monday.Add(time.Minute)}}
	switch {
	case method == assurance.TOTP:
		one.Label, one.Step, one.Sealed = "My phone", 59_000_000, []byte{0, 0xff, 1}
	case method == assurance.Password:
		one.Sealed = []byte("sealed")
	}
	return one
}

func anybody(method assurance.Method) sharedsecret.Kept { return kept(ids.New[ids.Person](), method) }

func hashes(n int) [][32]byte {
	var all [][32]byte
	for range n {
		all = append(all, sha256.Sum256([]byte(ids.New[ids.Entry]())))
	}
	return all
}

func (h House) add(t *testing.T, one sharedsecret.Kept, codes ...[32]byte) error {
	t.Helper()
	return h.Tx.InTx(t.Context(), func(ctx context.Context) error { return h.Store.Add(ctx, one, codes) })
}

func (h House) mustAdd(t *testing.T, one sharedsecret.Kept, codes ...[32]byte) {
	t.Helper()
	if err := h.add(t, one, codes...); err != nil {
		t.Fatalf("add shared secret: %v", err)
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
		t.Error(err)
	}
	return done
}

func (h House) get(t *testing.T, id ids.Credential) sharedsecret.Kept {
	t.Helper()
	got, err := h.Store.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (h House) change(t *testing.T, id ids.Credential, from, to factors.State, reason string) bool {
	t.Helper()
	return h.do(t, func(ctx context.Context) (bool, error) {
		return h.Store.Change(ctx, factors.Change{ID: id, From: from, To: to, Reason: reason, At: monday})
	})
}

func (h House) used(t *testing.T, id ids.Credential, step int64) bool {
	t.Helper()
	return h.do(t, func(ctx context.Context) (bool, error) { return h.Store.Used(ctx, id, step, monday.Add(time.Hour)) })
}

func (h House) spend(t *testing.T, id ids.Credential, code [32]byte) (left int, spent bool) {
	t.Helper()
	spent = h.do(t, func(ctx context.Context) (bool, error) {
		var err error
		left, spent, err = h.Store.Spend(ctx, id, code, monday.Add(time.Hour))
		return spent, err
	})
	return left, spent
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

// atOnce runs act n times at once and counts how often it says yes.
func atOnce(n int, act func(i int) bool) int {
	var all sync.WaitGroup
	var yes atomic.Int32
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			if act(i) {
				yes.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return int(yes.Load())
}

func comesBack(t *testing.T, h House) {
	person := ids.New[ids.Person]()
	password, app, codes := kept(person, assurance.Password), kept(person, assurance.TOTP), kept(person, assurance.RecoveryCode)
	app.CreatedAt, codes.CreatedAt = monday.Add(time.Hour), monday.Add(2*time.Hour)
	password.LastUsedAt = time.Time{}
	h.mustAdd(t, password)
	h.mustAdd(t, app)
	h.mustAdd(t, codes, hashes(3)...)
	h.mustAdd(t, anybody(assurance.Password))
	codes.Left = 3
	same(t, app, h.get(t, app.ID))
	got, err := h.Store.OfPerson(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []sharedsecret.Kept{password, app, codes}, got)
}

func onePassword(t *testing.T, h House) {
	for _, method := range []assurance.Method{assurance.Password, assurance.RecoveryCode} {
		first := anybody(method)
		h.mustAdd(t, first)
		want(t, h.add(t, kept(first.Person, method)), sharedsecret.Changed)
		h.change(t, first.ID, factors.Active, factors.Suspended, "lost")
		want(t, h.add(t, kept(first.Person, method)), sharedsecret.Changed)
		h.change(t, first.ID, factors.Suspended, factors.Revoked, "replaced")
		h.mustAdd(t, kept(first.Person, method))
	}
	app := anybody(assurance.TOTP)
	h.mustAdd(t, app)
	h.mustAdd(t, kept(app.Person, assurance.TOTP))
	want(t, h.add(t, app), sharedsecret.Changed)
}

func passwordsAtOnce(t *testing.T, h House) {
	person := ids.New[ids.Person]()
	won := atOnce(5, func(int) bool {
		err := h.add(t, kept(person, assurance.Password))
		if err != nil {
			want(t, err, sharedsecret.Changed)
		}
		return err == nil
	})
	same(t, 1, won)
}

func steps(t *testing.T, h House) {
	app := anybody(assurance.TOTP)
	h.mustAdd(t, app)
	same(t, []bool{false, false, true, false, true}, []bool{
		h.used(t, app.ID, app.Step), h.used(t, app.ID, app.Step-1), h.used(t, app.ID, app.Step+1), h.used(t, app.ID, app.Step+1), h.used(t, app.ID, app.Step+3),
	})
	got := h.get(t, app.ID)
	same(t, []any{app.Step + 3, monday.Add(time.Hour)}, []any{got.Step, got.LastUsedAt})
	password := anybody(assurance.Password)
	h.mustAdd(t, password)
	same(t, []bool{true, true}, []bool{h.used(t, password.ID, 0), h.used(t, password.ID, 0)})
	h.change(t, app.ID, factors.Active, factors.Suspended, "lost")
	h.change(t, password.ID, factors.Active, factors.Revoked, "removed")
	same(t, []bool{false, false}, []bool{h.used(t, app.ID, app.Step+9), h.used(t, password.ID, 0)})
}

func stepAtOnce(t *testing.T, h House) {
	app := anybody(assurance.TOTP)
	h.mustAdd(t, app)
	for round := range 3 {
		same(t, 1, atOnce(6, func(int) bool { return h.used(t, app.ID, app.Step+1+int64(round)) }))
	}
}

func codes(t *testing.T, h House) {
	set, other, all := anybody(assurance.RecoveryCode), anybody(assurance.RecoveryCode), hashes(3)
	h.mustAdd(t, set, all...)
	h.mustAdd(t, other, all[2])
	for _, one := range []struct {
		code  [32]byte
		left  int
		spent bool
	}{{all[0], 2, true}, {all[0], 0, false}, {hashes(1)[0], 0, false}, {all[1], 1, true}, {all[2], 0, true}, {all[2], 0, false}} {
		left, spent := h.spend(t, set.ID, one.code)
		same(t, []any{one.left, one.spent}, []any{left, spent})
	}
	same(t, monday.Add(time.Hour), h.get(t, set.ID).LastUsedAt)
	same(t, 1, h.get(t, other.ID).Left)
	h.change(t, other.ID, factors.Active, factors.Suspended, "lost")
	if _, spent := h.spend(t, other.ID, all[2]); spent {
		t.Error("a code of a suspended set was spent")
	}
}

func codeAtOnce(t *testing.T, h House) {
	set, all := anybody(assurance.RecoveryCode), hashes(4)
	h.mustAdd(t, set, all...)
	for i, code := range all {
		same(t, 1, atOnce(6, func(int) bool {
			_, spent := h.spend(t, set.ID, code)
			return spent
		}))
		same(t, len(all)-1-i, h.get(t, set.ID).Left)
	}
}

func revoked(t *testing.T, h House) {
	for _, method := range sharedsecret.Methods() {
		one := anybody(method)
		h.mustAdd(t, one, hashes(2)...)
		h.change(t, one.ID, factors.Active, factors.Revoked, "removed")
		wanted := one
		wanted.State, wanted.Reason, wanted.Sealed, wanted.Step = factors.Revoked, "removed", nil, 0
		same(t, wanted, h.get(t, one.ID))
	}
	password := anybody(assurance.Password)
	h.mustAdd(t, password)
	reseal := func() bool {
		return h.do(t, func(ctx context.Context) (bool, error) { return h.Store.Reseal(ctx, password.ID, []byte("new")) })
	}
	same(t, true, reseal())
	same(t, "new", string(h.get(t, password.ID).Sealed))
	h.change(t, password.ID, factors.Active, factors.Revoked, "removed")
	same(t, false, reseal())
}

func change(t *testing.T, h House) {
	app := anybody(assurance.TOTP)
	h.mustAdd(t, app)
	same(t, []bool{false, true, false, true, false}, []bool{
		h.change(t, app.ID, factors.Suspended, factors.Revoked, "x"), h.change(t, app.ID, factors.Active, factors.Suspended, "lost"),
		h.change(t, app.ID, factors.Active, factors.Revoked, "lost"), h.change(t, app.ID, factors.Suspended, factors.Revoked, "gone"),
		h.change(t, ids.New[ids.Credential](), factors.Active, factors.Revoked, "gone"),
	})
	same(t, "gone", h.get(t, app.ID).Reason)
}

func holders(t *testing.T, h House) {
	with, twice, without := anybody(assurance.TOTP), anybody(assurance.TOTP), anybody(assurance.TOTP)
	h.mustAdd(t, with)
	h.mustAdd(t, twice)
	h.mustAdd(t, kept(twice.Person, assurance.TOTP))
	h.mustAdd(t, without)
	h.mustAdd(t, anybody(assurance.Password))
	h.change(t, without.ID, factors.Active, factors.Suspended, "lost")
	got, err := h.Store.Holders(t.Context(), assurance.TOTP)
	if err != nil {
		t.Fatal(err)
	}
	wanted := []ids.Person{with.Person, twice.Person}
	if wanted[0] > wanted[1] {
		wanted[0], wanted[1] = wanted[1], wanted[0]
	}
	same(t, wanted, got)
}

func rules(t *testing.T, h House) {
	for name, spoil := range map[string]func(*sharedsecret.Kept){
		"of nobody":                      func(k *sharedsecret.Kept) { k.Person = "" },
		"of a method with no secret":     func(k *sharedsecret.Kept) { k.Method = assurance.SecurityKey },
		"that goes over the telephone":   func(k *sharedsecret.Kept) { k.Method = assurance.SMS },
		"in no state":                    func(k *sharedsecret.Kept) { k.State = "" },
		"active with a reason not to be": func(k *sharedsecret.Kept) { k.Reason = "lost" },
		"suspended without a reason":     func(k *sharedsecret.Kept) { k.State = factors.Suspended },
		"active and empty":               func(k *sharedsecret.Kept) { k.Sealed = nil },
		"revoked and not empty":          func(k *sharedsecret.Kept) { k.State, k.Reason = factors.Revoked, "gone" },
		"a password with a step":         func(k *sharedsecret.Kept) { k.Step = 1 },
	} {
		one := anybody(assurance.Password)
		spoil(&one)
		if err := h.add(t, one); err == nil {
			t.Errorf("a secret %s was stored", name)
		}
	}
}

func notThere(t *testing.T, h House) {
	_, err := h.Store.Get(t.Context(), ids.New[ids.Credential]())
	want(t, err, sharedsecret.NotFound)
	held, err := h.Store.OfPerson(t.Context(), ids.New[ids.Person]())
	if err != nil || len(held) != 0 {
		t.Errorf("%d secrets, %v", len(held), err)
	}
	if left, spent := h.spend(t, ids.New[ids.Credential](), hashes(1)[0]); spent || left != 0 {
		t.Error("a code of no set was spent")
	}
}
