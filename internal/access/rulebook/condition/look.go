package condition

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// seen is what an expression speaks of.
type seen struct {
	facts    []string
	missing  []string
	networks []Mention
	faults   []Fault
}

// look goes through an expression that has been checked, for what the types cannot tell.
func (c *Compiler) look(tree *cel.Ast) seen {
	var found seen
	native := tree.NativeRep()
	fault := func(at ast.Expr, format string, args ...any) {
		place := native.SourceInfo().GetStartLocation(at.ID())
		found.faults = append(found.faults, Fault{Line: max(place.Line(), 1), Column: max(place.Column(), 0) + 1, Message: fmt.Sprintf(format, args...)})
	}
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			c.lookAtName(e, &found, fault)
		case ast.CallKind:
			c.lookAtCall(native, e, &found, fault)
		case ast.ComprehensionKind, ast.MapKind, ast.StructKind, ast.SelectKind:
			fault(e, "found something that conditions do not have: expected facts, literals and lists of literals")
		case ast.UnspecifiedExprKind, ast.LiteralKind, ast.ListKind:
		}
	}))
	if len(found.facts) == 0 && len(found.faults) == 0 {
		found.faults = []Fault{{Line: 1, Column: 1, Message: "it speaks of no fact, so it says the same of every request: leave out when, or the rule"}}
	}
	slices.Sort(found.missing)
	found.missing = slices.Compact(found.missing)
	return found
}

func (c *Compiler) lookAtName(e ast.Expr, found *seen, fault func(ast.Expr, string, ...any)) {
	fact, known := c.names[strings.TrimPrefix(e.AsIdent(), ".")]
	if !known {
		fault(e, "“%s” is not a fact: expected one of %s", e.AsIdent(), c.vocabulary(""))
		return
	}
	found.facts = append(found.facts, fact.Name)
	if fact.Missing {
		found.missing = append(found.missing, fact.Name)
	}
}

func (c *Compiler) lookAtCall(native *ast.AST, e ast.Expr, found *seen, fault func(ast.Expr, string, ...any)) {
	call := e.AsCall()
	arguments := call.Args()
	switch call.FunctionName() {
	case "hour", "weekday":
		if name, ok := literal(arguments[1]); !ok || !c.zone(name) {
			fault(arguments[1], "found no time zone: expected one of the IANA list in quotes, such as \"Europe/London\"")
		}
	case overloads.Matches:
		if _, ok := literal(arguments[len(arguments)-1]); !ok {
			fault(arguments[len(arguments)-1], "expected the pattern in quotes")
		}
	case overloads.TypeConvertDuration:
		if text, ok := literal(arguments[0]); !ok {
			fault(arguments[0], "expected a length of time in quotes, such as \"8h\"")
		} else if _, err := time.ParseDuration(text); err != nil {
			fault(arguments[0], "found %q, expected a length of time such as \"8h\"", text)
		}
	case overloads.TypeConvertTimestamp:
		if text, ok := literal(arguments[0]); !ok {
			fault(arguments[0], "expected a time in quotes, such as \"2027-03-31T00:00:00Z\"")
		} else if _, err := time.Parse(time.RFC3339, text); err != nil {
			fault(arguments[0], "found %q, expected a time such as \"2027-03-31T00:00:00Z\"", text)
		}
	case operators.In:
		name, ok := literal(arguments[0])
		if ok && arguments[1].Kind() == ast.IdentKind && arguments[1].AsIdent() == "network.names" {
			place := native.SourceInfo().GetStartLocation(arguments[0].ID())
			found.networks = append(found.networks, Mention{Name: name, Line: max(place.Line(), 1), Column: max(place.Column(), 0) + 1})
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}
