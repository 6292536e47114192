package app

import (
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/doors/gateway"
)

// Problems lists every problem that Warder can answer with, in order of its code.
func Problems() []problem.Definition {
	all := slices.Concat(config.Problems(), gateway.Problems())
	slices.SortFunc(all, func(a, b problem.Definition) int { return strings.Compare(a.Code, b.Code) })
	return all
}
