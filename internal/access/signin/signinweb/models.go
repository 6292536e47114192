package signinweb

import (
	"context"
	"slices"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

// modelsView says which keys can be registered, to somebody whose own was refused,
// or who wonders before they fetch one.
type modelsView struct {
	Open  bool // a key was just refused for what it is
	Names []string
	More  int // allowed models that are not named
}

// mostModels is as long a list as somebody reads.
const mostModels = 15

// registrable lists the models whose keys can be registered today; nil where none
// is listed.
func (p *Pages) registrable(ctx context.Context, wrong error) (*modelsView, error) {
	models, err := p.deps.Models.List(ctx)
	if err != nil {
		return nil, err
	}
	view := &modelsView{Open: refusedForWhatItIs(wrong)}
	for _, model := range models {
		if !model.Worth(p.deps.Now()).Register {
			continue
		}
		if len(view.Names) == mostModels {
			view.More++
			continue
		}
		view.Names = append(view.Names, model.Vendor+" "+model.Name)
	}
	if len(view.Names) == 0 {
		return nil, nil
	}
	return view, nil
}

// refusedForWhatItIs reports whether another key would have been taken.
func refusedForWhatItIs(wrong error) bool {
	return slices.ContainsFunc([]problem.Definition{
		factors.AttestationDeclined, factors.AttestationInvalid, factors.AttestationFormat,
		factors.ModelNotAllowed, factors.ModelWarned, factors.SyncedPasskey,
	}, func(refusal problem.Definition) bool { return problem.Is(wrong, refusal) })
}
