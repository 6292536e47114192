package invitationstest

import (
	"context"
	"net/netip"
	"sync"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/problem"
)

// Held is what a Guard answers to whoever has guessed too often.
var Held = problem.Definition{Kind: problem.TooMany, Code: "test.held_back", Sentence: "Too many tries.", Next: "Wait."}

// Guard holds an account back after some wrong tries in a row, for good.
type Guard struct {
	Most int // 0 is never

	mu    sync.Mutex
	tries map[string]int // guarded by mu
}

var _ invitations.Guard = (*Guard)(nil)

// Admit refuses an account that was wrong too often.
func (g *Guard) Admit(_ context.Context, account string, _ netip.Addr) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.Most > 0 && g.tries[account] >= g.Most {
		return Held.New()
	}
	return nil
}

// Failed counts a wrong try.
func (g *Guard) Failed(_ context.Context, account string, _ netip.Addr) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tries == nil {
		g.tries = map[string]int{}
	}
	g.tries[account]++
	return nil
}

// Succeeded begins to count anew.
func (g *Guard) Succeeded(_ context.Context, account string, _ netip.Addr) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.tries, account)
	return nil
}
