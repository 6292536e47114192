package factors_test

import (
	"bytes"
	"encoding/base64"
	"sync"
	"testing"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func contains(options, credentialID []byte) bool {
	return bytes.Contains(options, []byte(base64.RawURLEncoding.EncodeToString(credentialID)))
}

// together runs all of acts at once.
func together(acts ...func()) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for _, act := range acts {
		all.Go(func() {
			<-start
			act()
		})
	}
	close(start)
	all.Wait()
}

func TestTwoEnrolmentsOfOneSerialAtOnceExactlyOneWins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		const crowd = 5
		errs := make([]error, crowd)
		var acts []func()
		for i := range crowd {
			holder := person()
			options, state, err := h.BeginRegistration(t.Context(), holder)
			if err != nil {
				t.Fatal(err)
			}
			response, err := h.key(t, blue).Create(options, origin)
			if err != nil {
				t.Fatal(err)
			}
			acts = append(acts, func() {
				_, errs[i] = h.FinishRegistration(t.Context(), audit.Person(holder.ID), holder, state, response, factors.NewKey{Serial: "777"})
			})
		}
		together(acts...)
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				want(t, err, keys.SerialTaken)
			}
		}
		same(t, 1, won)
		key, err := h.keys.BySerial(t.Context(), "777")
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := h.OfKey(t.Context(), key.ID)
		if err != nil || len(credentials) != 1 || credentials[0].Person != key.Holder {
			t.Errorf("%d credentials on the key of %s, %v", len(credentials), key.Holder, err)
		}
	})
}

// TestBlockDuringSignIn: a sign-in that meets the block either came before it or is
// refused; afterwards nothing is left that signs in.
func TestBlockDuringSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		for range 5 {
			alice, key, credential := h.enrolled(t)
			options, state, err := h.BeginVerification(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			response, err := key.Get(options, origin)
			if err != nil {
				t.Fatal(err)
			}
			var signIn error
			together(func() {
				_, signIn = h.FinishVerification(t.Context(), state, response)
			}, func() {
				if _, err := h.keys.Block(t.Context(), desk(), credential.Key, keys.Stolen); err != nil {
					t.Error(err)
				}
				if _, err := h.SuspendOfKey(t.Context(), desk(), credential.Key, "stolen"); err != nil {
					t.Error(err)
				}
			})
			if signIn != nil && !problem.Is(signIn, factors.KeyBlocked) {
				t.Errorf("the sign-in that met the block: %v", signIn)
			}
			kept := h.stored(t, alice)
			same(t, factors.Suspended, kept.State)
			if used := !kept.LastUsedAt.IsZero(); used != (signIn == nil) {
				t.Errorf("the use was recorded: %v, but the answer was %v", used, signIn)
			}
			_, err = h.signIn(t, key)
			want(t, err, factors.KeyBlocked)
		}
	})
}

// TestOneAnswerSentTwiceAtOnceSignsInOnce: the single use of a challenge is the
// attempt's duty; the counter is the second line.
func TestOneAnswerSentTwiceAtOnceSignsInOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		_, key, _ := h.enrolled(t)
		options, state, err := h.BeginVerification(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		response, err := key.Get(options, origin)
		if err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 4)
		var acts []func()
		for i := range errs {
			acts = append(acts, func() { _, errs[i] = h.FinishVerification(t.Context(), state, response) })
		}
		together(acts...)
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !problem.Is(err, factors.CloneSuspected) && !problem.Is(err, factors.CredentialSuspended) {
				t.Error(err)
			}
		}
		same(t, 1, won)
	})
}
