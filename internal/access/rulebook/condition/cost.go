package condition

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"

	"github.com/warder-project/warder/internal/access/policy"
)

const (
	// costMost is what asking may cost, in the language's own units of about ten
	// nanoseconds each.
	costMost = 2_000
	// costSmall is up to what the cost is not watched while asking: watching costs more.
	costSmall = 200

	longestText = 2_048 // of a path, which is the longest of the facts
	mostNames   = 64    // named networks that one address lies in
)

// sizes tells the language how large a fact can be.
type sizes struct{}

func (sizes) EstimateSize(element cost.AstNode) *cost.SizeEstimate {
	path := element.Path()
	if len(path) == 0 {
		return nil
	}
	switch {
	case path[0] == "network.names" && len(path) == 1:
		return &cost.SizeEstimate{Max: mostNames}
	case path[0] == "request.path":
		return &cost.SizeEstimate{Max: longestText}
	}
	return &cost.SizeEstimate{Max: 64}
}

func (sizes) EstimateCallCost(function, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if function == "hour" || function == "weekday" {
		return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 10, Max: 10}}
	}
	return nil
}

// cost is the most that asking can cost.
func (c *Compiler) cost(tree *cel.Ast) (uint64, *Fault) {
	estimate, err := c.env.EstimateCost(tree, sizes{})
	if err != nil {
		return 0, &Fault{Line: 1, Column: 1, Message: "what this can cost cannot be told: " + clip(err.Error())}
	}
	if estimate.Max > costMost {
		return 0, &Fault{Line: 1, Column: 1, Message: fmt.Sprintf("asking this can cost %d, expected at most %d: use fewer patterns, startsWith instead of matches, or two rules", estimate.Max, costMost)}
	}
	return estimate.Max, nil
}

// program makes the expression ready to be asked. What goes wrong while asking counts
// as true: a condition only ever asks for more.
func (c *Compiler) program(tree *cel.Ast, most uint64) (*Condition, error) {
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if most > costSmall {
		options = append(options, cel.CostLimit(costMost))
	}
	program, err := c.env.Program(tree, options...)
	if err != nil {
		return nil, err
	}
	names := c.names
	views := sync.Pool{New: func() any { return &view{names: names} }}
	return &Condition{Holds: func(f *policy.Facts) policy.Truth {
		seen := views.Get().(*view)
		seen.facts = f
		answer, _, err := program.Eval(seen)
		seen.facts = nil
		views.Put(seen)
		switch {
		case err != nil:
			return policy.Yes
		case types.IsUnknown(answer):
			return policy.Unknown
		case answer == types.False:
			return policy.No
		}
		return policy.Yes
	}}, nil
}
