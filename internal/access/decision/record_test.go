package decision

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/ids"
)

func TestRequestLinesCannotBeForged(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	record := Record{At: at, Requests: []Request{{At: at, Method: "GET", Path: "/a\n9 POST /b"}, {At: at.Add(7 * time.Millisecond), Method: "", Path: ""}}}
	want := "0 GET /a%0A9%20POST%20/b\n7  "
	if got := record.RequestLines(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	back := []Request{{At: at, Method: "GET", Path: "/a%0A9%20POST%20/b"}, {At: at.Add(7 * time.Millisecond)}}
	if diff := cmp.Diff(back, parseRequests(at, want)); diff != "" {
		t.Error(diff)
	}
	if got := parseRequests(at, "rubbish"); len(got) != 1 || got[0].Path != "rubbish" {
		t.Errorf("a line that cannot be read: %+v", got)
	}
}

func TestWhatComesFromOutsideIsCut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"/ok": "/ok", "/nul\x00": "/nul", "/bad\xff": "/bad", strings.Repeat("é", 200): strings.Repeat("é", 128), "/" + strings.Repeat("é", 200): "/" + strings.Repeat("é", 127)} {
		if got := clip(text, 256); got != want {
			t.Errorf("clip(%q) = %q", text, got)
		}
	}
}

func TestDecisionsAreNumberedInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	before := newID(at)
	for range 200 {
		at = at.Add(time.Millisecond)
		id := newID(at)
		if _, err := ids.Parse[ids.Decision](string(id)); err != nil || id <= before {
			t.Fatalf("%s after %s: %v", id, before, err)
		}
		before = id
	}
}
