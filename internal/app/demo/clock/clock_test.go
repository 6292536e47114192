package clock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
)

func TestClockThatWasMovedStaysMoved(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Forward(4*time.Hour), first.Forward(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	again, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Moved(), 28*time.Hour; got != want {
		t.Errorf("after a restart the clock is %s ahead, want %s", got, want)
	}
	if ahead := time.Until(again.Now()); ahead < 27*time.Hour || ahead > 29*time.Hour {
		t.Errorf("the time is %s ahead", ahead)
	}
	if got, want := InWords(again.Moved()), "1 day, 4 hours"; got != want {
		t.Errorf("in words %q, want %q", got, want)
	}
}

func TestClockNeverGoesBackAndNotTooFar(t *testing.T) {
	t.Parallel()
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []time.Duration{0, -time.Second, furthest + 1} {
		if err := c.Forward(by); !problem.Is(err, TooFar) {
			t.Errorf("forward by %s: %v", by, err)
		}
	}
	if c.Moved() != 0 {
		t.Errorf("it moved by %s", c.Moved())
	}
}

func TestClockThatCannotBeReadStopsTheDemo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "soon", "-4h", "9601h"} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(folder); !problem.Is(err, Unreadable) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
