// Package visitor is a browser without a window: it keeps cookies, follows
// redirects, sends the forms of a page with their hidden fields, and answers a
// ceremony with a software key. The tour of the demo walks with it, and stories
// of the real program do.
//
// It knows only what a page tells it, as a person does. It does not run scripts;
// what scripts do is proven in test/browser.
package visitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Visitor is one browser. It is not safe for use from several goroutines.
type Visitor struct {
	client *http.Client
	portal string
	key    Key
}

// Key is what answers in place of a key in a USB port: kind is "create" or "get",
// options are those of the page, origin is the portal's.
type Key func(kind string, options []byte, origin string) (answer []byte, err error)

// View is a page that the visitor sees.
type View struct {
	Status  int
	Address *url.URL
	Text    string
}

// New returns a browser for a portal ("http://localhost:8420"). Without a key it
// asks the demo's, at the address that the page names.
func New(portal string, key Key) (*Visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Visitor{client: &http.Client{Jar: jar, Timeout: 10 * time.Second}, portal: portal, key: key}, nil
}

// Cookies are what the browser would send to an address.
func (v *Visitor) Cookies(address *url.URL) []*http.Cookie { return v.client.Jar.Cookies(address) }

// Open goes to an address as a person does.
func (v *Visitor) Open(ctx context.Context, address string, extra ...string) (View, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return View{}, err
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	for i := 0; i+1 < len(extra); i += 2 {
		request.Header.Set(extra[i], extra[i+1])
	}
	return v.do(request)
}

// Fetch asks as a page's script does.
func (v *Visitor) Fetch(ctx context.Context, address string) (View, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return View{}, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Sec-Fetch-Mode", "cors")
	return v.do(request)
}

// Submit sends a form of the portal.
func (v *Visitor) Submit(ctx context.Context, path string, fields url.Values) (View, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.portal+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return View{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Origin", v.portal)
	return v.do(request)
}

func (v *Visitor) do(request *http.Request) (View, error) {
	response, err := v.client.Do(request)
	if err != nil {
		return View{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return View{}, err
	}
	return View{Status: response.StatusCode, Address: response.Request.URL, Text: string(text)}, nil
}

var (
	ceremonyForm = regexp.MustCompile(`<form class="warder-ceremony"[^>]*>`)
	postForm     = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	heading      = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
)

// attribute reads an attribute of a tag.
func attribute(tag, name string) string {
	found := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// Heading is the h1 of the page.
func (s View) Heading() string {
	found := heading.FindStringSubmatch(s.Text)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(html.UnescapeString(found[1]))
}

// ErrNoForm means that the page does not offer what was to be done.
var ErrNoForm = errors.New("the page has no such form")

// Press sends the page's own form (not the ceremony), with its hidden fields.
func (v *Visitor) Press(ctx context.Context, on View, fields url.Values) (View, error) {
	for _, form := range postForm.FindAllStringSubmatchIndex(on.Text, -1) {
		action := html.UnescapeString(on.Text[form[2]:form[3]])
		if action == "/signout" {
			continue
		}
		sent := hiddenFields(on.Text[form[1]:])
		for name, values := range fields {
			sent[name] = values
		}
		return v.Submit(ctx, action, sent)
	}
	return View{}, fmt.Errorf("%q: %w", on.Heading(), ErrNoForm)
}

// hiddenFields are those of the form that begins in text.
func hiddenFields(text string) url.Values {
	form, _, _ := strings.Cut(text, "</form>")
	fields := url.Values{}
	for _, hidden := range hiddenField.FindAllStringSubmatch(form, -1) {
		fields.Set(html.UnescapeString(hidden[1]), html.UnescapeString(hidden[2]))
	}
	return fields
}

// Touch answers the page’s ceremony with the key, and sends it with fields.
func (v *Visitor) Touch(ctx context.Context, on View, fields url.Values) (View, error) {
	return v.TouchWith(ctx, on, fields, v.key)
}

// TouchWith is Touch with another key than the visitor's own.
func (v *Visitor) TouchWith(ctx context.Context, on View, fields url.Values, ask Key) (View, error) {
	form := ceremonyForm.FindString(on.Text)
	if form == "" {
		return View{}, fmt.Errorf("%q (%d): %w", on.Heading(), on.Status, ErrNoForm)
	}
	kind, options := attribute(form, "data-ceremony"), []byte(attribute(form, "data-options"))
	if ask == nil {
		ask = func(kind string, options []byte, _ string) ([]byte, error) {
			return v.askDemoKey(ctx, attribute(form, "data-demo-key-url"), kind, options)
		}
	}
	answer, err := ask(kind, options, v.portal)
	if err != nil {
		return View{}, err
	}
	sent := hiddenFields(on.Text[strings.Index(on.Text, form):])
	sent.Set("answer", string(answer))
	for name, values := range fields {
		sent[name] = values
	}
	return v.Submit(ctx, attribute(form, "action"), sent)
}

func (v *Visitor) askDemoKey(ctx context.Context, path, kind string, options []byte) ([]byte, error) {
	asked, err := json.Marshal(map[string]any{"kind": kind, "options": json.RawMessage(options)})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.portal+path, bytes.NewReader(asked))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", v.portal)
	answer, err := v.do(request)
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("the demo key refused: %s", answer.Text)
	}
	return []byte(answer.Text), nil
}

// HasCeremony reports whether the page asks for a key.
func (s View) HasCeremony() bool { return ceremonyForm.MatchString(s.Text) }
