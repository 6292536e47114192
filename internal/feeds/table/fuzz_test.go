package table_test

import (
	"encoding/binary"
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/table"
)

// FuzzRows holds reading to three promises: it ends, what it hands out is text
// and as wide as the header, and whatever it refuses it refuses with a place.
// What it accepts, encoding/csv accepts too.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2\n", "\xef\xbb\xbfa\r\n1\r\n", "a,b\n\"x\ny\",\"\"\"\"\n", "a,a\n", "a;b\n",
		"PK\x03\x04", "a\n\x00", "a\n\xff", "a\n\"", "a,b\n1\n", wide("a,é\n1,𝄞\n", binary.LittleEndian, "\xff\xfe"), "\xff\xfe\x00", "a\rb\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		rows, err := table.Open(strings.NewReader(string(input)), table.Options{File: "f", MaxField: 1000, MaxBytes: 1 << 20})
		count := 0
		if err == nil {
			for rows.Next() {
				count++
				if len(rows.Record()) != len(rows.Header()) || rows.Line() < 1 {
					t.Fatalf("row %q of line %d under header %q", rows.Record(), rows.Line(), rows.Header())
				}
				for column := range rows.Record() {
					if text := rows.Field(column); !utf8.ValidString(text) || strings.Contains(text, "\x00") || len(text) > 1000 {
						t.Fatalf("handed out %q", text)
					}
				}
			}
			err = rows.Err()
		}
		if err != nil {
			found, ok := problem.Of(err)
			if !ok || len(found.Fields) == 0 || len(found.Fields) > 20 || found.Fields[0].Line < 1 || found.Fields[0].File != "f" {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		if plain := strings.TrimPrefix(string(input), "\xef\xbb\xbf"); utf8.ValidString(plain) {
			records, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
			if err != nil || len(records) != count+1 {
				t.Fatalf("accepted %d rows where encoding/csv says %d and %v", count, len(records), err)
			}
		}
	})
}
