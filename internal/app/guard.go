package app

import (
	"context"
	"net/netip"

	"github.com/warder-project/warder/internal/access/throttle"
)

// passGuard holds back whoever guesses at passes.
type passGuard struct{ guard *throttle.Guard }

func try(account string, source netip.Addr) throttle.Try {
	return throttle.Try{Kind: "pass", Account: account, Source: source}
}

func (g passGuard) Admit(ctx context.Context, account string, source netip.Addr) error {
	return g.guard.Admit(ctx, try(account, source))
}

func (g passGuard) Failed(ctx context.Context, account string, source netip.Addr) error {
	return g.guard.Failed(ctx, try(account, source))
}

func (g passGuard) Succeeded(ctx context.Context, account string, source netip.Addr) error {
	return g.guard.Succeeded(ctx, try(account, source))
}
