package services

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Table says which service a request is for. It is pure and never changes, so
// it may be read from any number of requests at once, and asking it allocates
// nothing.
type Table struct{ hosts map[string]*hostTable }

// hostTable has the routes of one host by their prefix, folded to lower case.
// The prefix "/" is kept as "".
type hostTable struct {
	prefixes map[string]*bucket
	longest  int  // bytes of the longest prefix
	broken   bool // a prefix cannot be matched safely; nothing of this host is
}

// bucket has the routes of one prefix, those with named methods first.
type bucket struct {
	prefix  string
	entries []entry
}

type entry struct {
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
	t := &Table{hosts: map[string]*hostTable{}}
	kept := make([]Service, len(all))
	for i := range all {
		kept[i] = all[i]
		kept[i].Routes, kept[i].Actions = slices.Clone(all[i].Routes), slices.Clone(all[i].Actions)
		for j := range kept[i].Routes {
			route := &kept[i].Routes[j]
			route.Methods = slices.Clone(route.Methods)
			t.add(entry{service: &kept[i], route: route})
		}
	}
	for _, host := range t.hosts {
		for _, bucket := range host.prefixes {
			slices.SortStableFunc(bucket.entries, func(a, b entry) int {
				return cmp.Compare(min(len(b.route.Methods), 1), min(len(a.route.Methods), 1))
			})
		}
	}
	return t
}

func (t *Table) add(e entry) {
	name, _ := cleanHost(e.route.Host)
	host, known := t.hosts[name]
	if !known {
		host = &hostTable{prefixes: map[string]*bucket{}}
		t.hosts[name] = host
	}
	prefix, message := cleanPrefix(e.route.PathPrefix)
	key := strings.TrimSuffix(strings.ToLower(prefix), "/")
	kept, known := host.prefixes[key]
	if !known {
		kept = &bucket{prefix: prefix}
		host.prefixes[key] = kept
	}
	kept.entries = append(kept.entries, e)
	host.longest = max(host.longest, len(key))
	// Neither can come out of a catalogue, which checks its routes. If it does
	// after all, a prefix that is passed over must not leave its paths to others.
	if message != "" || kept.prefix != prefix {
		host.broken = true
	}
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
	h := t.of(host)
	if h == nil {
		return nil, nil, NoRoute
	}
	verdict := inspect(path)
	if verdict == ambiguous || h.broken {
		return nil, nil, AmbiguousPath
	}
	var room [maxPrefix + 1]byte
	n, whole := fold(room[:h.longest+1], path)
	end := n
	if !whole {
		end = bytes.LastIndexByte(room[:n], '/')
	}
	for ; end >= 0; end = bytes.LastIndexByte(room[:end], '/') {
		found, ok := h.prefixes[string(room[:end])] // the conversion does not allocate
		if !ok {
			continue
		}
		// Some application may read the path as lying under this prefix. Unless
		// it plainly does, a shorter prefix must not answer in its place.
		if !covers(found.prefix, path, verdict) {
			return nil, nil, AmbiguousPath
		}
		return found.choose(method)
	}
	return nil, nil, NoRoute
}

func (b *bucket) choose(method string) (*Service, *Route, Outcome) {
	for i := range b.entries {
		service, route := b.entries[i].service, b.entries[i].route
		switch takes(route.Methods, method) {
		case Found:
			if service.State != Admitted {
				return service, route, Closed
			}
			return service, route, Found
		case AmbiguousPath:
			return nil, nil, AmbiguousPath
		case NoRoute, MethodRefused, Closed:
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

// of returns the routes of a host, or nil. Case, a dot at the end (RFC 9110 §4.2.3
// leaves it to DNS, where both are the same name) and the usual ports make no
// difference.
func (t *Table) of(host string) *hostTable {
	if found, ok := t.hosts[host]; ok {
		return found
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

// fold writes a path as the most forgiving application reads it: decoded, in
// lower case, without parameters (;x), without dots and spaces at the end of a
// segment, and ending at an encoded question mark or hash. It stops when there is
// no more room, and then whole is false and the last segment may be cut.
func fold(into []byte, path string) (n int, whole bool) {
	at, tail := 0, 0 // tail: dots and spaces passed over, which count if something follows
	for at < len(path) {
		c, width := decodedAt(path, at)
		switch {
		case c == '?' || c == '#':
			return n, true
		case c == ';':
			tail = 0
			if slash := strings.IndexByte(path[at:], '/'); slash >= 0 {
				at += slash
				continue
			}
			return n, true
		case c == '.' || c == ' ':
			tail += width
			at += width
			continue
		case c == '/':
			tail = 0
		}
		for from := at - tail; from < at+width; {
			c, width := decodedAt(path, from)
			if n == len(into) {
				return n, false
			}
			into[n] = lower(c)
			n++
			from += width
		}
		tail = 0
		at += width
	}
	return n, true
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

// Hosts lists every host that has a route, sorted.
func (t *Table) Hosts() []string { return slices.Sorted(maps.Keys(t.hosts)) }
