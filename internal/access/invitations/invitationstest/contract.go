// Package invitationstest holds the contract that every invitations.Store must
// pass. It is for tests only.
package invitationstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	invitations.Store
	Tx tx.Runner
}

// Contract is what every invitations.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("uses a link once", func(t *testing.T) { usesOnce(t, open(t)) })
	t.Run("withdraws earlier links", func(t *testing.T) { withdrawsEarlier(t, open(t)) })
	t.Run("withdraws what is open", func(t *testing.T) { withdraws(t, open(t)) })
	t.Run("forgets what is over", func(t *testing.T) { forgets(t, open(t)) })
}

func example(person ids.Person) invitations.Invitation {
	return invitations.Invitation{ID: ids.New[ids.Invitation](), Kind: invitations.KindPass, Token: secret.Token().Hash(), Person: person, By: audit.Command("test"),
		Case: ids.New[ids.Recovery](), CreatedAt: testkit.Start(), StartsAt: testkit.Start().Add(time.Second), ExpiresAt: testkit.Start().Add(time.Hour)}
}

func (k Kept) add(t testing.TB, made invitations.Invitation) {
	t.Helper()
	must(t, k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Add(ctx, made) }))
}

func (k Kept) use(ctx context.Context, id ids.Invitation, at time.Time) error {
	return k.Tx.InTx(ctx, func(ctx context.Context) error { return k.Use(ctx, id, at) })
}

func usesOnce(t *testing.T, k Kept) {
	made := example(ids.New[ids.Person]())
	k.add(t, made)
	got, err := k.ByToken(t.Context(), made.Token)
	must(t, err)
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("the link changed on its way (-want +got):\n%s", diff)
	}
	notValid(t, "a link used when its time was up", k.use(t.Context(), made.ID, made.ExpiresAt))
	results := make([]error, 6)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = k.use(t.Context(), made.ID, made.CreatedAt.Add(time.Minute)) })
	}
	all.Wait()
	used := 0
	for _, err := range results {
		if err == nil {
			used++
			continue
		}
		notValid(t, "a link used twice", err)
	}
	if used != 1 {
		t.Errorf("a link was used %d times, want once", used)
	}
	if got, err = k.ByToken(t.Context(), made.Token); err != nil || got.ClosedAt.IsZero() {
		t.Errorf("a used link is %+v, %v", got, err)
	}
	_, err = k.ByToken(t.Context(), secret.Token().Hash())
	notValid(t, "a link that was never made", err)
}

func withdrawsEarlier(t *testing.T, k Kept) {
	person := ids.New[ids.Person]()
	first, other, second := example(person), example(ids.New[ids.Person]()), example(person)
	for _, made := range []invitations.Invitation{first, other, second} {
		k.add(t, made)
	}
	notValid(t, "a link that was replaced", k.use(t.Context(), first.ID, first.CreatedAt))
	must(t, k.use(t.Context(), second.ID, second.CreatedAt))
	must(t, k.use(t.Context(), other.ID, other.CreatedAt))
}

func withdraws(t *testing.T, k Kept) {
	made, other := example(ids.New[ids.Person]()), example(ids.New[ids.Person]())
	k.add(t, made)
	k.add(t, other)
	for _, want := range []int{1, 0} {
		var closed int
		must(t, k.Tx.InTx(t.Context(), func(ctx context.Context) (err error) {
			closed, err = k.Withdraw(ctx, made.Person, made.CreatedAt.Add(time.Minute))
			return err
		}))
		if closed != want {
			t.Errorf("%d were withdrawn, want %d", closed, want)
		}
	}
	notValid(t, "a pass that was withdrawn", k.use(t.Context(), made.ID, made.CreatedAt.Add(time.Minute)))
	must(t, k.use(t.Context(), other.ID, other.CreatedAt.Add(time.Minute)))
}

func forgets(t *testing.T, k Kept) {
	old, young := example(ids.New[ids.Person]()), example(ids.New[ids.Person]())
	young.ExpiresAt = old.ExpiresAt.Add(time.Hour)
	k.add(t, old)
	k.add(t, young)
	var purged int
	must(t, k.Tx.InTx(t.Context(), func(ctx context.Context) (err error) {
		purged, err = k.Purge(ctx, old.ExpiresAt.Add(time.Minute))
		return err
	}))
	if purged != 1 {
		t.Errorf("%d were forgotten, want 1", purged)
	}
	_, err := k.ByToken(t.Context(), old.Token)
	notValid(t, "a link that is forgotten", err)
	if _, err := k.ByToken(t.Context(), young.Token); err != nil {
		t.Errorf("a link that works was forgotten: %v", err)
	}
}

func notValid(t testing.TB, what string, err error) {
	t.Helper()
	if !problem.Is(err, invitations.NotValid) {
		t.Errorf("%s: %v, want %s", what, err, invitations.NotValid.Code)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
