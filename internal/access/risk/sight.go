package risk

import (
	"net/netip"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/base/ids"
)

// Origin is where something comes from.
type Origin struct {
	Address netip.Addr // not valid when it is not known
	Device  string     // what the browser's device cookie names; "" when it has none
}

// Sight is what was found about one session in one network. The zero value knows
// nothing.
type Sight struct {
	Session ids.Session // a portal session
	Person  ids.Person
	Network netip.Prefix // that the address is in, as wide as a site
	Address netip.Addr   // where it was first seen there
	Device  string
	At      time.Time
	Found

	// Objection is the SHA-256 of what the person was sent with which they object;
	// zero when nothing was sent.
	Objection [32]byte
	Answer    Answer
}

// Found is what is kept of a sight as one text.
type Found struct {
	Place   places.Place   `json:"place"`
	Names   []string       `json:"names,omitempty"` // of named networks
	Kind    places.Kind    `json:"kind,omitempty"`
	Lists   []string       `json:"lists,omitempty"` // that it is on
	Signals policy.Signals `json:"signals"`
	// Before is what the signals were before a re-validation.
	Before      *policy.Signals `json:"before,omitempty"`
	Travel      *Travel         `json:"travel,omitempty"`
	Failures    int             `json:"failures,omitempty"` // wrong tries in the last hour
	SignIns     int             `json:"sign_ins,omitempty"` // that the judgement of the hour rests on
	Revalidated time.Time       `json:"revalidated,omitzero"`
}

// Travel is the way from the sight before.
type Travel struct {
	From       ids.Session   `json:"from"`
	FromPlace  places.Place  `json:"from_place"`
	FromAt     time.Time     `json:"from_at"`
	DistanceKM float64       `json:"distance_km"` // the least that both places allow
	Took       time.Duration `json:"took"`
	KMH        float64       `json:"kmh"`
}

// Answer is what the person said about a sight they were told of.
type Answer string

// The answers.
const (
	NoAnswer  Answer = ""
	WasMe     Answer = "was_me"     // it was them, and they ended it
	WasNotMe  Answer = "was_not_me" // and a case was opened
	Confirmed Answer = "confirmed"  // by re-validation
)

// NetworkOf is the network that counts as one place for an address: 256 IPv4
// addresses, or what one site has of IPv6 (RFC 6177 §2: /48).
func NetworkOf(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := 24
	if address.Is6() {
		bits = 48
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// Raised says that what was found is unusual enough to tell the person and to offer
// them nothing but their key. A new network alone is not: people have more than one
// home. Wrong tries alone are not: others can make them.
func (s *Sight) Raised() bool {
	signals := &s.Signals
	for _, one := range []policy.Truth{signals.NewCountry, signals.ImpossibleTravel, signals.ListedNetwork, signals.KeyReportedLost} {
		if one == policy.Yes {
			return true
		}
	}
	return signals.NewDevice == policy.Yes && signals.NewNetwork == policy.Yes
}

// NetworkText is the network as it is kept; "" when the address is not known.
func (s *Sight) NetworkText() string { return text(s.Network) }
