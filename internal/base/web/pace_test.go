package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/pace"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/testkit"
)

// flood is a site with one page that costs something, and a way to ask for it.
func flood(t *testing.T, proxies ...string) (ask func(from, forwarded string) webtest.Response, clock *testkit.Clock) {
	t.Helper()
	clock = testkit.NewClock()
	deps := webtest.Deps(t, web.Viewer{})
	deps.Now = clock.Now
	for _, proxy := range proxies {
		deps.Proxies = append(deps.Proxies, netip.MustParsePrefix(proxy))
	}
	route := post("/signin", web.Public, 0, fine)
	route.Pace = pace.Pace{Burst: 5, Refill: time.Second}
	site := webtest.SiteOf(t, deps, route, post("/free", web.Public, 0, fine))
	return func(from, forwarded string) webtest.Response {
		r := asScript(webtest.Request(http.MethodPost, "/signin", nil))
		r.RemoteAddr = from
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
			r.Header.Set("X-Forwarded-Proto", "https")
		}
		return webtest.Do(t, site, r)
	}, clock
}

// Anybody can begin to sign in, and each beginning is a row in the database.
func TestFloodFromOneAddressIsHeldBackAndNobodyElse(t *testing.T) {
	t.Parallel()
	ask, clock := flood(t)
	for i := range 5 {
		if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusOK {
			t.Fatalf("request %d: %d %s", i+1, got.Status, got.Body)
		}
	}
	for _, port := range []string{":4000", ":4001"} {
		got := ask("198.51.100.9"+port, "")
		if got.Status != http.StatusTooManyRequests || codeOf(t, got) != "web.too_often" || got.Header.Get("Retry-After") != "1" {
			t.Errorf("the sixth: %d %s, Retry-After %q", got.Status, got.Body, got.Header.Get("Retry-After"))
		}
	}
	if got := ask("198.51.100.10:4000", ""); got.Status != http.StatusOK {
		t.Errorf("somebody else: %d", got.Status)
	}
	clock.Advance(time.Second)
	if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusOK {
		t.Errorf("a second later: %d", got.Status)
	}
	if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusTooManyRequests {
		t.Errorf("a second later, twice: %d", got.Status)
	}
	clock.Advance(-time.Hour) // the clock is corrected; nobody waits an hour for that
	if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusOK {
		t.Errorf("after the clock was set back: %d", got.Status)
	}
}

func TestAddressIsBelievedFromConfiguredProxiesOnly(t *testing.T) {
	t.Parallel()
	behind, _ := flood(t, "10.0.0.0/8")
	for i := range 20 { // the client changes what it says; the proxy adds what it has seen
		got := behind("10.1.1.1:4000", fmt.Sprintf("192.0.2.%d, 198.51.100.9", i))
		if want := map[bool]int{true: 200, false: 429}[i < 5]; got.Status != want {
			t.Fatalf("request %d through the proxy: %d, want %d", i+1, got.Status, want)
		}
	}
	if got := behind("10.1.1.1:4000", "198.51.100.10"); got.Status != http.StatusOK {
		t.Errorf("somebody else through the same proxy: %d", got.Status)
	}
	direct, _ := flood(t)
	last := 0
	for i := range 6 {
		last = direct("198.51.100.9:4000", fmt.Sprintf("192.0.2.%d", i)).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("whoever is no proxy chose their own address: %d, want 429", last)
	}
}

func TestNeighbourhoodOfIPv6IsOneClient(t *testing.T) {
	t.Parallel()
	ask, _ := flood(t)
	last := 0
	for i := range 6 {
		last = ask(fmt.Sprintf("[2001:db8:1:2::%d]:4000", i+1), "").Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("six addresses of one network: %d, want 429", last)
	}
	if got := ask("[2001:db8:1:3::1]:4000", ""); got.Status != http.StatusOK {
		t.Errorf("the next network: %d", got.Status)
	}
}

func TestManyAddressesShareOnePlaceAndNoMoreMemory(t *testing.T) {
	t.Parallel()
	ask, clock := flood(t)
	for i := range pace.Most + 100 {
		ask(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}).String()+":1", "")
	}
	if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusTooManyRequests {
		t.Errorf("a new address in the middle of a flood from everywhere: %d, want 429", got.Status)
	}
	clock.Advance(time.Minute)
	if got := ask("198.51.100.9:4000", ""); got.Status != http.StatusOK {
		t.Errorf("when the flood is over: %d", got.Status)
	}
}

func TestPaceThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	site, err := web.New(webtest.Deps(t, web.Viewer{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, none := range []pace.Pace{{Burst: 1}, {Refill: time.Second}, {Burst: -1, Refill: time.Second}, {Burst: 1, Refill: -1}} {
		route := post("/signin", web.Public, 0, fine)
		route.Pace = none
		if site.Add(route) == nil {
			t.Errorf("%+v was accepted", none)
		}
	}
}
