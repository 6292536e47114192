package cloud_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
)

// endless is a file of 200 MB without the disk.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	e.left -= n
	return n, nil
}

func TestExportOfTwoHundredMegabytesIsRefused(t *testing.T) {
	t.Parallel()
	_, _, err := cloud.Read("big.json", io.MultiReader(strings.NewReader(`{"value":[`), &endless{200 << 20}), cloud.EntraRegistrations)
	found, ok := problem.Of(err)
	if !ok || found.Code != "export.too_large" || !strings.Contains(found.Detail, "big.json") {
		t.Errorf("got %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestFaultOfTheDiskIsNotCalledAFaultOfTheFile(t *testing.T) {
	t.Parallel()
	_, _, err := cloud.Read("x.json", io.MultiReader(strings.NewReader(`{"value":`), broken{}), cloud.EntraRegistrations)
	if found, ok := problem.Of(err); !ok || found.Code != "export.unreadable" || found.Kind != problem.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestDatesAreReadAsTheCloudsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-11-23T10:30:00Z": time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC), "2026-11-23T10:30:00+00:00": time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC),
		"2026-11-23T12:30:00+02:00": time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC), "/Date(1763893800000)/": time.UnixMilli(1763893800000).UTC(),
		"/Date(1763893800000+0100)/": time.UnixMilli(1763893800000).UTC(), "2026-11-23": time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	} {
		if got, ok := cloud.ParseTime(text); !ok || !got.Equal(want) {
			t.Errorf("%s is %s, %t; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "yesterday", "/Date()/", "/Date(1", "23/11/2026"} {
		if _, ok := cloud.ParseTime(text); ok {
			t.Errorf("%q was taken as a date", text)
		}
	}
}

func TestEveryProblemSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, one := range cloud.Problems() {
		if one.Sentence == "" || one.Next == "" || one.Kind == problem.Internal {
			t.Errorf("%s is not for a person: %+v", one.Code, one)
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("user,arn,mfa_active"))
	f.Add([]byte("\xff\xfe{\x00"))
	f.Fuzz(func(t *testing.T, start []byte) {
		if cloud.Sniff(start).Name() == "" {
			t.Fatal("a kind without a name")
		}
	})
}
