package signintest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

// Browser keeps cookies and looks at every page it is given as a person with a
// screen reader would. It does not follow redirects by itself.
type Browser struct {
	Handler http.Handler
	cookies map[string]*http.Cookie
}

// NewBrowser is a browser that has never been anywhere.
func NewBrowser(handler http.Handler) *Browser {
	return &Browser{Handler: handler, cookies: map[string]*http.Cookie{}}
}

// Get opens an address.
func (b *Browser) Get(t testing.TB, path string) webtest.Response {
	t.Helper()
	return b.do(t, webtest.Request(http.MethodGet, path, nil))
}

// Post sends a form.
func (b *Browser) Post(t testing.TB, path string, form url.Values) webtest.Response {
	t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.do(t, webtest.Request(http.MethodPost, path, form))
}

func (b *Browser) do(t testing.TB, r *http.Request) webtest.Response {
	t.Helper()
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	got := webtest.Do(t, b.Handler, r)
	for _, cookie := range got.Cookies {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
			continue
		}
		b.cookies[cookie.Name] = cookie
	}
	if strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") && got.Status != http.StatusSeeOther {
		webtest.Structure(t, got.Document)
	}
	return got
}

// Cookie is what the browser keeps under a name; nil when it keeps nothing.
func (b *Browser) Cookie(name string) *http.Cookie { return b.cookies[name] }

// Steal copies the cookies into another browser.
func (b *Browser) Steal() *Browser {
	thief := NewBrowser(b.Handler)
	for name, cookie := range b.cookies {
		thief.cookies[name] = cookie
	}
	return thief
}

// Follow expects a redirect within the site and opens where it leads.
func (b *Browser) Follow(t testing.TB, from webtest.Response) webtest.Response {
	t.Helper()
	if from.Status != http.StatusSeeOther {
		t.Fatalf("answered with %d and %q, not with a redirect", from.Status, from.Document.Heading())
	}
	return b.Get(t, from.Header.Get("Location"))
}

// TouchKey does on a page what its script does: it asks the key for what the
// page wants and sends the form.
func (b *Browser) TouchKey(t testing.TB, page webtest.Response, key *softkey.Key, more url.Values) webtest.Response {
	t.Helper()
	form, ok := page.Document.ByID("ceremony")
	if !ok {
		t.Fatalf("page %d %q asks for no key", page.Status, page.Document.Heading())
	}
	ask := key.Get
	if form.Attribute("data-ceremony") == string(web.CreateCredential) {
		ask = key.Create
	}
	response, err := ask([]byte(form.Attribute("data-options")), form.Attribute("data-origin"))
	must(t, err)
	fields := url.Values{web.CeremonyAnswer: {string(response)}}
	for _, input := range page.Document.All("input") {
		name := input.Attribute("name")
		if input.Attribute("type") == "hidden" && name != web.CeremonyAnswer {
			fields.Set(name, input.Attribute("value"))
		}
	}
	for name, values := range more {
		fields[name] = values
	}
	return b.Post(t, form.Attribute("action"), fields)
}

// SignIn goes through the sign-in pages with a key, from the start page at path.
func (b *Browser) SignIn(t testing.TB, path string, key *softkey.Key) webtest.Response {
	t.Helper()
	start := b.Get(t, path)
	if start.Status != http.StatusOK {
		t.Fatalf("%s answered with %d %q", path, start.Status, start.Document.Heading())
	}
	fields := url.Values{}
	for _, input := range start.Document.All("input") {
		if input.Attribute("type") == "hidden" {
			fields.Set(input.Attribute("name"), input.Attribute("value"))
		}
	}
	return b.TouchKey(t, b.Follow(t, b.Post(t, "/signin", fields)), key, nil)
}

// With gives the browser a cookie that was not set on a page.
func (b *Browser) With(cookie *http.Cookie) *Browser {
	b.cookies[cookie.Name] = cookie
	return b
}
