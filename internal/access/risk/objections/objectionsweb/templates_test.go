package objectionsweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"notme.html": notMeView{}, "own.html": ownView{}, "cases.html": casesView{}})
}
