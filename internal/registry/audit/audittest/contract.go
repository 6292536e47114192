// Package audittest holds the promises every audit.Store must keep.
package audittest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Opened is an empty store to try.
type Opened struct {
	Store   audit.Store
	Tx      tx.Runner
	Retries func() int64               // how often a unit of work was run again
	Tamper  func(statements ...string) // runs SQL behind Warder's back
}

// Contract tries a store; open gives a new empty one.
func Contract(t *testing.T, open func(t *testing.T) Opened) {
	for _, promise := range []struct {
		name string
		keep func(t *testing.T, r record)
	}{
		{"AChangeAndItsEntryAreKeptTogether", togetherOrNotAtAll},
		{"AnEntryOutsideAUnitOfWorkIsRefused", outsideWorkIsRefused},
		{"EveryFieldComesBackAsWritten", fieldsComeBack},
		{"EventsOfOneMomentAreKeptInTheirOrderOrNotAtAll", momentIsKeptWhole},
		{"SealingNumbersAllEntriesInOrder", sealingNumbers},
		{"WritersDoNotWaitForEachOtherOrTheSealer", writersDoNotClash},
		{"PagesShowTheNewestFirstAndGoOn", pagesGoOn},
		{"ExportGivesEveryEntryOfAPeriodOnce", exportPeriod},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.keep(t, newRecord(t, open(t), nil))
		})
	}
	t.Run("Tampering", func(t *testing.T) {
		t.Parallel()
		tampering(t, open)
	})
}

// record is a store under test with the record on it.
type record struct {
	Opened
	log *audit.Log
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newRecord(t *testing.T, opened Opened, sealer audit.Sealer) record {
	t.Helper()
	return record{opened, audit.New(audit.Deps{
		Store: opened.Store, Tx: opened.Tx, Now: func() time.Time { return start }, Sealer: sealer,
	})}
}

func momentIsKeptWhole(t *testing.T, r record) {
	event := func(action string) audit.Event {
		return audit.Event{Action: action, Subject: "ses_1", Details: map[string]string{"of": action}}
	}
	record := func(first audit.Event, more ...audit.Event) error {
		return r.Tx.InTx(t.Context(), func(ctx context.Context) error { return r.log.Record(ctx, first, more...) })
	}
	if err := record(event("one"), event("two"), event("three")); err != nil {
		t.Fatal(err)
	}
	if err := record(event("four"), event("")); !problem.Is(err, audit.NoAction) {
		t.Errorf("an event without an action: %v", err)
	}
	if n := r.seal(t); n != 3 || !r.verify(t).Sound() {
		t.Errorf("sealed %d, want 3", n)
	}
	for i, entry := range r.all(t) {
		if want := []string{"one", "two", "three"}[i]; entry.Action != want || entry.Details["of"] != want || entry.Number != int64(i+1) {
			t.Errorf("entry %d is %+v", i, entry)
		}
	}
}

func (r record) write(t *testing.T, events ...audit.Event) {
	t.Helper()
	err := r.Tx.InTx(t.Context(), func(ctx context.Context) error {
		for _, event := range events {
			if err := r.log.Record(ctx, event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r record) seal(t *testing.T) int {
	t.Helper()
	n, err := r.log.SealPending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (r record) verify(t *testing.T) audit.Report {
	t.Helper()
	report, err := r.log.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (r record) all(t *testing.T) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	err := r.log.Export(t.Context(), time.Time{}, time.Time{}, func(entry audit.Entry) error {
		entries = append(entries, entry)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func blocked(subject string) audit.Event {
	return audit.Event{Actor: audit.Person("prs_1"), Action: "key.blocked", Subject: subject}
}

func togetherOrNotAtAll(t *testing.T, r record) {
	stop := errors.New("the change did not work out")
	err := r.Tx.InTx(t.Context(), func(ctx context.Context) error {
		if err := r.log.Record(ctx, blocked("key_1")); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got error %v, want the one of the change", err)
	}
	if got := r.all(t); len(got) != 0 {
		t.Errorf("a change that was not kept left %d entries", len(got))
	}
}

func outsideWorkIsRefused(t *testing.T, r record) {
	err := r.log.Record(t.Context(), blocked("key_1"))
	if !problem.Is(err, audit.OutsideWork) {
		t.Errorf("got %v, want the problem %s", err, audit.OutsideWork.Code)
	}
}

func fieldsComeBack(t *testing.T, r record) {
	r.write(t,
		audit.Event{Action: "session.refused", Subject: ""},
		audit.Event{Actor: audit.Command("ops"), Action: "key.lost", Subject: "key_1",
			Details: map[string]string{"reason": "Zoë’s <bag> & \"coat\"\n", "was": ""}},
	)
	r.seal(t)
	got, err := r.log.List(t.Context(), audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var want []audit.Event
	for _, entry := range got {
		if !entry.At.Equal(start) {
			t.Errorf("entry %s is of %v, want %v", entry.Action, entry.At, start)
		}
		want = append(want, audit.Event{Actor: entry.Actor, Action: entry.Action, Subject: entry.Subject, Details: entry.Details})
	}
	if diff := cmp.Diff([]audit.Event{
		{Actor: audit.Command("ops"), Action: "key.lost", Subject: "key_1",
			Details: map[string]string{"reason": "Zoë’s <bag> & \"coat\"\n", "was": ""}},
		{Actor: audit.Nobody(), Action: "session.refused"},
	}, want); diff != "" {
		t.Errorf("entries differ (-want +got):\n%s", diff)
	}
}

func sealingNumbers(t *testing.T, r record) {
	for i := range 7 {
		r.write(t, blocked(fmt.Sprintf("key_%d", i)), blocked(fmt.Sprintf("key_%d_again", i)))
	}
	if n := r.seal(t); n != 14 {
		t.Errorf("sealed %d entries, want 14", n)
	}
	r.write(t, blocked("key_late"))
	for i, entry := range r.all(t)[:14] {
		want := fmt.Sprintf("key_%d", i/2)
		if i%2 == 1 {
			want += "_again"
		}
		if entry.Number != int64(i+1) || entry.Subject != want {
			t.Errorf("place %d holds number %d about %s, want %s", i+1, entry.Number, entry.Subject, want)
		}
	}
	report := r.verify(t)
	report.Head = nil
	if diff := cmp.Diff(audit.Report{Sealed: 14, Unsealed: 1}, report); diff != "" {
		t.Errorf("report differs (-want +got):\n%s", diff)
	}
}

// writersDoNotClash holds the measurement that shaped this room: a chain whose
// head every writer moves needs more than one retry per transaction.
func writersDoNotClash(t *testing.T, r record) {
	const writers, each = 8, 40
	var group, sealing sync.WaitGroup
	done := make(chan struct{})
	sealing.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if _, err := r.log.SealPending(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for w := range writers {
		group.Go(func() {
			for i := range each {
				r.write(t, blocked(fmt.Sprintf("key_%d_%d", w, i)))
			}
		})
	}
	group.Wait()
	close(done)
	sealing.Wait()
	r.seal(t)
	if perWrite := float64(r.Retries()) / (writers * each); perWrite > 0.2 {
		t.Errorf("%.2f retries per transaction, want well below 1", perWrite)
	}
	report := r.verify(t)
	if report.Sealed != writers*each || report.Unsealed != 0 || !report.Sound() {
		t.Errorf("got %+v, want %d sealed entries and no fault", report, writers*each)
	}
}

func pagesGoOn(t *testing.T, r record) {
	for i := range 5 {
		r.write(t, blocked(fmt.Sprintf("key_%d", i)), audit.Event{Action: "keys.counted", Subject: "key_1"})
	}
	subjects := func(filter audit.Filter) (subjects []string, last ids.Entry) {
		entries, err := r.log.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			subjects, last = append(subjects, entry.Subject), entry.ID
		}
		return subjects, last
	}
	first, last := subjects(audit.Filter{Action: "key.", Limit: 3})
	second, _ := subjects(audit.Filter{Action: "key.", Limit: 3, After: last})
	if diff := cmp.Diff([]string{"key_4", "key_3", "key_2", "key_1", "key_0"}, append(first, second...)); diff != "" {
		t.Errorf("pages differ (-want +got):\n%s", diff)
	}
	for name, filter := range map[string]audit.Filter{
		"subject": {Subject: "key_1", Action: "key.blocked"},
		"actor":   {Subject: "key_1", Actor: audit.Person("prs_1")},
	} {
		if got, _ := subjects(filter); len(got) != 1 {
			t.Errorf("filter by %s gives %d entries, want 1", name, len(got))
		}
	}
}

func exportPeriod(t *testing.T, r record) {
	at := start
	r.log = audit.New(audit.Deps{Store: r.Store, Tx: r.Tx, Now: func() time.Time { return at }})
	for hour := range 6 {
		at = start.Add(time.Duration(hour) * time.Hour)
		r.write(t, blocked(fmt.Sprintf("key_%d", hour)))
		if hour == 3 {
			r.seal(t)
		}
	}
	var got []string
	err := r.log.Export(t.Context(), start.Add(time.Hour), start.Add(5*time.Hour), func(entry audit.Entry) error {
		if len(got) == 3 {
			r.seal(t) // what is being exported is sealed under our feet
		}
		got = append(got, entry.Subject)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"key_1", "key_2", "key_3", "key_4"}, got); diff != "" {
		t.Errorf("export differs (-want +got):\n%s", diff)
	}
}
