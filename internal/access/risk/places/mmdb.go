package places

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// ReadMMDB reads a MaxMind database. The maker does not matter: the fields are
// looked for under the names in use. Problem: Unusable.
func ReadMMDB(name string, data []byte) (Source, error) {
	reader, err := maxminddb.OpenBytes(data)
	if err != nil {
		return nil, Unusable.Because(fmt.Errorf("%s: %w", name, err))
	}
	return mmdb{reader}, nil
}

// mmdb is a Source. The library's reader is safe for concurrent use.
type mmdb struct{ reader *maxminddb.Reader }

// Find never fails: an entry that cannot be read is not known.
func (m mmdb) Find(address netip.Addr) Place {
	result := m.reader.Lookup(address)
	if result.Err() != nil || !result.Found() {
		return Place{}
	}
	return Place{
		Country:      first[string](result, []any{"country", "iso_code"}, []any{"country_code"}, []any{"country"}),
		CountryName:  first[string](result, []any{"country", "names", "en"}, []any{"country_name"}),
		ASN:          first[uint32](result, []any{"autonomous_system_number"}, []any{"traits", "autonomous_system_number"}, []any{"asn"}),
		Organisation: first[string](result, []any{"autonomous_system_organization"}, []any{"traits", "autonomous_system_organization"}, []any{"as_organization"}),
	}.at(result).sound()
}

// at adds the coordinates. Without both of them there are none.
func (p Place) at(result maxminddb.Result) Place {
	for _, under := range [][]any{{"location"}, {}} {
		var latitude, longitude *float64
		var radius uint32
		if result.DecodePath(&latitude, with(under, "latitude")...) != nil || result.DecodePath(&longitude, with(under, "longitude")...) != nil ||
			latitude == nil || longitude == nil {
			continue
		}
		if result.DecodePath(&radius, with(under, "accuracy_radius")...) != nil {
			radius = 0
		}
		p.Located, p.Latitude, p.Longitude, p.RadiusKM = true, *latitude, *longitude, float64(radius)
		return p
	}
	return p
}

func with(under []any, name string) []any { return append(append([]any{}, under...), name) }

// first is the value at the first path where there is one of the right kind.
func first[T string | uint32](result maxminddb.Result, paths ...[]any) T {
	var zero T
	for _, path := range paths {
		var value T
		if result.DecodePath(&value, path...) == nil && value != zero {
			return value
		}
	}
	return zero
}
