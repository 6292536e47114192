package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ModuleRow is a line of the table in docs/dependencies.md.
type ModuleRow struct {
	Module  string
	Rooms   []string // below internal/, or cmd/… and tools/…; the room and what is below it
	Tests   bool     // tests and test kits may import it
	Licence string
	Line    int
}

// ModuleTable reads the table of docs/dependencies.md: the document is the rule.
// A row is "| `module` | `room`, `room`, tests | why | who keeps it | licence |".
func ModuleTable(root string) ([]ModuleRow, error) {
	const name = "docs/dependencies.md"
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	var rows []ModuleRow
	for number, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("%s:%d: a row of this table has 5 cells, this one has %d", name, number+1, len(cells))
		}
		row := ModuleRow{Module: strings.Trim(cells[0], " `"), Licence: strings.TrimSpace(cells[4]), Line: number + 1}
		for _, cell := range strings.Split(cells[1], ",") {
			switch room := strings.Trim(cell, " `"); room {
			case "tests":
				row.Tests = true
			case "":
				return nil, fmt.Errorf("%s:%d: an empty room", name, number+1)
			default:
				row.Rooms = append(row.Rooms, room)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Modules: a third-party module enters in the room its row names, every module
// has its row, and every row is true.
func Modules(house *House, rows []ModuleRow) []Finding {
	var findings []Finding
	entered := map[string]bool{} // "module room"
	for _, one := range house.Packages {
		for _, file := range one.Files {
			for _, imported := range file.Imports {
				if imported.Own != "" || !thirdParty(imported.Path) {
					continue
				}
				if why := misplaced(one, file, imported.Path, rows, entered); why != "" {
					findings = append(findings, Finding{Rule: "modules", Package: one.Path,
						Place: fmt.Sprintf("%s:%d", file.Name, imported.Line), What: imported.Path, Why: why})
				}
			}
		}
	}
	return append(findings, untrueRows(house, rows, entered)...)
}

// thirdParty: the standard library has no dot in its first element.
func thirdParty(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func misplaced(from *Package, file *File, imported string, rows []ModuleRow, entered map[string]bool) string {
	// The longest module that holds the package is the one it comes from.
	var row *ModuleRow
	for i := range rows {
		if within(imported, rows[i].Module) && (row == nil || len(rows[i].Module) > len(row.Module)) {
			row = &rows[i]
		}
	}
	if row == nil {
		return "a module has its row in docs/dependencies.md: why, who keeps it, its one room"
	}
	if file.Test || from.Place.forTests() {
		if row.Tests {
			entered[row.Module+" tests"] = true
			return ""
		}
	}
	for _, room := range row.Rooms {
		if within(from.Path, roomPath(room)) {
			if !file.Test {
				entered[row.Module+" "+room] = true
			}
			return ""
		}
	}
	return "docs/dependencies.md lets this module into " + rowPlaces(*row) + " only"
}

func rowPlaces(row ModuleRow) string {
	places := slices.Clone(row.Rooms)
	if row.Tests {
		places = append(places, "tests")
	}
	return strings.Join(places, ", ")
}

// roomPath turns a room as the document writes it into a path below the module.
func roomPath(room string) string {
	if within(room, "cmd", "tools") {
		return room
	}
	return "internal/" + room
}

func untrueRows(house *House, rows []ModuleRow, entered map[string]bool) []Finding {
	var findings []Finding
	add := func(what, why string, line int) {
		place := ""
		if line > 0 {
			place = fmt.Sprintf("dependencies.md:%d", line)
		}
		findings = append(findings, Finding{Rule: "modules", Package: "docs", Place: place, What: what, Why: why})
	}
	for _, require := range house.Requires {
		if !slices.ContainsFunc(rows, func(row ModuleRow) bool { return row.Module == require.Path }) {
			add(require.Path, "go.mod asks for this module, and it has no row in docs/dependencies.md", 0)
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(house.Requires, func(r Require) bool { return r.Path == row.Module }) {
			add(row.Module, "the row names a module that go.mod does not ask for", row.Line)
		}
		places := slices.Clone(row.Rooms)
		if row.Tests {
			places = append(places, "tests")
		}
		for _, place := range places {
			if !entered[row.Module+" "+place] {
				add(row.Module+" in "+place, "the row says the module enters here, and nothing here imports it", row.Line)
			}
		}
	}
	return findings
}
