package places

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// mostEntries bounds a file that is kept in memory whole.
const mostEntries = 2_000_000

// columns of a CSV file. The first is required, and one more.
var columns = []string{"network", "country", "country_name", "asn", "organisation", "latitude", "longitude", "radius_km"}

// ReadCSV reads a table with a heading: network, and any of country, country_name,
// asn, organisation, latitude, longitude, radius_km. A line that is wrong spoils
// the file: half of a table would make people unusual who are not. Problem: Unusable.
func ReadCSV(name string, data []byte) (Source, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	reader.ReuseRecord = true
	heading, err := reader.Read()
	if err != nil {
		return nil, wrong(name, 1, "expected a heading with the names of the columns")
	}
	heading = slices.Clone(heading)
	for i, column := range heading {
		if !slices.Contains(columns, column) || slices.Index(heading, column) != i {
			return nil, wrong(name, 1, "a column is called "+strconv.Quote(column)+"; expected each of these once at most: "+strings.Join(columns, ", "))
		}
	}
	if len(heading) < 2 || heading[0] != "network" {
		return nil, wrong(name, 1, "expected network as the first column, and at least one more")
	}
	found := prefixes[Place]{}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return csvSource{found}, nil
		}
		var fault *csv.ParseError
		if errors.As(err, &fault) {
			return nil, wrong(name, fault.Line, fault.Err.Error())
		}
		if err != nil {
			return nil, Unusable.Because(err)
		}
		line, _ := reader.FieldPos(0)
		prefix, place, complaint := readRow(heading, record)
		if complaint == "" && len(found.entries) >= mostEntries {
			complaint = "there are more lines than can be kept"
		}
		if complaint != "" {
			return nil, wrong(name, line, complaint)
		}
		found.add(prefix, place)
	}
}

func readRow(heading, record []string) (prefix netip.Prefix, place Place, complaint string) {
	var err error
	var latitude, longitude bool
	for i, column := range heading {
		text := strings.TrimSpace(record[i])
		switch {
		case column == "network":
			prefix, err = readPrefix(text)
		case text == "": // not known
		case column == "country":
			if place.Country = text; !isCountry(text) {
				return prefix, place, "country: expected two capitals, such as GB"
			}
		case column == "country_name":
			place.CountryName = text
		case column == "asn":
			var number uint64
			number, err = strconv.ParseUint(strings.TrimPrefix(text, "AS"), 10, 32)
			place.ASN = uint32(number)
		case column == "organisation":
			place.Organisation = text
		case column == "latitude":
			place.Latitude, err = strconv.ParseFloat(text, 64)
			latitude = true
		case column == "longitude":
			place.Longitude, err = strconv.ParseFloat(text, 64)
			longitude = true
		case column == "radius_km":
			place.RadiusKM, err = strconv.ParseFloat(text, 64)
		}
		if err != nil {
			return prefix, place, column + ": " + strconv.Quote(plain(text)) + " cannot be read"
		}
	}
	if latitude != longitude {
		return prefix, place, "latitude and longitude go together"
	}
	place.Located = latitude
	if sound := place.sound(); sound.Located != place.Located {
		return prefix, place, "these are no coordinates"
	}
	return prefix, place.sound(), ""
}

type csvSource struct{ table prefixes[Place] }

func (s csvSource) Find(address netip.Addr) Place {
	place, _, _ := s.table.find(address)
	return place
}

func wrong(name string, line int, message string) error {
	return Unusable.New().At(problem.Field{File: name, Line: line, Message: message})
}
