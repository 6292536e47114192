package returns

import (
	"net/url"
	"strings"
	"testing"
)

func TestReturnAddressStaysOnThisHost(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"":                    Home,
		"/me":                 "/me",
		"/admin/keys?q=a%2Fb": "/admin/keys?q=a%2Fb",
		"/a#part":             "/a",
		"/signin":             Home, // would go round in circles
		"/signin/att_x":       Home,
		"/signout":            Home,
		"/enrol/token":        Home,
		"/signing-things":     "/signing-things",
		"/caf%C3%A9":          "/caf%C3%A9",
	}
	for text, want := range good {
		to, err := ParseLocal(text)
		if err != nil || to.Local() != want {
			t.Errorf("ParseLocal(%q) = %q, %v; want %q", text, to.Local(), err, want)
		}
	}
	for _, text := range []string{
		"//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "https:evil.example",
		"javascript:alert(1)", "evil.example", "/\t/evil.example", "/\n/evil.example", " /me", "/%2F/../..//", "/%2f/evil.example",
		"/%5Cevil.example", "/ä", strings.Repeat("/a", 2000), "?next=/", "#", "///evil.example", "/me\x00",
	} {
		if to, err := ParseLocal(text); err == nil {
			t.Errorf("ParseLocal(%q) was accepted as %+v", text, to)
		}
	}
}

func TestServiceAddressIsTakenApartStrictly(t *testing.T) {
	t.Parallel()
	good := map[string]Address{
		"https://Payroll.Example/a?b=c#d":   {Scheme: "https", Host: "payroll.example", Path: "/a?b=c"},
		"https://payroll.example:443":       {Scheme: "https", Host: "payroll.example", Path: "/"},
		"https://payroll.example:8443/a%2F": {Scheme: "https", Host: "payroll.example:8443", Path: "/a%2F"},
		"http://localhost:8421/payroll":     {Scheme: "http", Host: "localhost:8421", Path: "/payroll"},
	}
	for text, want := range good {
		if got, err := parseService(text); err != nil || got != want {
			t.Errorf("parseService(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "/a", "//payroll.example/", "payroll.example", "ftp://payroll.example/", "https://user@payroll.example/",
		"https://payroll.example\\@evil.example/", "https:/payroll.example", "https:payroll.example", "https://",
		"https://pay roll.example/", "https://payroll.example/\r\nSet-Cookie:a=b", "https://p\u00e4yroll.example/", "https://[::1", "https://%70ayroll.example/",
	} {
		if got, err := parseService(text); err == nil {
			t.Errorf("parseService(%q) was accepted as %+v", text, got)
		}
	}
}

// FuzzReturnAddress: whatever is accepted leads, read as a browser reads it,
// to the host it says.
func FuzzReturnAddress(f *testing.F) {
	for _, seed := range []string{"/me", "//evil", "/\\evil", "https://payroll.example/a", "https://payroll.example:443/?a=b",
		"/%2f%2fevil", "https://a@b/", "/a/../..//b", "http://localhost:8421/"} {
		f.Add(seed)
	}
	portal, _ := url.Parse("https://warder.example/signin")
	f.Fuzz(func(t *testing.T, text string) {
		if to, err := ParseLocal(text); err == nil {
			leads, err := portal.Parse(to.Local())
			if err != nil || leads.Scheme != "https" || leads.Host != "warder.example" || !strings.HasPrefix(leads.EscapedPath(), "/") {
				t.Fatalf("ParseLocal(%q) leads to %v, %v", text, leads, err)
			}
			if strings.HasPrefix(to.Local(), "//") || strings.ContainsAny(to.Local(), "\\\r\n\t ") {
				t.Fatalf("ParseLocal(%q) = %q", text, to.Local())
			}
		}
		if to, err := parseService(text); err == nil {
			leads, err := url.Parse(to.Scheme + "://" + to.Host + to.Path)
			if err != nil || leads.Host != to.Host || leads.Scheme != to.Scheme || leads.User != nil {
				t.Fatalf("parseService(%q) = %+v leads to %v, %v", text, to, leads, err)
			}
			again, err := parseService(leads.String())
			if err != nil || again != to {
				t.Fatalf("parseService(%q) = %+v, and once more %+v, %v", text, to, again, err)
			}
		}
	})
}
