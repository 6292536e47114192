package govuk

import (
	"embed"
	"html"
	"html/template"
	"maps"
	"slices"
	"strings"
)

//go:embed partials/*.html
var partials embed.FS

// Parse adds the partials, and the template functions date, day, clock and
// number, to a template.
func Parse(into *template.Template) (*template.Template, error) {
	return into.Funcs(template.FuncMap{
		"date":   DateTime,
		"day":    Date,
		"clock":  Clock,
		"number": Number,
	}).ParseFS(partials, "partials/*.html")
}

// Attributes are extra HTML attributes. Names other than data-…, aria-… and a
// few harmless ones are left out, so that nothing here can become a script.
type Attributes map[string]string

// HTML is the attributes in the order of their names, escaped.
func (a Attributes) HTML() template.HTMLAttr {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if harmless(name) {
			text.WriteString(" " + name + `="` + html.EscapeString(a[name]) + `"`)
		}
	}
	return template.HTMLAttr(text.String()) // names are checked, values are escaped
}

func harmless(name string) bool {
	switch name {
	case "id", "lang", "dir", "title", "role", "rel", "tabindex", "novalidate", "autocomplete",
		"maxlength", "min", "max", "step", "required", "readonly", "hidden", "form", "accept", "spellcheck", "autocapitalize":
		return true
	}
	rest, ok := strings.CutPrefix(name, "data-")
	if !ok {
		rest, ok = strings.CutPrefix(name, "aria-")
	}
	return ok && rest != "" && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// describedBy joins the ids an input points to with aria-describedby.
func describedBy(given, id string, hint Hint, message ErrorMessage) string {
	ids := make([]string, 0, 3)
	if given != "" {
		ids = append(ids, given)
	}
	if hint.Text != "" {
		ids = append(ids, id+"-hint")
	}
	if message.Text != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

func firstOf(given, otherwise string) string {
	if given != "" {
		return given
	}
	return otherwise
}
