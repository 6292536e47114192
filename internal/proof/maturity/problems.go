package maturity

import "github.com/warder-project/warder/internal/base/problem"

var problemNoCriterion = problem.Define(problem.NotFound, "maturity.no_criterion",
	"There is no such criterion.",
	"Use L and the level, a dot, and T for its text, G1 to G3 for a good-enough point, or D1 to D5 for a do-better point, for example L3.G1.")

// Problems lists the problems of this room.
func Problems() []problem.Definition { return []problem.Definition{problemNoCriterion} }
