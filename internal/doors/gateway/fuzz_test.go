package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// FuzzSafeNext: whatever is accepted leads a browser to the same host.
func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{"", "/", "/payslips?year=2026", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%5cevil", "/%2f%2fevil",
		"/.warder/signout", "/a/../.warder/signout", "/\u202e", "/?next=//evil", "/#//evil", "\x00", "/%zz", "/@evil.example", "/:80", "///", "/.//evil"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://payroll.example.org/.warder/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		next, ok := safeNext(text)
		if !ok {
			return
		}
		if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") || strings.HasPrefix(next, ownPaths) {
			t.Errorf("%q was accepted", next)
		}
		reference, err := url.Parse("https://payroll.example.org" + next)
		if err != nil {
			t.Fatalf("%q cannot be gone to: %v", next, err)
		}
		if found := base.ResolveReference(reference); found.Host != base.Host || found.Scheme != "https" || found.User != nil {
			t.Errorf("%q leads to %s", next, found)
		}
	})
}

// FuzzSplitAddress: path and query put together are what was there before, and
// the path can be read.
func FuzzSplitAddress(f *testing.F) {
	for _, seed := range []string{"/", "/a?b", "/a?b?c", "a", "", "http://evil/", "/%41", "/%4", "/#", "//a", "?", "/a%3Fb?c", strings.Repeat("/", 9000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, query, ok := splitAddress(text)
		if !ok {
			return
		}
		a := asked{query: query}
		a.Path = path
		if got := a.address(); got != text && got+"?" != text {
			t.Errorf("%q became %q", text, got)
		}
		if path[0] != '/' || strings.ContainsAny(path, "?#") {
			t.Errorf("%q has the path %q", text, path)
		}
		if _, err := url.PathUnescape(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	})
}

// FuzzCookieValue: where the standard library and we disagree, we say "none", and
// what goes on to the application has none of ours under either reading.
func FuzzCookieValue(f *testing.F) {
	for _, seed := range []string{"warder_gate=a", "a=b; warder_gate=c; d=e", "warder_gate=a; warder_gate=b", " warder_gate=a ", `warder_gate="a"`, "warder_gate", "warder_gate==",
		";;warder_gate=a;", "Warder_gate=a", "\twarder_gate=a", "x=warder_gate=a", "__Host-warder_gate=a", "warder_gate=a,b", "warder_gate = a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		header := http.Header{"Cookie": {line}}
		found := cookieValue(header, gateCookie)
		if len(found) > longestToken {
			t.Fatalf("%d bytes", len(found))
		}
		if found != "" && strings.Count(line, gateCookie) == 1 {
			if cookie, err := (&http.Request{Header: header}).Cookie(gateCookie); err == nil && !cookie.Quoted && cookie.Value != strings.TrimRight(found, " \t") {
				t.Errorf("%q: we read %q, others %q", line, found, cookie.Value)
			}
		}
		withoutOwnCookies(header)
		for _, cookie := range (&http.Request{Header: header}).Cookies() {
			if strings.HasPrefix(cookie.Name, "warder_") || strings.HasPrefix(cookie.Name, "__Host-warder_") {
				t.Errorf("%q goes on as %q", line, header["Cookie"])
			}
		}
	})
}

// FuzzForwarded: what other proxies describe is either understood whole or refused.
func FuzzForwarded(f *testing.F) {
	f.Add("GET", "https", "payroll.example.org", "/a?b", "198.51.100.7, 10.0.0.1")
	f.Add("", "", "", "", "")
	f.Add("POST", "wss", "PAYROLL:443", "/%2e%2e/", ",,,")
	f.Add("GET", "https, http", "a, b", "http://evil/", "::1%eth0, [::1]:80")
	_, everybody, _ := everyAddress()
	g := &Gateway{deps: Deps{TrustedProxies: everybody}}
	f.Fuzz(func(t *testing.T, method, proto, host, uri, chain string) {
		r := httptest.NewRequest(http.MethodGet, forwardAuthPath, nil)
		r.Header = http.Header{"X-Forwarded-Method": {method}, "X-Forwarded-Proto": {proto}, "X-Forwarded-Host": {host}, "X-Forwarded-Uri": {uri}, "X-Forwarded-For": {chain}}
		a := g.near(r)
		if !a.IP.IsValid() {
			t.Errorf("no address for %q", chain)
		}
		if !a.forwarded("X-Forwarded-Method", "X-Forwarded-Uri") {
			return
		}
		if a.Method != method || a.Host != strings.ToLower(host) || a.Host == "" || a.Path == "" || a.Path[0] != '/' || a.scheme != "https" && a.scheme != "http" {
			t.Errorf("understood as %+v", a)
		}
	})
}

func everyAddress() (four, all []netip.Prefix, six netip.Prefix) {
	six = netip.MustParsePrefix("::/0")
	four = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	return four, append(four, six), six
}
