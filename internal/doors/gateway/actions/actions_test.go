package actions_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/doors/gateway/actions"
	"github.com/warder-project/warder/internal/registry/services"
)

func TestRequestIsRecognisedByWhatItIs(t *testing.T) {
	t.Parallel()
	all := []services.Action{
		{Name: "delete", Methods: []string{"DELETE"}, Path: "/"},
		{Name: "export", Methods: []string{"GET"}, Path: "/list", Query: "format=csv"},
		{Name: "upload", Methods: []string{"POST"}, Path: "/files", BodyOver: 1000},
		{Name: "big", Methods: []string{"GET"}, Path: "/list", RowsOver: 5},
		{Name: "browse", Methods: []string{"GET"}, Path: "/browse", Keep: time.Minute},
		{Name: "browse-export", Methods: []string{"GET"}, Path: "/browse/export"},
		{Name: "browse-rows", Methods: []string{"GET"}, Path: "/browse", RowsOver: 5},
	}
	for name, test := range map[string]struct {
		request actions.Request
		want    string
		weighed int
	}{
		"nothing":                   {actions.Request{Method: "GET", Path: "/home"}, "", 0},
		"the strictest of several":  {actions.Request{Method: "GET", Path: "/browse/export"}, "browse-export", 1},
		"by method":                 {actions.Request{Method: "DELETE", Path: "/home"}, "delete", 0},
		"by query":                  {actions.Request{Method: "GET", Path: "/list", Query: "a=1&format=csv"}, "export", 1},
		"by query, written oddly":   {actions.Request{Method: "GET", Path: "/list", Query: "a=1;Form%61t=CSV"}, "export", 1},
		"of another query":          {actions.Request{Method: "GET", Path: "/list", Query: "format=html"}, "", 1},
		"small upload":              {actions.Request{Method: "POST", Path: "/files", Length: 1000}, "", 0},
		"large upload":              {actions.Request{Method: "POST", Path: "/files", Length: 1001}, "upload", 0},
		"upload of unknown length":  {actions.Request{Method: "POST", Path: "/files", Length: -1}, "upload", 0},
		"answer that is to be seen": {actions.Request{Method: "GET", Path: "/list/2"}, "", 1},
		"head has no answer":        {actions.Request{Method: "HEAD", Path: "/list"}, "", 0},
	} {
		now, weigh := actions.Find(all, test.request)
		got := ""
		if now != nil {
			got = now.Name
		}
		if got != test.want || len(weigh) != test.weighed {
			t.Errorf("%s: %q and %d to weigh, want %q and %d", name, got, len(weigh), test.want, test.weighed)
		}
	}
}

func TestAnswerIsWeighedAndStaysWhole(t *testing.T) {
	t.Parallel()
	rows := func(n int) string { return "name,pay\n" + strings.Repeat("a,1\n", n) }
	byRows := services.Action{Name: "rows", RowsOver: 5}
	bySize := services.Action{Name: "size", ResponseOver: 100}
	for name, test := range map[string]struct {
		action  services.Action
		kind    string
		content string
		header  http.Header
		status  int
		unknown bool // the length is not stated
		want    string
	}{
		"few rows":            {action: byRows, kind: "text/csv", content: rows(5)},
		"one row more":        {action: byRows, kind: "text/csv; charset=utf-8", content: rows(6), want: "6 rows"},
		"rows of many":        {action: byRows, kind: "text/csv", content: rows(12345), want: "12,345 rows"},
		"json":                {action: byRows, kind: "application/json", content: `{"page":1,"people":[{"a":[1]},2,3,4,5,6]}`, want: "6 rows"},
		"json of few":         {action: byRows, kind: "application/json", content: `{"people":[1,2,3,4,5],"all":true}`},
		"json by keys":        {action: byRows, kind: "application/json", content: `{"1":{},"2":{},"3":{},"4":{},"5":{},"6":{}}`, want: "6 rows"},
		"json in two lists":   {action: byRows, kind: "application/json", content: `{"a":[1,2,3],"b":[4,5,6]}`, want: "6 rows"},
		"json of one person":  {action: byRows, kind: "application/json", content: `{"name":"a","b":1,"c":2,"d":3,"e":4,"f":5,"g":{"h":1}}`},
		"json, one by one":    {action: byRows, kind: "application/json", content: "{}\n{}\n", want: "an unknown number of rows"},
		"page without tables": {action: byRows, kind: "text/html", content: strings.Repeat("<li>a", 20_000), want: "an unknown number of rows"},
		"small page":          {action: byRows, kind: "text/html", content: "<p>Nothing found"},
		"a stream":            {action: byRows, kind: "text/event-stream", content: "data: 1\n\n", unknown: true, want: "an answer without an end"},
		"broken json":         {action: byRows, kind: "application/json", content: `{"people":[1,2`, want: "an unknown number of rows"},
		"html":                {action: byRows, kind: "text/html", content: strings.Repeat("<TR class=x><td>", 6) + "<track><tr", want: "6 rows"},
		"a kind of its own":   {action: byRows, kind: "application/vnd.ms-excel", content: "PK", want: "an unknown number of rows"},
		"no kind":             {action: byRows, content: "a", want: "an unknown number of rows"},
		"packed":              {action: byRows, kind: "text/csv", content: "x", header: http.Header{"Content-Encoding": {"gzip"}}, want: "an unknown number of rows"},
		"a piece":             {action: bySize, kind: "text/csv", content: "x", status: http.StatusPartialContent, want: "more than 100 bytes"},
		"small":               {action: bySize, kind: "application/pdf", content: strings.Repeat("x", 100)},
		"large":               {action: bySize, kind: "application/pdf", content: strings.Repeat("x", 101), want: "101 bytes"},
		"large, not stated":   {action: bySize, kind: "application/pdf", content: strings.Repeat("x", 3000), unknown: true, want: "more than 100 bytes"},
		"small, not stated":   {action: bySize, kind: "application/pdf", content: "x", unknown: true},
		"too large to count":  {action: byRows, kind: "text/csv", content: strings.Repeat("x", services.MostHeld+1), want: "an unknown number of rows"},
		"of either one":       {action: services.Action{ResponseOver: 10_000, RowsOver: 5}, kind: "text/csv", content: rows(6), want: "6 rows"},
		"of neither":          {action: services.Action{ResponseOver: 10_000, RowsOver: 5}, kind: "text/csv", content: rows(4)},
		"stated and far over": {action: bySize, kind: "text/csv", content: strings.Repeat("x", 12_345_678), want: "12.3 MB"},
	} {
		response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(test.content)), ContentLength: int64(len(test.content))}
		for header, value := range test.header {
			response.Header[header] = value
		}
		if test.kind != "" {
			response.Header.Set("Content-Type", test.kind)
		}
		if test.status != 0 {
			response.StatusCode = test.status
		}
		if test.unknown {
			response.ContentLength = -1
		}
		over, err := actions.Weigh(response, []services.Action{test.action})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if over != nil {
			got = over.Amount
		}
		if got != test.want {
			t.Errorf("%s: over by %q, want %q", name, got, test.want)
		}
		if rest, err := io.ReadAll(response.Body); err != nil || string(rest) != test.content {
			t.Errorf("%s: the answer is %d bytes afterwards, want %d: %v", name, len(rest), len(test.content), err)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, kind := range []string{"text/csv", "application/json", "text/html", "text/plain"} {
		f.Add(kind, "a,b\n1,2\n")
		f.Add(kind, `[{"a":[]},[[1]]]`)
		f.Add(kind, "<table><tr><td>")
	}
	f.Fuzz(func(t *testing.T, kind, content string) {
		rows, known := actions.Rows(kind, []byte(content))
		if rows < 0 || rows > int64(len(content)) || !known && rows != 0 {
			t.Errorf("%d rows (%v) in %d bytes", rows, known, len(content))
		}
		if known && rows != mustCount(kind, content+"\n") && strings.HasPrefix(kind, "text/plain") {
			t.Errorf("a line break at the end makes another row of %q", content)
		}
	})
}

func mustCount(kind, content string) int64 {
	rows, _ := actions.Rows(kind, []byte(content))
	return rows
}

func TestAmountsAreSaidInWords(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 1500: "1.5 kB", 10_000_000: "10 MB", 12_345_678: "12.3 MB"} {
		if got := actions.Bytes(size); got != want {
			t.Errorf("%d: %q, want %q", size, got, want)
		}
	}
	for count, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12345678: "12,345,678"} {
		if got := actions.Count(count); got != want {
			t.Errorf("%s: %q, want %q", fmt.Sprint(count), got, want)
		}
	}
}
