// Package within keeps addresses within the site: what a link or a form says where
// to go next is taken only if it leads nowhere else. It leaves the going to base/web.
package within

import (
	"net/url"
	"strings"
)

// longestNext bounds what we carry through a sign-in.
const longestNext = 2000

// Site returns next if it is an absolute path of this site (with its query),
// else "/". It is what stands between a link in an e-mail and a redirect to
// somebody else's sign-in page.
func Site(next string) string {
	if len(next) > longestNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return "/"
	}
	for _, char := range next {
		// Browsers drop tabs and line feeds from an address, and read a
		// backslash as a slash (WHATWG URL §4.4): "/\t/evil" is "//evil".
		if char <= ' ' || char == 0x7f || char == '\\' || char == '\uFFFD' {
			return "/"
		}
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil {
		return "/"
	}
	// A second slash can become the start of a host after dot segments are removed.
	if strings.Contains(parsed.Path, "//") || strings.Contains(parsed.Path, "\\") || hasDotSegment(parsed.Path) {
		return "/"
	}
	parsed.Fragment, parsed.RawFragment = "", ""
	return parsed.String()
}

func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
