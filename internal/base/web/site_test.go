package web_test

import (
	"embed"
	"testing"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

//go:embed testdata/*.html
var sampleFiles embed.FS

type sampleView struct {
	Heading string
	Name    govuk.Input
	Save    govuk.Button
}

func TestOwnErrorPageIsTypeChecked(t *testing.T) {
	t.Parallel()
	webtest.Check(t, web.OwnFiles(), map[string]any{"error.html": web.ErrorView{}})
}
