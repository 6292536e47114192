package decisionweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "show.html": showView{}, "mine.html": mineView{}})
}
