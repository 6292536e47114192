package demo

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

// visitor is a browser for the tour: it keeps cookies, follows redirects, fills
// in forms, and uses the demo key where a page asks for a key.
type visitor struct {
	client *http.Client
	portal string
}

// view is a page that the visitor sees.
type view struct {
	Status  int
	Address *url.URL
	Text    string
}

func newVisitor(portal string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &visitor{client: &http.Client{Jar: jar, Timeout: 10 * time.Second}, portal: portal}, nil
}

// open goes to an address as a person does.
func (v *visitor) open(ctx context.Context, address string, extra ...string) (view, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return view{}, err
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	for i := 0; i+1 < len(extra); i += 2 {
		request.Header.Set(extra[i], extra[i+1])
	}
	return v.do(request)
}

// fetch asks as a page's script does.
func (v *visitor) fetch(ctx context.Context, address string) (view, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return view{}, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Sec-Fetch-Mode", "cors")
	return v.do(request)
}

// submit sends a form of the portal.
func (v *visitor) submit(ctx context.Context, path string, fields url.Values) (view, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.portal+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return view{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Origin", v.portal)
	return v.do(request)
}

func (v *visitor) do(request *http.Request) (view, error) {
	response, err := v.client.Do(request)
	if err != nil {
		return view{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return view{}, err
	}
	return view{Status: response.StatusCode, Address: response.Request.URL, Text: string(text)}, nil
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

func (s view) heading() string {
	found := heading.FindStringSubmatch(s.Text)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(html.UnescapeString(found[1]))
}

var errNoForm = errors.New("the page has no such form")

// press sends the page's own form (not the ceremony), with its hidden fields.
func (v *visitor) press(ctx context.Context, on view, fields url.Values) (view, error) {
	for _, form := range postForm.FindAllStringSubmatchIndex(on.Text, -1) {
		action := html.UnescapeString(on.Text[form[2]:form[3]])
		if action == "/signout" {
			continue
		}
		sent := hiddenFields(on.Text[form[1]:])
		for name, values := range fields {
			sent[name] = values
		}
		return v.submit(ctx, action, sent)
	}
	return view{}, fmt.Errorf("%q: %w", on.heading(), errNoForm)
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

// touch answers the page's ceremony with the demo key.
func (v *visitor) touch(ctx context.Context, on view, fields url.Values) (view, error) {
	form := ceremonyForm.FindString(on.Text)
	if form == "" {
		return view{}, fmt.Errorf("%q (%d): %w", on.heading(), on.Status, errNoForm)
	}
	asked, err := json.Marshal(map[string]any{"kind": attribute(form, "data-ceremony"), "options": json.RawMessage(attribute(form, "data-options"))})
	if err != nil {
		return view{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.portal+attribute(form, "data-demo-key-url"), bytes.NewReader(asked))
	if err != nil {
		return view{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", v.portal)
	answer, err := v.do(request)
	if err != nil {
		return view{}, err
	}
	if answer.Status != http.StatusOK {
		return view{}, fmt.Errorf("the demo key refused: %s", answer.Text)
	}
	sent := hiddenFields(on.Text[strings.Index(on.Text, form):])
	sent.Set("answer", answer.Text)
	for name, values := range fields {
		sent[name] = values
	}
	return v.submit(ctx, attribute(form, "action"), sent)
}
