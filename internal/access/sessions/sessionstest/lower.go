package sessionstest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func lowers(t *testing.T, k Kept) {
	weak, ended, other := Session(), Session(), Session()
	k.begin(t, weak, ended, other)
	k.end(t, sessions.Which{Session: ended.ID})
	have := weak.Assurance.Under(assurance.Ceiling{UserVerified: true})
	k.in(t, func(ctx context.Context) error {
		return k.Store.Lower(ctx, []ids.Session{weak.ID, ended.ID}, have, []string{"swk"})
	})
	k.in(t, func(ctx context.Context) error { return k.Store.Lower(ctx, nil, assurance.Assurance{}, nil) })
	weak.Assurance, weak.AMR = have, []string{"swk"}
	for _, wanted := range []sessions.Session{weak, other} {
		if diff := cmp.Diff(wanted, k.get(t, wanted.ID)); diff != "" {
			t.Error(diff)
		}
	}
	found, err := k.Store.List(t.Context(), sessions.Query{Keys: []ids.Key{weak.Key, ended.Key}})
	if err != nil || len(found) != 1 || found[0].ID != weak.ID || k.get(t, ended.ID).Assurance != ended.Assurance {
		t.Errorf("of that key: %v, %v; or what had ended was changed", found, err)
	}
	if diff := cmp.Diff(sorted(weak.ID, other.ID), k.end(t, sessions.Which{Keys: []ids.Key{weak.Key, ended.Key, other.Key}})); diff != "" {
		t.Error("of these keys:", diff)
	}
	if got := k.end(t, sessions.Which{Keys: []ids.Key{}}); len(got) != 0 {
		t.Error("of no key:", got)
	}
}
