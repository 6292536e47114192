// Package assets holds the built style sheets and scripts inside the binary:
// what `make assets` wrote to dist/, under names that contain a hash of the
// content, so that a browser may keep them for ever. It serves them and knows
// which file is meant by "app.css". How they are built is in web/; that they
// are missing is a problem with a code of its own, not an empty page.
package assets

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

//go:embed all:dist
var dist embed.FS

// Prefix is where the files are served.
const Prefix = "/assets/"

// NotBuilt is answered when the binary was built without style sheets and scripts.
var NotBuilt = problem.Define(problem.Unavailable, "assets.not_built",
	"This copy of Warder was built without its style sheets and scripts.",
	"Run \"make assets\" (it needs Node.js 20 or newer), then build it again.")

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{NotBuilt}
}

// required are the files no page does without.
var required = []string{"app.css", "forms.js", "webauthn.js", "favicon.svg"}

// Bundle is a set of built files.
type Bundle struct {
	names map[string]string // "app.css" → "app-3F2A9C.css"
	files map[string]file   // by built name
}

type file struct {
	kind        string // content type
	plain, gzip []byte // gzip may be nil
}

// Load returns the files built into this binary, or NotBuilt.
func Load() (*Bundle, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open built assets: %w", err)
	}
	return Open(built)
}

// Open reads manifest.json ({"app.css": "app-HASH.css", …}) and the files it
// names. A .gz file beside one of them is served to those who take it.
func Open(built fs.FS) (*Bundle, error) {
	text, err := fs.ReadFile(built, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, NotBuilt.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest of assets: %w", err)
	}
	bundle := &Bundle{files: map[string]file{}}
	if err := json.Unmarshal(text, &bundle.names); err != nil {
		return nil, NotBuilt.Because(fmt.Errorf("read the manifest of assets: %w", err))
	}
	for _, name := range required {
		if bundle.names[name] == "" {
			return nil, NotBuilt.Because(fmt.Errorf("the manifest does not name %s", name))
		}
	}
	for _, name := range bundle.names {
		if bundle.files[name], err = read(built, name); err != nil {
			return nil, NotBuilt.Because(err)
		}
	}
	return bundle, nil
}

func read(built fs.FS, name string) (file, error) {
	plain, err := fs.ReadFile(built, name)
	if err != nil {
		return file{}, fmt.Errorf("read asset %s: %w", name, err)
	}
	packed, err := fs.ReadFile(built, name+".gz")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file{}, fmt.Errorf("read asset %s.gz: %w", name, err)
	}
	kind := kindOf(name)
	if kind == "" {
		return file{}, fmt.Errorf("asset %s is of no known kind", name)
	}
	return file{kind: kind, plain: plain, gzip: packed}, nil
}

// kindOf does not ask the operating system's table, which differs from machine to machine.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return mime.FormatMediaType("text/css", map[string]string{"charset": "utf-8"})
	case ".js":
		return mime.FormatMediaType("text/javascript", map[string]string{"charset": "utf-8"})
	case ".svg":
		return "image/svg+xml"
	default:
		return ""
	}
}

// Path returns the address of a file by its plain name: "app.css". An unknown
// name gives an address that is not found.
func (b *Bundle) Path(name string) string {
	if built, ok := b.names[name]; ok {
		return Prefix + built
	}
	return Prefix + "missing-" + name
}

// ServeHTTP answers GET and HEAD below Prefix.
func (b *Bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := b.files[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", found.kind)
	// The name changes with the content, so it never needs to be asked for again (RFC 8246 §2).
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	body := found.plain
	if found.gzip != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body = found.gzip
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Write(body) // the client may be gone; nothing is left to do
}

func takesGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0"
		}
	}
	return false
}
