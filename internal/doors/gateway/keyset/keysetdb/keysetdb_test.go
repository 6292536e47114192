package keysetdb_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/doors/gateway/keyset"
	"github.com/warder-project/warder/internal/doors/gateway/keyset/keysetdb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

const day = 24 * time.Hour

// house is one database, one master key and one clock; nodes share them.
type house struct {
	db    *db.DB
	clock *testkit.Clock
	seal  keyset.Sealer
	audit *audit.Log
}

func newHouse(t *testing.T, d *db.DB) house {
	t.Helper()
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	clock := testkit.NewClock()
	return house{db: d, clock: clock, seal: sealer, audit: audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: clock.Now})}
}

func (h house) node() *keyset.Keyset {
	return keyset.New(keyset.Deps{Store: keysetdb.New(h.db), Tx: h.db, Audit: h.audit, Seal: h.seal, Now: h.clock.Now})
}

func ensure(t *testing.T, nodes ...*keyset.Keyset) {
	t.Helper()
	for _, node := range nodes {
		if err := node.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// sign returns the signed text and the id of the key that signed it.
func sign(t *testing.T, node *keyset.Keyset) (text, key string) {
	t.Helper()
	text, err := node.Sign([]byte(`{"sub":"amira"}`))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	return text, parsed.Signatures[0].Header.KeyID
}

// checks verifies text against what node publishes, as an application does.
func checks(t *testing.T, node *keyset.Keyset, text string) bool {
	t.Helper()
	parsed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	set := node.Public()
	_, err = parsed.Verify(&set)
	return err == nil
}

func published(node *keyset.Keyset) []string {
	var names []string
	for _, key := range node.Public().Keys {
		names = append(names, key.KeyID)
	}
	return names
}

func TestKeyComesBackAfterARestart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		first := h.node()
		if _, err := first.Sign([]byte("{}")); err == nil {
			t.Error("a keyset that was never loaded signs")
		}
		ensure(t, first)
		text, key := sign(t, first)
		again := h.node()
		ensure(t, again)
		if !checks(t, again, text) {
			t.Error("what was signed before the restart cannot be checked after it")
		}
		if _, now := sign(t, again); now != key {
			t.Errorf("signs with %s, want %s", now, key)
		}
		entries, err := h.audit.List(t.Context(), audit.Filter{Action: "signing_key.made"})
		if err != nil || len(entries) != 1 || entries[0].Subject != key {
			t.Errorf("the audit has %+v, %v", entries, err)
		}
	})
}

func TestPrivateKeysAreSealedToTheirRow(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := newHouse(t, d)
	ensure(t, h.node())
	// Somebody who can write to the database gives the key another name.
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, `update signing_key set key_id = 'attacker'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.node().Ensure(t.Context()); err == nil {
		t.Error("a key that was moved to another row was used")
	}
}

func TestRotationOverlaps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		// application is a node whose set an application copied a day ago at most.
		node, application := h.node(), h.node()
		ensure(t, node, application)
		signers := map[string]bool{}
		var last string
		for hour := 0; hour < 300*24; hour += 6 {
			if hour%24 == 0 {
				ensure(t, application)
			}
			h.clock.Advance(6 * time.Hour)
			ensure(t, node)
			text, key := sign(t, node)
			signers[key] = true
			if !checks(t, application, text) {
				t.Fatalf("after %d hours a signature could not be checked with a set of the day before", hour)
			}
			if last != "" && !checks(t, node, last) {
				t.Fatalf("after %d hours what was signed six hours ago cannot be checked", hour)
			}
			last = text
		}
		if len(signers) != 4 {
			t.Errorf("%d keys signed in 300 days, want 4", len(signers))
		}
		if n := len(published(node)); n > 2 {
			t.Errorf("%d keys are published, want at most two at a time", n)
		}
	})
}

func TestOldKeysSignUntilTheNewOneIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	node := h.node()
	ensure(t, node)
	_, old := sign(t, node)
	h.clock.Advance(89 * day)
	ensure(t, node)
	if _, now := sign(t, node); now != old || len(published(node)) != 2 {
		t.Errorf("signs with %s, want %s; publishes %v", now, old, published(node))
	}
	h.clock.Advance(day)
	ensure(t, node)
	if _, now := sign(t, node); now == old {
		t.Error("the new key is known for a day and does not sign")
	}
	// A machine that was off for months.
	h.clock.Advance(400 * day)
	ensure(t, node)
	text, now := sign(t, node)
	if diff := cmp.Diff([]string{now}, published(node)); diff != "" || !checks(t, node, text) {
		t.Errorf("published (-want +got):\n%s", diff)
	}
}

func TestNodesThatStartTogetherMakeOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		nodes := make([]*keyset.Keyset, 8)
		failed := make([]error, len(nodes))
		var together sync.WaitGroup
		for i := range nodes {
			nodes[i] = h.node()
			together.Go(func() { failed[i] = nodes[i].Ensure(t.Context()) })
		}
		together.Wait()
		for i, node := range nodes {
			if failed[i] != nil {
				t.Fatal(failed[i])
			}
			text, _ := sign(t, node)
			for _, other := range nodes {
				if !checks(t, other, text) {
					t.Fatalf("one node publishes %v, another signs with %v", published(other), published(node))
				}
			}
		}
		if n := len(published(nodes[0])); n != 1 {
			t.Errorf("they made %d keys", n)
		}
	})
}
