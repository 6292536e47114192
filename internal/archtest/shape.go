package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Comments: each package has exactly one package comment, and it says something.
func Comments(house *House) []Finding {
	// Words. A face has less to say: what it is a face of is said by its room.
	const enough, enoughForFace = 15, 8
	var findings []Finding
	for _, one := range house.Packages {
		var where []string
		words := 0
		for _, file := range one.code() {
			if file.Syntax.Doc != nil {
				where = append(where, file.Name)
				words = len(strings.Fields(file.Syntax.Doc.Text()))
			}
		}
		add := func(what, why string) {
			findings = append(findings, Finding{Rule: "comments", Package: one.Path, What: what, Why: why})
		}
		switch {
		case len(one.code()) == 0: // tests alone, of a folder or a document
		case len(where) == 0:
			add("no package comment", "it tells a stranger what the subject is, what the room owns, what it leaves to others")
		case len(where) > 1:
			add("package comments in "+strings.Join(where, ", "), "there is exactly one, so that there is one to keep true")
		case words < enoughForFace, words < enough && one.Place.Face == Domain:
			add(fmt.Sprintf("a package comment of %d words", words), "a stranger learns nothing from it")
		}
	}
	return findings
}

// Names: no drawer for odds and ends, and no package that hides one of the
// standard library. standard is the list of import paths of go list std.
func Names(house *House, standard []string) []Finding {
	drawers := []string{"util", "utils", "common", "helper", "helpers", "misc", "types", "models", "manager", "managers"}
	taken := map[string]string{}
	for _, name := range standard {
		// What is below runtime is for those who write tools, never for us.
		if within(name, "cmd", "vendor") || strings.HasPrefix(name, "runtime/") || slices.Contains(strings.Split(name, "/"), "internal") {
			continue
		}
		taken[path.Base(name)] = name
	}
	var findings []Finding
	for _, one := range house.Packages {
		add := func(what, why string) {
			findings = append(findings, Finding{Rule: "names", Package: one.Path, What: what, Why: why})
		}
		name := path.Base(one.Path)
		for _, folder := range strings.Split(one.Path, "/") {
			if slices.Contains(drawers, folder) {
				add(folder, "a folder is named for what is kept or done in it")
			}
		}
		for _, file := range one.Files {
			declared := strings.TrimSuffix(file.Syntax.Name.Name, "_test")
			if declared != name && declared != "main" {
				add("package "+declared, "a package is called as its folder is")
			}
		}
		if std, ok := taken[name]; ok {
			add(name, "it hides "+std+" of the standard library wherever both are wanted")
		}
	}
	return findings
}

// Habits: small things that are agreed and easily forgotten.
func Habits(house *House) []Finding {
	todo := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	issue := regexp.MustCompile(`#\d+`)
	silence := regexp.MustCompile(`^//(nolint|lint:ignore)\b`)
	var findings []Finding
	for _, one := range house.Packages {
		for _, file := range one.Files {
			add := func(node ast.Node, what, why string) {
				findings = append(findings, Finding{Rule: "habits", Package: one.Path,
					Place: house.place(file, node.Pos()), What: what, Why: why})
			}
			for _, group := range file.Syntax.Comments {
				for _, comment := range group.List {
					switch {
					case todo.MatchString(comment.Text) && !issue.MatchString(comment.Text):
						add(comment, "an open end without an issue number", "nobody will find it again")
					case silence.MatchString(comment.Text) && len(strings.Fields(comment.Text)) < 4:
						add(comment, comment.Text, "a finding is silenced with a reason, or not at all")
					}
				}
			}
			for _, declaration := range file.Syntax.Decls {
				if name, bad := optionType(declaration); bad {
					add(declaration, "type "+name, "a room is built by New(Deps) with named fields, not by functional options")
				}
			}
		}
	}
	return findings
}

// optionType finds "type …Option func(…)".
func optionType(declaration ast.Decl) (string, bool) {
	general, ok := declaration.(*ast.GenDecl)
	if !ok {
		return "", false
	}
	for _, spec := range general.Specs {
		named, ok := spec.(*ast.TypeSpec)
		if !ok || !strings.HasSuffix(named.Name.Name, "Option") {
			continue
		}
		if _, isFunction := named.Type.(*ast.FuncType); isFunction {
			return named.Name.Name, true
		}
	}
	return "", false
}
