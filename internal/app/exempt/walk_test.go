package exempt_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// walker does what anybody can do with exceptions, as anybody, in any order.
type walker struct {
	*office
	random *rand.Rand
	by     []exceptions.By
	known  []ids.Exception
	log    []string
	let    int
}

// C20.2: whatever is done in whatever order, somebody with less is let in only by an
// exception that is approved by another than its owner, whoever asked and whom it is for, and
// only in its time.
func TestNoOrderOfDeedsRelaxesAnythingButByAnApprovedException(t *testing.T) {
	t.Parallel()
	let := 0
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &walker{office: open(t, dbtest.SQLite(t)), random: rand.New(rand.NewPCG(seed, 20))}
			for _, holder := range []decisiontest.Holder{w.amira, w.olu, w.lead, w.board, w.Somebody(t, "ben.adams")} {
				w.by = append(w.by, w.at(t, holder))
			}
			w.by = append(w.by, command(), exceptions.By{}, exceptions.By{Actor: audit.System("x")})
			for range 120 {
				w.happen(t)
				w.check(t)
				if t.Failed() {
					t.Fatalf("after %v", w.log)
				}
			}
			let += w.let
		})
	}
	if let < 100 {
		t.Errorf("only %d requests were let in: the test shows too little", let)
	}
}

func (w *walker) happen(t *testing.T) {
	by := w.by[w.random.IntN(len(w.by))]
	id := ids.New[ids.Exception]()
	if len(w.known) > 0 {
		id = w.known[w.random.IntN(len(w.known))]
	}
	soon := w.Clock.Now().Add(time.Duration(w.random.IntN(200)-20) * day)
	ctx := t.Context()
	deeds := []struct {
		name string
		do   func() error
	}{
		{"propose", func() error {
			made, err := w.register.Propose(ctx, by, w.some())
			if err == nil {
				w.known = append(w.known, made.ID)
			}
			return err
		}},
		{"approve", func() error { _, err := w.register.Approve(ctx, by, id); return err }},
		{"approve", func() error { _, err := w.register.Approve(ctx, by, id); return err }},
		{"approve all", func() error {
			for _, each := range w.known {
				for _, by := range w.by {
					_, _ = w.register.Approve(ctx, by, each) // most are refused
				}
			}
			return nil
		}},
		{"refuse", func() error { _, err := w.register.Refuse(ctx, by, id, "x"); return err }},
		{"end", func() error { _, err := w.register.EndNow(ctx, by, id, "x"); return err }},
		{"shorten", func() error { _, err := w.register.Shorten(ctx, by, id, soon); return err }},
		{"renew", func() error { _, err := w.register.Renew(ctx, by, id, soon, "x"); return err }},
		{"approve renewal", func() error { _, err := w.register.ApproveRenewal(ctx, by, id); return err }},
		{"reassign", func() error {
			_, err := w.register.Reassign(ctx, by, id, []ids.Person{w.amira.Person.ID, w.olu.Person.ID, w.lead.Person.ID, w.board.Person.ID}[w.random.IntN(4)])
			return err
		}},
		{"test", func() error { _, err := w.register.Test(ctx, by, id, 1, exceptions.Works, ""); return err }},
		{"sweep", func() error { return w.register.Sweep(ctx) }},
		{"later", func() error { w.Clock.Advance(time.Duration(w.random.IntN(60)) * time.Second); return nil }},
		{"a moment before", func() error { w.Clock.Advance(-time.Second); return nil }},
		{"read anew", func() error { return w.View.Load(ctx) }},
		{"doubt", func() error { w.View.Doubt("no reason"); return nil }},
		{"sure", func() error { w.View.Sure(ctx); return nil }},
	}
	deed := deeds[w.random.IntN(len(deeds))]
	said := deed.name
	if err := deed.do(); err != nil {
		said += " (refused)"
	}
	w.log = append(w.log, said)
}

// some is a proposal that may be good.
func (w *walker) some() exceptions.Exception {
	p := w.proposal()
	p.Owner = []ids.Person{w.amira.Person.ID, w.olu.Person.ID, w.lead.Person.ID, w.board.Person.ID}[w.random.IntN(4)]
	p.Risk.Likelihood, p.Risk.Impact = w.random.IntN(6), 1+w.random.IntN(5)
	p.Start = w.Clock.Now().Add(time.Duration(w.random.IntN(120)-60) * time.Second)
	p.End = p.Start.Add(time.Duration(w.random.IntN(300)) * time.Second)
	if w.random.IntN(4) == 0 {
		p.Subject.People = nil
	}
	return p
}

func (w *walker) check(t *testing.T) {
	now := w.Clock.Now()
	got := w.Ask(t, "payroll", w.weak).Verdict
	if got.Effect != policy.Allow {
		return
	}
	w.let++
	kept, err := w.register.Get(t.Context(), got.Exception)
	if err != nil {
		t.Errorf("let in under %q: %v", got.Exception, err)
		return
	}
	if kept.State != exceptions.Approved || now.Before(kept.Start) || !now.Before(kept.End) {
		t.Errorf("let in at %v under %s, which is %q from %v to %v", now, kept.Name(), kept.State, kept.Start, kept.End)
	}
	approver := kept.ApprovedBy
	may := approver == w.board.Person.ID || kept.Risk.Level() != exceptions.High && slices.Contains([]ids.Person{w.lead.Person.ID, w.olu.Person.ID}, approver)
	if !may || approver == kept.Owner || kept.ProposedBy == audit.Person(approver) || kept.Subject.Names(approver, nil) {
		t.Errorf("%s (%v) was approved by %s", kept.Name(), kept.Risk.Level(), approver)
	}
}

// C20.2: no policy text leaves somebody out, by whatever word: not when it is written, not when it
// is published, not when it is put in force.
func TestNoPolicyTextLeavesSomebodyOut(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t))
	for _, line := range []string{"except: [amira.khan]", "exclude: [amira.khan]", "except_groups: [night]", "unless: \"group night\"",
		"not_groups: [night]", "skip: true", "exceptions: [E-001]", "exempt: {people: [amira.khan]}"} {
		text := "version: x\nrules:\n  - id: keys\n    title: Keys\n    services: [\"*\"]\n    require: {aal: 3, attested: true}\n    " + line + "\n"
		if _, err := rulebook.Parse("x.yaml", []byte(text)); err == nil {
			t.Errorf("%s was read", line)
		}
		if _, err := o.Policies.Publish(t.Context(), decisiontest.Desk(), versions.Text{Name: "x.yaml", Body: []byte(text)}, versions.EnforceOptions{}); err == nil {
			t.Errorf("%s was published", line)
		}
		o.want(t, policy.StepUp, "")
	}
	// A rule that asks for less adds nothing: the strictest wins.
	o.Publish(t, "version: more\nrules:\n  - {id: keys, title: Keys, services: [\"*\"], require: {aal: 3, attested: true}}\n"+
		"  - {id: night, title: Night, services: [payroll], groups: [night], require: {aal: 1}}\n")
	o.Group(t, "night")
	must(t, o.People.AddMember(t.Context(), decisiontest.Desk(), "night", o.amira.Person.ID))
	o.want(t, policy.StepUp, "")
}
