package places

import (
	"math"
	"net/netip"
)

// Place is what is known about an address. The zero value is nothing.
type Place struct {
	Country      string `json:"country,omitempty"`      // ISO 3166-1, two capitals; "" is not known
	CountryName  string `json:"country_name,omitempty"` // as the file has it
	ASN          uint32 `json:"asn,omitempty"`          // 0 is not known
	Organisation string `json:"organisation,omitempty"` // whose network it is
	// Located says that there are coordinates, which are good to RadiusKM.
	Located   bool    `json:"located,omitempty"`
	Latitude  float64 `json:"latitude,omitempty"`
	Longitude float64 `json:"longitude,omitempty"`
	RadiusKM  float64 `json:"radius_km,omitempty"`
}

// Called is the country as a person would say it; "" when it is not known.
func (p Place) Called() string {
	if p.CountryName != "" {
		return p.CountryName
	}
	return p.Country
}

// complete takes over what is not known yet.
func (p Place) complete(other Place) Place {
	if p.Country == "" {
		p.Country, p.CountryName = other.Country, other.CountryName
	}
	if p.ASN == 0 {
		p.ASN, p.Organisation = other.ASN, other.Organisation
	}
	if !p.Located {
		p.Located, p.Latitude, p.Longitude, p.RadiusKM = other.Located, other.Latitude, other.Longitude, other.RadiusKM
	}
	return p
}

// sound leaves out what cannot be: a file may say anything.
func (p Place) sound() Place {
	if !isCountry(p.Country) {
		p.Country, p.CountryName = "", ""
	}
	p.CountryName, p.Organisation = plain(p.CountryName), plain(p.Organisation)
	within := func(value, most float64) bool { return math.Abs(value) <= most } // false for NaN
	if p.Located && !(within(p.Latitude, 90) && within(p.Longitude, 180) && p.RadiusKM >= 0 && p.RadiusKM <= farthestKM) {
		p.Located = false
	}
	if !p.Located {
		p.Latitude, p.Longitude, p.RadiusKM = 0, 0, 0
	}
	return p
}

func isCountry(code string) bool {
	return len(code) == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
}

// plain cuts a name from a file to one line of at most 80 bytes.
func plain(name string) string {
	kept := make([]rune, 0, len(name))
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			r = ' '
		}
		kept = append(kept, r)
	}
	for len(string(kept)) > longestName {
		kept = kept[:len(kept)-1]
	}
	return string(kept)
}

const (
	longestName = 80
	earthKM     = 6371.0088 // mean radius (IUGG)
	farthestKM  = 20038     // half way round
)

// DistanceKM is the great-circle distance between two places, by the haversine
// formula. ok is false unless both are located.
func DistanceKM(a, b Place) (distance float64, ok bool) {
	if !a.Located || !b.Located {
		return 0, false
	}
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	lat, long := rad(b.Latitude-a.Latitude), rad(b.Longitude-a.Longitude)
	h := math.Pow(math.Sin(lat/2), 2) + math.Cos(rad(a.Latitude))*math.Cos(rad(b.Latitude))*math.Pow(math.Sin(long/2), 2)
	return 2 * earthKM * math.Asin(math.Sqrt(min(h, 1))), true
}

// Source knows something about some addresses.
type Source interface {
	Find(address netip.Addr) Place
}

// Atlas asks several sources, the first one first, and lets the others complete it.
type Atlas []Source

// Find says what is known about an address. Of an address that is not public
// nothing is, whatever a file says: it is in many places.
func (a Atlas) Find(address netip.Addr) Place {
	address = address.Unmap()
	if !address.IsValid() || !address.IsGlobalUnicast() || address.IsPrivate() {
		return Place{}
	}
	var found Place
	for _, source := range a {
		found = found.complete(source.Find(address.WithZone("")))
	}
	return found
}
