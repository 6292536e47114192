package risk_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/testkit"
)

func at(address string) risk.Event {
	return risk.Event{Person: "prs_x", Origin: risk.Origin{Address: netip.MustParseAddr(address), Device: "mine"}, At: testkit.Start(), Counted: true, Listing: true}
}

func spain() places.Place {
	return places.Place{Country: "ES", CountryName: "Spain", ASN: 64501, Located: true, Latitude: 40.42, Longitude: -3.7, RadiusKM: 20}
}

func britain() places.Place {
	return places.Place{Country: "GB", CountryName: "United Kingdom", ASN: 64500, Located: true, Latitude: 51.51, Longitude: -0.13, RadiusKM: 20}
}

// usual is the history of somebody who works in London on one device.
func usual() risk.History {
	long := testkit.Start().AddDate(0, -1, 0)
	settled := func(kind risk.Kind, value string) risk.Known {
		return risk.Known{Kind: kind, Value: value, First: long, Last: testkit.Start().Add(-time.Hour), Times: 20}
	}
	return risk.History{
		Known:    []risk.Known{settled(risk.Network, "192.0.2.0/24"), settled(risk.ASN, "64500"), settled(risk.Country, "GB"), settled(risk.Device, "mine"), {Kind: risk.Hour, Value: "9", First: long, Last: long, Times: 40}},
		Previous: &risk.Sight{Session: "ses_before", At: testkit.Start().Add(-30 * time.Minute), Found: risk.Found{Place: britain()}},
	}
}

// FusionAuth #3523 called a sign-in harmless before its data was there.
func TestMissingDataIsNotKnownAndNeverNo(t *testing.T) {
	t.Parallel()
	bare := risk.Judge(risk.Event{Person: "prs_x", At: testkit.Start()}, risk.History{})
	for _, signal := range risk.Named(bare.Signals) {
		want := policy.Unknown
		if signal.Label == "Lost key in use" {
			want = policy.No // that is our own record, and it is complete
		}
		if signal.Value.Truth != want {
			t.Errorf("nothing is known, and %q is %v", signal.Label, signal.Value)
		}
	}
	noFiles := risk.Judge(at("192.0.2.10"), usual())
	if s := noFiles.Signals; s.NewCountry != policy.Unknown || s.NewASN != policy.Unknown || s.ImpossibleTravel != policy.Unknown {
		t.Errorf("without a file of places: %+v", s)
	}
	stranger := at("192.0.2.10")
	stranger.Place = britain()
	if s := risk.Judge(stranger, risk.History{}).Signals; s.NewCountry != policy.Unknown || s.NewNetwork != policy.Unknown || s.NewDevice != policy.Unknown || s.UnusualHour != policy.Unknown {
		t.Errorf("of somebody about whom nothing is known: %+v", s)
	}
}

func TestUsualPlaceRaisesNothing(t *testing.T) {
	t.Parallel()
	event := at("192.0.2.10")
	event.Place = britain()
	sight := risk.Judge(event, usual())
	if sight.Raised() || sight.Why() != "" {
		t.Errorf("raised %v, because %q: %+v", sight.Raised(), sight.Why(), sight.Signals)
	}
}

func TestFirstSignInFromACountryIsSaidInAPersonsWords(t *testing.T) {
	t.Parallel()
	event, history := at("198.51.100.7"), usual()
	event.Place = spain()
	history.Previous.At = event.At.Add(-24 * time.Hour)
	sight := risk.Judge(event, history)
	if got, want := sight.Why(), "this is the first sign-in from Spain"; got != want || !sight.Raised() {
		t.Errorf("raised %v, because %q; want %q", sight.Raised(), got, want)
	}
	if s := sight.Signals; s.NewCountry != policy.Yes || s.NewASN != policy.Yes || s.NewNetwork != policy.Yes || s.NewDevice != policy.No || s.ImpossibleTravel != policy.No || s.Country != "ES" {
		t.Errorf("%+v", s)
	}
}

func TestImpossibleTravelStatesDistanceTimeSpeedAndTheEventBefore(t *testing.T) {
	t.Parallel()
	event := at("198.51.100.7")
	event.Place = spain()
	sight := risk.Judge(event, usual()) // half an hour after London
	if sight.Signals.ImpossibleTravel != policy.Yes || sight.Travel == nil {
		t.Fatalf("%+v, %+v", sight.Signals, sight.Travel)
	}
	way := sight.Travel
	if way.DistanceKM < 1200 || way.DistanceKM > 1230 || way.Took != 30*time.Minute || way.KMH < 2400 || way.From != "ses_before" {
		t.Errorf("%+v", way)
	}
	var said []string
	for _, row := range sight.Rows() {
		said = append(said, row.Name+": "+row.Value)
	}
	for _, want := range []string{"km in 30m0s", "km/h", "session ses_before in United Kingdom", "2026-11-23T08:30:00Z"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("the administrator does not see %q in:\n%s", want, strings.Join(said, "\n"))
		}
	}
	if want := "you were in United Kingdom 30 minutes before, and nobody travels from there to Spain so fast"; sight.Why() != want {
		t.Errorf("the person is told %q", sight.Why())
	}
}

// authentik took missing coordinates for impossible travel (PR #25660).
func TestTravelThatCannotBeToldIsNotKnown(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*risk.Event, *risk.History){
		"no event before":          func(_ *risk.Event, h *risk.History) { h.Previous = nil },
		"no coordinates here":      func(e *risk.Event, _ *risk.History) { e.Place.Located = false },
		"no coordinates before":    func(_ *risk.Event, h *risk.History) { h.Previous.Place = places.Place{Country: "GB"} },
		"a clock that jumped back": func(_ *risk.Event, h *risk.History) { h.Previous.At = testkit.Start().Add(time.Hour) },
		"a VPN before":             func(_ *risk.Event, h *risk.History) { h.Previous.Kind = places.Egress },
	} {
		event, history := at("198.51.100.7"), usual()
		event.Place = spain()
		change(&event, &history)
		if got := risk.Judge(event, history).Signals.ImpossibleTravel; got != policy.Unknown {
			t.Errorf("%s: %v", name, got)
		}
	}
	event, history := at("198.51.100.7"), usual()
	event.Place, event.Place.RadiusKM = spain(), 1500
	if got := risk.Judge(event, history).Signals.ImpossibleTravel; got != policy.No {
		t.Errorf("within what the file allows: %v", got)
	}
}

func TestNamedNetworksStopSignalsAndRaiseNone(t *testing.T) {
	t.Parallel()
	for kind, want := range map[places.Kind]policy.Signals{
		places.Known:   {NewNetwork: policy.No, NewASN: policy.No, NewCountry: policy.No, ImpossibleTravel: policy.No},
		places.Egress:  {NewNetwork: policy.No, NewASN: policy.No, NewCountry: policy.No, ImpossibleTravel: policy.No},
		places.Roaming: {NewNetwork: policy.No, NewASN: policy.No, NewCountry: policy.Yes, ImpossibleTravel: policy.No},
	} {
		event := at("198.51.100.7")
		event.Place, event.Kind, event.Lists = spain(), kind, []string{"tor"}
		got := risk.Judge(event, usual()).Signals
		if got.NewNetwork != want.NewNetwork || got.NewASN != want.NewASN || got.NewCountry != want.NewCountry || got.ImpossibleTravel != want.ImpossibleTravel {
			t.Errorf("%s: %+v", kind, got)
		}
		if got.ListedNetwork != policy.Yes {
			t.Errorf("%s: being named took the network off the list", kind)
		}
	}
}

func TestHourIsUnusualOnlyForSomebodyWhoseHoursAreKnown(t *testing.T) {
	t.Parallel()
	night := at("192.0.2.10")
	night.At = time.Date(2026, time.November, 23, 3, 0, 0, 0, time.UTC)
	history := usual()
	if got := risk.Judge(night, history).Signals.UnusualHour; got != policy.Yes {
		t.Errorf("three in the morning: %v", got)
	}
	if got := risk.Judge(at("192.0.2.10"), history).Signals.UnusualHour; got != policy.No {
		t.Errorf("nine in the morning: %v", got)
	}
	hour := &history.Known[len(history.Known)-1]
	hour.Times = 29
	if got := risk.Judge(night, history).Signals.UnusualHour; got != policy.Unknown {
		t.Errorf("with 29 sign-ins: %v", got)
	}
	hour.Times, hour.First = 300, night.At.Add(-13*24*time.Hour)
	if got := risk.Judge(night, history).Signals.UnusualHour; got != policy.Unknown {
		t.Errorf("with 13 days: %v", got)
	}
	zone := time.FixedZone("far away", 6*60*60)
	hour.First = night.At.AddDate(0, -2, 0)
	night.Zone = zone
	if got := risk.Judge(night, history).Signals.UnusualHour; got != policy.No {
		t.Errorf("three in the morning here is nine there: %v", got)
	}
}

func TestBurstsAndListsAndLostKeysAreSignals(t *testing.T) {
	t.Parallel()
	event, history := at("192.0.2.10"), usual()
	event.Failures, event.Lists = 5, []string{"tor"}
	history.Known = append(history.Known, risk.Known{Kind: risk.LostKey, Value: "key_x", Last: event.At.Add(-24 * time.Hour)})
	if s := risk.Judge(event, history).Signals; s.FailureBurst != policy.Yes || s.ListedNetwork != policy.Yes || s.KeyReportedLost != policy.Yes {
		t.Errorf("%+v", s)
	}
	event.Failures, event.Listing, event.Lists = 4, false, nil
	history.Known[len(history.Known)-1].Last = event.At.Add(-8 * 24 * time.Hour)
	if s := risk.Judge(event, history).Signals; s.FailureBurst != policy.No || s.ListedNetwork != policy.Unknown || s.KeyReportedLost != policy.No {
		t.Errorf("%+v", s)
	}
}

// Whoever floods an account with wrong tries must not take its owner's ways in.
func TestWrongTriesOfOthersTakeNoWayInAway(t *testing.T) {
	t.Parallel()
	event := at("192.0.2.10")
	event.Place, event.Failures = britain(), 500
	if sight := risk.Judge(event, usual()); sight.Raised() {
		t.Error("wrong tries alone leave their owner nothing but the key")
	}
}

func TestBaselineIsBoundedPerPerson(t *testing.T) {
	t.Parallel()
	var history risk.History
	for day := range 60 {
		moment := testkit.Start().AddDate(0, 0, day)
		event := risk.Event{Person: "prs_x", At: moment, Place: places.Place{Country: string([]byte{'A', byte('A' + day%26)}), ASN: uint32(day + 1)},
			Origin: risk.Origin{Address: netip.MustParseAddr(fmt.Sprintf("192.0.%d.1", day)), Device: fmt.Sprint("device", day)}}
		keep, drop := risk.Learn(risk.Judge(event, history), history, time.UTC)
		history = risk.History{Known: merged(history.Known, keep, drop)}
	}
	count := map[risk.Kind]int{}
	for _, known := range history.Known {
		count[known.Kind]++
	}
	if count[risk.Network] != 20 || count[risk.Device] != 20 || count[risk.ASN] != 15 || count[risk.Country] != 15 || count[risk.Hour] != 1 {
		t.Errorf("after 60 days: %v", count)
	}
	for _, known := range history.Known {
		if known.Kind == risk.Device && known.Value == "device0" {
			t.Error("what was seen longest ago is still there")
		}
	}
}

func merged(all, keep, drop []risk.Known) []risk.Known {
	kept := map[string]risk.Known{}
	for _, one := range all {
		kept[string(one.Kind)+one.Value] = one
	}
	for _, one := range drop {
		delete(kept, string(one.Kind)+one.Value)
	}
	for _, one := range keep {
		kept[string(one.Kind)+one.Value] = one
	}
	var left []risk.Known
	for _, one := range kept {
		left = append(left, one)
	}
	return left
}
