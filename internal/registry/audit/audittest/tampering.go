package audittest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/registry/audit"
)

// tampering changes a sealed chain of ten entries behind Warder's back and
// expects Verify to name what was done. In the statements ENTRY5 stands for the
// id of the entry at place 5, and so on.
func tampering(t *testing.T, open func(t *testing.T) Opened) {
	exchange := func(a, b string) []string {
		return []string{
			"update audit_link set number = -1 where number = " + a,
			"update audit_link set number = " + a + " where number = " + b,
			"update audit_link set number = " + b + " where number = -1",
		}
	}
	fault := func(kind audit.FaultKind, number int64, entry string) string {
		return fmt.Sprintf("%s %d %s", kind, number, entry)
	}
	for _, story := range []struct {
		name string
		do   []string
		want []string
	}{
		{"nothing", nil, nil},
		{"an entry's action is changed",
			[]string{"update audit_entry set action = 'key.found' where id = 'ENTRY5'"},
			[]string{fault(audit.Changed, 5, "ENTRY5")}},
		{"an entry's details are changed",
			[]string{"update audit_entry set details = '{}' where id = 'ENTRY1'"},
			[]string{fault(audit.Changed, 1, "ENTRY1")}},
		{"the last entry's actor is changed",
			[]string{"update audit_entry set actor_id = 'prs_2' where id = 'ENTRY10'"},
			[]string{fault(audit.Changed, 10, "ENTRY10")}},
		{"three neighbours are changed",
			[]string{"update audit_entry set subject = 'key_x' where id in ('ENTRY4', 'ENTRY5', 'ENTRY6')"},
			[]string{fault(audit.Changed, 4, "ENTRY4"), fault(audit.Changed, 5, "ENTRY5"), fault(audit.Changed, 6, "ENTRY6")}},
		{"an entry is removed and its place left",
			[]string{"delete from audit_entry where id = 'ENTRY5'"},
			[]string{fault(audit.Removed, 5, "ENTRY5")}},
		{"an entry and its place are removed",
			[]string{"delete from audit_entry where id = 'ENTRY5'", "delete from audit_link where number = 5"},
			[]string{fault(audit.Removed, 5, "")}},
		{"the first entries are removed",
			[]string{"delete from audit_link where number < 4"},
			[]string{fault(audit.Removed, 1, "")}},
		{"the last entries are removed",
			[]string{"delete from audit_link where number > 7"},
			[]string{fault(audit.Removed, 8, "")}},
		{"an entry is removed and the gap closed",
			[]string{"delete from audit_link where number = 5", "update audit_link set number = -(number - 1) where number > 5",
				"update audit_link set number = -number where number < 0"},
			[]string{fault(audit.Removed, 5, "")}},
		{"everything is removed",
			[]string{"delete from audit_link", "delete from audit_entry"},
			[]string{fault(audit.Removed, 1, "")}},
		{"the head is removed",
			[]string{"delete from audit_head"},
			[]string{fault(audit.Inserted, 10, "ENTRY10")}},
		{"two neighbours change places", exchange("5", "6"),
			[]string{fault(audit.Reordered, 5, "ENTRY6"), fault(audit.Reordered, 6, "ENTRY5")}},
		{"the first and the last change places", exchange("1", "10"),
			[]string{fault(audit.Reordered, 1, "ENTRY10"), fault(audit.Reordered, 10, "ENTRY1")}},
		{"two links point to each other's entry",
			[]string{"update audit_link set entry = 'x' where number = 3", "update audit_link set entry = 'ENTRY3' where number = 8",
				"update audit_link set entry = 'ENTRY8' where number = 3"},
			[]string{fault(audit.Reordered, 3, "ENTRY8"), fault(audit.Reordered, 8, "ENTRY3")}},
		{"an entry is put in between",
			[]string{"update audit_link set number = -(number + 1) where number > 4", "update audit_link set number = -number where number < 0",
				`insert into audit_entry (id, at, turn, actor_kind, actor_id, action, subject, details)
				 values ('aud_x', 1, 1, 'nobody', '', 'key.found', 'key_1', '')`,
				"insert into audit_link (number, entry, previous, hash) select 5, 'aud_x', previous, hash from audit_link where number = 6"},
			[]string{fault(audit.Inserted, 5, "aud_x")}},
		{"an entry is put after the head",
			[]string{"insert into audit_link (number, entry, previous, hash) select 11, 'aud_x', previous, hash from audit_link where number = 10",
				`insert into audit_entry (id, at, turn, actor_kind, actor_id, action, subject, details)
				 values ('aud_x', 1, 1, 'nobody', '', 'key.found', 'key_1', '')`},
			[]string{fault(audit.Inserted, 11, "aud_x")}},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			r := newRecord(t, open(t), nil)
			names := tenSealed(t, r)
			for _, statement := range story.do {
				r.Tamper(names.Replace(statement))
			}
			var got, want []string
			for _, found := range r.verify(t).Faults {
				got = append(got, fault(found.Kind, found.Number, string(found.Entry)))
			}
			for _, line := range story.want {
				want = append(want, names.Replace(line))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("faults differ (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the chain is computed anew", func(t *testing.T) {
		t.Parallel()
		computedAnew(t, open(t))
	})
	t.Run("an entry is replaced together with its hash", func(t *testing.T) {
		t.Parallel()
		replacedWithHash(t, open(t))
	})
}

// tenSealed writes and seals ten entries, and gives their ids the names ENTRY1 to ENTRY10.
func tenSealed(t *testing.T, r record) *strings.Replacer {
	t.Helper()
	for i := range 10 {
		r.write(t, blocked(fmt.Sprintf("key_%d", i+1)))
	}
	r.seal(t)
	var pairs []string
	for _, entry := range slices.Backward(r.all(t)) { // ENTRY10 before ENTRY1
		pairs = append(pairs, fmt.Sprintf("ENTRY%d", entry.Number), string(entry.ID))
	}
	return strings.NewReplacer(pairs...)
}

// computedAnew plays somebody who can write to the database and has our program,
// but not the master key.
func computedAnew(t *testing.T, opened Opened) {
	ours := newRecord(t, opened, keyed("the master key"))
	names := tenSealed(t, ours)
	if report := ours.verify(t); !report.Sound() || !report.HeadProved {
		t.Fatalf("before: got %+v, want no fault and a proved head", report)
	}
	opened.Tamper(names.Replace("delete from audit_entry where id = 'ENTRY5'"))
	opened.Tamper("delete from audit_link")
	opened.Tamper("delete from audit_head")
	newRecord(t, opened, keyed("another key")).seal(t)

	report := ours.verify(t)
	if report.HeadProved || len(report.Faults) != 1 || report.Faults[0].Kind != audit.Changed {
		t.Errorf("got %+v, want one fault about the head", report)
	}
	ours.write(t, blocked("key_11"))
	if _, err := ours.log.SealPending(t.Context()); err == nil {
		t.Error("the sealer went on from a head that is not ours, and so made it true")
	}
}

// replacedWithHash plays somebody who has our program and knows that the hash of
// a changed entry must be changed as well, but not that the next one names it.
func replacedWithHash(t *testing.T, opened Opened) {
	r := newRecord(t, opened, nil)
	names := tenSealed(t, r)
	opened.Tamper(
		"create table kept_link as select * from audit_link",
		"create table kept_head as select * from audit_head",
		names.Replace("update audit_entry set action = 'key.found' where id = 'ENTRY5'"),
		"delete from audit_link",
		"delete from audit_head")
	r.seal(t)
	opened.Tamper(
		"update kept_link set hash = (select hash from audit_link where number = 5) where number = 5",
		"delete from audit_link",
		"delete from audit_head",
		"insert into audit_link select * from kept_link",
		"insert into audit_head select * from kept_head")
	report := r.verify(t)
	if len(report.Faults) != 1 || report.Faults[0].Kind != audit.Changed || report.Faults[0].Number != 5 {
		t.Errorf("got %+v, want place 5 changed", report.Faults)
	}
}

// keyed is a sealer for tests: it only has to notice another key.
type keyed string

func (k keyed) Seal(plain []byte, row string) ([]byte, error) {
	return []byte(string(k) + row + string(plain)), nil
}

func (k keyed) Open(sealed []byte, row string) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(sealed), string(k)+row)
	if !ok {
		return nil, errors.New("sealed with another key")
	}
	return []byte(plain), nil
}
