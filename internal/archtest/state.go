package archtest

import (
	"go/ast"
	"go/token"
	"strings"
)

// State: no init functions, and no package variables that change. What a parser
// cannot prove it settles by rule: a package variable has a value from the
// start, is not made of locks, atomics, channels or make, and nothing in its
// package assigns to it, to a part of it, or takes its address.
func State(house *House) []Finding {
	var findings []Finding
	for _, one := range house.Packages {
		if one.Place.forTests() {
			continue
		}
		variables := map[string]*ast.ValueSpec{}
		for _, file := range one.code() {
			add := func(node ast.Node, what, why string) {
				findings = append(findings, Finding{Rule: "state", Package: one.Path,
					Place: house.place(file, node.Pos()), What: what, Why: why})
			}
			for _, declaration := range file.Syntax.Decls {
				switch declared := declaration.(type) {
				case *ast.FuncDecl:
					if declared.Recv == nil && declared.Name.Name == "init" {
						add(declared, "func init", "nothing happens because a package was imported")
					}
				case *ast.GenDecl:
					if declared.Tok == token.VAR {
						packageVariables(declared, variables, add)
					}
				}
			}
		}
		for _, file := range one.code() {
			for _, changed := range changes(file, variables) {
				findings = append(findings, Finding{Rule: "state", Package: one.Path,
					Place: house.place(file, changed.Pos()), What: "var " + changed.Name + " is changed here, or could be",
					Why: "what changes is in a value that New made, under a lock that is named"})
			}
		}
	}
	return findings
}

// packageVariables adds the variables of one declaration, and reports those that
// can only be there to change.
func packageVariables(declared *ast.GenDecl, variables map[string]*ast.ValueSpec,
	add func(ast.Node, string, string)) {
	for _, spec := range declared.Specs {
		values, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		embedded := isEmbedded(declared.Doc) || isEmbedded(values.Doc)
		for _, name := range values.Names {
			if name.Name == "_" || embedded {
				continue
			}
			variables[name.Name] = values
			if len(values.Values) == 0 {
				add(name, "var "+name.Name+" without a value", "it is there to be changed later")
			}
		}
		for _, value := range values.Values {
			if what := changeable(value); what != "" && values.Names[0].Name != "_" {
				add(value, "var "+values.Names[0].Name+" = "+what, "it is there to be changed later")
			}
		}
	}
}

func isEmbedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if strings.HasPrefix(comment.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// changeable finds values whose only use is to change: locks, atomics, channels,
// maps and slices that start empty.
func changeable(value ast.Expr) string {
	found := ""
	ast.Inspect(value, func(node ast.Node) bool {
		switch part := node.(type) {
		case *ast.FuncLit:
			return false // what it makes when it is called is its own
		case *ast.CallExpr:
			if name, ok := part.Fun.(*ast.Ident); ok && (name.Name == "make" || name.Name == "new") {
				found = name.Name + "(…)"
			}
		case *ast.SelectorExpr:
			if name, ok := part.X.(*ast.Ident); ok && (name.Name == "sync" || name.Name == "atomic") &&
				!strings.HasPrefix(part.Sel.Name, "OnceValue") { // computed once is a constant
				found = name.Name + "." + part.Sel.Name
			}
		}
		return true
	})
	if literal, ok := value.(*ast.CompositeLit); ok && len(literal.Elts) == 0 {
		switch literal.Type.(type) {
		case *ast.MapType, *ast.ArrayType:
			found = "an empty collection"
		}
	}
	return found
}

// changes finds where a file assigns to one of the variables, to a part of it,
// deletes from it, or takes its address.
func changes(file *File, variables map[string]*ast.ValueSpec) []*ast.Ident {
	var found []*ast.Ident
	note := func(expression ast.Expr) {
		if name := rootOf(expression); name != nil && refersTo(name, variables) {
			found = append(found, name)
		}
	}
	ast.Inspect(file.Syntax, func(node ast.Node) bool {
		switch part := node.(type) {
		case *ast.AssignStmt:
			if part.Tok != token.DEFINE {
				for _, left := range part.Lhs {
					note(left)
				}
			}
		case *ast.IncDecStmt:
			note(part.X)
		case *ast.UnaryExpr:
			if part.Op == token.AND {
				note(part.X)
			}
		case *ast.RangeStmt:
			if part.Tok == token.ASSIGN {
				note(part.Key)
				note(part.Value)
			}
		case *ast.CallExpr:
			if name, ok := part.Fun.(*ast.Ident); ok && (name.Name == "delete" || name.Name == "clear") && len(part.Args) > 0 {
				note(part.Args[0])
			}
		}
		return true
	})
	return found
}

// rootOf is x in x, x.y, x[i], (x) and *x.
func rootOf(expression ast.Expr) *ast.Ident {
	for {
		switch part := expression.(type) {
		case *ast.Ident:
			return part
		case *ast.SelectorExpr:
			expression = part.X
		case *ast.IndexExpr:
			expression = part.X
		case *ast.SliceExpr:
			expression = part.X
		case *ast.ParenExpr:
			expression = part.X
		case *ast.StarExpr:
			expression = part.X
		default:
			return nil
		}
	}
}

// refersTo reports whether a name means the package variable: the parser has
// resolved local names, and leaves those of other files unresolved.
func refersTo(name *ast.Ident, variables map[string]*ast.ValueSpec) bool {
	declared, known := variables[name.Name]
	if !known {
		return false
	}
	return name.Obj == nil || name.Obj.Decl == declared
}
