package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Pair allows a room to import another on its own floor. From may end in "/*"
// and then stands for every room of the floor.
type Pair struct{ From, To, Reason string }

func (p Pair) allows(from, to string) bool {
	floor, all := strings.CutSuffix(p.From, "/*")
	return p.To == to && (p.From == from || all && strings.HasPrefix(from, floor+"/"))
}

// Direction: imports go down; on one floor only the allowed pairs. Test files
// are held to it too, except for what tests are made of (see testMaterial).
func Direction(house *House, pairs []Pair) []Finding {
	var findings []Finding
	used := make([]bool, len(pairs))
	for _, one := range house.Packages {
		if _, stands := one.Place.height(); !stands && !one.Place.forTests() {
			findings = append(findings, Finding{Rule: "direction", Package: one.Path, What: "no floor", Why: noFloor})
		}
		for _, file := range one.Files {
			for _, imported := range file.Imports {
				if imported.Own == "" || file.Test && testMaterial(imported.Own) {
					continue
				}
				why := misdirected(one.Place, placeOf(imported.Own), pairs, used, file.Test)
				if why == "" {
					continue
				}
				findings = append(findings, Finding{Rule: "direction", Package: one.Path,
					Place: fmt.Sprintf("%s:%d", file.Name, imported.Line), What: imported.Own, Why: why})
			}
		}
	}
	for i, pair := range pairs {
		if !used[i] {
			findings = append(findings, Finding{Rule: "direction", Package: pair.From, What: pair.To,
				Why: "this pair in the same-floor list is not used, or one of its rooms is gone: remove it"})
		}
	}
	return findings
}

// testMaterial is what any test may import, whatever its floor: test kits, the
// faces on SQL (domain tests use the real store), and the software authenticator.
func testMaterial(own string) bool {
	place := placeOf(own)
	return place.forTests() || place.Face == DB || own == "internal/app/demo/softkey"
}

// misdirected says why from must not import to, or "". It marks the pairs that
// allow something; a test alone does not keep a pair alive.
func misdirected(from, to Place, pairs []Pair, used []bool, test bool) string {
	fromHeight, fromStands := from.height()
	toHeight, toStands := to.height()
	switch {
	case from.forTests() || to.forTests():
		return "" // the rule on test kits has its own words
	case !fromStands || !toStands:
		return noFloor
	case to.Area != "internal":
		return "nothing imports a program"
	case fromHeight > toHeight || from.Room == to.Room:
		return ""
	case fromHeight < toHeight:
		return "imports only go down: " + strings.Join(backwards(floors()), " → ")
	case from.Face == Web && to.Face == Domain:
		return "" // a page may show any room on its floor
	}
	for i, pair := range pairs {
		if pair.allows(from.Room, to.Room) {
			used[i] = used[i] || !test
			return ""
		}
	}
	if test {
		return "" // a test may bring the neighbours in to tell a story
	}
	return "rooms on one floor do not import each other, except the pairs in exceptions.go"
}

const noFloor = "a package stands on a floor of internal/, or in cmd/ or tools/"

func backwards(names []string) []string {
	slices.Reverse(names)
	return names
}

// Faces: who may import the faces of a room, and what a face may import.
func Faces(house *House) []Finding {
	var findings []Finding
	for _, one := range house.Packages {
		for _, file := range one.Files {
			for _, imported := range file.Imports {
				if imported.Own == "" {
					continue
				}
				if why := faceBreach(one, file, imported.Own); why != "" {
					findings = append(findings, Finding{Rule: "faces", Package: one.Path,
						Place: fmt.Sprintf("%s:%d", file.Name, imported.Line), What: imported.Own, Why: why})
				}
			}
		}
	}
	return findings
}

func faceBreach(from *Package, file *File, own string) string {
	to := placeOf(own)
	test := file.Test || from.Place.forTests()
	switch {
	case to.forTests() && !test:
		return "test kits are imported by tests only, or they end up in the binary"
	case test:
		if to.Face == Web && own != from.Path && from.Place.Floor != "app" && from.Place.Area != "cmd" {
			return "pages are imported by app only"
		}
		return ""
	case within(own, "internal/app/demo/softkey") && !within(from.Path, "internal/app/demo"):
		return "a key made of software is for the demo and for tests: nothing else may be able to make one"
	case to.Face == DB && from.Place.Floor != "app":
		return "only app joins a room to its tables: everybody else asks the room"
	case to.Face == Web && from.Place.Floor != "app":
		return "pages are imported by app only"
	case from.Place.Face == DB && to.onFloor("base") && to.Room == "base/web":
		return "tables know nothing of pages"
	case from.Place.Face == DB && !to.onFloor("base") && !storedWords(to) && path.Dir(from.Path) != own:
		return "a face on SQL imports base, its own room, and the words that are stored in columns"
	case to == (Place{Area: "internal", Floor: "base", Room: "base/db"}) && !mayOpenDatabase(from.Place):
		return "SQL stands in the faces on SQL and on the ground floor: a domain package asks its Store"
	}
	return ""
}

// storedWords are rooms whose types stand in other rooms' columns: how strongly
// somebody signed in, and who did something.
func storedWords(to Place) bool {
	return to.Face == Domain && (to.Room == "registry/assurance" || to.Room == "registry/audit")
}

func mayOpenDatabase(from Place) bool {
	return from.Face == DB || from.onFloor("base", "app") || from.Area == "cmd" || from.Area == "tools"
}

// Policy: the criteria are a pure function of facts, so that a decision can be
// replayed years later; access/policy imports three packages of ours.
func Policy(house *House) []Finding {
	const room = "internal/access/policy"
	policy := house.find(room)
	if policy == nil {
		return []Finding{{Rule: "policy", Package: room, What: "no such package",
			Why: "the rule names a room that is gone"}}
	}
	var findings []Finding
	allowed := []string{"internal/base/ids", "internal/base/problem", "internal/registry/assurance"}
	for _, file := range policy.code() {
		for _, imported := range file.Imports {
			if imported.Own != "" && !slices.Contains(allowed, imported.Own) {
				findings = append(findings, Finding{Rule: "policy", Package: room,
					Place: fmt.Sprintf("%s:%d", file.Name, imported.Line), What: imported.Own,
					Why: "policy is a pure function of facts: of ours it imports ids, problem and assurance only"})
			}
		}
	}
	return findings
}
