package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

//go:embed *.html
var ownFiles embed.FS

//go:embed partials/*.html
var ownPartials embed.FS

// layoutFile is the frame around every page; it is not a page itself.
const layoutFile = "layout.html"

// Templates are the pages of one room.
type Templates struct {
	pages map[string]*template.Template
}

// Parse reads the *.html files at the top of files. Each file is one page and
// defines "content"; a file whose name starts with an underscore is not a page
// but is at hand in all of them. All have the govuk
// partials, "chart" and "webauthn-ceremony".
func Parse(files fs.FS) (*Templates, error) {
	base, err := baseTemplate()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	var pages []string
	for _, name := range names {
		switch {
		case name == layoutFile:
		case strings.HasPrefix(path.Base(name), "_"):
			if base, err = base.ParseFS(files, name); err != nil {
				return nil, fmt.Errorf("parse template %s: %w", name, err)
			}
		default:
			pages = append(pages, name)
		}
	}
	if len(pages) == 0 {
		return nil, errors.New("parse templates: there is no page (*.html)")
	}
	return parsePages(base, files, pages)
}

func baseTemplate() (*template.Template, error) {
	base, err := govuk.Parse(template.New("").Option("missingkey=error"))
	if err != nil {
		return nil, fmt.Errorf("parse govuk partials: %w", err)
	}
	if base, err = chart.Parse(base); err != nil {
		return nil, fmt.Errorf("parse chart partials: %w", err)
	}
	if base, err = base.ParseFS(ownFiles, layoutFile); err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	if base, err = base.ParseFS(ownPartials, "partials/*.html"); err != nil {
		return nil, fmt.Errorf("parse our partials: %w", err)
	}
	return base, nil
}

func parsePages(base *template.Template, files fs.FS, names []string) (*Templates, error) {
	parsed := &Templates{pages: make(map[string]*template.Template, len(names))}
	for _, name := range names {
		page, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
		if page, err = page.ParseFS(files, name); err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
		if page.Lookup("content") == nil {
			return nil, fmt.Errorf("parse template %s: it does not define \"content\"", name)
		}
		parsed.pages[name] = page.Lookup("layout")
	}
	return parsed, nil
}

// Page returns the whole template of one page, layout included, for checking.
func (t *Templates) Page(name string) (*template.Template, bool) {
	found, ok := t.pages[name]
	return found, ok
}

// Names returns the pages, in no particular order.
func (t *Templates) Names() []string {
	names := make([]string, 0, len(t.pages))
	for name := range t.pages {
		names = append(names, name)
	}
	return names
}

// Render writes one page. Nothing is written when the template fails, so the
// error can still become an error page. r must be on its way through a Site.
func (t *Templates) Render(w http.ResponseWriter, r *http.Request, page Page) error {
	visit := visitOf(r.Context())
	if visit == nil {
		return fmt.Errorf("render %s: the request did not come through a site", page.Name)
	}
	tmpl, ok := t.pages[page.Name]
	if !ok {
		return fmt.Errorf("render %s: there is no such template", page.Name)
	}
	policy, err := visit.site.contentSecurityPolicy(page.FormActions)
	if err != nil {
		return fmt.Errorf("render %s: %w", page.Name, err)
	}
	var body bytes.Buffer
	frame := visit.frame(page)
	if frame.Notice, err = visit.notice(r.Context(), page); err != nil {
		return fmt.Errorf("render %s: %w", page.Name, err)
	}
	if err := tmpl.Execute(&body, frame); err != nil {
		return fmt.Errorf("render %s: %w", page.Name, err)
	}
	if page.Status == 0 {
		page.Status = http.StatusOK
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(page.Status)
	if _, err := w.Write(body.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", page.Name, err)
	}
	return nil
}
