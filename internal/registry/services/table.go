package services

import (
	"cmp"
	"slices"
	"strings"
)

// Table says which service a request is for. It is pure and never changes, so
// it may be read from any number of requests at once, and asking it allocates
// nothing.
type Table struct {
	hosts map[string][]entry // longest prefix first; within a prefix, named methods before every method
}

type entry struct {
	prefix  string
	service *Service
	route   *Route
}

// Outcome says why a request has a route, or has none. The zero value is none.
type Outcome int

// The closed set of outcomes.
const (
	NoRoute       Outcome = iota // no route for this host and path
	AmbiguousPath                // applications may read this path or method in different ways
	MethodRefused                // there is a route for the path, and not for this method
	Closed                       // the route belongs to a service that is not admitted
	Found
)

// String returns the outcome as it is written in logs and reasons.
func (o Outcome) String() string {
	names := [...]string{"no_route", "ambiguous_path", "method_refused", "service_closed", "found"}
	if o < 0 || int(o) >= len(names) {
		return "no_route"
	}
	return names[o]
}

// NewTable builds the table from every service, retired ones too: their routes
// stay in it, closed. The services are copied.
func NewTable(all []Service) *Table {
	t := &Table{hosts: map[string][]entry{}}
	kept := make([]Service, len(all))
	for i := range all {
		kept[i] = all[i]
		kept[i].Routes = slices.Clone(all[i].Routes)
		for j := range kept[i].Routes {
			route := &kept[i].Routes[j]
			route.Methods = slices.Clone(route.Methods)
			t.hosts[route.Host] = append(t.hosts[route.Host], entry{prefix: route.PathPrefix, service: &kept[i], route: route})
		}
	}
	for _, entries := range t.hosts {
		slices.SortStableFunc(entries, func(a, b entry) int {
			return cmp.Or(cmp.Compare(len(b.prefix), len(a.prefix)), strings.Compare(a.prefix, b.prefix),
				cmp.Compare(min(len(b.route.Methods), 1), min(len(a.route.Methods), 1)))
		})
	}
	return t
}

// Match returns the service and route a request is for. host is the Host header,
// path is the path as it came in the request line, still encoded (for net/http:
// URL.EscapedPath), without the query. The answer is false for everything but
// Found; Find says why.
//
// The longest prefix wins, on segment borders: /pay does not cover /payroll. A
// path that applications might read differently never falls through to a
// shorter prefix; see inspect for what that means.
func (t *Table) Match(host, path, method string) (*Service, *Route, bool) {
	service, route, outcome := t.Find(host, path, method)
	return service, route, outcome == Found
}

// Find is Match with the reason. Service and route are nil unless it is Found
// or Closed.
func (t *Table) Find(host, path, method string) (*Service, *Route, Outcome) {
	entries := t.of(host)
	if len(entries) == 0 {
		return nil, nil, NoRoute
	}
	verdict := inspect(path)
	if verdict == ambiguous {
		return nil, nil, AmbiguousPath
	}
	for i := range entries {
		if !coversLoosely(entries[i].prefix, path) {
			continue
		}
		// Some application may read the path as lying under this prefix. Unless
		// it plainly does, a shorter prefix must not answer in its place.
		if !covers(entries[i].prefix, path, verdict) {
			return nil, nil, AmbiguousPath
		}
		return chooseMethod(entries[i:], method)
	}
	return nil, nil, NoRoute
}

// chooseMethod picks among the entries that have the prefix of the first one.
func chooseMethod(entries []entry, method string) (*Service, *Route, Outcome) {
	prefix := entries[0].prefix
	for i := range entries {
		if entries[i].prefix != prefix {
			break
		}
		switch takes(entries[i].route.Methods, method) {
		case Found:
			if entries[i].service.State != Admitted {
				return entries[i].service, entries[i].route, Closed
			}
			return entries[i].service, entries[i].route, Found
		case AmbiguousPath:
			return nil, nil, AmbiguousPath
		}
	}
	return nil, nil, MethodRefused
}

// takes reports whether a route's methods include method. Methods are
// case-sensitive (RFC 9110 §9.1), but not every application knows that, so "get"
// is neither GET nor something else. HEAD goes wherever GET goes (§9.3.2).
func takes(methods []string, method string) Outcome {
	if len(methods) == 0 {
		return Found
	}
	for _, taken := range methods {
		if taken == method || taken == "GET" && method == "HEAD" {
			return Found
		}
		if strings.EqualFold(taken, method) || taken == "GET" && strings.EqualFold(method, "HEAD") {
			return AmbiguousPath
		}
	}
	return MethodRefused
}

// of returns the entries of a host. Case, a dot at the end (RFC 9110 §4.2.3
// leaves it to DNS, where both are the same name) and the usual ports make no
// difference.
func (t *Table) of(host string) []entry {
	if entries, ok := t.hosts[host]; ok {
		return entries
	}
	var room [260]byte
	if len(host) > len(room) {
		return nil
	}
	name, port := host, ""
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && strings.IndexByte(host[colon:], ']') < 0 {
		name, port = host[:colon], host[colon:]
	}
	if port == ":443" || port == ":80" {
		port = ""
	}
	name = strings.TrimSuffix(name, ".")
	n := copy(room[:], name)
	n += copy(room[n:], port)
	for i := range n {
		if c := room[i]; c >= 'A' && c <= 'Z' {
			room[i] = c | 0x20
		}
	}
	return t.hosts[string(room[:n])]
}

// covers reports whether path, read to the letter, lies under prefix.
func covers(prefix, path string, verdict reading) bool {
	if prefix == "/" {
		return true
	}
	if verdict == clear {
		return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/')
	}
	at := 0
	for i := range len(prefix) {
		if at >= len(path) {
			return false
		}
		c, width := decodedAt(path, at)
		if c != prefix[i] {
			return false
		}
		at += width
	}
	return at == len(path) || path[at] == '/'
}

// coversLoosely reports whether some application might read path as lying under
// prefix: without regard to case, without parameters (;x), without dots and
// spaces at the end of a segment, and ending at an encoded question mark or hash.
func coversLoosely(prefix, path string) bool {
	if prefix == "/" {
		return true
	}
	at := 0
	for i := range len(prefix) {
		if prefix[i] == '/' {
			if at = segmentEnd(path, at); at >= len(path) || path[at] != '/' {
				return false
			}
			at++
			continue
		}
		if at >= len(path) {
			return false
		}
		c, width := decodedAt(path, at)
		if lower(c) != lower(prefix[i]) {
			return false
		}
		at += width
	}
	if at = segmentEnd(path, at); at >= len(path) {
		return true
	}
	c, _ := decodedAt(path, at)
	return c == '/' || c == '?' || c == '#'
}

// segmentEnd passes over what some applications take off the end of a segment.
func segmentEnd(path string, at int) int {
	for at < len(path) {
		c, width := decodedAt(path, at)
		if c == ';' {
			slash := strings.IndexByte(path[at:], '/')
			if slash < 0 {
				return len(path)
			}
			return at + slash
		}
		if c != '.' && c != ' ' {
			return at
		}
		at += width
	}
	return at
}

func decodedAt(path string, at int) (c byte, width int) {
	if path[at] == '%' {
		if decoded, ok := unhex(path, at); ok {
			return decoded, 3
		}
	}
	return path[at], 1
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}
