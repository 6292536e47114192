package risk

import (
	"net/netip"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk/places"
)

// Kind is what is known about somebody.
type Kind string

// The kinds. The last three are not what is usual for the person, but what has
// been held against a way in.
const (
	Network        Kind = "network"
	ASN            Kind = "asn"
	Country        Kind = "country"
	Device         Kind = "device"
	Hour           Kind = "hour"
	BlockedNetwork Kind = "blocked_network" // Last is when it was blocked
	BlockedDevice  Kind = "blocked_device"
	LostKey        Kind = "lost_key" // Last is when somebody tried to use it
)

// Known is one thing that is known about somebody.
type Known struct {
	Kind      Kind
	Value     string
	First     time.Time
	Last      time.Time
	Confirmed time.Time // zero until it was, or while nobody needed to
	Times     int
}

const (
	// settles is how long something is new, if nobody objects.
	settles = 3 * 24 * time.Hour
	// blockedFor is how long a way in stays blocked.
	blockedFor = 7 * 24 * time.Hour
	// lostFor is how long the use of a lost key is held against the account.
	lostFor = 7 * 24 * time.Hour
	// touchEvery is how finely it is kept when something was last seen.
	touchEvery = 12 * time.Hour
)

// most is how many of a kind are kept of one person: the latest.
func most(kind Kind) int {
	switch kind {
	case Hour:
		return 24
	case Country, ASN:
		return 15
	case Network, Device, BlockedNetwork, BlockedDevice, LostKey:
	}
	return 20
}

// Settled says that it is usual for the person.
func (k Known) Settled(at time.Time) bool {
	return !k.Confirmed.IsZero() || at.Sub(k.First) >= settles
}

// History is what an event is compared with.
type History struct {
	Known    []Known
	Previous *Sight // the last one; nil when there is none
}

func (h History) find(kind Kind, value string) (Known, bool) {
	at := slices.IndexFunc(h.Known, func(k Known) bool { return k.Kind == kind && k.Value == value })
	if at < 0 {
		return Known{}, false
	}
	return h.Known[at], true
}

func (h History) lostKeyUsed(at time.Time) bool {
	return slices.ContainsFunc(h.Known, func(k Known) bool { return k.Kind == LostKey && at.Sub(k.Last) < lostFor })
}

// blocked says until when an origin is blocked for the person; zero when it is not.
func (h History) blocked(origin Origin, at time.Time) time.Time {
	var until time.Time
	for kind, value := range map[Kind]string{BlockedDevice: origin.Device, BlockedNetwork: text(NetworkOf(origin.Address))} {
		known, found := h.find(kind, value)
		if end := known.Last.Add(blockedFor); found && value != "" && at.Before(end) && end.After(until) {
			until = end
		}
	}
	return until
}

func text(prefix netip.Prefix) string {
	if !prefix.IsValid() {
		return ""
	}
	return prefix.String()
}

// Learn says what an event teaches: what is to be kept, and what must make room for
// it. Nothing is learnt from a network on a list, and no place from one that says
// nothing about where the person is.
func Learn(sight Sight, history History, zone *time.Location) (keep, drop []Known) {
	teach := func(kind Kind, value string) {
		if value == "" {
			return
		}
		known, found := history.find(kind, value)
		switch {
		case !found:
			known = Known{Kind: kind, Value: value, First: sight.At, Last: sight.At, Times: 1}
			if kind != Hour && !history.knows(kind, sight.At) {
				known.Confirmed = sight.At // the first of somebody about whom nothing is known
			}
		case sight.Revalidated.IsZero() && sight.At.Sub(known.Last) < touchEvery:
			return // seen today: nothing new
		default:
			known.Times++
			known.Last = later(known.Last, sight.At)
		}
		if !sight.Revalidated.IsZero() && known.Confirmed.IsZero() && kind != Hour {
			known.Confirmed = sight.At
		}
		keep = append(keep, known)
		if !found {
			drop = append(drop, history.surplus(kind)...)
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	teach(Hour, hourValue(sight.At.In(zone).Hour()))
	if sight.Signals.ListedNetwork == policy.Yes {
		return keep, drop
	}
	teach(Device, sight.Device)
	if sight.Kind == places.Known || sight.Kind == places.Egress {
		return keep, drop
	}
	teach(Country, sight.Place.Country)
	if sight.Kind != places.Roaming {
		teach(Network, text(sight.Network))
		teach(ASN, asnValue(sight.Place))
	}
	return keep, drop
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// knows says that something of the kind is settled.
func (h History) knows(kind Kind, at time.Time) bool {
	return slices.ContainsFunc(h.Known, func(k Known) bool { return k.Kind == kind && k.Settled(at) })
}

// surplus is what must go so that one more of the kind has room: what was seen
// longest ago.
func (h History) surplus(kind Kind) []Known {
	var same []Known
	for _, known := range h.Known {
		if known.Kind == kind {
			same = append(same, known)
		}
	}
	if len(same) < most(kind) {
		return nil
	}
	slices.SortFunc(same, func(a, b Known) int { return a.Last.Compare(b.Last) })
	return same[:len(same)-most(kind)+1]
}

// Block says what is held against the way in of a sight: its device and its
// network, but not what is usual for the person, nor the office; they must be able
// to sign in again themselves. Where both are usual, the device goes all the same.
func Block(sight Sight, history History, now time.Time) (keep, drop []Known) {
	for kind, value := range map[Kind]string{Device: sight.Device, Network: text(sight.Network), Country: sight.Place.Country, ASN: asnValue(sight.Place)} {
		if known, found := history.find(kind, value); found && !known.First.Before(sight.At) {
			drop = append(drop, known) // it was this very session that taught it
		}
	}
	usual := func(kind Kind, value string) bool {
		known, found := history.find(kind, value)
		return found && known.First.Before(sight.At) && known.Settled(now)
	}
	put := func(kind Kind, value string) {
		if value != "" {
			keep = append(keep, Known{Kind: kind, Value: value, First: now, Last: now, Times: 1})
		}
	}
	if value := text(sight.Network); sight.Kind != places.Known && sight.Kind != places.Egress && !usual(Network, value) {
		put(BlockedNetwork, value)
	}
	if !usual(Device, sight.Device) || len(keep) == 0 {
		put(BlockedDevice, sight.Device)
	}
	return keep, drop
}
