package boardweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"list.html": listView{}, "own.html": ownView{}, "board.html": boardView{}, "breaks.html": breaksView{},
		"show.html": showView{}, "deed.html": deedView{}, "new.html": newView{}})
}
