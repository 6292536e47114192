// Package riskweb is the page about what is kept of where one person signs in, for
// administrators.
package riskweb

import (
	"embed"
	"errors"
	"fmt"
	"net/http"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/people"
)

//go:embed *.html
var files embed.FS

// Deps is what the page needs. All of it is required.
type Deps struct {
	Watch  *risk.Watch
	People *people.Directory
}

// Pages is the page.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the template.
func New(deps Deps) (*Pages, error) {
	if deps.Watch == nil || deps.People == nil {
		return nil, errors.New("make the page about what is usual: something it needs is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the page about what is usual: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes is the page.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: "/admin/people/{person}/risk", Need: web.Need{Permission: web.SessionsRead, AAL: 2},
		Title: "What is usual for somebody", Handler: p.person}}
}
