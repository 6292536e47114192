package places_test

import (
	"bytes"
	"math"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/base/problem"
)

// small is a database as its makers lay it out, with two networks.
func small(t testing.TB, layout map[string]mmdbtype.DataType) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test", RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, value := range layout {
		_, prefix, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(prefix, value); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := tree.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func madrid() mmdbtype.Map {
	return mmdbtype.Map{
		"country":  mmdbtype.Map{"iso_code": mmdbtype.String("ES"), "names": mmdbtype.Map{"en": mmdbtype.String("Spain")}},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float64(40.4), "longitude": mmdbtype.Float64(-3.7), "accuracy_radius": mmdbtype.Uint16(20)},
	}
}

func TestDatabasesOfAnyMakerAreRead(t *testing.T) {
	t.Parallel()
	spain := places.Place{Country: "ES", CountryName: "Spain", Located: true, Latitude: 40.4, Longitude: -3.7, RadiusKM: 20}
	for name, one := range map[string]struct {
		value mmdbtype.DataType
		want  places.Place
	}{
		"city":           {madrid(), spain},
		"asn":            {mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Example")}, places.Place{ASN: 64500, Organisation: "Example"}},
		"flat":           {mmdbtype.Map{"country_code": mmdbtype.String("FR")}, places.Place{Country: "FR"}},
		"no country":     {mmdbtype.Map{"country_code": mmdbtype.String("somewhere")}, places.Place{}},
		"half a place":   {mmdbtype.Map{"location": mmdbtype.Map{"latitude": mmdbtype.Float64(40)}}, places.Place{}},
		"no place":       {mmdbtype.Map{"location": mmdbtype.Map{"latitude": mmdbtype.Float64(400), "longitude": mmdbtype.Float64(0)}}, places.Place{}},
		"something else": {mmdbtype.String("hello"), places.Place{}},
	} {
		source, err := places.ReadMMDB("small.mmdb", small(t, map[string]mmdbtype.DataType{"198.51.100.0/24": one.value}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		atlas := places.Atlas{source}
		if diff := cmp.Diff(one.want, atlas.Find(netip.MustParseAddr("198.51.100.7"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(one.want, atlas.Find(netip.MustParseAddr("::ffff:198.51.100.7"))); diff != "" {
			t.Errorf("%s, as an IPv6 address (-want +got):\n%s", name, diff)
		}
		if got := atlas.Find(netip.MustParseAddr("203.0.113.1")); got != (places.Place{}) {
			t.Errorf("%s: an address that is not in the file is at %v", name, got)
		}
	}
}

func TestSourcesCompleteEachOther(t *testing.T) {
	t.Parallel()
	city, err := places.ReadMMDB("city.mmdb", small(t, map[string]mmdbtype.DataType{"198.51.100.0/24": madrid()}))
	must(t, err)
	networks, err := places.ReadCSV("asn.csv", []byte("network,asn,organisation,country\n198.51.100.0/25,AS64500,Example,FR\n"))
	must(t, err)
	got := places.Atlas{city, networks}.Find(netip.MustParseAddr("198.51.100.7"))
	if got.Country != "ES" || got.ASN != 64500 || got.Organisation != "Example" {
		t.Errorf("together they say %+v", got)
	}
}

func TestPrivateAddressesAreNowhere(t *testing.T) {
	t.Parallel()
	source, err := places.ReadCSV("all.csv", []byte("network,country\n0.0.0.0/0,GB\n::/0,GB\n"))
	must(t, err)
	for _, address := range []string{"10.1.2.3", "127.0.0.1", "192.168.0.1", "fe80::1%eth0", "fd00::1", "::1", "0.0.0.0", "224.0.0.1"} {
		if got := (places.Atlas{source}).Find(netip.MustParseAddr(address)); got != (places.Place{}) {
			t.Errorf("%s is in %v", address, got)
		}
	}
	if got := (places.Atlas{source}).Find(netip.Addr{}); got != (places.Place{}) {
		t.Errorf("no address is in %v", got)
	}
}

func TestNarrowestLineOfATableCounts(t *testing.T) {
	t.Parallel()
	source, err := places.ReadCSV("some.csv", []byte("\xef\xbb\xbfnetwork,country,latitude,longitude,radius_km\n203.0.113.0/24,GB,51.5,-0.1,10\n203.0.113.64/26,IE,,,\n2001:db8::/32,FR,48.8,2.3,\n"))
	must(t, err)
	for address, want := range map[string]string{"203.0.113.1": "GB", "203.0.113.70": "IE", "2001:db8::5": "FR", "192.0.2.1": ""} {
		if got := source.Find(netip.MustParseAddr(address)); got.Country != want {
			t.Errorf("%s is in %q, want %q", address, got.Country, want)
		}
	}
}

func TestBrokenTableIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                              "heading",
		"network\n":                                     "at least one more",
		"country,network\n":                             "first column",
		"network,place\n":                               "place",
		"network,country,country\n":                     "country",
		"network,country\nhere,GB\n":                    "network",
		"network,country\n1.2.3.0/24,gb\n":              "two capitals",
		"network,country\n1.2.3.0/24\n":                 "wrong number of fields",
		"network,asn\n1.2.3.0/24,many\n":                "asn",
		"network,latitude\n1.2.3.0/24,1\n":              "go together",
		"network,latitude,longitude\n1.2.3.0/24,91,0\n": "no coordinates",
		"network,country\n\"1.2.3.0/24,GB\n":            "quote",
	} {
		_, err := places.ReadCSV("some.csv", []byte(text))
		if !problem.Is(err, places.Unusable) || !strings.Contains(said(err), want) {
			t.Errorf("%q: got %v (%s), want something about %q", text, err, said(err), want)
		}
	}
}

func said(err error) string {
	found, ok := problem.Of(err)
	if !ok {
		return ""
	}
	var all []string
	for _, field := range found.Fields {
		all = append(all, field.Message)
	}
	return strings.Join(all, "; ")
}

func TestListHoldsWhatIsOnIt(t *testing.T) {
	t.Parallel()
	list, err := places.ReadList("tor", "tor.txt", []byte("# exits\n198.51.100.7\r\n203.0.113.0/28 a whole one\n\n2001:db8::1 # six\n"))
	must(t, err)
	for address, want := range map[string]bool{"198.51.100.7": true, "198.51.100.8": false, "203.0.113.15": true, "203.0.113.16": false, "2001:db8::1": true, "::ffff:198.51.100.7": true} {
		if got := list.Contains(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s on the list: %v, want %v", address, got, want)
		}
	}
	if _, err := places.ReadList("tor", "tor.txt", []byte("198.51.100.7\nnot an address\n")); !problem.Is(err, places.Unusable) {
		t.Errorf("a list with a broken line: %v", err)
	}
}

func TestNamedNetworksHaveNamesAndAKind(t *testing.T) {
	t.Parallel()
	var all []places.Named
	for _, text := range []string{"office 192.0.2.0/24", "vpn egress 192.0.2.128/28", "mobile roaming 2001:db8::/32", "london 192.0.2.0/24"} {
		named, err := places.ParseNamed(text)
		must(t, err)
		all = append(all, named)
	}
	networks := places.NewNetworks(all)
	for address, want := range map[string]string{"192.0.2.1": "known london office", "192.0.2.130": "egress london office vpn", "2001:db8::9": "roaming mobile", "203.0.113.1": ""} {
		names, kind := networks.Find(netip.MustParseAddr(address))
		if got := strings.TrimSpace(string(kind) + " " + strings.Join(names, " ")); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	for _, text := range []string{"", "office", "office safe 192.0.2.0/24", "Office 192.0.2.0/24", "office 192.0.2.0/99", "everything 0.0.0.0/0", "a b c d"} {
		if named, err := places.ParseNamed(text); err == nil {
			t.Errorf("%q was taken as %v", text, named)
		}
	}
}

func TestDistanceIsStatedOnlyBetweenPlacesThatAreLocated(t *testing.T) {
	t.Parallel()
	london := places.Place{Located: true, Latitude: 51.5074, Longitude: -0.1278}
	sydney := places.Place{Located: true, Latitude: -33.8688, Longitude: 151.2093}
	got, ok := places.DistanceKM(london, sydney)
	if !ok || math.Abs(got-16994) > 20 {
		t.Errorf("London to Sydney: %.0f km, %v", got, ok)
	}
	if _, ok := places.DistanceKM(london, places.Place{Country: "ES"}); ok {
		t.Error("a distance to a place that is not located was stated")
	}
	if got, ok := places.DistanceKM(london, london); !ok || got != 0 {
		t.Errorf("London to London: %v, %v", got, ok)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("network,country,latitude,longitude\n203.0.113.0/24,GB,51.5,-0.1\n"))
	f.Add([]byte("network,asn\n::/0,AS1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		source, err := places.ReadCSV("fuzz.csv", data)
		if err != nil {
			return
		}
		place := source.Find(netip.MustParseAddr("203.0.113.9"))
		if place.Country != "" && len(place.Country) != 2 || place.Located && !(math.Abs(place.Latitude) <= 90) {
			t.Errorf("an impossible place was read: %+v", place)
		}
	})
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte("198.51.100.7\n203.0.113.0/28 remark\n# remark\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := places.ReadList("fuzz", "fuzz.txt", data); err == nil {
			list.Contains(netip.MustParseAddr("203.0.113.9"))
			list.Contains(netip.MustParseAddr("2001:db8::1%eth0"))
		}
	})
}

func FuzzReadMMDB(f *testing.F) {
	f.Add(small(f, map[string]mmdbtype.DataType{"198.51.100.0/24": madrid()}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if source, err := places.ReadMMDB("fuzz.mmdb", data); err == nil {
			places.Atlas{source}.Find(netip.MustParseAddr("198.51.100.7"))
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
