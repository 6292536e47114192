package standardsweb

import (
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"standards.html": standardsView{}})
}

func TestStandardsAreShownWithTheirVersionAndWhatIsNotMet(t *testing.T) {
	t.Parallel()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	got := webtest.Get(t, webtest.Site(t, webtest.Viewer("Auditor", 2, web.MaturityRead), pages.Routes()...), Path)
	webtest.Structure(t, got.Document)
	text := got.Document.Text()
	for _, words := range []string{"version 2026-04", "attested security key", "AAL3", "SP 800-63B-4", "July 2025", "FIPS 140 validation",
		"Whether Cyber Essentials v3.3 still accepts codes by text message is not verified", "What changed class from 2025-04 to 2026-04", "SIM-swappable"} {
		if got.Status != http.StatusOK || !strings.Contains(text, words) {
			t.Errorf("answered %d without %q", got.Status, words)
		}
	}
	refused := webtest.Get(t, webtest.Site(t, webtest.Viewer("Desk", 2, web.KeysRead), pages.Routes()...), Path)
	if refused.Status != http.StatusForbidden {
		t.Errorf("somebody without the permission was answered %d", refused.Status)
	}
}
