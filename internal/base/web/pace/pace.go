// Package pace says whether somebody comes too often. It is for what costs
// something before anybody is known: a row in the database, a look-up. Whole
// offices come from one address, so a pace should be generous: it stops a flood,
// not a person.
//
// It keeps one time for each address, in bounded memory, and forgets them with
// the process. Who the client is, and what they are told, is base/web's.
package pace

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Pace is how often one address may do something: Burst at once, and then one
// more each Refill. The zero value sets no pace.
type Pace struct {
	Burst  int
	Refill time.Duration
}

// Check answers with an error for what is neither no pace nor one.
func (p Pace) Check() error {
	if p.Burst < 0 || p.Burst > 0 && p.Refill <= 0 || p.Burst == 0 && p.Refill != 0 {
		return fmt.Errorf("the pace %d, %s is neither none nor a pace", p.Burst, p.Refill)
	}
	return nil
}

// Most bounds what is remembered, about 2 MB. Addresses beyond it share one
// place, so that somebody with many addresses uses up that place and not memory.
const Most = 16384

// Keeper remembers, for each deed and address, when its burst will be whole
// again. It is the generic cell rate algorithm: one time for each. The zero value
// is ready, and safe for concurrent use.
type Keeper struct {
	mu    sync.Mutex
	whole map[doer]time.Time // guarded by mu; a time gone by is as good as none
}

type doer struct {
	deed   string
	client netip.Prefix
}

// Wait is how long the client must wait before the deed; zero lets it be done now
// and counts it.
func (k *Keeper) Wait(pace Pace, deed string, client netip.Addr, now time.Time) time.Duration {
	if pace.Burst == 0 {
		return 0
	}
	most := time.Duration(pace.Burst) * pace.Refill
	key := doer{deed, neighbourhood(client)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.whole == nil {
		k.whole = map[doer]time.Time{}
	}
	whole, known := k.whole[key]
	if !known && len(k.whole) >= Most {
		k.forget(now)
		if len(k.whole) >= Most {
			key.client = netip.Prefix{}
			whole = k.whole[key]
		}
	}
	if whole.Before(now) || whole.Sub(now) > most {
		whole = now // further away than that only when the clock was set back
	}
	whole = whole.Add(pace.Refill)
	if over := whole.Sub(now) - most; over > 0 {
		return over
	}
	k.whole[key] = whole
	return 0
}

// forget drops whoever has waited long enough. mu is held.
func (k *Keeper) forget(now time.Time) {
	for key, whole := range k.whole {
		if !whole.After(now) {
			delete(k.whole, key)
		}
	}
}

// neighbourhood is what one subscriber has: an IPv4 address, or the 64 bits of a
// network of IPv6 (RFC 4291 §2.5.4), in which anybody has as many addresses as they like.
func neighbourhood(client netip.Addr) netip.Prefix {
	bits := 32
	if client.Is6() {
		bits = 64
	}
	prefix, err := client.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
