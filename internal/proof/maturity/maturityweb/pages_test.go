package maturityweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"level.html": levelView{}, "criterion.html": criterionView{}, "add.html": addView{}})
}
