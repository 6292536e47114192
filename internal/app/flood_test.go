package app

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/testkit"
)

// caller is a browser at one address.
type caller struct {
	handler http.Handler
	from    string
	cookies map[string]string
}

func (c *caller) send(ctx context.Context, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, portal+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(c.from), 40000).String()
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		c.cookies[cookie.Name] = cookie.Value
	}
	return w
}

var offered = regexp.MustCompile(`data-options="([^"]*)"`)

// signInWithKey goes through the pages and says whether it ended signed in.
func (c *caller) signInWithKey(ctx context.Context, userName string, key *softkey.Key) error {
	begun := c.send(ctx, http.MethodPost, "/signin", url.Values{"user-name": {userName}})
	if begun.Code != http.StatusSeeOther {
		return fmt.Errorf("the sign-in began with %d: %s", begun.Code, begun.Body)
	}
	page := c.send(ctx, http.MethodGet, begun.Header().Get("Location"), nil)
	found := offered.FindStringSubmatch(page.Body.String())
	if found == nil {
		return fmt.Errorf("page %d asks for no key: %s", page.Code, page.Body)
	}
	answer, err := key.Get([]byte(html.UnescapeString(found[1])), portal)
	if err != nil {
		return err
	}
	done := c.send(ctx, http.MethodPost, begun.Header().Get("Location"), url.Values{"deed": {"use"}, web.CeremonyAnswer: {string(answer)}})
	if done.Code != http.StatusSeeOther || c.cookies["warder_session"] == "" {
		return fmt.Errorf("the key was answered with %d: %s", done.Code, done.Body)
	}
	if home := c.send(ctx, http.MethodGet, "/me", nil); home.Code != http.StatusOK {
		return fmt.Errorf("signed in, and /me answers %d", home.Code)
	}
	return nil
}

func newCaller(d *department, from string) *caller {
	return &caller{handler: d.handler, from: from, cookies: map[string]string{}}
}

// A thousand guesses in one second, from a thousand addresses, eight at a time,
// and the owner, who is in the middle of it with a key. Those who guess are told
// when to come back; almost none of it is written anywhere.
func TestThousandGuessesASecondDoNotKeepTheOwnerWithAKeyOut(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	d := openDepartmentAt(t, clock.Now)
	owner := d.signInStaff(1)[0]
	const guesses, atOnce = 1000, 8
	var judged, refused, others sync.Map
	guess := func(i int) {
		one := newCaller(d, fmt.Sprintf("198.%d.%d.%d", 18+i%2, i/250, 1+i%250))
		got := one.send(t.Context(), http.MethodPost, "/pass", url.Values{"user-name": {"person.0"}, "code": {"4Q7M-X0TB-9KZP-2WRC"}})
		switch got.Code {
		case http.StatusUnprocessableEntity:
			judged.Store(i, true)
		case http.StatusTooManyRequests:
			refused.Store(i, got.Header().Get("Retry-After"))
		default:
			others.Store(i, got.Code)
		}
	}
	for second := range 2 {
		for from := 0; from < guesses; from += guesses / 4 {
			var together sync.WaitGroup
			for part := range atOnce {
				together.Go(func() {
					for i := from + part; i < from+guesses/4; i += atOnce {
						guess(second*guesses + i)
					}
				})
			}
			together.Go(func() {
				if err := newCaller(d, "192.0.2.7").signInWithKey(t.Context(), "person.0", owner); err != nil {
					t.Errorf("second %d, guess %d: the owner is kept out: %v", second, from, err)
				}
			})
			together.Wait()
			clock.Advance(time.Second / 4)
		}
	}
	count := func(what *sync.Map) (n int) {
		what.Range(func(_, _ any) bool { n++; return true })
		return n
	}
	if count(&judged) > 4 || count(&judged)+count(&refused) != 2*guesses {
		t.Errorf("%d guesses were judged, %d refused; want at most 4, and the rest of %d", count(&judged), count(&refused), 2*guesses)
	}
	others.Range(func(i, status any) bool { t.Errorf("guess %v was answered with %v", i, status); return false })
	refused.Range(func(i, wait any) bool {
		if wait == "" || wait == "0" {
			t.Errorf("guess %v is not told when to come back", i)
			return false
		}
		return true
	})
	if err := d.Throttle.Report(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := 0
	entries, err := d.Audit.List(t.Context(), audit.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Action, "throttle.") {
			told++
		}
	}
	var rows int
	if err := d.DB.From(t.Context()).QueryRowContext(t.Context(), "select count(name) from throttle_count").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if told != 1 || rows > 20 {
		t.Errorf("the flood is %d lines of the record and %d counts, want 1 and a handful", told, rows)
	}
}
