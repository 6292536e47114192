package throttle

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"
)

// The limits. The table in doc.go says how they add up.
const (
	window = 5 * time.Minute // of Cyber Essentials

	MostAtOnePlace = 20 // failures in a row of a pair
	MostElsewhere  = 60 // failures in a row of an account
	usualPlaces    = 2
	usualFor       = 90 * 24 * time.Hour

	Few  = 10 // failures in a row after which an account is slower
	many = 30

	accountBurst = 3
	sourceBurst  = 100
	sourceRefill = 6 * time.Second

	// skew is how far the clocks of nodes may be apart. What is further away than
	// any wait was written before the clock was set back.
	skew = time.Minute
)

// pairWait is how long a pair waits after so many failures in a row.
func pairWait(failures int) time.Duration {
	switch {
	case failures < 2:
		return 0
	case failures == 2:
		return 5 * time.Second
	case failures == 3:
		return window
	case failures == 4:
		return 2 * window
	case failures < Few:
		return 3 * window
	}
	return time.Hour
}

// accountRefill is how long it takes until an account has one more guess.
func accountRefill(failures int) time.Duration {
	switch {
	case failures < Few:
		return window
	case failures < many:
		return 2 * window
	}
	return 4 * window
}

// pace is the generic cell rate algorithm: burst at once, then one each refill.
// It returns how long to wait, or when the burst is whole again after this one.
func pace(whole, now time.Time, burst int, usual, refill time.Duration) (wait time.Duration, next time.Time) {
	ahead := time.Duration(burst-1) * usual
	if whole.Before(now) || whole.Sub(now) > ahead+refill+skew {
		whole = now
	}
	if over := whole.Sub(now) - ahead; over > 0 {
		return over, whole
	}
	return 0, whole.Add(refill)
}

// names are under what a try is counted.
type names struct{ account, hash, pair, place, source string }

func namesOf(try Try) names {
	n := names{source: neighbourhood(try.Source)}
	n.place = "place:" + n.source
	if try.Account == "" {
		return n
	}
	n.hash = hashOf(try.Account)
	n.account = "account:" + try.Kind + ":" + n.hash
	n.pair = "pair:" + try.Kind + ":" + n.hash + ":" + n.source
	return n
}

// hashOf is what is kept of an account: enough to find it again, not to read it.
func hashOf(account string) string {
	sum := sha256.Sum256([]byte("warder throttle account\x00" + normal(account)))
	return hex.EncodeToString(sum[:16])
}

// normal is one spelling of an account.
func normal(account string) string { return strings.ToLower(strings.TrimSpace(account)) }

// neighbourhood is what one subscriber has: an IPv4 address, or 64 bits of IPv6
// (RFC 4291 §2.5.4). An address that is none is one place like every other.
func neighbourhood(source netip.Addr) string {
	source = source.Unmap()
	bits := 32
	if source.Is6() {
		bits = 64
	}
	prefix, err := source.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}
