package decisionweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/decisions"

// Deps is what the pages need. All but Unusual is required.
type Deps struct {
	Desk     *decision.Desk
	People   *people.Directory
	Services *services.Catalogue
	Keys     *keys.Register
	Policies *versions.Library
	// Trials is what policies in report-only would have said.
	Trials *trials.Book
	// Unusual says what is unusual about a session at an address, as names and values;
	// nil: nothing is known.
	Unusual func(ctx context.Context, session ids.Session, from netip.Addr) ([][2]string, error)
}

// Pages are the pages about decisions.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Desk == nil || deps.People == nil || deps.Services == nil || deps.Keys == nil || deps.Policies == nil || deps.Trials == nil {
		return nil, errors.New("make the pages about decisions: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about decisions: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.DecisionsRead, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Decisions", Handler: p.list},
		{Method: http.MethodGet, Path: Path + "/{decision}", Need: read, Title: "One decision", Handler: p.show},
		{Method: http.MethodGet, Path: MinePath, Need: web.Need{Permission: web.Self, AAL: 1, Phishable: true}, Title: mineTitle, Handler: p.mine},
	}
}

func pathOf(id ids.Decision) string { return Path + "/" + string(id) }

// personName is how a person is called here; their id when they are not there.
func (p *Pages) personName(ctx context.Context, id ids.Person) (string, error) {
	if id == "" {
		return "Nobody signed in", nil
	}
	person, err := p.deps.People.Get(ctx, id)
	if problem.Is(err, people.NotFound) {
		return string(id), nil
	}
	if err != nil {
		return "", err
	}
	return person.Name + " (" + person.UserName + ")", nil
}

func (p *Pages) serviceName(ctx context.Context, id ids.Service) (string, error) {
	if id == "" {
		return "No service", nil
	}
	service, err := p.deps.Services.Get(ctx, id)
	if problem.Is(err, services.NotFound) {
		return string(id), nil
	}
	if err != nil {
		return "", err
	}
	return service.Name, nil
}

// keyName is the number on a key, or what its holder calls it.
func (p *Pages) keyName(ctx context.Context, id ids.Key) (string, error) {
	key, err := p.deps.Keys.Get(ctx, id)
	switch {
	case problem.Is(err, keys.NotFound):
		return string(id), nil
	case err != nil:
		return "", err
	}
	return key.Name(), nil
}

func effectTag(effect policy.Effect) *govuk.Tag {
	switch effect {
	case policy.Allow:
		return &govuk.Tag{Text: "Allowed", Classes: govuk.Green}
	case policy.StepUp:
		return &govuk.Tag{Text: "Asked to sign in", Classes: govuk.Yellow}
	case policy.Deny:
	}
	return &govuk.Tag{Text: "Refused", Classes: govuk.Red}
}
