package services_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/services"
)

func service(slug string, state services.State, routes ...services.Route) services.Service {
	return services.Service{ID: ids.Service("svc_" + slug), Slug: slug, State: state, Routes: routes}
}

func at(host, prefix string, methods ...string) services.Route {
	return services.Route{ID: ids.Route("rte_" + host + prefix), Host: host, PathPrefix: prefix, Methods: methods}
}

func department() *services.Table {
	return services.NewTable([]services.Service{
		service("intranet", services.Admitted, at("intranet.test", "/"), at("intranet.test", "/wiki")),
		service("payroll", services.Admitted, at("intranet.test", "/payroll"), at("payroll.localhost:8420", "/")),
		service("approve", services.Admitted, at("intranet.test", "/payroll/runs", "POST", "PUT")),
		service("readers", services.Admitted, at("intranet.test", "/payroll/runs")),
		service("reports", services.Admitted, at("intranet.test", "/reports", "GET")),
		service("old", services.Retired, at("intranet.test", "/old"), at("old.test", "/")),
		service("draft", "", at("draft.test", "/")),
		service("six", services.Admitted, at("[2001:db8::1]:8420", "/")),
		service("versions", services.Admitted, at("intranet.test", "/api/v1.0")),
	})
}

func TestLongestPrefixOnSegmentBordersWins(t *testing.T) {
	t.Parallel()
	table := department()
	for _, test := range []struct{ host, path, method, want string }{
		{"intranet.test", "/", "GET", "intranet /"},
		{"intranet.test", "/pay", "GET", "intranet /"},
		{"intranet.test", "/payrolls", "GET", "intranet /"},
		{"intranet.test", "/payroll-archive/x", "GET", "intranet /"},
		{"intranet.test", "/payroll", "GET", "payroll /payroll"},
		{"intranet.test", "/payroll/", "GET", "payroll /payroll"},
		{"intranet.test", "/payroll/slips/7", "GET", "payroll /payroll"},
		{"intranet.test", "/x/payroll", "GET", "intranet /"},
		{"intranet.test", "/payroll/runs", "GET", "readers /payroll/runs"},
		{"intranet.test", "/payroll/runs/7", "POST", "approve /payroll/runs"},
		{"intranet.test", "/payroll/runs/7", "DELETE", "readers /payroll/runs"},
		{"intranet.test", "/payroll/runsheet", "POST", "payroll /payroll"},
		{"intranet.test", "/reports", "GET", "reports /reports"},
		{"intranet.test", "/reports", "HEAD", "reports /reports"},
		{"intranet.test", "/reports", "POST", "method_refused"},
		{"intranet.test", "/reports", "get", "ambiguous_path"},
		{"intranet.test", "/reports", "Head", "ambiguous_path"},
		{"intranet.test", "/payroll/runs", "post", "ambiguous_path"},
		{"intranet.test", "/old", "GET", "service_closed"},
		{"intranet.test", "/old/x", "GET", "service_closed"},
		{"old.test", "/", "GET", "service_closed"},
		{"draft.test", "/", "GET", "service_closed"},
		{"intranet.test", "/api/v1.0/x", "GET", "versions /api/v1.0"},
		{"intranet.test", "/api/v1x0", "GET", "intranet /"},
		{"INTRANET.test", "/payroll", "GET", "payroll /payroll"},
		{"intranet.test.", "/payroll", "GET", "payroll /payroll"},
		{"intranet.test:443", "/payroll", "GET", "payroll /payroll"},
		{"Intranet.Test.:80", "/payroll", "GET", "payroll /payroll"},
		{"intranet.test:8443", "/payroll", "GET", "no_route"},
		{"payroll.localhost:8420", "/x", "GET", "payroll /"},
		{"payroll.localhost", "/x", "GET", "no_route"},
		{"[2001:DB8::1]:8420", "/x", "GET", "six /"},
		{"[2001:db8::1]", "/x", "GET", "no_route"},
		{"evil.test", "/payroll", "GET", "no_route"},
		{"", "/payroll", "GET", "no_route"},
		{strings.Repeat("a", 5000), "/", "GET", "no_route"},
	} {
		if got := found(table, test.host, test.path, test.method); got != test.want {
			t.Errorf("%s %s %s: got %s, want %s", test.method, test.host, test.path, got, test.want)
		}
	}
}

func found(table *services.Table, host, path, method string) string {
	service, route, outcome := table.Find(host, path, method)
	if matched, at, ok := table.Match(host, path, method); ok != (outcome == services.Found) || matched != service || at != route {
		return "Match and Find disagree"
	}
	if outcome != services.Found {
		return outcome.String()
	}
	return service.Slug + " " + route.PathPrefix
}

// TestPathsApplicationsDisagreeOnAreNeverGivenToAWiderRoute is told from the
// attacker's side: each path is hoped to be taken for /… by Warder, which asks
// for little, and for /payroll by the application behind it.
func TestPathsApplicationsDisagreeOnAreNeverGivenToAWiderRoute(t *testing.T) {
	t.Parallel()
	table := department()
	for _, path := range []string{
		"", "payroll", "*", "//payroll", "///", "/x//payroll", "/payroll//runs", "/payroll//",
		"/.", "/..", "/./payroll", "/x/../payroll", "/payroll/..", "/payroll/../wiki", "/wiki/../payroll/", "/.../x",
		"/%2e/payroll", "/x/%2e%2e/payroll", "/x/.%2e/payroll", "/x/%2E./payroll", "/x/%2e%2E/payroll",
		"/x/..;/payroll", "/x/..;a=b/payroll", "/x/%2e%2e;/payroll", "/;/payroll", "/;x=y/payroll", "/x/..%3b/payroll", "/x/.;/payroll",
		"/x%2f..%2fpayroll", "/payroll%2fruns", "/%2fpayroll", "/%2Fpayroll", "/x%2F%2e%2e%2Fpayroll",
		`/x\..\payroll`, `\payroll`, `/\payroll`, "/x%5c..%5cpayroll", "/%5Cpayroll", `/payroll\runs`,
		"/%252e%252e/payroll", "/x/%252e%252e%252fpayroll", "/%2570ayroll", "/payroll%252fruns",
		"/PAYROLL", "/Payroll/runs", "/payROLL", "/%50ayroll", "/payroll/RUNS",
		"/payroll;", "/payroll;x", "/payroll;x=y/runs", "/payroll%3bx", "/payroll/runs;x",
		"/payroll.", "/payroll..", "/payroll./runs", "/payroll%20", "/payroll%20/runs", "/payroll.%20.", "/payroll/runs.", "/payroll%2e",
		"/payroll%00", "/%00payroll", "/payroll%00/runs", "/payroll\x00", "/payroll\t", "/payroll%09", "/payroll%0a", "/payroll%0d%0aX-Admin:1", "/pay\nroll", "/payroll x", "/ payroll",
		"/payroll%3f", "/payroll%3F/x", "/payroll%23x", "/payroll?x", "/payroll#x",
		"/payroll%", "/payroll%2", "/payroll%zz", "/%pay", "/%", "/x%u002fpayroll",
		"/x%c0%af..%c0%afpayroll", "/%c0%ae%c0%ae/payroll", "/x/%e0%80%af/payroll", "/%c1%9cpayroll", "/x\xc0\xafpayroll", "/\xff", "/caf%e9", "/%f0%80%80%af", "/%ed%a0%80", "/x%c3", "/x%c3/payroll",
		"/\uff0fpayroll", "/x/\uff0e\uff0e/payroll", "/%ef%bc%8fpayroll", "/%EF%BC%8Fpayroll", "/pay\u00adroll", "/pay%c2%adroll", "/pay\u200broll", "/x\u2215payroll", "/x\u2216payroll", "/\u2025/payroll", "/\ufeffpayroll", "/wiki/\u212aelvin",
		"/payroll/%7f", "/%20", "/x/%20/payroll", "/x/.%20/payroll", "/x/..%20/payroll",
	} {
		if got := found(table, "intranet.test", path, "GET"); got != "ambiguous_path" {
			t.Errorf("%q: got %s, want ambiguous_path", path, got)
		}
	}
}

// TestOrdinaryLinksStillWork keeps the rule above from refusing what people
// really click on.
func TestOrdinaryLinksStillWork(t *testing.T) {
	t.Parallel()
	table := department()
	for path, want := range map[string]string{
		"/wiki/Caf%C3%A9":                 "intranet /wiki",
		"/wiki/Café":                      "intranet /wiki",
		"/wiki/Straße/%E6%97%A5%E6%9C%AC": "intranet /wiki",
		"/wiki/What%3F":                   "intranet /wiki",
		"/wiki/C%23":                      "intranet /wiki",
		"/wiki/100%25":                    "intranet /wiki",
		"/wiki/a%20b/c":                   "intranet /wiki",
		"/wiki/Upper/Case":                "intranet /wiki",
		"/wiki/page.html;jsessionid=1A2B": "intranet /wiki",
		"/wiki/v1..v2":                    "intranet /wiki",
		"/wiki/.well-known/x":             "intranet /wiki",
		"/.well-known/security.txt":       "intranet /",
		"/wiki/...txt":                    "intranet /wiki",
		"/wiki/etc.":                      "intranet /wiki",
		"/wiki/a+b,c=d&e@f:g!$'()*~":      "intranet /wiki",
		"/w%69ki/x":                       "intranet /wiki",
		"/payroll/slips;v=2/7":            "payroll /payroll",
		"/payroll/%72uns":                 "readers /payroll/runs",
		"/favicon.ico":                    "intranet /",
		"/static/app.js":                  "intranet /",
		"/p%61yroll/slips":                "payroll /payroll",
		"/wiki/👍🏽/%F0%9F%91%8D":           "intranet /wiki",
	} {
		if got := found(table, "intranet.test", path, "GET"); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}

func TestTableDoesNotChangeWithWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	all := []services.Service{service("a", services.Admitted, at("a.test", "/", "GET"))}
	table := services.NewTable(all)
	all[0].State, all[0].Routes[0].Methods[0] = services.Retired, "POST"
	if got := found(table, "a.test", "/", "GET"); got != "a /" {
		t.Errorf("got %s", got)
	}
	for _, empty := range []*services.Table{services.NewTable(nil), {}} {
		if got := found(empty, "a.test", "/", "GET"); got != "no_route" {
			t.Errorf("got %s", got)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	table := department()
	for _, path := range []string{"/payroll/slips/7", "/w%69ki/Caf%C3%A9", "/x/../payroll"} {
		for _, host := range []string{"intranet.test", "Intranet.Test.:443"} {
			if got := testing.AllocsPerRun(100, func() { table.Match(host, path, "GET") }); got != 0 {
				t.Errorf("%s %s: %v allocations", host, path, got)
			}
		}
	}
}

// FuzzMatch holds the table to this: however a path is spelt, if any usual way of
// reading it leads to a route, that route answers or nobody does.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"/", "/payroll/runs", "/x/%2e%2e/payroll", "/payroll;x/runs", "/PAYROLL", "/wiki/Caf%C3%A9", "/%c0%af", `/\payroll`, "/payroll.%20"} {
		f.Add(seed)
	}
	table := department()
	f.Fuzz(func(t *testing.T, path string) {
		_, route, ok := table.Match("intranet.test", path, "GET")
		if !ok {
			return
		}
		for name, read := range readings {
			for _, other := range []string{"/payroll/runs", "/payroll", "/wiki", "/reports", "/old", "/api/v1.0"} {
				seen := read(path)
				if (seen == other || strings.HasPrefix(seen, other+"/")) && len(other) > len(route.PathPrefix) {
					t.Fatalf("%q went to %s, but reads as %q when %s", path, route.PathPrefix, seen, name)
				}
			}
		}
	})
}

// BenchmarkMatch has 50 routes on one host, which is the worst case: hosts are
// found by a map, prefixes one after the other.
func BenchmarkMatch(b *testing.B) {
	var routes []services.Route
	for i := range 50 {
		routes = append(routes, at("intranet.test", fmt.Sprintf("/application-%02d", i)))
	}
	table := services.NewTable([]services.Service{service("many", services.Admitted, routes...)})
	for name, path := range map[string]string{"first": "/application-00/page/7", "last": "/application-49/page/7", "encoded": "/application-49/caf%C3%A9", "none": "/elsewhere"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Match("intranet.test", path, "GET")
			}
		})
	}
}
