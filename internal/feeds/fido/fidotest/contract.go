package fidotest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/feeds/fido"
)

// House is a store with its units of work, on one empty database.
type House struct {
	Store fido.Store
	Tx    tx.Runner
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) House) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, House){
		"a list comes back as it was kept":           comesBack,
		"a list replaces the one before as a whole":  replaces,
		"an abandoned unit of work leaves the older": abandoned,
		"before the first import there is nothing":   nothing,
		"rules hold below the domain":                rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

// Kept is a list as a store must be able to keep it, with everything known.
func Kept(number int64, entries int) fido.Kept {
	return fido.Kept{List: fido.List{Number: number, NextUpdate: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), LegalHeader: "Ünder the terms",
		Hash: [32]byte{1, 2, 3}, Signer: "CN=mds", Ignored: 2,
		Root: fido.Root{Name: "CN=root", Fingerprint: "abcd", Until: time.Date(2029, 3, 18, 10, 0, 0, 0, time.UTC)}},
		Count: entries, ImportedAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
}

func entries() []fido.Entry {
	return []fido.Entry{
		{AAGUID: "2fc0579f-8113-47ea-b116-bb5a8db9202a", Description: "Ein Schlüssel", Protection: []string{"hardware", "secure_element"},
			Roots: []string{"AAAA"}, Reports: []fido.Report{
				{Status: "FIDO_CERTIFIED_L1", From: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)},
				{Status: "RETIRED", Until: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}}},
		{CertificateKeys: []string{"abababababababababababababababababababab", "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}},
	}
}

func (h House) replace(ctx context.Context, kept fido.Kept, entries []fido.Entry) error {
	return h.Tx.InTx(ctx, func(ctx context.Context) error { return h.Store.Replace(ctx, kept, entries) })
}

func (h House) holds(t *testing.T, kept fido.Kept, wanted []fido.Entry) {
	t.Helper()
	got, found, err := h.Store.Current(t.Context())
	if err != nil || !found {
		t.Fatalf("current: %v, %v", found, err)
	}
	if diff := cmp.Diff(kept, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	all, err := h.Store.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, all); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func comesBack(t *testing.T, h House) {
	if err := h.replace(t.Context(), Kept(15, 2), entries()); err != nil {
		t.Fatal(err)
	}
	h.holds(t, Kept(15, 2), entries())
}

func replaces(t *testing.T, h House) {
	for number, count := range []int{2, 0, 1} {
		if err := h.replace(t.Context(), Kept(int64(number), count), entries()[:count]); err != nil {
			t.Fatal(err)
		}
		h.holds(t, Kept(int64(number), count), entries()[:count])
	}
}

func abandoned(t *testing.T, h House) {
	if err := h.replace(t.Context(), Kept(15, 2), entries()); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	err := h.Tx.InTx(t.Context(), func(ctx context.Context) error {
		if err := h.Store.Replace(ctx, Kept(16, 0), nil); err != nil {
			return err
		}
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	h.holds(t, Kept(15, 2), entries())
}

func nothing(t *testing.T, h House) {
	if _, found, err := h.Store.Current(t.Context()); found || err != nil {
		t.Errorf("current: %v, %v", found, err)
	}
	if all, err := h.Store.Entries(t.Context()); len(all) != 0 || all == nil || err != nil {
		t.Errorf("entries: %v, %v", all, err)
	}
}

func rules(t *testing.T, h House) {
	if err := h.replace(t.Context(), Kept(-1, 0), nil); err == nil {
		t.Error("a list with a negative number was kept")
	}
	if err := h.replace(t.Context(), Kept(1, 1), []fido.Entry{{Description: "of nothing"}}); err == nil {
		t.Error("an entry about no make was kept")
	}
	if _, found, err := h.Store.Current(t.Context()); found || err != nil {
		t.Errorf("half of it was kept: %v, %v", found, err)
	}
}
