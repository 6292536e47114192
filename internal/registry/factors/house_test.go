package factors_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/factors/webauthn"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const (
	blue   = "57a2de30-0000-4000-8000-00000000d340"
	green  = "57a2de30-0000-4000-8000-0000000097ee"
	origin = "https://warder.example"
)

// house is everything from the database up to Factors, with one allowed hardware
// model ("blue") and its vendor.
type house struct {
	*factors.Factors
	deps   factors.Deps
	db     *db.DB
	keys   *keys.Register
	models *keys.Models
	audit  *audit.Log
	vendor *softkey.Vendor

	mu   sync.Mutex
	now  time.Time
	told []tx.Change
}

func open(t *testing.T) *house {
	t.Helper()
	return build(t, dbtest.SQLite(t))
}

func build(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{db: d, now: factorstest.Monday()}
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.told = append(h.told, changes...)
	})
	ceremonies, err := webauthn.New(webauthn.Deps{RPID: "warder.example", RPName: "Warder", Origins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	if h.vendor, err = softkey.NewVendor("Blue Keys"); err != nil {
		t.Fatal(err)
	}
	h.audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: h.clock})
	h.keys = keys.New(keys.Deps{Store: keysdb.New(d), Tx: d, Audit: h.audit, Now: h.clock})
	h.models = keys.NewModels(keys.ModelDeps{Store: keysdb.NewModels(d), Tx: d, Audit: h.audit, Now: h.clock})
	h.deps = factors.Deps{
		Store: factorsdb.New(d), Tx: d, Audit: h.audit, Now: h.clock,
		Keys: h.keys, Models: h.models, Ceremonies: ceremonies,
	}
	h.Factors = factors.New(h.deps)
	h.put(t, keys.Model{AAGUID: blue, Vendor: "Blue Keys", Name: "One", Allowed: true, HardwareBound: true, Roots: h.vendor.RootPEM()})
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) heard(topic tx.Topic, ref string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := 0
	for _, change := range h.told {
		if change == (tx.Change{Topic: topic, Ref: ref}) {
			heard++
		}
	}
	return heard
}

func (h *house) put(t *testing.T, model keys.Model) {
	t.Helper()
	if _, err := h.models.Put(t.Context(), desk(), model); err != nil {
		t.Fatal(err)
	}
}

// key is a fresh key of a model from the house's vendor.
func (h *house) key(t *testing.T, aaguid string) *softkey.Key {
	t.Helper()
	batch, err := h.vendor.Batch(aaguid)
	if err != nil {
		t.Fatal(err)
	}
	return batch.NewKey()
}

// enrol lets a person register a key and returns what came of it.
func (h *house) enrol(t *testing.T, key *softkey.Key, holder factors.Holder, what factors.NewKey) (factors.Credential, error) {
	t.Helper()
	return finish(t, h.Factors, key, holder, what)
}

func finish(t *testing.T, f *factors.Factors, key *softkey.Key, holder factors.Holder, what factors.NewKey) (factors.Credential, error) {
	t.Helper()
	options, state, err := f.BeginRegistration(t.Context(), holder)
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Create(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	return f.FinishRegistration(t.Context(), audit.Person(holder.ID), holder, state, response, what)
}

// enrolled is a person with a key that works.
func (h *house) enrolled(t *testing.T) (factors.Holder, *softkey.Key, factors.Credential) {
	t.Helper()
	holder, key := person(), h.key(t, blue)
	return holder, key, factorstest.Enrol(t, h.Factors, key, holder, origin)
}

func (h *house) signIn(t *testing.T, key *softkey.Key) (factors.Proof, error) {
	t.Helper()
	return factorstest.Verify(t, h.Factors, key, origin)
}

// stored returns the one credential of a person as it is kept.
func (h *house) stored(t *testing.T, holder factors.Holder) factors.Credential {
	t.Helper()
	found, err := h.OfPerson(t.Context(), holder.ID)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d credentials, %v", len(found), err)
	}
	return found[0]
}

// entries returns the actions in the audit record about a thing, oldest first.
func (h *house) entries(t *testing.T, subject string) []string {
	t.Helper()
	found, err := h.audit.List(t.Context(), audit.Filter{Subject: subject})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for i := len(found) - 1; i >= 0; i-- {
		actions = append(actions, found[i].Action)
	}
	return actions
}

func person() factors.Holder {
	return factors.Holder{ID: ids.New[ids.Person](), UserName: "alice", Name: "Alice"}
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
