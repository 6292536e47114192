package hr_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/feeds/table"
	"github.com/warder-project/warder/internal/registry/people"
)

const full = `employee_id,user_name,Name,email,department,job_title,manager,starts,ends,kind,groups,office
7, Amira.Khan ,Amira Khan,Amira.Khan@example.org,Finance,Analyst,tomos,2020-03-02,,,Payroll; finance ;,London
8,tomos,"Tomos ""T"" ap Huw",,Finance,Head,,2011-01-10,2026-12-31,guest,,Cardiff
`

func wantFull() []people.Row {
	return []people.Row{
		{File: "staff.csv", Line: 2, UserName: "amira.khan", Name: "Amira Khan", Email: "Amira.Khan@example.org", EmployeeID: "7", Department: "Finance",
			JobTitle: "Analyst", Manager: "tomos", Starts: days.Date(2020, time.March, 2), Groups: []string{"payroll", "finance"}},
		{File: "staff.csv", Line: 3, UserName: "tomos", Name: `Tomos "T" ap Huw`, EmployeeID: "8", Department: "Finance", JobTitle: "Head",
			Kind: people.KindGuest, Starts: days.Date(2011, time.January, 10), Ends: days.Date(2026, time.December, 31)},
	}
}

func utf16le(text string) string {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}

func TestFileIsReadInEveryUsualEncoding(t *testing.T) {
	t.Parallel()
	crlf := strings.ReplaceAll(full, "\n", "\r\n")
	for name, text := range map[string]string{"plain": full, "mark": "\xef\xbb\xbf" + full, "crlf": crlf, "no end": strings.TrimSuffix(full, "\n"), "UTF-16": utf16le(crlf)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := hr.Parse("staff.csv", iotest.HalfReader(strings.NewReader(text)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantFull(), file.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"office"}, file.Passed); diff != "" {
				t.Errorf("columns passed over (-want +got):\n%s", diff)
			}
		})
	}
}

func TestColumnsThatAreNotThereAreKept(t *testing.T) {
	t.Parallel()
	rows, err := hr.ParsePeople("staff.csv", strings.NewReader("name,user_name,ends\nAmira,amira,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := people.FieldEmail | people.FieldEmployeeID | people.FieldDepartment | people.FieldJobTitle | people.FieldKind |
		people.FieldManager | people.FieldStarts | people.FieldGroups
	if rows[0].Keep != want {
		t.Errorf("got keep %b, want %b", rows[0].Keep, want)
	}
}

func TestWhatIsWrongIsNamedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want problem.Definition
		at   string
		says string
	}{
		"workbook":           {"PK\x03\x04", table.WrongFileType, "1:1:", "Excel"},
		"JSON":               {`[{"user_name": "a"}]`, table.WrongFileType, "1:1:", "JSON"},
		"PDF":                {"%PDF-1.4", table.WrongFileType, "1:1:", "PDF"},
		"nobody":             {"user_name,name\n", hr.NoRows, "2:1:", "at least one row"},
		"no user_name":       {"username,name\na,b\n", table.BadHeader, "1:1:user_name", `no column "user_name"; found "username", "name"`},
		"doubled header":     {"user_name,name,email,e-mail,email\n", table.BadHeader, "1:29:email", "twice"},
		"too few fields":     {"user_name,name\na\n", table.BadRows, "2:1:", "1 field; expected 2"},
		"empty user_name":    {"user_name,name\n,b\n", table.BadRows, "2:1:user_name", "empty"},
		"bad user_name":      {"user_name,name\na b,b\n", table.BadRows, "2:1:user_name", "not allowed"},
		"empty name":         {"user_name,name\na,\n", table.BadRows, "2:3:name", "empty"},
		"British date":       {"user_name,name,ends\na,b,31/12/2026\n", table.BadRows, "2:5:ends", "YYYY-MM-DD"},
		"no such day":        {"user_name,name,starts\na,b,2026-02-30\n", table.BadRows, "2:5:starts", "2026-02-30"},
		"placeholder date":   {"user_name,name,ends\na,b,9999-12-31\n", table.BadRows, "2:5:ends", "plausible"},
		"ends before starts": {"user_name,name,ends,starts\na,b,2026-01-01,2026-01-02\n", table.BadRows, "2:5:ends", "before the first"},
		"unknown kind":       {"user_name,name,kind\na,b,robot\n", table.BadRows, "2:5:kind", "expected person, guest"},
		"user_name twice":    {"user_name,name\na,b\nc,d\nA,e\n", table.BadRows, "4:1:user_name", "on line 2 and on line 4"},
		"address twice":      {"user_name,name,email\na,b,x@y.z\nc,d,X@Y.Z\n", table.BadRows, "3:5:email", "on line 2 and on line 3"},
		"not an address":     {"user_name,name,email\na,b,x@y@z\n", table.BadRows, "2:5:email", "name@example.org"},
		"own manager":        {"user_name,name,manager\na,b,a\n", table.BadRows, "2:5:manager", "own user name"},
		"bad group":          {"user_name,name,groups\na,b,fine;not fine\n", table.BadRows, "2:5:groups", "not fine"},
		"line break in name": {"user_name,name\na,\"b\nc\"\n", table.BadRows, "2:3:name", "line break"},
		"NUL":                {"user_name,name\na,b\nc,d\x00\n", table.BadText, "3:4:", "NUL"},
		"Latin-1":            {"user_name,name\na,Zo\xeb\n", table.BadText, "2:5:", "UTF-8"},
		"long field":         {"user_name,name\na," + strings.Repeat("b", 70_000) + "\n", table.BadRows, "2:3:name", "70000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := hr.ParsePeople("staff.csv", strings.NewReader(test.text))
			found, ok := problem.Of(err)
			if !ok || len(rows) != 0 {
				t.Fatalf("got %d rows and %v, want problem %s", len(rows), err, test.want.Code)
			}
			place := found.Fields[0]
			at := fmt.Sprintf("%d:%d:%s", place.Line, place.Column, place.Name)
			if found.Code != test.want.Code || at != test.at || place.File != "staff.csv" || !strings.Contains(place.Message, test.says) {
				t.Errorf("got %v\nwant %s at %s: …%s…", err, test.want.Code, test.at, test.says)
			}
		})
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := hr.ParsePeople("staff.csv", strings.NewReader("user_name,name,ends\nA B,,soon\nc,d,2026-01-01\ne,f\n"))
	found, _ := problem.Of(err)
	var got []string
	for _, field := range found.Fields {
		got = append(got, fmt.Sprintf("%d:%d:%s", field.Line, field.Column, field.Name))
	}
	// The date is looked at while the row is read, the rest afterwards.
	if diff := cmp.Diff([]string{"2:6:ends", "2:1:user_name", "2:5:name", "4:3:"}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// manyRows generates a staff file without holding it in memory.
type manyRows struct {
	left int
	next int
	rest []byte
}

func (m *manyRows) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if m.next > m.left {
			return 0, io.EOF
		}
		if m.next == 0 {
			m.rest = []byte("user_name,name,email,department,manager,starts,groups\n")
		} else {
			m.rest = fmt.Appendf(m.rest[:0], "p%d,Person %d,p%d@example.org,Department %d,p%d,2020-01-01,staff;d%d\n", m.next, m.next, m.next, m.next%12, max(1, m.next/7), m.next%12)
			if m.next == 1 {
				m.rest = []byte("p1,Person 1,p1@example.org,Department 1,,2020-01-01,staff\n")
			}
		}
		m.next++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func TestHundredThousandPeopleAreRead(t *testing.T) {
	t.Parallel()
	rows, err := hr.ParsePeople("staff.csv", &manyRows{left: 100_000})
	if err != nil || len(rows) != 100_000 || rows[99_999].UserName != "p100000" || rows[99_999].Line != 100_001 {
		t.Fatalf("read %d rows: %v", len(rows), err)
	}
}

// FuzzParsePeople holds the parser to this: it ends, what it accepts can be
// stored row by row, and what it refuses it refuses with a place.
func FuzzParsePeople(f *testing.F) {
	for _, seed := range []string{full, "\xef\xbb\xbf" + full, utf16le(full), "user_name,name\na,b\na,c\n", "user_name,name,groups\na,b,c;d\n", "user_name,name,ends\na,b,2026-02-30\n", "{", "", "user_name,name\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		rows, err := hr.ParsePeople("f", strings.NewReader(string(input)))
		if err != nil {
			found, ok := problem.Of(err)
			if !ok || len(rows) != 0 || len(found.Fields) == 0 || found.Fields[0].Line < 1 {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for i := range rows {
			if faults := rows[i].Check(); len(faults) > 0 || seen[rows[i].UserName] || rows[i].Line < 2 {
				t.Fatalf("accepted %+v with %v", rows[i], faults)
			}
			seen[rows[i].UserName] = true
		}
	})
}
