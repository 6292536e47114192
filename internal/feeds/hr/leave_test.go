package hr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/feeds/table"
)

func TestLeaveCalendarIsReadOrRefusedWhole(t *testing.T) {
	t.Parallel()
	got, err := hr.ParseLeave("leave.csv", strings.NewReader("last,user_name,first,why\n2026-12-31, Amira.Khan ,2026-12-24,holiday\n2026-12-24,tomos,2026-12-24,\n"))
	want := []hr.Leave{{Line: 2, UserName: "amira.khan", First: days.Date(2026, time.December, 24), Last: days.Date(2026, time.December, 31)},
		{Line: 3, UserName: "tomos", First: days.Date(2026, time.December, 24), Last: days.Date(2026, time.December, 24)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if got, err := hr.ParseLeave("leave.csv", strings.NewReader("user_name,first,last\n")); err != nil || len(got) != 0 {
		t.Errorf("a calendar in which nobody is away: %v, %v", got, err)
	}
	for name, text := range map[string]string{"nobody": ",2026-12-24,2026-12-24", "no day": "a,,2026-12-24", "not a day": "a,soon,2026-12-24", "backwards": "a,2026-12-25,2026-12-24"} {
		if got, err := hr.ParseLeave("leave.csv", strings.NewReader("user_name,first,last\n"+text+"\n")); !problem.Is(err, table.BadRows) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzParseLeave(f *testing.F) {
	f.Add("user_name,first,last\na,2026-12-24,2026-12-24\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := hr.ParseLeave("leave.csv", strings.NewReader(text))
		for _, row := range rows {
			if err != nil || row.UserName == "" || row.First.IsZero() || row.Last.Before(row.First) {
				t.Errorf("%+v, %v", row, err)
			}
		}
	})
}
