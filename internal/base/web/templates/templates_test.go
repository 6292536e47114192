package templates_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/warder-project/warder/internal/base/web/templates"
)

func TestPageThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	const good = `{{define "content"}}{{.View.Heading}}{{end}}`
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no page":                         {map[string]string{"_part.html": `{{define "part"}}{{end}}`}, "there is no page"},
		"page without content":            {map[string]string{"a.html": "Hello"}, `a.html: it does not define "content"`},
		"second page without content":     {map[string]string{"a.html": good, "b.html": "Hello"}, `b.html: it does not define "content"`},
		"page that changes a partial":     {map[string]string{"a.html": good + `{{define "govuk-tag"}}Tag{{end}}`}, `it defines "govuk-tag", which there is already`},
		"page that changes another's own": {map[string]string{"a.html": good + `{{define "row"}}A{{end}}`, "b.html": good + `{{define "row"}}B{{end}}`}, `b.html: it defines "row", which there is already`},
		"page that is no template":        {map[string]string{"a.html": `{{define "content"}}{{.View.Heading`}, "a.html"},
	} {
		files := fstest.MapFS{}
		for file, text := range test.files {
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := templates.Parse(files); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, test.want)
		}
	}
}
