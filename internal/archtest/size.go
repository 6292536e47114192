package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"strings"
)

// The numbers at which to stop and look for a second room hiding in the first.
// They are what the houses we admire measure, not a rule to be gamed.
const (
	mostFunctionLines = 80
	mostFileLines     = 500
	mostTestFileLines = 900
	mostPackageLines  = 1500
	mostRoomLines     = 2500
	mostFolderFiles   = 18
	mostMethods       = 8
	mostParameters    = 5 // and a context
	mostCommandFiles  = 30
	mostCommandLines  = 3000
)

// commands is the package of the command line.
const commands = "cmd/warder"

// Sizes: what has grown past the numbers.
func Sizes(house *House) []Finding {
	var findings []Finding
	rooms, own := map[string]int{}, subRooms(house)
	for _, one := range house.Packages {
		add := func(place, what string, is, most int) {
			if is > most {
				findings = append(findings, Finding{Rule: "sizes", Package: one.Path, Place: place,
					What: fmt.Sprintf("%s: %d", what, is),
					Why:  fmt.Sprintf("above %d: look for the second thing that hides in it", most)})
			}
		}
		lines := 0
		for _, file := range one.Files {
			if file.Test {
				add(file.Name, "lines of test", file.Lines, mostTestFileLines)
				continue
			}
			lines += file.Lines
			add(file.Name, "lines", file.Lines, mostFileLines)
			if !one.Place.forTests() { // a contract is as long as its promises
				sizesWithin(house, file, add)
			}
		}
		mostLines, mostFiles := mostPackageLines, mostFolderFiles
		if one.Path == commands { // one short file for each noun, and there are many nouns
			mostLines, mostFiles = mostCommandLines, mostCommandFiles
		}
		add("", "lines of code", lines, mostLines)
		add("", "files without tests", len(one.code()), mostFiles)
		if !one.Place.forTests() && one.Place.belowApp() {
			rooms[roomOf(one, own)] += lines
		}
	}
	for room, lines := range rooms {
		if lines > mostRoomLines && !strings.HasPrefix(room, "base/") {
			findings = append(findings, Finding{Rule: "sizes", Package: path.Join("internal", room),
				What: fmt.Sprintf("lines of the room with its faces: %d", lines),
				Why:  fmt.Sprintf("above %d: look for the second room that hides in it", mostRoomLines)})
		}
	}
	return findings
}

// subRooms are the folders inside rooms that have tables or pages of their own.
// Each is a room in truth, wherever it stands, and is counted as one; a package
// without a face is part of the room that it stands in.
func subRooms(house *House) map[string]bool {
	found := map[string]bool{}
	for _, one := range house.Packages {
		if one.Place.Face == DB || one.Place.Face == Web {
			found[path.Dir(one.Path)] = true
		}
	}
	return found
}

// roomOf is the room whose lines a package's are: the nearest sub-room around it, or
// the room by its place.
func roomOf(one *Package, own map[string]bool) string {
	whole := path.Join("internal", one.Place.Room)
	for folder := one.Path; folder != whole && within(folder, whole); folder = path.Dir(folder) {
		if own[folder] {
			return strings.TrimPrefix(folder, "internal/")
		}
	}
	return one.Place.Room
}

func sizesWithin(house *House, file *File, add func(place, what string, is, most int)) {
	ast.Inspect(file.Syntax, func(node ast.Node) bool {
		switch part := node.(type) {
		case *ast.FuncDecl:
			place := house.place(file, part.Pos())
			first, last := house.fset.Position(part.Pos()), house.fset.Position(part.End())
			if !isData(part) {
				add(place, "lines of func "+part.Name.Name, last.Line-first.Line+1, mostFunctionLines)
			}
			add(place, "parameters of func "+part.Name.Name, parameters(part.Type), mostParameters)
		case *ast.TypeSpec:
			if methods, ok := part.Type.(*ast.InterfaceType); ok {
				add(house.place(file, part.Pos()), "methods of "+part.Name.Name, methods.Methods.NumFields(), mostMethods)
			}
		}
		return true
	})
}

// isData reports whether a function is only a table in the form of a function:
// its one statement returns a literal.
func isData(function *ast.FuncDecl) bool {
	if function.Body == nil || len(function.Body.List) != 1 {
		return false
	}
	statement, ok := function.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(statement.Results) != 1 {
		return false
	}
	_, ok = statement.Results[0].(*ast.CompositeLit)
	return ok
}

// parameters counts them without a leading context.
func parameters(function *ast.FuncType) int {
	count := function.Params.NumFields()
	if count == 0 {
		return 0
	}
	if first, ok := function.Params.List[0].Type.(*ast.SelectorExpr); ok {
		if name, ok := first.X.(*ast.Ident); ok && name.Name == "context" && first.Sel.Name == "Context" {
			count--
		}
	}
	return count
}
