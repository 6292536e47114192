package factors_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/keys"
)

// standing is what a person's credentials are worth, asked both ways.
func (h *house) standing(t *testing.T, holder factors.Holder) []factors.Standing {
	t.Helper()
	one, err := h.Standing(t.Context(), holder.ID)
	if err != nil {
		t.Fatal(err)
	}
	var all []factors.Standing
	err = h.EachStanding(t.Context(), func(found factors.Standing) error {
		if found.Credential.Person == holder.ID {
			all = append(all, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, all); diff != "" {
		t.Errorf("one person and everybody differ (-one +all):\n%s", diff)
	}
	return one
}

// Capability C30.1: the spare is another key, not the same one again.
func TestTwoDifferentKeysMakeAPersonComplete(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, _, first := h.enrolled(t)
	if got := h.standing(t, holder); len(got) != 1 || h.Complete(got) || !got[0].Usable || got[0].Most.Method != assurance.SecurityKeyAttested || got[0].Most.AAL != assurance.AAL3 {
		t.Fatalf("with one key: %+v, complete %v", got, h.Complete(got))
	}
	twice := h.standing(t, holder)
	if h.Complete(append(twice, twice...)) {
		t.Error("one key that is counted twice makes complete")
	}
	h.wait(time.Minute)
	factorstest.Enrol(t, h.Factors, h.key(t, blue), holder, origin)
	if got := h.standing(t, holder); len(got) != 2 || !h.Complete(got) {
		t.Errorf("with two keys: complete %v", h.Complete(got))
	}
	if _, err := h.keys.Block(t.Context(), desk(), first.Key, keys.Lost); err != nil {
		t.Fatal(err)
	}
	if got := h.standing(t, holder); h.Complete(got) || got[0].Usable {
		t.Errorf("with a lost key: %+v", got)
	}
}

func TestKeyOfAModelThatFellFromGraceIsNoSpare(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, _, _ := h.enrolled(t)
	factorstest.Enrol(t, h.Factors, h.key(t, blue), holder, origin)
	h.put(t, keys.Model{AAGUID: blue, Vendor: "Blue Keys", Name: "One", Allowed: false, HardwareBound: true, Roots: h.vendor.RootPEM()})
	got := h.standing(t, holder)
	if h.Complete(got) || got[0].Most.Method != assurance.SecurityKey || got[0].Most.AAL != assurance.AAL2 {
		t.Errorf("keys of a forbidden model: %+v, complete %v", got, h.Complete(got))
	}
	loose := h.deps
	loose.AcceptUnattested = true
	if !factors.New(loose).Complete(got) {
		t.Error("where any key may be registered, two of any make are not complete")
	}
}

func TestPasskeysThatCanBeCopiedAreNoSpare(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, method := range []assurance.Method{assurance.PasskeySynced, assurance.PasskeyDevice, assurance.SecurityKey, assurance.UnknownMethod} {
		var two []factors.Standing
		for _, key := range []ids.Key{"key_a", "key_b"} {
			one := factors.Standing{Usable: true, Most: assurance.Assurance{Method: method}}
			one.Credential.Key = key
			two = append(two, one)
		}
		if h.Complete(two) {
			t.Errorf("two of %s make complete", method)
		}
	}
}

// Capability C28.2 rests on it: a use is counted once a day.
func TestDaysOnWhichAKeyWasUsedAreCounted(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, key, _ := h.enrolled(t)
	for day := range 3 {
		for range 2 {
			proof, err := h.signIn(t, key)
			if err != nil || proof.Credential.DaysUsed != day+1 || h.stored(t, holder).DaysUsed != day+1 {
				t.Fatalf("day %d: %d and %d days, %v", day, proof.Credential.DaysUsed, h.stored(t, holder).DaysUsed, err)
			}
		}
		h.wait(24 * time.Hour)
	}
	if err := h.EachStanding(context.Background(), func(factors.Standing) error { return context.Canceled }); err == nil {
		t.Error("a walk that was ended says nothing")
	}
}
