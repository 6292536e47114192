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
	attempt string // the page on which it guesses; empty where it needs none
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

// guesses are the ways to guess over the pages. Each says what was answered to
// the guess itself.
var guesses = map[string]func(t *testing.T, c *caller) *httptest.ResponseRecorder{
	"pass": func(t *testing.T, c *caller) *httptest.ResponseRecorder {
		return c.send(t.Context(), http.MethodPost, "/pass", url.Values{"user-name": {"person.0"}, "code": {"4Q7M-X0TB-9KZP-2WRC"}})
	},
	"password": func(t *testing.T, c *caller) *httptest.ResponseRecorder {
		if c.attempt == "" {
			begun := c.send(t.Context(), http.MethodPost, "/signin", url.Values{"user-name": {"person.0"}, "way": {"secrets"}})
			if begun.Code != http.StatusSeeOther {
				return begun
			}
			c.attempt = begun.Header().Get("Location")
		}
		return c.send(t.Context(), http.MethodPost, c.attempt, url.Values{"deed": {"password"}, "password": {"a guess and not the password"}})
	},
}

// A thousand guesses in one second, from 128 addresses, eight at a time,
// and the owner, who is in the middle of it with a key. Those who guess are told
// when to come back; almost none of it is written anywhere.
func TestThousandGuessesASecondDoNotKeepTheOwnerWithAKeyOut(t *testing.T) {
	t.Parallel()
	for kind, guess := range guesses {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			flood(t, guess)
		})
	}
}

func flood(t *testing.T, guessOnce func(t *testing.T, c *caller) *httptest.ResponseRecorder) {
	clock := testkit.NewClock()
	d := openDepartmentAt(t, clock.Now)
	d.acceptAll()
	owner := d.signInStaff(1)[0]
	const perSecond, atOnce = 1000, 8
	var judged, refused, others sync.Map
	var callers [atOnce][16]*caller
	for part := range callers {
		for i := range callers[part] {
			callers[part][i] = newCaller(d, fmt.Sprintf("198.51.%d.%d", 100+part, 1+i))
		}
	}
	guess := func(i int) {
		got := guessOnce(t, callers[i%atOnce][i/atOnce%len(callers[0])])
		switch got.Code {
		case http.StatusUnprocessableEntity:
			judged.Store(i, true)
		case http.StatusTooManyRequests:
			refused.Store(i, got.Header().Get("Retry-After"))
		default:
			others.Store(i, fmt.Sprint(got.Code, " ", got.Body))
		}
	}
	for from := 0; from < perSecond; from += perSecond / 4 {
		var together sync.WaitGroup
		for part := range atOnce {
			together.Go(func() {
				for i := from; i < from+perSecond/4; i++ {
					if i%atOnce == part { // each caller does one thing at a time
						guess(i)
					}
				}
			})
		}
		together.Go(func() {
			if err := newCaller(d, "192.0.2.7").signInWithKey(t.Context(), "person.0", owner); err != nil {
				t.Errorf("guess %d: the owner is kept out: %v", from, err)
			}
		})
		together.Wait()
		clock.Advance(time.Second / 4)
	}
	count := func(what *sync.Map) (n int) {
		what.Range(func(_, _ any) bool { n++; return true })
		return n
	}
	if count(&judged) < 1 || count(&judged) > 4 || count(&judged)+count(&refused) != perSecond {
		t.Errorf("%d guesses were judged, %d refused; want 1 to 4, and the rest of %d", count(&judged), count(&refused), perSecond)
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
