package returns

import (
	"net/url"
	"strings"
)

// Address is where a browser goes after a sign-in. The zero value is the
// person's own page. Only ParseLocal and Desk.Service make other ones: an
// address that was not checked would send people wherever a link says.
type Address struct {
	Scheme string // "https" or "http"; empty on the portal
	Host   string // lower case, with a port if it is not the usual one; empty on the portal
	Path   string // path and query, beginning with one slash
	State  string // what the service's host gave the browser to bring back, so that it knows its own; may be empty
}

// Home is where people go who were going nowhere.
const Home = "/me"

// Local is the path on the portal, or Home.
func (r Address) Local() string {
	if r.Host != "" || r.Path == "" {
		return Home
	}
	return r.Path
}

// maxAddress is the longest address that is kept.
const maxAddress = 2048

// ParseLocal accepts a path on this very host, with a query. Anything a browser
// might read as another host ("//evil", "/\evil", "https:…", control characters
// that browsers drop) is refused, and so are the pages of the sign-in itself.
func ParseLocal(text string) (Address, error) {
	if text == "" {
		return Address{}, nil
	}
	if !plain(text) || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return Address{}, Refused.New()
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil || parsed.Opaque != "" {
		return Address{}, Refused.New()
	}
	// A decoded path that begins with two slashes may be normalised to another host further on.
	if !strings.HasPrefix(parsed.Path, "/") || strings.HasPrefix(parsed.Path, "//") || strings.Contains(parsed.Path, `\`) {
		return Address{}, Refused.New()
	}
	for _, own := range []string{"/signin", "/signout", "/enrol", "/pass"} {
		if parsed.Path == own || strings.HasPrefix(parsed.Path, own+"/") {
			return Address{}, nil
		}
	}
	return Address{Path: requestURI(parsed)}, nil
}

// parseService splits an absolute address of a service; whether the host is a
// service's is for Desk.Service.
func parseService(text string) (Address, error) {
	if !plain(text) {
		return Address{}, Refused.New()
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.User != nil || parsed.Opaque != "" || parsed.Host == "" {
		return Address{}, Refused.New()
	}
	if parsed.Scheme != "https" && parsed.Scheme != "http" {
		return Address{}, Refused.New()
	}
	// "payroll.example." is the same machine and another host to a browser: no
	// cookie that is set there would ever come back.
	if strings.HasSuffix(parsed.Hostname(), ".") {
		return Address{}, Refused.New()
	}
	if strings.Contains(parsed.Path, `\`) {
		return Address{}, Refused.New()
	}
	host := strings.ToLower(parsed.Host)
	usual := map[string]string{"https": ":443", "http": ":80"}[parsed.Scheme]
	host = strings.TrimSuffix(strings.TrimSuffix(host, usual), ":")
	if !hostCharacters(host) {
		return Address{}, Refused.New()
	}
	return Address{Scheme: parsed.Scheme, Host: host, Path: requestURI(parsed)}, nil
}

// requestURI is the path and query, never the fragment and never two slashes in front.
func requestURI(parsed *url.URL) string {
	address := url.URL{Path: parsed.Path, RawPath: parsed.RawPath, RawQuery: parsed.RawQuery}
	return "/" + strings.TrimLeft(address.RequestURI(), "/")
}

// plain says that text is short printable ASCII without a backslash. Browsers
// drop tabs and line ends inside addresses and read "\" as "/" (WHATWG URL).
func plain(text string) bool {
	if text == "" || len(text) > maxAddress {
		return false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f || text[i] == '\\' {
			return false
		}
	}
	return true
}

func hostCharacters(host string) bool {
	if host == "" {
		return false
	}
	for i := range len(host) {
		c := host[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-.:[]", rune(c)) {
			return false
		}
	}
	return true
}
