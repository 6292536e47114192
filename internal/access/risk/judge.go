package risk

import (
	"slices"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/base/ids"
)

const (
	// fastestKMH is faster than an airliner is over the ground, door to door.
	fastestKMH = 900
	// nearKM is how far apart two places may be that a file puts apart by mistake.
	nearKM = 100
	// burst is how many wrong tries in an hour are more than forgetfulness.
	burst = 5

	// An hour is unusual only for somebody whose hours are known.
	enoughSignIns = 30
	enoughDays    = 14
	rareShare     = 50 // one in so many sign-ins at about that hour is rare
)

// Event is what is judged.
type Event struct {
	Session ids.Session // "" while it has not begun
	Person  ids.Person
	Origin  Origin
	At      time.Time
	Place   places.Place
	Names   []string
	Kind    places.Kind
	Lists   []string
	Listing bool // there are lists to be on
	// Failures are wrong tries at their account in the last hour, if Counted.
	Failures int
	Counted  bool
	// Zone is where the organisation's day is.
	Zone *time.Location
	// Revalidated says that the person has just re-validated their key there.
	Revalidated bool
}

// Judge says what is unusual about an event, from what is known of the person. It
// is pure. What cannot be told is Unknown.
func Judge(event Event, history History) Sight {
	sight := Sight{Session: event.Session, Person: event.Person, Network: NetworkOf(event.Origin.Address), Address: event.Origin.Address,
		Device: event.Origin.Device, At: event.At,
		Found: Found{Place: event.Place, Names: event.Names, Kind: event.Kind, Lists: event.Lists, Failures: event.Failures}}
	found := &sight.Signals
	found.Country = event.Place.Country
	found.NewNetwork = isNew(history, Network, text(sight.Network), event.At)
	found.NewASN = isNew(history, ASN, asnValue(event.Place), event.At)
	found.NewCountry = isNew(history, Country, event.Place.Country, event.At)
	found.NewDevice = isNew(history, Device, event.Origin.Device, event.At)
	found.ImpossibleTravel, sight.Travel = travel(event, history)
	found.UnusualHour, sight.SignIns = unusualHour(event, history)
	found.FailureBurst = ifKnown(event.Counted, event.Failures >= burst)
	found.ListedNetwork = ifKnown(event.Listing && event.Origin.Address.IsValid(), len(event.Lists) > 0)
	found.KeyReportedLost = policy.Of(history.lostKeyUsed(event.At))
	switch event.Kind {
	case places.Known, places.Egress:
		// The person is in the office, or the address says nothing about where they are.
		found.NewNetwork, found.NewASN, found.NewCountry, found.ImpossibleTravel = policy.No, policy.No, policy.No, policy.No
	case places.Roaming:
		found.NewNetwork, found.NewASN, found.ImpossibleTravel = policy.No, policy.No, policy.No
	case "":
	}
	if event.Revalidated {
		before := sight.Signals
		sight.Before, sight.Revalidated, sight.Answer = &before, event.At, Confirmed
		found.NewNetwork, found.NewASN, found.NewCountry, found.NewDevice = policy.No, policy.No, policy.No, policy.No
		found.ImpossibleTravel, found.UnusualHour, found.FailureBurst = policy.No, policy.No, policy.No
		// That a network is on a list, and that a lost key is in use, stays true.
	}
	return sight
}

func ifKnown(known, fact bool) policy.Truth {
	if !known {
		return policy.Unknown
	}
	return policy.Of(fact)
}

// isNew compares with what is settled. Where nothing is settled, nothing is new
// and nothing is usual.
func isNew(history History, kind Kind, value string, at time.Time) policy.Truth {
	if value == "" {
		return policy.Unknown
	}
	any := false
	for _, known := range history.Known {
		if known.Kind != kind || !known.Settled(at) {
			continue
		}
		if any = true; known.Value == value {
			return policy.No
		}
	}
	return ifKnown(any, true)
}

func asnValue(place places.Place) string {
	if place.ASN == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(place.ASN), 10)
}

// travel compares with the last sight of another session or network that is
// located. Places are circles: the least distance counts.
func travel(event Event, history History) (policy.Truth, *Travel) {
	before := history.Previous
	if before == nil || before.Kind != "" && before.Kind != places.Known {
		return policy.Unknown, nil // nothing to compare with; a VPN or a phone is where it likes
	}
	distance, known := places.DistanceKM(before.Place, event.Place)
	if !known {
		return policy.Unknown, nil
	}
	took := event.At.Sub(before.At)
	way := &Travel{From: before.Session, FromPlace: before.Place, FromAt: before.At, Took: took,
		DistanceKM: max(0, distance-before.Place.RadiusKM-event.Place.RadiusKM)}
	if took < 0 {
		return policy.Unknown, way // one of the clocks is wrong
	}
	// A minute at least: two sights in one second are not an infinite speed.
	way.KMH = way.DistanceKM / max(took, time.Minute).Hours()
	return policy.Of(way.DistanceKM > nearKM && way.KMH > fastestKMH), way
}

// unusualHour looks at the hour and its neighbours, so that a change of the clocks
// makes nobody unusual.
func unusualHour(event Event, history History) (policy.Truth, int) {
	zone := event.Zone
	if zone == nil {
		zone = time.UTC
	}
	hour := event.At.In(zone).Hour()
	all, near := 0, 0
	var first time.Time
	for _, known := range history.Known {
		if known.Kind != Hour {
			continue
		}
		all += known.Times
		if first.IsZero() || known.First.Before(first) {
			first = known.First
		}
		if slices.Contains([]string{hourValue(hour + 23), hourValue(hour), hourValue(hour + 1)}, known.Value) {
			near += known.Times
		}
	}
	if all < enoughSignIns || event.At.Sub(first) < enoughDays*24*time.Hour {
		return policy.Unknown, all
	}
	return policy.Of(near*rareShare < all), all
}

func hourValue(hour int) string { return strconv.Itoa(hour % 24) }
