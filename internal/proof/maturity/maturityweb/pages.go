// Package maturityweb shows administrators which of the five levels the evidence
// shows, what holds the next one back, and who is behind every number; and takes
// new exports in.
package maturityweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/maturity"
	"github.com/warder-project/warder/internal/registry/audit"
)

//go:embed *.html
var files embed.FS

// Path is where the pages begin.
const Path = "/admin/maturity"

// EvidenceWrite is the permission to bring evidence.
const EvidenceWrite web.Permission = "evidence.write"

// largest is the largest export taken through a page, with the form around it.
const largest = 101 << 20

// Deps is what the pages need; all of it.
type Deps struct {
	Assess   func(ctx context.Context) (*maturity.Assessment, error)
	Evidence func(ctx context.Context) ([]evidence.Item, error)
	// Add keeps a file that is without fault.
	Add func(ctx context.Context, actor audit.Actor, upload Upload) (evidence.Item, error)
}

// Upload is a file somebody brings.
type Upload struct {
	Name       string
	File       io.ReadSeeker
	ExportedAt time.Time // zero is not known
	Another    bool      // one more page of an export
}

// Pages are the pages.
type Pages struct {
	deps      Deps
	templates *web.Templates
}

// New reads the templates.
func New(deps Deps) (*Pages, error) {
	if deps.Assess == nil || deps.Evidence == nil || deps.Add == nil {
		return nil, errors.New("make the pages about maturity: something they need is missing")
	}
	templates, err := web.Parse(files)
	if err != nil {
		return nil, fmt.Errorf("make the pages about maturity: %w", err)
	}
	return &Pages{deps: deps, templates: templates}, nil
}

// Routes are the pages. Bringing evidence can change what the organisation
// claims, so it has a permission of its own.
func (p *Pages) Routes() []web.Route {
	read := web.Need{Permission: web.MaturityRead, AAL: 2}
	write := web.Need{Permission: EvidenceWrite, AAL: 2}
	return []web.Route{
		{Method: http.MethodGet, Path: Path, Need: read, Title: "Maturity", Handler: p.level},
		{Method: http.MethodGet, Path: Path + "/criterion/{id}", Need: read, Title: "One criterion", Handler: p.criterion},
		{Method: http.MethodGet, Path: Path + "/evidence/add", Need: write, Title: "Add evidence", Handler: p.askAdd},
		{Method: http.MethodPost, Path: Path + "/evidence/add", Need: write, Title: "Add evidence", Handler: p.add, MaxBody: largest},
	}
}
