package factors_test

import (
	"context"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/factors/webauthn"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
)

const webauthnLifetime = webauthn.Lifetime

func TestAttestedHardwareKeyProvesTheHighestLevel(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, credential := h.enrolled(t)
	h.wait(time.Hour)
	proof, err := h.signIn(t, key)
	if err != nil {
		t.Fatal(err)
	}
	credential.SignCount, credential.DaysUsed, credential.LastUsedAt = 2, 1, factorstest.Monday().Add(time.Hour)
	same(t, factors.Proof{
		Credential: credential, UserVerified: true,
		Assurance: assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true},
		AMR:       []string{"hwk", "pop", "user", "mfa"},
	}, proof)
	same(t, credential, h.stored(t, alice))
}

func TestModelThatLosesItsGoodNameNoLongerCounts(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, key, _ := h.enrolled(t)
	model := keys.Model{AAGUID: blue, Vendor: "Blue Keys", Name: "One", Roots: h.vendor.RootPEM()}
	for _, c := range []struct {
		allowed, hardware bool
		want              string
	}{
		{true, false, "AAL2, phishing-resistant, attested, user-verified"},
		{false, true, "AAL2, phishing-resistant, user-verified"},
		{true, true, "AAL3, phishing-resistant, hardware-bound, attested, user-verified"},
	} {
		model.Allowed, model.HardwareBound = c.allowed, c.hardware
		h.put(t, model)
		proof, err := h.signIn(t, key)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.want, proof.Assurance.String())
	}
}

func TestModelThatGainsAGoodNameDoesNotImproveOldCredentials(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, keys.Model{AAGUID: green, Vendor: "Blue Keys", Name: "Soft", Allowed: true, Roots: h.vendor.RootPEM()})
	key := h.key(t, green)
	factorstest.Enrol(t, h.Factors, key, person(), origin)
	h.put(t, keys.Model{AAGUID: green, Vendor: "Blue Keys", Name: "Soft", Allowed: true, HardwareBound: true, Roots: h.vendor.RootPEM()})
	proof, err := h.signIn(t, key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "AAL2, phishing-resistant, attested, user-verified", proof.Assurance.String())
}

func TestLostKeyIsRefusedAndItsUseIsRemembered(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, credential := h.enrolled(t)
	if _, err := h.keys.Block(t.Context(), desk(), credential.Key, keys.Lost); err != nil {
		t.Fatal(err)
	}
	_, err := h.signIn(t, key) // the key alone is enough, whatever the credential's state
	want(t, err, factors.KeyBlocked)

	for _, wanted := range []int{1, 0} { // the second time there is nothing left to suspend
		suspended, err := h.SuspendOfKey(t.Context(), desk(), credential.Key, "lost")
		if err != nil {
			t.Fatal(err)
		}
		same(t, wanted, suspended)
	}
	_, err = h.signIn(t, key)
	want(t, err, factors.KeyBlocked)
	kept := h.stored(t, alice)
	same(t, []string{"suspended", "lost"}, []string{string(kept.State), kept.Reason})
	same(t, uint32(1), kept.SignCount)
	same(t, []string{"factor.registered", "factor.refused", "factor.suspended", "factor.refused"}, h.entries(t, string(credential.ID)))
	same(t, 2, h.heard(tx.Credential, string(credential.ID)))
}

// TestKeyThatHasPassedToSomebodyElse: the old credential is still on it, and must
// not sign in the person who gave it back.
func TestKeyThatHasPassedToSomebodyElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, key, credential := h.enrolled(t)
	store := keysdb.New(h.db)
	record, err := store.ByID(t.Context(), credential.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*keys.Key){
		func(k *keys.Key) { k.Holder = person().ID },
		func(k *keys.Key) { k.State = keys.StateHeld },
		func(k *keys.Key) { k.State, k.Holder = keys.StateInStock, "" },
	} {
		changed := record
		change(&changed)
		err := h.db.InTx(t.Context(), func(ctx context.Context) error {
			now, err := store.ByID(ctx, record.ID)
			if err != nil {
				return err
			}
			_, err = store.Change(ctx, changed, now.State)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.signIn(t, key)
		want(t, err, factors.KeyBlocked)
	}
}

func TestSuspendedCredentialIsRefusedOnAGoodKey(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, credential := h.enrolled(t)
	if _, err := h.SuspendOfKey(t.Context(), desk(), credential.Key, "inquiry"); err != nil {
		t.Fatal(err)
	}
	_, err := h.signIn(t, key)
	want(t, err, factors.CredentialSuspended)

	options, _, err := h.BeginVerification(t.Context(), alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	if contains(options, key.Credentials()[0]) {
		t.Error("a suspended credential is offered to the browser")
	}
}

func TestCopiedKeyStopsTheCredential(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, credential := h.enrolled(t)
	thief := key.Clone()
	if _, err := h.signIn(t, key); err != nil {
		t.Fatal(err)
	}
	proof, err := h.signIn(t, thief) // counts 2 again
	want(t, err, factors.CloneSuspected)
	if !proof.CloneSuspected || proof.Assurance != (assurance.Assurance{}) {
		t.Errorf("the proof of a copied key is %+v", proof)
	}
	kept := h.stored(t, alice)
	same(t, []string{"suspended", "clone_suspected"}, []string{string(kept.State), kept.Reason})
	same(t, []string{"factor.registered", "factor.clone_suspected", "factor.suspended"}, h.entries(t, string(credential.ID)))
	_, err = h.signIn(t, key) // nobody can tell which of the two is hers
	want(t, err, factors.CredentialSuspended)
}

func TestCounterRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, c := range map[string]struct {
		start, step int
		refused     bool
	}{
		"counts up":             {1, 1, false},
		"leaps":                 {1, 1000, false},
		"stands still at zero":  {0, 0, false}, // a key without a counter
		"stands still above":    {1, 0, true},
		"runs backwards":        {10, -1, true},
		"falls back to nothing": {5, -5, true},
		"starts to count":       {0, 1, false},
	} {
		key := h.key(t, blue)
		key.Behaviour.CounterStep = c.start
		factorstest.Enrol(t, h.Factors, key, person(), origin)
		key.Behaviour.CounterStep = c.step
		_, err := h.signIn(t, key)
		if refused := problem.Is(err, factors.CloneSuspected); refused != c.refused || !refused && err != nil {
			t.Errorf("%s: %v, want refused %v", name, err, c.refused)
		}
	}
}

// WebAuthn Level 3 §6.1.3: whether a passkey can be copied never changes; that it was is news.
func TestPasskeyThatIsSuddenlyCopiedIsStopped(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.deps.AcceptUnattested = true
	house := factors.New(h.deps)
	type flags struct{ eligible, backedUp bool }
	for name, c := range map[string]struct {
		before, after flags
		want          []string
		refused       bool
	}{
		"as before":           {flags{}, flags{}, []string{"factor.registered"}, false},
		"synced as before":    {flags{true, true}, flags{true, true}, []string{"factor.registered"}, false},
		"can now be copied":   {flags{}, flags{true, false}, []string{"factor.registered", "factor.backup_changed", "factor.suspended"}, true},
		"was copied at once":  {flags{}, flags{true, true}, []string{"factor.registered", "factor.backup_changed", "factor.suspended"}, true},
		"can no more":         {flags{true, false}, flags{}, []string{"factor.registered", "factor.backup_changed", "factor.suspended"}, true},
		"was copied":          {flags{true, false}, flags{true, true}, []string{"factor.registered", "factor.backup_changed", "factor.suspended"}, true},
		"is copied no longer": {flags{true, true}, flags{true, false}, []string{"factor.registered", "factor.backup_ended"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			key := h.key(t, blue)
			key.Behaviour.Statement = softkey.None
			key.Behaviour.BackupEligible, key.Behaviour.BackedUp = c.before.eligible, c.before.backedUp
			holder := person()
			credential := factorstest.Enrol(t, house, key, holder, origin)
			key.Behaviour.BackupEligible, key.Behaviour.BackedUp = c.after.eligible, c.after.backedUp
			proof, err := factorstest.Verify(t, house, key, origin)
			if refused := problem.Is(err, factors.BackupChanged); refused != c.refused || !refused && err != nil {
				t.Errorf("%v, want refused %v", err, c.refused)
			}
			same(t, c.want, h.entries(t, string(credential.ID)))
			kept := h.stored(t, holder)
			if !c.refused {
				same(t, []any{factors.Active, c.after.backedUp}, []any{kept.State, kept.BackedUp})
				return
			}
			same(t, []string{"suspended", "backup_changed"}, []string{string(kept.State), kept.Reason})
			same(t, assurance.Assurance{}, proof.Assurance)
			_, err = factorstest.Verify(t, house, key, origin)
			want(t, err, factors.CredentialSuspended)
		})
	}
}

// TestStrangerLearnsNothing: unknown and foreign credentials are answered in the
// same words, also when the foreign one is suspended and its key lost.
func TestStrangerLearnsNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, key, credential := h.enrolled(t)
	bob, _, _ := h.enrolled(t)
	ask := func(whose ids.Person, with *softkey.Key) problem.Definition {
		t.Helper()
		_, state, err := h.BeginVerification(t.Context(), whose)
		if err != nil {
			t.Fatal(err)
		}
		options, _, err := h.BeginVerification(t.Context(), "") // another challenge: the answer proves nothing
		if err != nil {
			t.Fatal(err)
		}
		response, err := with.Get(options, origin)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.FinishVerification(t.Context(), state, response)
		found, ok := problem.Of(err)
		if !ok {
			t.Fatalf("not a problem: %v", err)
		}
		return found.Definition
	}
	elsewhere := open(t) // another Warder
	_, unknown, _ := elsewhere.enrolled(t)

	same(t, factors.UnknownCredential, ask("", unknown))
	same(t, factors.UnknownCredential, ask(bob.ID, key))
	if _, err := h.keys.Block(t.Context(), desk(), credential.Key, keys.Stolen); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SuspendOfKey(t.Context(), desk(), credential.Key, "stolen"); err != nil {
		t.Fatal(err)
	}
	same(t, factors.UnknownCredential, ask(bob.ID, key))
	// Her own lost key, but an answer that proves nothing: not a word about the loss.
	same(t, factors.VerificationInvalid, ask("", key))
}

func TestOfferedCredentialsAreOnesOwn(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, _ := h.enrolled(t)
	_, other, _ := h.enrolled(t)
	options, state, err := h.BeginVerification(t.Context(), alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !contains(options, key.Credentials()[0]) || contains(options, other.Credentials()[0]) {
		t.Error("the browser is not offered exactly the person's credentials")
	}
	response, err := key.Get(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	h.wait(webauthnLifetime)
	_, err = h.FinishVerification(t.Context(), state, response)
	want(t, err, factors.VerificationExpired)
}

// TestRefusalIsKeptInsideTheCallersUnitOfWork: access/signin judges an answer in a
// unit of work of its own and goes on after a refusal.
func TestRefusalIsKeptInsideTheCallersUnitOfWork(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key, _ := h.enrolled(t)
	thief := key.Clone()
	if _, err := h.signIn(t, key); err != nil {
		t.Fatal(err)
	}
	options, state, err := h.BeginVerification(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	response, err := thief.Get(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	err = h.db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := h.FinishVerification(ctx, state, response)
		want(t, err, factors.CloneSuspected)
		_, err = h.FinishVerification(ctx, state, []byte("{}"))
		want(t, err, factors.VerificationMalformed)
		return nil
	})
	if err != nil {
		t.Fatalf("the caller's unit of work was spoilt: %v", err)
	}
	same(t, factors.Suspended, h.stored(t, alice).State)
}

func TestEveryProblemSpeaksToAPerson(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, definition := range factors.Problems() {
		if definition.Sentence == "" || definition.Next == "" || definition.Kind == problem.Internal || seen[definition.Code] {
			t.Errorf("%+v is incomplete or there twice", definition)
		}
		seen[definition.Code] = true
	}
}

func TestCredentialStates(t *testing.T) {
	t.Parallel()
	allowed := map[[2]factors.State]bool{
		{factors.Active, factors.Suspended}: true, {factors.Active, factors.Revoked}: true, {factors.Suspended, factors.Revoked}: true,
	}
	all := []factors.State{"", "paused", factors.Active, factors.Suspended, factors.Revoked}
	for _, from := range all {
		for _, to := range all {
			if got, want := from.MayBecome(to), allowed[[2]factors.State{from, to}]; got != want {
				t.Errorf("%q to %q: %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestWarnedModelIsRefusedOrCountsForLess(t *testing.T) {
	t.Parallel()
	for kind, wanted := range map[keys.WarningKind]struct {
		refused problem.Definition
		shown   string
	}{
		keys.WarnRevoked:     {refused: factors.ModelWithdrawn},
		keys.WarnRemote:      {refused: factors.ModelWithdrawn},
		keys.WarnBypass:      {shown: "AAL1, phishing-resistant, hardware-bound, attested"},
		keys.WarnPhysical:    {shown: "AAL2, phishing-resistant, attested, user-verified"},
		keys.WarnAttestation: {shown: "AAL2, phishing-resistant, user-verified"},
		keys.WarnRetired:     {shown: "AAL3, phishing-resistant, hardware-bound, attested, user-verified"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := open(t)
			alice, key, credential := h.enrolled(t)
			warnings := []keys.Warned{{Make: blue, Warning: keys.Warning{Kind: kind, From: h.clock()}}}
			if err := h.models.Warn(t.Context(), desk(), warnings); err != nil {
				t.Fatal(err)
			}
			for _, acceptUnattested := range []bool{false, true} {
				h.deps.AcceptUnattested = acceptUnattested
				_, err := finish(t, factors.New(h.deps), h.key(t, blue), person(), factors.NewKey{})
				want(t, err, factors.ModelWarned)
			}
			proof, err := h.signIn(t, key)
			if wanted.refused.Code != "" {
				want(t, err, wanted.refused)
				kept := h.stored(t, alice)
				same(t, []string{"suspended", "model_withdrawn"}, []string{string(kept.State), kept.Reason})
				same(t, []string{"factor.registered", "factor.suspended", "factor.refused"}, h.entries(t, string(credential.ID)))
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, wanted.shown, proof.Assurance.String())
		})
	}
}

// What a key only says of itself is never used, against its holder neither.
func TestWarningSaysNothingOfKeysThatOnlyClaimTheModel(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.deps.AcceptUnattested = true
	house := factors.New(h.deps)
	key := h.key(t, blue)
	key.Behaviour.Statement = softkey.None
	factorstest.Enrol(t, house, key, person(), origin)
	if err := h.models.Warn(t.Context(), desk(), []keys.Warned{{Make: blue, Warning: keys.Warning{Kind: keys.WarnRevoked}}}); err != nil {
		t.Fatal(err)
	}
	proof, err := factorstest.Verify(t, house, key, origin)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "AAL2, phishing-resistant, user-verified", proof.Assurance.String())
}
