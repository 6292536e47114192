package services

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

// reservedHeaders must never carry an identity to an application: they mean
// something else to it or to the proxies on the way (RFC 9110 §7.6.1 and
// others), or they are ours.
var reservedHeaders = []string{"authorization", "connection", "content-length", "content-type", "cookie", "expect", "forwarded", "host",
	"keep-alive", "origin", "proxy-authorization", "proxy-connection", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
	"via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-uri", "x-forwarded-method",
	"x-original-url", "x-real-ip", "x-rewrite-url"}

func checkService(s Service) []problem.Field {
	var faults []problem.Field
	fault := func(name, message string) {
		faults = append(faults, problem.Field{Name: name, Message: message})
	}
	if message := checkSlug(s.Slug); message != "" {
		fault("slug", message)
	}
	if s.Name == "" || utf8.RuneCountInString(s.Name) > 200 || strings.ContainsFunc(s.Name, unicode.IsControl) || !utf8.ValidString(s.Name) {
		fault("name", "expected 1 to 200 characters on one line")
	}
	if s.Impact < 0 || s.Impact > 5 {
		fault("impact", fmt.Sprintf("is %d; expected 1 (little harm) to 5 (grave harm), or 0 when it is not known", s.Impact))
	}
	if s.Owner != "" {
		if _, err := ids.Parse[ids.Person](string(s.Owner)); err != nil {
			fault("owner", "is not a person's identifier")
		}
	}
	return append(faults, checkHeaders(s.Identity)...)
}

func checkHeaders(headers IdentityHeaders) []problem.Field {
	var faults []problem.Field
	seen := map[string]bool{}
	for _, header := range []struct{ field, name string }{
		{"header_user", headers.User}, {"header_email", headers.Email}, {"header_name", headers.Name}, {"header_groups", headers.Groups},
	} {
		lower := strings.ToLower(header.name)
		message := ""
		switch {
		case !isToken(header.name) || len(header.name) > 64:
			message = fmt.Sprintf("%q is not a header name; expected something like Remote-User", header.name)
		case slices.Contains(reservedHeaders, lower) || strings.HasPrefix(lower, "warder-") || strings.HasPrefix(lower, "sec-"):
			message = fmt.Sprintf("%q has a meaning of its own and cannot carry an identity", header.name)
		case strings.Contains(header.name, "_"):
			// Many applications see Remote_User and Remote-User as one header, so a
			// copy sent by the client would not be recognised and taken away.
			message = fmt.Sprintf("%q has an underscore; expected hyphens", header.name)
		case seen[lower]:
			message = fmt.Sprintf("%q is used for two things", header.name)
		}
		seen[lower] = true
		if message != "" {
			faults = append(faults, problem.Field{Name: header.field, Message: message})
		}
	}
	return faults
}

func checkSlug(text string) string {
	if text == "" || len(text) > 64 {
		return "expected 1 to 64 lower-case letters, digits or hyphens"
	}
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0) {
			return fmt.Sprintf("%q is not a short name; expected lower-case letters, digits and hyphens, starting with a letter or digit", text)
		}
	}
	return ""
}

// route normalises what was asked for, and says what is wrong with it.
func (n NewRoute) route(service ids.Service) (Route, []problem.Field) {
	var faults []problem.Field
	fault := func(name, message string) {
		faults = append(faults, problem.Field{Name: name, Message: message})
	}
	host, message := cleanHost(n.Host)
	if message != "" {
		fault("host", message)
	}
	prefix, message := cleanPrefix(n.PathPrefix)
	if message != "" {
		fault("path", message)
	}
	methods, message := cleanMethods(n.Methods)
	if message != "" {
		fault("methods", message)
	}
	if message := checkUpstream(n.Upstream); message != "" {
		fault("upstream", message)
	}
	return Route{Service: service, Host: host, PathPrefix: prefix, Methods: methods, Upstream: n.Upstream}, faults
}

// cleanMethods brings methods in order, in upper case, each once; nil is every method.
func cleanMethods(given []string) (methods []string, message string) {
	for _, method := range given {
		method = strings.ToUpper(strings.TrimSpace(method))
		if !isToken(method) || len(method) > 32 {
			return nil, fmt.Sprintf("%q is not a method; expected names such as GET or POST", method)
		}
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return slices.Compact(methods), ""
}

// cleanHost lower-cases a host and leaves out the ports every browser leaves out.
func cleanHost(text string) (host, message string) {
	const expected = "expected a host name such as payroll.example.org, with a port only when it is not 80 or 443"
	host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ":443"), ":80")
	name, port, withPort := strings.Cut(host, ":")
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		address, err := netip.ParseAddr(host[1:max(end, 1)])
		if end < 0 || err != nil || !address.Is6() || address.Zone() != "" {
			return host, expected
		}
		port, withPort = strings.CutPrefix(host[end+1:], ":")
		if !withPort && host[end+1:] != "" {
			return host, expected
		}
		name = ""
	} else if !isHostName(name) {
		return host, expected
	}
	if withPort && !isPort(port) {
		return host, fmt.Sprintf("%q is not a port; %s", port, expected)
	}
	return host, ""
}

func isHostName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

func isPort(text string) bool {
	if text == "" || len(text) > 5 || text[0] == '0' {
		return false
	}
	port := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
		port = port*10 + int(text[i]-'0')
	}
	return port <= 65535
}

// maxPrefix is the length of the longest path prefix, in bytes.
const maxPrefix = 250

// cleanPrefix takes the slash off the end, and refuses everything that not all
// applications would read in the same way.
func cleanPrefix(text string) (prefix, message string) {
	prefix = strings.TrimSpace(text)
	if prefix == "" || prefix == "/" {
		return "/", ""
	}
	prefix = strings.TrimSuffix(prefix, "/")
	if len(prefix) > maxPrefix || prefix == "" || prefix[0] != '/' {
		return prefix, "expected a path that starts with a slash, such as /payroll"
	}
	for i := range len(prefix) {
		if c := prefix[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`%\;?#"<>{}|^`+"`", c) >= 0 {
			return prefix, fmt.Sprintf("has the character %q; expected letters, digits, slashes and plain punctuation, not encoded", string(rune(c)))
		}
	}
	if verdict := inspect(prefix); verdict != clear {
		return prefix, "has an empty part, or a part of dots only, or one that ends in a dot; expected plain names between the slashes"
	}
	for segment := range strings.SplitSeq(prefix[1:], "/") {
		if strings.HasSuffix(segment, ".") {
			return prefix, "has a part that ends in a dot; expected plain names between the slashes"
		}
	}
	return prefix, ""
}

func checkUpstream(text string) string {
	if text == "" {
		return ""
	}
	address, err := url.Parse(text)
	switch {
	case err != nil, address.Scheme != "http" && address.Scheme != "https", address.Host == "", address.Opaque != "":
		return "expected an address such as http://10.0.0.5:8080"
	case address.User != nil:
		return "has a user name or password in it; expected an address without"
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "":
		return "has a query or fragment; expected an address that ends with the path"
	}
	return ""
}

// isToken follows RFC 9110 §5.6.2.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}
