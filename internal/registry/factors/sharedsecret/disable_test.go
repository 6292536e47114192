package sharedsecret_test

import (
	"testing"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
)

// Capability C28.3: disabled, not deleted.
func TestDisabledSecretDoesNotWorkAndComesBackAsItWas(t *testing.T) {
	t.Parallel()
	h, amira, desk := open(t), somebody(), audit.Command("desk")
	made := h.setPassword(t, amira, good)
	if err := h.Disable(t.Context(), desk, made.ID, "retired"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPassword(t.Context(), amira, secret.New(good)); !problem.Is(err, sharedsecret.WrongPassword) {
		t.Errorf("a disabled password: %v", err)
	}
	for _, again := range []error{h.Disable(t.Context(), desk, made.ID, "retired"), h.Restore(t.Context(), desk, made.ID, "lost")} {
		if !problem.Is(again, sharedsecret.Changed) {
			t.Errorf("got %v, want %s", again, sharedsecret.Changed.Code)
		}
	}
	if err := h.Restore(t.Context(), desk, made.ID, "retired"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPassword(t.Context(), amira, secret.New(good)); err != nil {
		t.Errorf("a password that was given back: %v", err)
	}
	if heard := h.heard(made.ID); heard != 3 {
		t.Errorf("those who keep copies heard of it %d times, want 3", heard)
	}
	if err := h.Disable(t.Context(), desk, made.ID, "retired"); err != nil {
		t.Fatal(err)
	}
	h.setPassword(t, amira, "another ferry leaves Fishguard at dusk")
	if err := h.Restore(t.Context(), desk, made.ID, "retired"); !problem.Is(err, sharedsecret.Changed) {
		t.Errorf("a password that was replaced since was given back: %v", err)
	}
}
