package fidoweb

import (
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/feeds/fido/fidodb"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"models.html": modelsView{}})
}

func TestPageSaysHowEveryModelStandsAndHowOldTheListIs(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := decisiontest.Open(t, d)
	book := fido.New(fido.Deps{Store: fidodb.New(d), Models: h.Models, Tx: d, Audit: h.Audit, Now: h.Clock.Now,
		Recall: recall.New(recall.Deps{Models: h.Models, Factors: h.Factors, Sessions: h.Sessions, Tx: d, Now: h.Clock.Now})})
	pages, err := New(Deps{Metadata: book, Now: h.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Site(t, webtest.Viewer("Admin", 2, web.KeysRead), pages.Routes()...)
	shows := func(words ...string) string {
		t.Helper()
		got := webtest.Get(t, site, Path)
		for _, one := range words {
			if got.Status != http.StatusOK || !strings.Contains(got.Document.Text(), one) {
				t.Fatalf("answered %d without %q:\n%s", got.Status, one, got.Document.Text())
			}
		}
		return got.Document.Text()
	}
	shows("Blue Keys One", "attested and hardware-bound", "was ever imported", "Not known", "None was imported")
	service := fidotest.NewService(t)
	list := service.List(t, h.Clock.Now(), fidotest.Payload(t, 15, fidotest.About(decisiontest.Make().AAGUID, "FIDO_CERTIFIED_L2", "USER_KEY_PHYSICAL_COMPROMISE")))
	if _, err := book.Import(t.Context(), decisiontest.Desk(), list); err != nil {
		t.Fatal(err)
	}
	text := shows("15", "24 December 2026", "not the root that the FIDO Alliance uses", "For tests only.", "Warning about Blue Keys One", "can copy its private keys",
		"attested, not hardware-bound", "Imaginary Key. Private keys: hardware, secure element. FIDO_CERTIFIED_L2, USER_KEY_PHYSICAL_COMPROMISE")
	if strings.Contains(text, "out of date") {
		t.Error("a list of this year is called out of date")
	}
	h.Clock.Advance(list.NextUpdate.AddDate(0, 0, 1).Sub(h.Clock.Now()))
	shows("The list in use is out of date")
}
