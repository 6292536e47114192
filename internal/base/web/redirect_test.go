package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func TestNextStaysOnThisSite(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"/":                             "/",
		"/people":                       "/people",
		"/people?text=a%20b&after=x":    "/people?text=a%20b&after=x",
		"/people?back=https://x.test":   "/people?back=https://x.test",
		"/caf%C3%A9":                    "/caf%C3%A9",
		"/people#top":                   "/people",
		"":                              "/",
		"people":                        "/",
		"https://evil.example/":         "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		`/\evil.example`:                "/",
		`\\evil.example`:                "/",
		"/%5Cevil.example":              "/",
		"/%2F/evil.example":             "/",
		"/.//evil.example":              "/",
		"/a/..//evil.example":           "/",
		"/a/../b":                       "/",
		"/%2e%2e//evil.example":         "/",
		"/\t/evil.example":              "/",
		"/\n/evil.example":              "/",
		"/a\r\nSet-Cookie: x=y":         "/",
		"javascript:alert(1)":           "/",
		"/people\x00":                   "/",
		"/%zz":                          "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		if got := web.SafeNext(given); got != want {
			t.Errorf("SafeNext(%q) = %q, want %q", given, got, want)
		}
	}
}

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

func FuzzNextStaysOnThisSite(f *testing.F) {
	for _, seed := range []string{"/", "//", "/people?text=a", "//evil", "/\\evil", "/\t/evil", "/.//evil", "/%2f%2fevil", "/a#b",
		"https://evil.example", "/a?b=//c", "/;@evil", "/:80", "/ evil", "/%00", "/\u2028", "/?%0d%0aX: y"} {
		f.Add(seed)
	}
	base, err := url.Parse(webtest.Base + "/signin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got := web.SafeNext(given)
		target, err := base.Parse(got)
		if err != nil || target.Scheme != "https" || target.Host != base.Host || target.User != nil {
			t.Fatalf("SafeNext(%q) = %q leads to %v (%v)", given, got, target, err)
		}
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\t\r\n\x00 ") {
			t.Fatalf("SafeNext(%q) = %q is read differently by browsers", given, got)
		}
		if web.SafeNext(got) != got {
			t.Fatalf("SafeNext(%q) = %q, and again = %q", given, got, web.SafeNext(got))
		}
	})
}
