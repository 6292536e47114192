package table_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/table"
)

// read reads everything and returns the values of two columns of every row.
func read(source io.Reader, options table.Options) ([][]string, error) {
	options.File = "people.csv"
	rows, err := table.Open(source, options)
	if err != nil {
		return nil, err
	}
	var got [][]string
	for rows.Next() {
		got = append(got, append([]string(nil), rows.Record()...))
	}
	return got, rows.Err()
}

func wide(text string, order binary.AppendByteOrder, mark string) string {
	out := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestEveryUsualWayOfWritingTheSameTableIsRead(t *testing.T) {
	t.Parallel()
	want := [][]string{{"amira", "Amira Khan"}, {"tomos", "Tomos\nap Huw"}, {"zoë", "Zoë 𝄞"}}
	plain := "user,name\namira,Amira Khan\ntomos,\"Tomos\nap Huw\"\nzoë,Zoë 𝄞\n"
	crlf := strings.ReplaceAll(plain, "\n", "\r\n")
	for name, text := range map[string]string{
		"plain":                 plain,
		"byte order mark":       "\xef\xbb\xbf" + plain,
		"carriage returns":      crlf,
		"no line end at end":    strings.TrimSuffix(plain, "\n"),
		"UTF-16 little endian":  wide(crlf, binary.LittleEndian, "\xff\xfe"),
		"UTF-16 big endian":     wide(plain, binary.BigEndian, "\xfe\xff"),
		"blank lines":           strings.Replace(plain, "\ntomos", "\n\n\ntomos", 1),
		"quoted names":          strings.Replace(plain, "user,name", `"user","name"`, 1),
		"capitals and space":    strings.Replace(plain, "user,name", " User , NAME", 1),
		"mark and quoted names": "\xef\xbb\xbf" + strings.Replace(plain, "user,name", `"user","name"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)),
				iotest.DataErrReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text))} {
				got, err := read(source, table.Options{Required: []string{"user", "name"}})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestWhatIsWrongIsNamedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want problem.Definition
		at   string // "line:column" of the first place
		says string
	}{
		"nothing":             {"", table.Empty, "1:1", "names of the columns"},
		"only space":          {" \r\n\n", table.Empty, "1:1", "names of the columns"},
		"only a mark":         {"\xef\xbb\xbf", table.Empty, "1:1", "names of the columns"},
		"zip or xlsx":         {"PK\x03\x04\x14\x00", table.WrongFileType, "1:1", "Excel workbook"},
		"pdf":                 {"%PDF-1.7\n", table.WrongFileType, "1:1", "PDF"},
		"old excel":           {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", table.WrongFileType, "1:1", "old Excel"},
		"gzip":                {"\x1f\x8b\x08", table.WrongFileType, "1:1", "gzip"},
		"json object":         {"  {\"user\": 1}", table.WrongFileType, "1:1", "JSON"},
		"json list":           {"\xef\xbb\xbf[{}]", table.WrongFileType, "1:1", "JSON"},
		"json in UTF-16":      {wide("[1]", binary.LittleEndian, "\xff\xfe"), table.WrongFileType, "1:1", "JSON"},
		"web page":            {"<!DOCTYPE html>", table.WrongFileType, "1:1", "HTML"},
		"name twice":          {"user,name,USER\n", table.BadHeader, "1:11", "twice, at column 1 and at column 11"},
		"name missing":        {"user,nom\n", table.BadHeader, "1:1", `no column "name"; found "user", "nom"`},
		"name empty":          {"user,name,\n", table.BadHeader, "1:11", "no name"},
		"semicolons":          {"user;name\na;b\n", table.BadHeader, "1:1", "semicolons"},
		"tabs":                {"user\tname\n", table.BadHeader, "1:1", "tabs"},
		"carriage returns":    {"user,name\ra,b\r", table.BadHeader, "1:6", "carriage returns only"},
		"too few":             {"user,name\na,b\nc\n", table.BadRows, "3:1", "1 field; expected 2"},
		"too many":            {"user,name\na,b,c\n", table.BadRows, "2:5", "3 fields; expected 2"},
		"stray quote":         {"user,name\na,b\nc,d\"e\n", table.BadRows, "3:4", "inside a field"},
		"quote never closed":  {"user,name\na,\"b\nc,d\n", table.BadRows, "3:5", "starts on line 2"},
		"cut off in a quote":  {"user,name\na,b\nc,\"d", table.BadRows, "3:5", "not closed"},
		"NUL":                 {"user,name\na,b\nc,\x00d\n", table.BadText, "3:3", "NUL"},
		"not UTF-8":           {"user,name\na,caf\xe9\n", table.BadText, "2:6", "0xe9"},
		"cut off in a letter": {"user,name\na,caf\xc3", table.BadText, "2:6", "0xc3"},
		"NUL in the header":   {"user,\x00name\n", table.BadText, "1:6", "NUL"},
		"UTF-16 cut off":      {wide("user,name\na,b", binary.LittleEndian, "\xff\xfe") + "x", table.BadText, "2:0", "middle of a character"},
		"UTF-16 half a pair":  {wide("user,name\na,b", binary.LittleEndian, "\xff\xfe") + "\x00\xd8\x41\x00", table.BadText, "2:0", "surrogate"},
		"UTF-32":              {"\xff\xfe\x00\x00u\x00\x00\x00", table.BadText, "1:1", "UTF-32"},
		"field too long":      {"user,name\na," + strings.Repeat("b", 101) + "\n", table.BadRows, "2:3", "101 bytes long; expected at most 100"},
		"file too large":      {"user,name\n" + strings.Repeat("a,b\n", 1000), table.TooLarge, "749:0", "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text))} {
				_, err := read(source, table.Options{Required: []string{"user", "name"}, MaxField: 100, MaxBytes: 3000})
				found, ok := problem.Of(err)
				if !ok {
					t.Fatalf("got %v, want problem %s", err, test.want.Code)
				}
				place := found.Fields[0]
				if found.Code != test.want.Code || fmt.Sprintf("%d:%d", place.Line, place.Column) != test.at || !strings.Contains(place.Message, test.says) {
					t.Errorf("got %v\nwant %s at %s: …%s…", err, test.want.Code, test.at, test.says)
				}
				if place.File != "people.csv" {
					t.Errorf("got file %q, want people.csv", place.File)
				}
			}
		})
	}
}

func TestFaultsAreCollectedUpToTheLimit(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{3, 20, 21, 500} {
		text := "user,name\n" + strings.Repeat("only\n", bad)
		_, err := read(strings.NewReader(text), table.Options{})
		found, _ := problem.Of(err)
		if got, want := len(found.Fields), min(bad, 20); got != want {
			t.Errorf("%d bad rows: got %d places, want %d", bad, got, want)
		}
		if got, want := strings.Contains(found.Detail, "there are more"), bad > 20; got != want {
			t.Errorf("%d bad rows: got more %v, want %v", bad, got, want)
		}
	}
}

func TestRowsBeforeABadByteAreStillRead(t *testing.T) {
	t.Parallel()
	rows, err := table.Open(strings.NewReader("user\na\nb\n\xff\nc\n"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		got = append(got, rows.Field(0))
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !problem.Is(rows.Err(), table.BadText) {
		t.Errorf("got %v, want %s", rows.Err(), table.BadText.Code)
	}
	if rows.Next() {
		t.Error("reading went on after the file turned out not to be text")
	}
}

func TestBrokenSourceIsNotBlamedOnTheFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	rows, err := table.Open(io.MultiReader(strings.NewReader("user\na\n"), iotest.ErrReader(broken)), table.Options{})
	for err == nil && rows.Next() {
	}
	if err == nil {
		err = rows.Err()
	}
	if _, ok := problem.Of(err); ok || !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the source", err)
	}
}

// endless gives a header and then one quoted field that never ends.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, bytes.Repeat([]byte("x"), len(p)))
	if e.given == 0 {
		n = copy(p, "user,name\na,b\nc,\"")
	}
	e.given += n
	return n, nil
}

func TestQuoteThatIsNeverClosedDoesNotFillTheMemory(t *testing.T) {
	t.Parallel()
	source := &endless{}
	_, err := read(source, table.Options{})
	found, ok := problem.Of(err)
	if !ok || found.Code != table.TooLarge.Code || found.Fields[0].Line != 3 {
		t.Fatalf("got %v, want %s on line 3", err, table.TooLarge.Code)
	}
	if source.given > 8<<20 {
		t.Errorf("read %d bytes before giving up, want less than 8 MiB", source.given)
	}
}

func TestRowLongerThanTheBufferIsReadWhole(t *testing.T) {
	t.Parallel()
	for shift := range 4 { // so that characters straddle the end of the buffer in every way
		field := strings.Repeat("x", shift) + strings.Repeat("€", 20_000)
		names := make([]string, 30)
		values := make([]string, 30)
		for i := range names {
			names[i], values[i] = fmt.Sprintf("c%d", i), field
		}
		text := strings.Join(names, ",") + "\n" + strings.Join(values, ",") + "\n"
		for _, source := range []io.Reader{strings.NewReader(text), iotest.HalfReader(strings.NewReader(text))} {
			got, err := read(source, table.Options{})
			if err != nil || len(got) != 1 {
				t.Fatalf("got %d rows, %v", len(got), err)
			}
			if diff := cmp.Diff(values, got[0]); diff != "" {
				t.Error("the row came out different")
			}
		}
	}
}

func TestPlacesFollowQuotedLineBreaks(t *testing.T) {
	t.Parallel()
	rows, err := table.Open(strings.NewReader("a,b\n\"x\ny\",2\n3,4\n"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		line, column := rows.Place(1)
		got = append(got, fmt.Sprintf("%d starts %d:%d", rows.Line(), line, column))
	}
	if diff := cmp.Diff([]string{"2 starts 3:4", "4 starts 4:3"}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestColumnThatIsNotThereIsEmpty(t *testing.T) {
	t.Parallel()
	rows, err := table.Open(strings.NewReader("a,b,odd\n1,2,3\n"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	missing := rows.Column("c")
	for rows.Next() {
		if missing != -1 || rows.Field(missing) != "" || rows.Field(99) != "" || rows.Field(rows.Column("b")) != "2" {
			t.Errorf("got column %d field %q", missing, rows.Field(missing))
		}
	}
	if diff := cmp.Diff([]string{"odd"}, rows.Unknown("a", "b", "c")); diff != "" {
		t.Errorf("unknown columns (-want +got):\n%s", diff)
	}
}

func TestEveryProblemHasAKindASentenceAndANextStep(t *testing.T) {
	t.Parallel()
	for _, definition := range table.Problems() {
		if definition.Kind == problem.Internal || definition.Sentence == "" || definition.Next == "" || !strings.HasPrefix(definition.Code, "table.") {
			t.Errorf("incomplete: %+v", definition)
		}
	}
}
