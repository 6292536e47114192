package archtest

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/testkit"
)

// proofs are the names by which documents refer to tests: test and fuzz
// functions, stories of the command line (lost-key.txtar), stories in a browser
// (lost-key.story.mjs).
func proofs(t *testing.T, root string) map[string]bool {
	t.Helper()
	house, err := realHouse()
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	names := map[string]bool{}
	for _, one := range house.Packages {
		for _, file := range one.Files {
			if !file.Test {
				continue
			}
			for _, match := range declared.FindAllSubmatch(file.Text, -1) {
				names[string(match[1])] = true
			}
		}
	}
	for _, folder := range []string{"cmd", "test"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && (strings.HasSuffix(path, ".txtar") || strings.HasSuffix(path, ".story.mjs")) {
				names[entry.Name()] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// row is one row of a table in a document.
type row struct {
	place string // "threat-model.md:12"
	cells []string
}

// tableRows returns the rows of docs/name whose first cell matches first.
func tableRows(t *testing.T, root, name, first string) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(first)
	var rows []row
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if strings.HasPrefix(line, "| ") && wanted.MatchString(cells[0]) {
			rows = append(rows, row{place: name + ":" + strconv.Itoa(number), cells: cells})
		}
	}
	return rows
}

// quoted are the words between backticks.
func quoted(text string) []string {
	var words []string
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		words = append(words, match[1])
	}
	return words
}

// named checks that a cell names at least one test, and only tests that exist.
func named(t *testing.T, where row, cell string, known map[string]bool) {
	t.Helper()
	names := quoted(cell)
	if len(names) == 0 {
		t.Errorf("%s: %s: no test is named: a guarantee without a test is a hope", where.place, where.cells[0])
	}
	for _, name := range names {
		if !known[name] {
			t.Errorf("%s: %s: there is no test %s", where.place, where.cells[0], name)
		}
	}
}

func TestEveryGuaranteeHasATest(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	known := proofs(t, root)
	rows := tableRows(t, root, "threat-model.md", `^G\d+$`)
	if len(rows) < 10 {
		t.Fatalf("only %d guarantees were found in threat-model.md", len(rows))
	}
	for i, one := range rows {
		if want := "G" + strconv.Itoa(i+1); one.cells[0] != want {
			t.Errorf("%s: %s follows where %s should: guarantees are numbered in order, each once", one.place, one.cells[0], want)
		}
		if len(one.cells) != 3 {
			t.Errorf("%s: a guarantee has 3 cells, this row has %d", one.place, len(one.cells))
			continue
		}
		named(t, one, one.cells[2], known)
	}
}

// TestEveryStandardKeptHasARoomAndATest: "yes" and "partly" are claims.
func TestEveryStandardKeptHasARoomAndATest(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	known := proofs(t, root)
	rows := tableRows(t, root, "standards.md", `§|\bAA\b|^SC `)
	if len(rows) < 20 {
		t.Fatalf("only %d clauses were found in standards.md", len(rows))
	}
	for _, one := range rows {
		if len(one.cells) != 5 {
			t.Errorf("%s: a clause has 5 cells, this row has %d", one.place, len(one.cells))
			continue
		}
		switch one.cells[3] {
		case "yes", "partly":
			for _, room := range quoted(one.cells[2]) {
				if _, err := os.Stat(filepath.Join(root, "internal", filepath.FromSlash(room))); err != nil {
					t.Errorf("%s: there is no room %s", one.place, room)
				}
			}
			named(t, one, one.cells[4], known)
		case "no":
		default:
			t.Errorf("%s: %q is neither yes, partly nor no", one.place, one.cells[3])
		}
	}
}

// points are the things that each capability of signing in asks for.
var points = map[string][]int{
	"C27": {1, 2, 3, 4}, "C28": {1, 2, 3, 4}, "C29": {1, 2, 3, 4, 5}, "C30": {1, 2, 3, 4}, "C31": {1, 2, 3, 4, 5},
	"C35": {2, 3, 4}, "C36": {1, 2, 3, 4}, "C49": {1, 2, 3}, "C50": {1, 2, 3, 4},
}

// TestEveryPointIsShownOrSaidToBeMissing: "yes" needs a test, anything less says
// what is missing, and no point is left out.
func TestEveryPointIsShownOrSaidToBeMissing(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	known := proofs(t, root)
	seen := map[string]bool{}
	for _, one := range tableRows(t, root, "capabilities.md", `^C\d+\.\d+$`) {
		if len(one.cells) != 5 {
			t.Errorf("%s: a point has 5 cells, this row has %d", one.place, len(one.cells))
			continue
		}
		if seen[one.cells[0]] {
			t.Errorf("%s: %s is there twice", one.place, one.cells[0])
		}
		seen[one.cells[0]] = true
		answer, missing := one.cells[3], one.cells[4]
		switch answer {
		case "yes", "partly":
			named(t, one, one.cells[2], known)
		case "no":
			for _, name := range quoted(one.cells[2]) {
				if !known[name] {
					t.Errorf("%s: %s: there is no test %s", one.place, one.cells[0], name)
				}
			}
		default:
			t.Errorf("%s: %q is neither yes, partly nor no", one.place, answer)
		}
		if (answer == "yes") != (missing == "") {
			t.Errorf("%s: %s: %q, and what is missing is %q", one.place, one.cells[0], answer, missing)
		}
	}
	for capability, numbers := range points {
		for _, number := range numbers {
			if point := capability + "." + strconv.Itoa(number); !seen[point] {
				t.Errorf("capabilities.md says nothing about %s", point)
			}
		}
	}
}

func TestEveryFaultIsTried(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	known := proofs(t, root)
	rows := tableRows(t, root, "capabilities.md", `^F\d+$`)
	if len(rows) < 16 {
		t.Fatalf("only %d faults were found in capabilities.md", len(rows))
	}
	for _, one := range rows {
		if len(one.cells) != 3 {
			t.Errorf("%s: a fault has 3 cells, this row has %d", one.place, len(one.cells))
			continue
		}
		named(t, one, one.cells[2], known)
	}
}

func TestRoomsThatComeLaterAreNotThereYet(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, later, _ := strings.Cut(string(text), "## The rooms that come later")
	later, _, found := strings.Cut(later, "\n## ")
	rooms := slices.DeleteFunc(quoted(later), func(word string) bool { return !strings.Contains(word, "/") })
	if !found || len(rooms) == 0 {
		t.Fatal("architecture.md does not say which rooms come later")
	}
	for _, room := range rooms {
		if _, err := os.Stat(filepath.Join(root, "internal", filepath.FromSlash(room))); err == nil {
			t.Errorf("architecture.md says that %s comes later, and it is there", room)
		}
	}
}

// documents are all texts for people.
func documents(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 10 {
		t.Fatalf("only %d documents were found", len(paths))
	}
	return paths
}

// TestDocumentsPointAtWhatExists follows every relative link and every path
// between backticks that begins like one of ours.
func TestDocumentsPointAtWhatExists(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	ours := regexp.MustCompile(`^(cmd|docs|internal|test|tools|web)/[\w./-]+$`)
	for _, document := range documents(t, root) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(document, root+string(filepath.Separator))
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), filepath.FromSlash(match[1]))); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, match[1])
			}
		}
		for _, word := range quoted(string(text)) {
			if !ours.MatchString(word) {
				continue
			}
			if found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(word))); err != nil || len(found) == 0 {
				t.Errorf("%s: there is no %s", name, word)
			}
		}
	}
}

// TestEveryHealthConditionIsExplained: whoever is woken by a condition finds its
// code in docs/operate/incidents.md.
func TestEveryHealthConditionIsExplained(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	house, err := realHouse()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "operate", "incidents.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, one := range house.Packages {
		for _, file := range one.code() {
			ast.Inspect(file.Syntax, func(node ast.Node) bool {
				for _, code := range conditionCodes(node) {
					found++
					if !strings.Contains(string(text), "`"+code+"`") {
						t.Errorf("%s/%s: the condition %s is not in docs/operate/incidents.md", one.Path, file.Name, code)
					}
				}
				return true
			})
		}
	}
	if found == 0 {
		t.Error("no health condition was found in the code: this test looks for health.Condition{Code: …}")
	}
}

// conditionCodes returns the code of health.Condition{Code: "…"}.
func conditionCodes(node ast.Node) []string {
	literal, ok := node.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	if kind, ok := literal.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Condition" {
		return nil
	}
	var codes []string
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, isName := pair.Key.(*ast.Ident)
		value, isLiteral := pair.Value.(*ast.BasicLit)
		if isName && isLiteral && name.Name == "Code" {
			codes = append(codes, strings.Trim(value.Value, `"`))
		}
	}
	return codes
}
