package archtest

import (
	"fmt"
	"go/ast"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// check is one rule with everything it needs.
type check struct {
	rule string
	run  func(*House) []Finding
}

// checks are all the rules; standard is what go list std prints.
func checks(pairs []Pair, rows []ModuleRow, standard []string) []check {
	return []check{
		{"direction", func(h *House) []Finding { return Direction(h, pairs) }},
		{"faces", Faces},
		{"policy", Policy},
		{"purity", Purity},
		{"calls", Calls},
		{"modules", func(h *House) []Finding { return Modules(h, rows) }},
		{"comments", Comments},
		{"names", func(h *House) []Finding { return Names(h, standard) }},
		{"habits", Habits},
		{"state", State},
		{"sizes", Sizes},
		{"sql", SQL},
	}
}

// realHouse is this very module. It is read once: go list takes its time.
var realHouse = sync.OnceValues(func() (*House, error) {
	output, err := run(".", "go", "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	return Load(filepath.Dir(strings.TrimSpace(string(output))))
})

func standardLibrary(t *testing.T) []string {
	t.Helper()
	output, err := run(t.TempDir(), "go", "list", "std")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(output))
}

func TestTheHouseKeepsItsRules(t *testing.T) {
	t.Parallel()
	house, err := realHouse()
	if err != nil {
		t.Fatal(err)
	}
	if len(house.Packages) < 10 {
		t.Fatalf("only %d packages were found: the rules would be kept by an empty house", len(house.Packages))
	}
	rows, err := ModuleTable(house.Root)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range checks(sameFloor(), rows, standardLibrary(t)) {
		t.Run(one.rule, func(t *testing.T) {
			for _, finding := range Judge(one.run(house), exceptions(), one.rule) {
				t.Error(finding)
			}
		})
	}
}

// TestEveryRuleFindsItsBreach runs all rules over a small module in which each
// of them is broken, and one over which nobody can complain stands beside it.
func TestEveryRuleFindsItsBreach(t *testing.T) {
	t.Parallel()
	standard := standardLibrary(t)
	for _, name := range []string{"crooked", "upright"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			if err := txtar.Write(archive, folder); err != nil {
				t.Fatal(err)
			}
			house, err := Load(folder)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := ModuleTable(folder)
			if err != nil {
				t.Fatal(err)
			}
			pairs := []Pair{
				{"registry/*", "registry/audit", "recorded"},
				{"registry/keys", "registry/gone", "the room is gone"},
			}
			if name == "upright" {
				pairs = pairs[:1]
			}
			got := []string{}
			breached := map[string]bool{}
			for _, one := range checks(pairs, rows, standard) {
				for _, finding := range one.run(house) {
					got = append(got, fmt.Sprintf("%s: %s: %s", finding.Rule, finding.Package, finding.What))
					breached[finding.Rule] = true
				}
				if name == "crooked" && !breached[one.rule] {
					t.Errorf("rule %s finds nothing in the crooked house", one.rule)
				}
			}
			slices.Sort(got)
			want, err := os.ReadFile(filepath.Join(folder, "want"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.AppendSeq([]string{}, lines(string(want))), got); diff != "" {
				t.Errorf("findings in the %s house (-want +got):\n%s", name, diff)
			}
		})
	}
}

// lines yields the lines of text that are not empty.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !yield(line) {
				return
			}
		}
	}
}

func TestWhatHasGrownTooLargeIsFound(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.test/house\n\ngo 1.26.0\n")
	write("internal/registry/keys/long.go", "package keys\n\nfunc Long() {\n"+strings.Repeat("\tprintln()\n", 79)+"}\n")
	write("internal/registry/keys/file.go", "package keys\n"+strings.Repeat("\n", 500))
	for i := range 17 {
		write(fmt.Sprintf("internal/registry/keys/n%d.go", i), "package keys\n"+strings.Repeat("\n", 99))
	}
	write("internal/registry/keys/keysweb/page.go", "package keysweb\n"+strings.Repeat("\n", 499))
	write("internal/registry/keys/keys_test.go", "package keys\n"+strings.Repeat("\n", 900))
	house, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, finding := range Sizes(house) {
		got = append(got, strings.TrimPrefix(finding.Package+"/"+finding.Place+" "+finding.What, "internal/registry/"))
	}
	slices.Sort(got)
	want := []string{
		"keys/ files without tests: 19",
		"keys/ lines of code: 2284",
		"keys/ lines of the room with its faces: 2784",
		"keys/file.go lines: 501",
		"keys/keys_test.go lines of test: 901",
		"keys/long.go:3 lines of func Long: 81",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// A sub-room with tables of its own is a room in truth; packages without a face are
// part of the room they stand in.
func TestSubRoomWithTablesOfItsOwnIsCountedAsARoom(t *testing.T) {
	t.Parallel()
	house := &House{}
	for name, lines := range map[string]int{
		"factors": 1300, "factors/factorsdb": 300, "factors/webauthn": 901,
		"factors/secrets": 1000, "factors/secrets/secretsdb": 500, "factors/secrets/secretsweb": 800, "factors/secrets/totp": 201,
		"keys": 1400, "keys/keysdb": 500, "keys/keysweb": 600,
	} {
		whole := "internal/registry/" + name
		house.Packages = append(house.Packages, &Package{Path: whole, Place: placeOf(whole), Files: []*File{{Name: "doc.go", Lines: lines, Test: false, Syntax: &ast.File{}}}})
	}
	var got []string
	for _, finding := range Sizes(house) {
		if finding.Place == "" {
			got = append(got, finding.Package+" "+finding.What)
		}
	}
	slices.Sort(got)
	want := []string{
		"internal/registry/factors lines of the room with its faces: 2501",
		"internal/registry/factors/secrets lines of the room with its faces: 2501",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestAnExceptionThatExcusesNothingIsAFinding(t *testing.T) {
	t.Parallel()
	breach := Finding{Rule: "calls", Package: "internal/base/web", What: "time.Now"}
	excuse := Exception{Rule: "calls", Package: "internal/base/web", What: "time.Now", Reason: "none better", Since: "2026-11-23"}
	for name, test := range map[string]struct {
		findings []Finding
		excused  []Exception
		want     int
	}{
		"excused":                {[]Finding{breach}, []Exception{excuse}, 0},
		"not excused":            {[]Finding{breach}, nil, 1},
		"nothing left to excuse": {nil, []Exception{excuse}, 1},
		"without a reason":       {[]Finding{breach}, []Exception{{Rule: "calls", Package: "internal/base/web", What: "time.Now"}}, 1},
		"another rule's excuse":  {nil, []Exception{{Rule: "names", Package: "internal/base/mail", What: "mail"}}, 0},
	} {
		if got := Judge(test.findings, test.excused, "calls"); len(got) != test.want {
			t.Errorf("%s: %d findings %v, want %d", name, len(got), got, test.want)
		}
	}
}

func TestPlacesAreReadFromThePathAlone(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Place{
		"cmd/warder":                         {Area: "cmd", Floor: "warder", Room: "warder"},
		"internal/base/db":                   {Area: "internal", Floor: "base", Room: "base/db"},
		"internal/base/web/webtest":          {Area: "internal", Floor: "base", Room: "base/web", Face: Test},
		"internal/registry/keys":             {Area: "internal", Floor: "registry", Room: "registry/keys"},
		"internal/registry/keys/keysdb":      {Area: "internal", Floor: "registry", Room: "registry/keys", Face: DB},
		"internal/registry/keys/keysweb":     {Area: "internal", Floor: "registry", Room: "registry/keys", Face: Web},
		"internal/registry/keys/peopledb":    {Area: "internal", Floor: "registry", Room: "registry/keys"},
		"internal/registry/factors/webauthn": {Area: "internal", Floor: "registry", Room: "registry/factors"},
		"internal/app/demo/softkey":          {Area: "internal", Floor: "app", Room: "app"},
		"internal/testkit/dbtest":            {Area: "internal", Floor: "testkit", Room: "testkit"},
		"internal/feeds/cloud/aws":           {Area: "internal", Floor: "feeds", Room: "feeds/cloud"},
		"tools/docs":                         {Area: "tools", Floor: "docs", Room: "docs"},
	} {
		if diff := cmp.Diff(want, placeOf(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}
