package lockout

import (
	"context"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/forecastweb"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Pages are the pages about forecasts.
func (d *Desk) Pages() (*forecastweb.Pages, error) {
	return forecastweb.New(forecastweb.Deps{Gate: d.Gate, People: d.deps.People,
		Pack: func(ctx context.Context, actor audit.Actor) (int64, error) {
			draft, err := d.PrivilegedFirst(ctx, actor)
			return draft.Number, err
		},
		Look: func(ctx context.Context, asked forecastweb.Question) (*forecast.Forecast, gate.Draft, error) {
			question, err := d.numbered(ctx, asked)
			if err != nil {
				return nil, gate.Draft{}, err
			}
			return d.Forecast(ctx, question)
		},
		Make: func(ctx context.Context, actor audit.Actor, asked forecastweb.Question) error {
			question, err := d.numbered(ctx, asked)
			if err == nil {
				_, _, err = d.Make(ctx, actor, question)
			}
			return err
		}})
}

// numbered is the question about a version that is kept. Problems: versions.NotFound,
// versions.NonePublished.
func (d *Desk) numbered(ctx context.Context, asked forecastweb.Question) (Question, error) {
	var version versions.Version
	var err error
	if asked.Version == 0 {
		version, _, err = d.deps.Policies.Current(ctx)
	} else {
		version, err = d.deps.Policies.Get(ctx, asked.Version)
	}
	return Question{Text: versions.Text{Name: version.Name, Body: []byte(version.Text)}, Days: asked.Days}, err
}
