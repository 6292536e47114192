package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestSeeOtherLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	handler := webtest.Site(t, web.Viewer{}, get("/a", web.Public, 0, func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOther(w, r, r.URL.Query().Get("next"))
	}))
	for next, want := range map[string]string{"/people?after=1": "/people?after=1", "//evil.example": "/"} {
		got := webtest.Get(t, handler, "/a?next="+url.QueryEscape(next))
		if got.Status != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("%q: %d to %q", next, got.Status, got.Header.Get("Location"))
		}
	}
}
