package app

import (
	"context"
	"net/netip"

	"github.com/warder-project/warder/internal/access/signin"
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

// guessGuard lets the sign-in hold back who guesses at passwords and codes.
type guessGuard struct{ *throttle.Guard }

func (g guessGuard) Admit(ctx context.Context, guess signin.Try) error {
	return g.Guard.Admit(ctx, throttle.Try(guess))
}

func (g guessGuard) Failed(ctx context.Context, guess signin.Try) error {
	return g.Guard.Failed(ctx, throttle.Try(guess))
}

func (g guessGuard) Succeeded(ctx context.Context, guess signin.Try) error {
	return g.Guard.Succeeded(ctx, throttle.Try(guess))
}
