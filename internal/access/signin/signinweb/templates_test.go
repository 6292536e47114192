package signinweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{
		"start.html": startView{}, "key.html": keyView{}, "refused.html": refusedView{},
		"enrol.html": enrolView{}, "help.html": helpView{}, "kept.html": keptView{},
		"secret.html": secretView{}, "haskey.html": hasKeyView{},
	})
}
