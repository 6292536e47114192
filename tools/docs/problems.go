package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

const problemImport = "github.com/warder-project/warder/internal/base/problem"

// defined is one call of problem.Define.
type defined struct{ kind, code, sentence, next, room, place string }

// problemsPage makes docs/problems.md from every problem.Define in the code. It
// reads the text, not the running program, so no room can be forgotten; that is
// why the arguments have to be written out as literals.
func problemsPage(code *tree, _ string) (string, error) {
	var all []defined
	seen := map[string]string{}
	for _, one := range code.packages {
		for _, file := range one.files {
			found, err := definitions(code.fset, one.path, file)
			if err != nil {
				return "", err
			}
			for _, definition := range found {
				if earlier, twice := seen[definition.code]; twice {
					return "", fmt.Errorf("%s: the code %s is taken by %s", definition.place, definition.code, earlier)
				}
				seen[definition.code] = definition.place
				all = append(all, definition)
			}
		}
	}
	slices.SortFunc(all, func(a, b defined) int { return strings.Compare(a.code, b.code) })

	var page strings.Builder
	page.WriteString(`# Problems

<!-- Generated from the code by make docs. Do not edit. -->

Every refusal and every mistake that Warder tells a person about, by its code. The code is the same on a page, in JSON, in the
log and on the command line, and does not change between releases; the sentence may. What is not listed here is shown as an
incident number only, and the log has the rest.

The kind decides the status of a page and the exit code of a command.

`)
	group := ""
	for _, one := range all {
		if name, _, _ := strings.Cut(one.code, "."); name != group {
			group = name
			fmt.Fprintf(&page, "## %s\n\n", group)
		}
		fmt.Fprintf(&page, "### `%s`\n\n%s\n\n*What to do:* %s\n\n<small>%s, from `%s`</small>\n\n",
			one.code, escape(one.sentence), escape(one.next), one.kind, one.room)
	}
	return strings.TrimRight(page.String(), "\n") + "\n", nil
}

// escape keeps angle brackets and the like from being read as markup.
func escape(text string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`).Replace(text)
}

// definitions finds the calls in one file.
func definitions(fset *token.FileSet, room string, file *ast.File) ([]defined, error) {
	name := localName(file)
	if name == "" {
		return nil, nil
	}
	var found []defined
	var broken error
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || broken != nil {
			return broken == nil
		}
		function, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || function.Sel.Name != "Define" {
			return true
		}
		if base, ok := function.X.(*ast.Ident); !ok || base.Name != name {
			return true
		}
		position := fset.Position(call.Pos())
		place := fmt.Sprintf("%s:%d", position.Filename, position.Line)
		var definition defined
		if definition, broken = oneDefinition(call.Args, place); broken == nil {
			definition.room = strings.TrimPrefix(room, "internal/")
			found = append(found, definition)
		}
		return true
	})
	return found, broken
}

// localName is what the file calls base/problem, or "".
func localName(file *ast.File) string {
	for _, spec := range file.Imports {
		if text, err := strconv.Unquote(spec.Path.Value); err == nil && text == problemImport {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return "problem"
		}
	}
	return ""
}

func oneDefinition(arguments []ast.Expr, place string) (defined, error) {
	one := defined{place: place}
	if len(arguments) != 4 {
		return one, fmt.Errorf("%s: Define takes a kind, a code, a sentence and a next step", place)
	}
	kind, ok := arguments[0].(*ast.SelectorExpr)
	if !ok {
		return one, fmt.Errorf("%s: the kind is not written as problem.Kind", place)
	}
	one.kind = kind.Sel.Name
	for i, to := range []*string{&one.code, &one.sentence, &one.next} {
		text, ok := literal(arguments[i+1])
		if !ok || strings.TrimSpace(text) == "" {
			return one, fmt.Errorf("%s: argument %d is not a text that is written out: a code, a sentence and a next step are", place, i+2)
		}
		*to = text
	}
	if !strings.Contains(one.code, ".") {
		return one, fmt.Errorf("%s: the code %q does not begin with its room and a dot", place, one.code)
	}
	return one, nil
}

// literal is the text of a literal, or of literals that are added.
func literal(expression ast.Expr) (string, bool) {
	switch part := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(part.Value)
		return text, err == nil && part.Kind == token.STRING
	case *ast.ParenExpr:
		return literal(part.X)
	case *ast.BinaryExpr:
		left, leftOK := literal(part.X)
		right, rightOK := literal(part.Y)
		return left + right, leftOK && rightOK && part.Op == token.ADD
	}
	return "", false
}
