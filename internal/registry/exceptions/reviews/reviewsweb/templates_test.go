package reviewsweb

import (
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"queue.html": queueView{}, "show.html": showView{}})
}

// C22.4: nobody decides about several reviews at once, and keeps them all: the one thing
// that can be sent is a decision about one.
func TestNoPageDecidesAboutSeveralReviews(t *testing.T) {
	t.Parallel()
	for _, route := range (&Pages{}).Routes() {
		if route.Method != "GET" && !strings.HasSuffix(route.Path, "/{review}") {
			t.Errorf("%s decides about more than one", route)
		}
	}
}
