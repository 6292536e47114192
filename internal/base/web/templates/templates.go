// Package templates reads the pages of a room. All rooms have the layout, the
// GOV.UK partials, charts and the WebAuthn ceremony; each has its own pages. The
// room owns how they are put together; what they are executed with, and how they
// reach a browser, is for base/web.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

//go:embed layout.html partials/*.html
var own embed.FS

// layoutFile is the frame around every page; it is not a page itself.
const layoutFile = "layout.html"

// Set is the pages of one room.
type Set struct {
	layout *template.Template
	pages  map[string]*template.Template // the content of each, by file name
}

// Parse reads the *.html files at the top of files. Each file is one page and
// defines "content"; a file whose name starts with an underscore is not a page
// but is at hand in all of them. All have the govuk
// partials, "chart" and "webauthn-ceremony".
func Parse(files fs.FS) (*Set, error) {
	base, err := baseTemplate()
	if err != nil {
		return nil, err
	}
	room, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("copy the partials: %w", err)
	}
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	parsed := &Set{layout: room.Lookup("layout"), pages: map[string]*template.Template{}}
	for _, name := range names {
		switch {
		case name == layoutFile:
		case strings.HasPrefix(path.Base(name), "_"):
			if _, err := room.ParseFS(files, name); err != nil {
				return nil, fmt.Errorf("parse template %s: %w", name, err)
			}
		default:
			if parsed.pages[name], err = parsePage(room, files, name); err != nil {
				return nil, fmt.Errorf("parse template %s: %w", name, err)
			}
		}
	}
	if len(parsed.pages) == 0 {
		return nil, errors.New("parse templates: there is no page (*.html)")
	}
	return parsed, nil
}

// baseTemplate is what all rooms have in common. It is parsed once, and never
// executed itself, so that each room can make a copy.
var baseTemplate = sync.OnceValues(func() (*template.Template, error) {
	base, err := govuk.Parse(template.New("").Option("missingkey=error"))
	if err != nil {
		return nil, fmt.Errorf("parse govuk partials: %w", err)
	}
	if base, err = chart.Parse(base); err != nil {
		return nil, fmt.Errorf("parse chart partials: %w", err)
	}
	if base, err = base.ParseFS(own, layoutFile); err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	if base, err = base.ParseFS(own, "partials/*.html"); err != nil {
		return nil, fmt.Errorf("parse our partials: %w", err)
	}
	return base, nil
})

// parsePage reads one page into the set of its room. Every page defines "content";
// what this one says is kept under the page's own name, because a copy of all
// partials for each page would be most of what the server holds in memory.
func parsePage(room *template.Template, files fs.FS, name string) (*template.Template, error) {
	before := trees(room)
	if _, err := room.ParseFS(files, name); err != nil {
		return nil, err
	}
	content := room.Lookup("content")
	if content == nil || content.Tree == before["content"] {
		return nil, errors.New(`it does not define "content"`)
	}
	for defined, tree := range trees(room) {
		if old := before[defined]; old != nil && old != tree && defined != "content" {
			return nil, fmt.Errorf("it defines %q, which there is already", defined)
		}
	}
	return room.AddParseTree("page "+name, content.Tree)
}

func trees(of *template.Template) map[string]*parse.Tree {
	all := map[string]*parse.Tree{}
	for _, one := range of.Templates() {
		all[one.Name()] = one.Tree
	}
	return all
}

// Page returns the template of one page, without the layout, for checking.
func (s *Set) Page(name string) (*template.Template, bool) {
	found, ok := s.pages[name]
	return found, ok
}

// Layout returns the frame around every page, for checking.
func (s *Set) Layout() *template.Template { return s.layout }

// Names returns the pages, in no particular order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.pages))
	for name := range s.pages {
		names = append(names, name)
	}
	return names
}
