// Package evidencetest holds what every evidence.Store must do.
package evidencetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Item builds an item; minute orders it.
func Item(kind string, minute int) evidence.Item {
	at := time.Date(2026, 11, 23, 9, minute, 0, 0, time.UTC)
	return evidence.Item{ID: ids.New[ids.Evidence](), Source: "AWS", Kind: kind, Name: "report.csv", SHA256: strings.Repeat("ab", 32), Size: 7, Chunks: 1,
		GeneratedAt: at.Add(-time.Hour), Basis: "stated in the file", PeriodStart: at.AddDate(0, -1, 0), PeriodEnd: at, RecordedAt: at, RecordedBy: audit.Command("pat")}
}

// Contract checks a store.
func Contract(t *testing.T, runner tx.Runner, store evidence.Store) {
	t.Helper()
	ctx := t.Context()
	first, second, other := Item("aws-credential-report", 1), Item("aws-credential-report", 2), Item("staff", 3)
	second.Supersedes = first.ID
	for _, item := range []evidence.Item{first, second, other} {
		within(t, runner, func(ctx context.Context) error { return store.Add(ctx, item) }, nil)
		got, err := store.Get(ctx, item.ID)
		if diff := cmp.Diff(item, got); err != nil || diff != "" {
			t.Errorf("kept %v\n%s", err, diff)
		}
	}
	if _, err := store.Get(ctx, "evd_none"); !problem.Is(err, evidence.NoItem) {
		t.Errorf("an item that is not there: %v", err)
	}
	again, orphan := Item("aws-credential-report", 4), Item("aws-credential-report", 5)
	again.Supersedes, orphan.Supersedes = first.ID, "evd_none"
	within(t, runner, func(ctx context.Context) error { return store.Add(ctx, again) }, &evidence.Superseded)
	within(t, runner, func(ctx context.Context) error { return store.Add(ctx, orphan) }, &evidence.NoItem)

	within(t, runner, func(ctx context.Context) error { return store.AddChunk(ctx, first.ID, 0, []byte("\x00\xffsealed")) }, nil)
	within(t, runner, func(ctx context.Context) error { return store.AddChunk(ctx, "evd_none", 0, []byte("sealed")) }, &evidence.NoItem)
	if sealed, err := store.Chunk(ctx, first.ID, 0); err != nil || string(sealed) != "\x00\xffsealed" {
		t.Errorf("piece 0 is %q, %v", sealed, err)
	}
	if _, err := store.Chunk(ctx, first.ID, 1); !problem.Is(err, evidence.Damaged) {
		t.Errorf("a piece that is not there: %v", err)
	}
	for _, c := range []struct {
		filter evidence.Filter
		want   []ids.Evidence
	}{
		{evidence.Filter{Limit: 10}, []ids.Evidence{other.ID, second.ID}},
		{evidence.Filter{Limit: 10, Superseded: true}, []ids.Evidence{other.ID, second.ID, first.ID}},
		{evidence.Filter{Limit: 1, Superseded: true, After: other.ID}, []ids.Evidence{second.ID}},
		{evidence.Filter{Limit: 10, Kind: "staff"}, []ids.Evidence{other.ID}},
	} {
		items, err := store.List(ctx, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []ids.Evidence
		for _, item := range items {
			got = append(got, item.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v: %s", c.filter, diff)
		}
	}
}

func within(t *testing.T, runner tx.Runner, fn func(context.Context) error, want *problem.Definition) {
	t.Helper()
	err := runner.InTx(t.Context(), fn)
	if want == nil && err != nil || want != nil && !problem.Is(err, *want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
