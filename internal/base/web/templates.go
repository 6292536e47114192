package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/warder-project/warder/internal/base/web/templates"
)

//go:embed *.html
var ownFiles embed.FS

// Templates are the pages of one room.
type Templates struct{ set *templates.Set }

// Parse reads the *.html files at the top of files: see templates.Parse.
func Parse(files fs.FS) (*Templates, error) {
	set, err := templates.Parse(files)
	if err != nil {
		return nil, err
	}
	return &Templates{set: set}, nil
}

// Render writes one page. Nothing is written when the template fails, so the
// error can still become an error page. r must be on its way through a Site.
func (t *Templates) Render(w http.ResponseWriter, r *http.Request, page Page) error {
	visit := visitOf(r.Context())
	if visit == nil {
		return fmt.Errorf("render %s: the request did not come through a site", page.Name)
	}
	content, ok := t.set.Page(page.Name)
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
	if err := content.Execute(&body, frame); err != nil {
		return fmt.Errorf("render %s: %w", page.Name, err)
	}
	frame.Content = template.HTML(body.String()) // escaped, by the template it comes from
	body.Reset()
	if err := t.set.Layout().Execute(&body, frame); err != nil {
		return fmt.Errorf("render the layout of %s: %w", page.Name, err)
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
