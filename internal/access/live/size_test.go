package live_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/testkit"
)

// crowd is a reader of n people who are all signed in.
type crowd struct {
	live.Reader
	n   int
	now time.Time
}

func (c crowd) Exceptions(context.Context) ([]live.Exception, error) { return nil, nil }

func hashOf(i int) (hash [32]byte) {
	binary.BigEndian.PutUint64(hash[:], uint64(i)*0x9e3779b97f4a7c15)
	return hash
}

func id[T ~string](kind string, i int) T { return T(fmt.Sprintf("%s_%026d", kind, i)) }

func (c crowd) Sessions(context.Context, []string, time.Time) ([]live.SessionRecord, error) {
	all := make([]live.SessionRecord, c.n)
	amr := []string{"hwk", "pop", "user", "mfa"}
	for i := range all {
		all[i] = live.SessionRecord{Hash: hashOf(i), Session: live.Session{ID: id[ids.Session]("ses", i), Person: id[ids.Person]("prs", i/2),
			Key: id[ids.Key]("key", i/2), Credential: id[ids.Credential]("crd", i/2), AMR: amr, AuthTime: c.now, CreatedAt: c.now, LastSeenAt: c.now,
			Assurance: assurance.Assurance{AAL: 3}, AbsoluteEnd: c.now.Add(12 * time.Hour)}}
	}
	return all, nil
}

func (c crowd) People(context.Context, []string) ([]live.PersonRecord, error) {
	all := make([]live.PersonRecord, c.n/2)
	for i := range all {
		all[i] = live.PersonRecord{Person: live.Person{ID: id[ids.Person]("prs", i), UserName: fmt.Sprint("user.name.", i), Name: fmt.Sprint("User Name ", i),
			Email: fmt.Sprintf("user.name.%d@example.org", i), Kind: "person", State: "active"}, Groups: []string{"finance", "staff"}}
	}
	return all, nil
}

func (c crowd) Keys(context.Context, []string) ([]live.Key, error) {
	all := make([]live.Key, c.n/2)
	for i := range all {
		all[i] = live.Key{ID: id[ids.Key]("key", i), State: "enrolled", Holder: id[ids.Person]("prs", i)}
	}
	return all, nil
}

func (c crowd) Credentials(context.Context, []string) ([]live.Credential, error) {
	all := make([]live.Credential, c.n/2)
	for i := range all {
		all[i] = live.Credential{ID: id[ids.Credential]("crd", i), Person: id[ids.Person]("prs", i), Key: id[ids.Key]("key", i), Active: true}
	}
	return all, nil
}

func (crowd) Services(context.Context) ([]live.Service, error) { return nil, nil }
func (crowd) Policy(context.Context) (live.PolicyTexts, error) { return live.PolicyTexts{}, nil }

func heap() uint64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// Not parallel: it measures the heap of the whole process.
func TestHundredThousandSessionsFitInMemory(t *testing.T) {
	const n, most = 100_000, 250 << 20
	clock := testkit.NewClock()
	before := heap()
	view := live.New(live.Deps{Reader: crowd{n: n, now: clock.Now()}, Now: clock.Now})
	if err := view.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	for i := range n {
		subject, state := view.Subject(t.Context(), hashOf(i), clock.Now())
		if state != policy.SessionAlive || subject.Person.ID != id[ids.Person]("prs", i/2) {
			t.Fatalf("session %d: %v", i, state)
		}
	}
	used := heap() - before
	t.Logf("%d sessions of %d people, all in use: %d MiB", n, n/2, used>>20)
	if used > most {
		t.Errorf("%d MiB, want at most %d", used>>20, most>>20)
	}
	runtime.KeepAlive(view)
}
