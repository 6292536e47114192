package days_test

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the comparison does not depend on the machine

	"github.com/warder-project/warder/internal/base/days"
)

func TestTheDayIsLondons(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for at := days.Date(1996, time.January, 1); at.Year() < 2040; at = at.Add(59 * time.Minute) {
		if got, want := days.London(at), days.Of(at.In(london)); got != want {
			t.Fatalf("at %s: got %s, want %s", at, days.Format(got), days.Format(want))
		}
	}
}

func TestDatesThatArePlaceholdersAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "2026-2-3", "2026-02-29", "26-02-03", "2026-02-03T00:00:00Z", "today", " "} {
		if day, err := days.Parse(text); err == nil {
			t.Errorf("%q became %s", text, day)
		}
	}
	if day, err := days.Parse("2024-02-29"); err != nil || day != days.Date(2024, time.February, 29) {
		t.Errorf("got %s, %v", day, err)
	}
	if day, err := days.Parse(""); err != nil || !day.IsZero() {
		t.Errorf("got %s, %v", day, err)
	}
}
