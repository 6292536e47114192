package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Pace is how often one address may use a route: Burst at once, and then one
// more each Refill. The zero value sets no pace. It is for routes that cost
// something before anybody is known. Whole offices come from one address, so it
// should be generous: it stops a flood, not a person.
type Pace struct {
	Burst  int
	Refill time.Duration
}

func (p Pace) check() error {
	if p.Burst < 0 || p.Burst > 0 && p.Refill <= 0 || p.Burst == 0 && p.Refill != 0 {
		return fmt.Errorf("the pace %d, %s is neither none nor a pace", p.Burst, p.Refill)
	}
	return nil
}

// pacesMost bounds what is remembered, about 2 MB. Addresses beyond it share one
// place, so that somebody with many addresses uses up that place and not memory.
const pacesMost = 16384

// paces remembers, for each route and address, when its burst will be whole
// again. It is the generic cell rate algorithm: one time for each.
type paces struct {
	mu    sync.Mutex
	whole map[pacer]time.Time // guarded by mu; a time gone by is as good as none
}

type pacer struct {
	route  *Route
	client netip.Prefix
}

// wait is how long the client must wait; zero lets the request pass and counts it.
func (p *paces) wait(route *Route, client netip.Addr, now time.Time) time.Duration {
	most := time.Duration(route.Pace.Burst) * route.Pace.Refill
	key := pacer{route, neighbourhood(client)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.whole == nil {
		p.whole = map[pacer]time.Time{}
	}
	whole, known := p.whole[key]
	if !known && len(p.whole) >= pacesMost {
		p.forget(now)
		if len(p.whole) >= pacesMost {
			key.client = netip.Prefix{}
			whole = p.whole[key]
		}
	}
	if whole.Before(now) || whole.Sub(now) > most {
		whole = now // further away than that only when the clock was set back
	}
	whole = whole.Add(route.Pace.Refill)
	if over := whole.Sub(now) - most; over > 0 {
		return over
	}
	p.whole[key] = whole
	return 0
}

// forget drops whoever has waited long enough. mu is held.
func (p *paces) forget(now time.Time) {
	for key, whole := range p.whole {
		if !whole.After(now) {
			delete(p.whole, key)
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

// keepPace refuses a request that comes too soon after others.
func (s *Site) keepPace(w http.ResponseWriter, r *http.Request, route *Route) error {
	if route.Pace.Burst == 0 {
		return nil
	}
	wait := s.paces.wait(route, s.client(r), s.deps.Now())
	if wait == 0 {
		return nil
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds)) // RFC 9110 §10.2.3
	return TooOften.New()
}
