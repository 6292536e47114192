package keys_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/registry/keys/keystest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	blue  = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
	green = "42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3"
)

// house is a register on SQLite, with what it published.
type house struct {
	*keys.Register
	models *keys.Models
	audit  *audit.Log

	mu   sync.Mutex
	told []tx.Change
}

func open(t *testing.T) *house {
	t.Helper()
	d := dbtest.SQLite(t)
	h := &house{audit: audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: keystest.Monday})}
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.told = append(h.told, changes...)
	})
	h.Register = keys.New(keys.Deps{Store: keysdb.New(d), Tx: d, Audit: h.audit, Now: keystest.Monday})
	h.models = keys.NewModels(keys.ModelDeps{Store: keysdb.NewModels(d), Tx: d, Audit: h.audit, Now: keystest.Monday})
	return h
}

func (h *house) heard(key ids.Key) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := 0
	for _, change := range h.told {
		if change == (tx.Change{Topic: tx.Key, Ref: string(key)}) {
			heard++
		}
	}
	return heard
}

// stock adds a key and issues it when a holder is given.
func (h *house) stock(t *testing.T, what keys.NewKey, holder ids.Person) keys.Key {
	t.Helper()
	key, err := h.Add(t.Context(), desk(), what)
	if err != nil {
		t.Fatal(err)
	}
	if holder == "" {
		return key
	}
	if key, err = h.Issue(t.Context(), desk(), key.ID, holder); err != nil {
		t.Fatal(err)
	}
	return key
}

func desk() audit.Actor { return audit.Command("desk") }

func want(t *testing.T, err error, definition problem.Definition) {
	t.Helper()
	if !problem.Is(err, definition) {
		t.Errorf("got error %v, want problem %s", err, definition.Code)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryPairOfStates says the whole table again, in words, and walks all pairs.
func TestEveryPairOfStates(t *testing.T) {
	t.Parallel()
	allowed := map[string]string{
		"ordered":    "in_stock lost stolen",
		"in_stock":   "reserved in_transit held lent lost stolen damaged destroyed",
		"reserved":   "in_stock in_transit held lost stolen damaged destroyed",
		"in_transit": "in_stock held lost stolen damaged destroyed",
		"held":       "enrolled returned lost stolen damaged",
		"enrolled":   "held returned lost stolen damaged",
		"lent":       "enrolled returned lost stolen damaged",
		"lost":       "stolen returned destroyed",
		"stolen":     "returned destroyed",
		"damaged":    "returned lost stolen destroyed",
		"returned":   "wiped lost stolen damaged destroyed",
		"wiped":      "in_stock lost stolen damaged destroyed",
		"destroyed":  "",
	}
	if len(allowed) != len(keys.States()) {
		t.Fatalf("%d states here, %d in the room", len(allowed), len(keys.States()))
	}
	all := append(slices.Collect(maps.Keys(allowed)), "", "borrowed", "ENROLLED")
	for _, from := range all {
		for _, to := range all {
			want := slices.Contains(strings.Fields(allowed[from]), to)
			if got := keys.State(from).MayBecome(keys.State(to)); got != want {
				t.Errorf("%q to %q: %v, want %v", from, to, got, want)
			}
		}
		if got, want := keys.State(from).MaySignIn(), from == "enrolled"; got != want {
			t.Errorf("%q may sign in: %v, want %v", from, got, want)
		}
		_, known := allowed[from]
		if labelled := keys.State(from).Label() != "Unknown"; labelled != known {
			t.Errorf("%q has label %q", from, keys.State(from).Label())
		}
	}
}

func TestLostKeyNeverGetsBackIntoUseUnwiped(t *testing.T) {
	t.Parallel()
	for _, blocked := range []keys.State{keys.StateLost, keys.StateStolen} {
		seen := map[keys.State]bool{keys.StateWiped: true} // the one way out; go no further
		next := []keys.State{blocked}
		for len(next) > 0 {
			state := next[0]
			next = next[1:]
			if state.MaySignIn() || state == keys.StateHeld || state == keys.StateInStock {
				t.Errorf("%s leads to %s without being wiped", blocked, state)
			}
			for _, following := range keys.States() {
				if state.MayBecome(following) && !seen[following] {
					seen[following] = true
					next = append(next, following)
				}
			}
		}
	}
}

func TestKeyGoesFromStockToUse(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice := ids.New[ids.Person]()
	key := h.stock(t, keys.NewKey{Serial: " 12 ab-3 ", Model: strings.ToUpper(blue), Label: "  Spare "}, alice)
	key, err := h.MarkEnrolled(t.Context(), desk(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, keys.Key{
		ID: key.ID, Serial: "12AB-3", SerialGrade: keys.SerialDeclared, Model: blue, ModelGrade: keys.ModelClaimed,
		Label: "Spare", State: keys.StateEnrolled, Holder: alice, CreatedAt: keystest.Monday(), ChangedAt: keystest.Monday(),
	}, key)
	got, err := h.BySerial(t.Context(), "12ab -3")
	if err != nil {
		t.Fatal(err)
	}
	same(t, key, got)
	if h.heard(key.ID) != 3 {
		t.Errorf("%d changes of the key were told, want 3", h.heard(key.ID))
	}
	entries, err := h.audit.List(t.Context(), audit.Filter{Subject: string(key.ID)})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, entry := range slices.Backward(entries) {
		actions = append(actions, entry.Action+" "+entry.Details["state"])
	}
	same(t, []string{"key.added in_stock", "key.issued held", "key.enrolled enrolled"}, actions)
}

func TestBlockingIsForGoodAndMayOnlyGetWorse(t *testing.T) {
	t.Parallel()
	h := open(t)
	key := h.stock(t, keys.NewKey{Serial: "7"}, ids.New[ids.Person]())
	step := func(reason keys.Reason) (keys.Key, error) { return h.Block(t.Context(), desk(), key.ID, reason) }

	_, err := step("")
	want(t, err, keys.ReasonUnknown)
	lost, err := step(keys.Lost)
	if err != nil {
		t.Fatal(err)
	}
	again, err := step(keys.Lost)
	if err != nil {
		t.Fatal(err)
	}
	same(t, lost, again)
	if heard := h.heard(key.ID); heard != 3 { // added, issued, blocked once
		t.Errorf("%d changes were told, want 3", heard)
	}
	stolen, err := step(keys.Stolen)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{"stolen", "stolen"}, []string{string(stolen.State), string(stolen.Reason)})
	_, err = step(keys.Lost)
	want(t, err, keys.BadTransition)
	_, err = h.MarkEnrolled(t.Context(), desk(), key.ID)
	want(t, err, keys.BadTransition)
	_, err = h.Block(t.Context(), desk(), ids.New[ids.Key](), keys.Lost)
	want(t, err, keys.NotFound)
}

func TestRefusalsLeaveTheKeyAsItWas(t *testing.T) {
	t.Parallel()
	h := open(t)
	key := h.stock(t, keys.NewKey{Serial: "1"}, "")
	_, err := h.Issue(t.Context(), desk(), key.ID, "")
	want(t, err, keys.HolderMissing)
	_, err = h.MarkEnrolled(t.Context(), desk(), key.ID)
	want(t, err, keys.BadTransition)
	_, err = h.Add(t.Context(), desk(), keys.NewKey{Serial: "1 "})
	want(t, err, keys.SerialTaken)
	for _, bad := range []keys.NewKey{
		{Serial: "1;drop"}, {Serial: strings.Repeat("9", 65)}, {Model: "not-a-uuid"},
		{Label: "two\nlines"}, {Label: strings.Repeat("x", 101)}, {Label: "\xff"},
	} {
		_, err = h.Add(t.Context(), desk(), bad)
		want(t, err, keys.Malformed)
		if found, ok := problem.Of(err); ok && len(found.Fields) != 1 {
			t.Errorf("%+v: fields %v, want the one that is wrong", bad, found.Fields)
		}
	}
	got, err := h.Get(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, key, got)
}

func TestEnrolmentFindsTheKeyThatWasIssued(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, bob := ids.New[ids.Person](), ids.New[ids.Person]()
	issued := h.stock(t, keys.NewKey{Serial: "100", Model: blue}, alice)
	h.stock(t, keys.NewKey{Serial: "200"}, "")
	lost := h.stock(t, keys.NewKey{Serial: "300"}, alice)
	if _, err := h.Block(t.Context(), desk(), lost.ID, keys.Lost); err != nil {
		t.Fatal(err)
	}
	enrol := func(what keys.Enrolment) (keys.Key, error) {
		return h.Enrol(t.Context(), audit.Person(what.Holder), what)
	}

	_, err := enrol(keys.Enrolment{Serial: "1"})
	want(t, err, keys.HolderMissing)
	_, err = enrol(keys.Enrolment{Holder: bob, Serial: "100"}) // somebody else's
	want(t, err, keys.SerialTaken)
	_, err = enrol(keys.Enrolment{Holder: bob, Serial: "200"}) // in the cupboard
	want(t, err, keys.SerialTaken)
	_, err = enrol(keys.Enrolment{Holder: alice, Serial: "300"}) // lost
	want(t, err, keys.Blocked)
	_, err = enrol(keys.Enrolment{Holder: alice, Serial: "100", Model: green, ModelGrade: keys.ModelVerified})
	want(t, err, keys.ModelMismatch)

	got, err := enrol(keys.Enrolment{Holder: alice, Serial: "100", Model: blue, ModelGrade: keys.ModelVerified, Label: "Mine"})
	if err != nil {
		t.Fatal(err)
	}
	wanted := issued
	wanted.State, wanted.ModelGrade, wanted.Label = keys.StateEnrolled, keys.ModelVerified, "Mine"
	same(t, wanted, got)

	_, err = enrol(keys.Enrolment{Holder: alice, Serial: "100", Model: blue, ModelGrade: keys.ModelVerified})
	want(t, err, keys.AlreadyEnrolled)
	fresh, err := enrol(keys.Enrolment{Holder: bob, Serial: "400"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{"400", "declared", "enrolled", string(bob)},
		[]string{fresh.Serial, string(fresh.SerialGrade), string(fresh.State), string(fresh.Holder)})
}

func TestWithoutASerialNumberNothingIsGuessed(t *testing.T) {
	t.Parallel()
	h := open(t)
	verified := func(holder ids.Person) keys.Key {
		t.Helper()
		key, err := h.Enrol(t.Context(), audit.Person(holder), keys.Enrolment{Holder: holder, Model: blue, ModelGrade: keys.ModelVerified})
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	one, two, claims := ids.New[ids.Person](), ids.New[ids.Person](), ids.New[ids.Person]()

	only := h.stock(t, keys.NewKey{Serial: "1", Model: blue}, one)
	h.stock(t, keys.NewKey{Serial: "2", Model: green}, one)
	if got := verified(one); got.ID != only.ID {
		t.Errorf("the only issued key of the model was not taken: %+v", got)
	}
	a, b := h.stock(t, keys.NewKey{Serial: "3", Model: blue}, two), h.stock(t, keys.NewKey{Serial: "4", Model: blue}, two)
	if got := verified(two); got.ID == a.ID || got.ID == b.ID || got.Serial != "" {
		t.Errorf("one of two issued keys was guessed: %+v", got)
	}
	c := h.stock(t, keys.NewKey{Serial: "5", Model: blue}, claims)
	got, err := h.Enrol(t.Context(), audit.Person(claims), keys.Enrolment{Holder: claims, Model: blue})
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == c.ID || got.ModelGrade != keys.ModelClaimed {
		t.Errorf("a model that is only claimed chose the key: %+v", got)
	}
}

func TestListTellsWhetherThereIsMore(t *testing.T) {
	t.Parallel()
	h := open(t)
	for range 3 {
		h.stock(t, keys.NewKey{}, "")
	}
	first, next, err := h.List(t.Context(), keys.Filter{Limit: 2})
	if err != nil || len(first) != 2 || next != first[1].ID {
		t.Fatalf("first page: %d keys, next %q, %v", len(first), next, err)
	}
	second, next, err := h.List(t.Context(), keys.Filter{Limit: 2, After: next})
	if err != nil || len(second) != 1 || next != "" {
		t.Fatalf("second page: %d keys, next %q, %v", len(second), next, err)
	}
}

func TestEveryProblemSpeaksToAPerson(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, definition := range keys.Problems() {
		if definition.Sentence == "" || definition.Next == "" || definition.Kind == problem.Internal || seen[definition.Code] {
			t.Errorf("%+v is incomplete or there twice", definition)
		}
		seen[definition.Code] = true
	}
}
