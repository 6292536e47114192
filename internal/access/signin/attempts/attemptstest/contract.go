// Package attemptstest holds the contract that every attempts.Store must pass.
package attemptstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit"
)

// Kept is a store with the units of work it is used in.
type Kept struct {
	attempts.Store
	Tx tx.Runner
}

// Contract is what every attempts.Store promises. open gives an empty one.
func Contract(t *testing.T, open func(t testing.TB) Kept) {
	t.Run("keeps every field of an attempt", func(t *testing.T) { keepsEverything(t, open(t)) })
	t.Run("keeps the rules of the machine", func(t *testing.T) { keepsRules(t, open(t)) })
	t.Run("lets one answer for each version through", func(t *testing.T) { advancesOnce(t, open(t)) })
	t.Run("lets one of many answers at once through", func(t *testing.T) { advancesOnceAmongMany(t, open(t)) })
	t.Run("forgets what is over", func(t *testing.T) { forgets(t, open(t)) })
}

func example() attempts.Attempt {
	return attempts.Attempt{
		ID: ids.New[ids.Attempt](), Browser: secret.Token().Hash(), Purpose: attempts.StepUp,
		Require: assurance.Requirement{AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true,
			Forbid: assurance.Exportable | assurance.Restricted, MaxAge: time.Hour},
		Service: ids.New[ids.Service](), Return: returns.Address{Scheme: "https", Host: "payroll.example", Path: "/a?b=c"},
		Named: "amira.khan", Person: ids.New[ids.Person](), Session: ids.New[ids.Session](),
		Invitation: ids.New[ids.Invitation](), Credential: ids.New[ids.Credential](),
		State: attempts.UsingKey, Ceremony: []byte("state"), Options: []byte(`{"challenge":"x"}`), Tries: 2,
		Refusal: "", Short: assurance.NotAttested | assurance.TooLongAgo,
		CreatedAt: testkit.Start(), ExpiresAt: testkit.Start().Add(attempts.Lifetime), Version: 1,
	}
}

func (k Kept) add(t testing.TB, attempt attempts.Attempt) {
	t.Helper()
	must(t, k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Add(ctx, attempt) }))
}

func (k Kept) advance(ctx context.Context, attempt attempts.Attempt) error {
	return k.Tx.InTx(ctx, func(ctx context.Context) error { return k.Advance(ctx, attempt) })
}

func keepsEverything(t *testing.T, k Kept) {
	want := example()
	k.add(t, want)
	got, err := k.ByID(t.Context(), want.ID)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the attempt changed on its way (-want +got):\n%s", diff)
	}
	want = example()
	want.Invitation = ""
	k.add(t, want)
	want.State, want.Result, want.Refusal, want.Named = attempts.Finished, ids.New[ids.Session](), "signin.not_enough", "bo"
	want.Person, want.Credential = ids.New[ids.Person](), ids.New[ids.Credential]()
	want.Ceremony, want.Options, want.Tries, want.Short = nil, nil, 5, assurance.LevelTooLow
	want.Password = attempts.Given{Method: assurance.Password, Secret: ids.New[ids.Credential](), At: testkit.Start().Add(time.Second)}
	want.Code = attempts.Given{Method: assurance.RecoveryCode, Secret: ids.New[ids.Credential](), At: testkit.Start().Add(time.Minute)}
	want.Opening, want.Opener = attempts.ByKey, ids.New[ids.Credential]()
	must(t, k.advance(t.Context(), want))
	want.Version = 2
	got, err = k.ByID(t.Context(), want.ID)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer changed on its way (-want +got):\n%s", diff)
	}
	if _, err := k.ByID(t.Context(), ids.New[ids.Attempt]()); !problem.Is(err, attempts.ErrNotFound) {
		t.Errorf("an attempt that does not exist: %v, want %s", err, attempts.ErrNotFound.Code)
	}
}

// What the machine forbids, the database forbids too.
func keepsRules(t *testing.T, k Kept) {
	given := attempts.Given{Method: assurance.Password, Secret: ids.New[ids.Credential](), At: testkit.Start()}
	for name, spoil := range map[string]func(*attempts.Attempt){
		"a code asked for without a password": func(a *attempts.Attempt) { a.State = attempts.GivingCode },
		"a code asked of nobody":              func(a *attempts.Attempt) { a.State, a.Password, a.Person = attempts.GivingCode, given, "" },
		"a code without a password":           func(a *attempts.Attempt) { a.Code = given },
		"a registration opened by nothing": func(a *attempts.Attempt) {
			a.State, a.Opening, a.Invitation = attempts.Registering, attempts.BySecrets, ""
		},
		"a registration opened by no key":      func(a *attempts.Attempt) { a.State, a.Opening, a.Invitation = attempts.Registering, attempts.ByKey, "" },
		"a registration opened in another way": func(a *attempts.Attempt) { a.Opening, a.Opener, a.Invitation = "email", given.Secret, "" },
		"a session of an attempt under way":    func(a *attempts.Attempt) { a.Result = ids.New[ids.Session]() },
		"a state that does not exist":          func(a *attempts.Attempt) { a.State = "trusted" },
	} {
		attempt := example()
		spoil(&attempt)
		if err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Add(ctx, attempt) }); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
}

func advancesOnce(t *testing.T, k Kept) {
	attempt := example()
	k.add(t, attempt)
	must(t, k.advance(t.Context(), attempt))
	if err := k.advance(t.Context(), attempt); !problem.Is(err, attempts.ErrWrongStep) {
		t.Errorf("the second answer to the same version: %v, want %s", err, attempts.ErrWrongStep.Code)
	}
}

func advancesOnceAmongMany(t *testing.T, k Kept) {
	attempt := example()
	k.add(t, attempt)
	const many = 8
	results := make([]error, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { results[i] = k.advance(t.Context(), attempt) })
	}
	all.Wait()
	through := 0
	for _, err := range results {
		switch {
		case err == nil:
			through++
		case !problem.Is(err, attempts.ErrWrongStep):
			t.Errorf("an answer that came too late: %v, want %s", err, attempts.ErrWrongStep.Code)
		}
	}
	if through != 1 {
		t.Errorf("%d of %d answers went through, want 1", through, many)
	}
}

func forgets(t *testing.T, k Kept) {
	old, young := example(), example()
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
	if _, err := k.ByID(t.Context(), old.ID); !problem.Is(err, attempts.ErrNotFound) {
		t.Errorf("an old attempt is still there: %v", err)
	}
	if _, err := k.ByID(t.Context(), young.ID); err != nil {
		t.Errorf("an attempt under way was forgotten: %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
