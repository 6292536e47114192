package within_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/web/within"
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
		if got := within.Site(given); got != want {
			t.Errorf("Site(%q) = %q, want %q", given, got, want)
		}
	}
}

func FuzzNextStaysOnThisSite(f *testing.F) {
	for _, seed := range []string{"/", "//", "/people?text=a", "//evil", "/\\evil", "/\t/evil", "/.//evil", "/%2f%2fevil", "/a#b",
		"https://evil.example", "/a?b=//c", "/;@evil", "/:80", "/ evil", "/%00", "/\u2028", "/?%0d%0aX: y"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://warder.example/signin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got := within.Site(given)
		target, err := base.Parse(got)
		if err != nil || target.Scheme != "https" || target.Host != base.Host || target.User != nil {
			t.Fatalf("Site(%q) = %q leads to %v (%v)", given, got, target, err)
		}
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\t\r\n\x00 ") {
			t.Fatalf("Site(%q) = %q is read differently by browsers", given, got)
		}
		if within.Site(got) != got {
			t.Fatalf("Site(%q) = %q, and again = %q", given, got, within.Site(got))
		}
	})
}
