package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/evidence/evidencedb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

type room struct {
	*evidence.Archive
	d   *db.DB
	log *audit.Log
}

func open(t *testing.T) room {
	t.Helper()
	d := dbtest.SQLite(t)
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 123456789, time.UTC) }
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	return room{evidence.New(evidence.Deps{Store: evidencedb.New(d), Tx: d, Audit: log, Sealer: sealer, Now: now}), d, log}
}

func large() []byte { return bytes.Repeat([]byte("user,arn,mfa_active\n"), 150_000) } // three pieces

func (r room) record(t *testing.T, from evidence.Deposit) evidence.Item {
	t.Helper()
	item, err := r.Record(t.Context(), audit.Command("pat"), from)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestOriginalComesBackAsItWasBroughtAndIsOnRecord(t *testing.T) {
	t.Parallel()
	r := open(t)
	item := r.record(t, evidence.Deposit{Source: "AWS", Kind: "aws-credential-report", Name: "report.csv", Original: bytes.NewReader(large())})
	if item.Chunks != 3 || item.Size != int64(len(large())) {
		t.Errorf("%d pieces, %d bytes", item.Chunks, item.Size)
	}
	got, original, err := r.Open(t.Context(), item.ID)
	if err != nil || got != item {
		t.Fatalf("got %+v, %v, want %+v", got, err, item)
	}
	content, err := io.ReadAll(original)
	if err != nil || !bytes.Equal(content, large()) {
		t.Errorf("%d bytes came back, %v", len(content), err)
	}
	var clear int
	if err := r.d.From(t.Context()).QueryRowContext(t.Context(), `select count(*) from evidence_chunk where instr(sealed, 'mfa_active') > 0`).Scan(&clear); err != nil || clear != 0 {
		t.Errorf("%d pieces can be read in the database (%v)", clear, err)
	}
	entries, err := r.log.List(t.Context(), audit.Filter{})
	if err != nil || len(entries) != 1 || entries[0].Action != "evidence.recorded" || entries[0].Details["sha256"] != item.SHA256 {
		t.Errorf("on record: %+v, %v", entries, err)
	}
}

func TestChangedOrExchangedPiecesAreNoticed(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"removed":   `delete from evidence_chunk where number = 1`,
		"exchanged": `update evidence_chunk set number = case number when 0 then 101 else 100 end where number < 2`,
		"changed":   `update evidence_chunk set sealed = zeroblob(100) where number = 2`,
		"hash":      `update evidence_item set sha256 = '` + strings.Repeat("0", 64) + `'`,
	} {
		r := open(t)
		item := r.record(t, evidence.Deposit{Kind: "staff", Name: "s", Original: bytes.NewReader(large())})
		err := r.d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := r.d.From(ctx).ExecContext(ctx, statement)
			if err == nil && name == "exchanged" {
				_, err = r.d.From(ctx).ExecContext(ctx, `update evidence_chunk set number = number - 100 where number >= 100`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, original, err := r.Open(t.Context(), item.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(original); !problem.Is(err, evidence.Damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fickle is a file that somebody writes to while it is read.
type fickle struct {
	*bytes.Reader
	reads int
}

func (f *fickle) Seek(offset int64, whence int) (int64, error) {
	if f.reads++; f.reads == 2 {
		f.Reader = bytes.NewReader([]byte("something else entirely"))
	}
	return f.Reader.Seek(offset, whence)
}

type broken struct{}

func (broken) Read([]byte) (int, error)       { return 0, errors.New("disk on fire") }
func (broken) Seek(int64, int) (int64, error) { return 0, nil }

func TestNothingIsKeptWhenSomethingIsWrong(t *testing.T) {
	t.Parallel()
	r := open(t)
	for name, c := range map[string]struct {
		from evidence.Deposit
		want problem.Definition
	}{
		"empty":             {evidence.Deposit{Original: strings.NewReader("")}, evidence.Empty},
		"broken":            {evidence.Deposit{Original: broken{}}, evidence.Unreadable},
		"changing":          {evidence.Deposit{Original: &fickle{Reader: bytes.NewReader([]byte("first a long text that is measured"))}}, evidence.Unreadable},
		"supersedes no one": {evidence.Deposit{Original: strings.NewReader("x"), Supersedes: ids.New[ids.Evidence]()}, evidence.NoItem},
	} {
		if _, err := r.Record(t.Context(), audit.Command("pat"), c.from); !problem.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
	}
	items, err := r.List(t.Context(), evidence.Filter{Superseded: true})
	entries, auditErr := r.log.List(t.Context(), audit.Filter{})
	if err != nil || auditErr != nil || len(items) != 0 || len(entries) != 0 {
		t.Errorf("%d items and %d entries are left (%v, %v)", len(items), len(entries), err, auditErr)
	}
}

func TestNewerEvidenceSupersedesAndTheOlderStays(t *testing.T) {
	t.Parallel()
	r := open(t)
	old := r.record(t, evidence.Deposit{Kind: "staff", Name: "a", Original: strings.NewReader("old")})
	newer := r.record(t, evidence.Deposit{Kind: "staff", Name: "b", Original: strings.NewReader("new"), Supersedes: old.ID})
	if _, err := r.Record(t.Context(), audit.Command("pat"), evidence.Deposit{Kind: "staff", Original: strings.NewReader("x"), Supersedes: old.ID}); !problem.Is(err, evidence.Superseded) {
		t.Errorf("superseded twice: %v", err)
	}
	items, err := r.List(t.Context(), evidence.Filter{Kind: "staff"})
	if err != nil || len(items) != 1 || items[0].ID != newer.ID {
		t.Errorf("current: %+v, %v", items, err)
	}
	if _, original, err := r.Open(t.Context(), old.ID); err != nil {
		t.Error(err)
	} else if text, err := io.ReadAll(original); err != nil || string(text) != "old" {
		t.Errorf("the older one reads %q, %v", text, err)
	}
}

func TestAListIsWholeHoweverMuchEvidenceThereIs(t *testing.T) {
	t.Parallel()
	r := open(t)
	var want []ids.Evidence
	for i := range 205 {
		item := r.record(t, evidence.Deposit{Kind: "staff", Name: fmt.Sprint(i), Original: strings.NewReader(fmt.Sprint(i))})
		want = append(want, item.ID)
	}
	items, err := r.List(t.Context(), evidence.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []ids.Evidence
	for _, item := range items {
		got = append(got, item.ID)
	}
	slices.Sort(want) // they were all brought at the same moment
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
}
