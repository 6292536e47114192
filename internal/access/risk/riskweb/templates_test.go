package riskweb

import (
	"testing"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"person.html": personView{}})
}
