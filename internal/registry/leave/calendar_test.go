package leave_test

import (
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/registry/leave/leavedb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func day(n int) time.Time { return days.Date(2026, time.December, n) }

func open(t *testing.T) *leave.Calendar {
	t.Helper()
	d, now := dbtest.SQLite(t), testkit.NewClock().Now
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	return leave.New(leave.Deps{Store: leavedb.New(d), Tx: d, Audit: log, Now: now})
}

func TestWhatNobodySaidOfADayIsNotKnown(t *testing.T) {
	t.Parallel()
	calendar := open(t)
	taken, err := calendar.Import(t.Context(), audit.Command("root"), leave.Period{First: day(1), Last: day(31)}, []leave.Absence{
		{Person: "prs_away", First: day(5), Last: day(9)}, {Person: "prs_away", First: day(9), Last: day(12)}, {Person: "prs_long_ago", First: day(-60), Last: day(-50)}})
	if err != nil || taken != 2 {
		t.Fatalf("%d absences were taken: %v", taken, err)
	}
	before, after := testkit.Start().Add(-time.Hour), testkit.Start().Add(time.Hour)
	for _, test := range []struct {
		name   string
		day    int
		person string
		since  time.Time
		want   assurance.Fact
		back   time.Time
	}{
		{"a day that no calendar covers", 32, "away", before, assurance.Unknown, time.Time{}},
		{"somebody who is away", 9, "away", before, assurance.Yes, day(13)},
		{"somebody who is back", 13, "away", before, assurance.No, time.Time{}},
		{"somebody who is not named", 9, "other", before, assurance.No, time.Time{}},
		{"somebody who joined after the import", 9, "new", after, assurance.Unknown, time.Time{}},
	} {
		known, err := calendar.On(t.Context(), day(test.day))
		if err != nil {
			t.Fatal(err)
		}
		if got, back := known.Of(ids.Person("prs_"+test.person), test.since); got != test.want || !back.Equal(test.back) {
			t.Errorf("%s: %s, back %v; want %s, %v", test.name, got, back, test.want, test.back)
		}
	}
}

func TestCalendarThatMakesNoSenseIsRefusedWhole(t *testing.T) {
	t.Parallel()
	calendar := open(t)
	for name, test := range map[string]struct {
		period  leave.Period
		absence leave.Absence
		want    problem.Definition
	}{
		"no days":           {leave.Period{}, leave.Absence{}, leave.PeriodRefused},
		"backwards":         {leave.Period{First: day(2), Last: day(1)}, leave.Absence{}, leave.PeriodRefused},
		"three years":       {leave.Period{First: day(1), Last: day(1).AddDate(3, 0, 0)}, leave.Absence{}, leave.PeriodRefused},
		"nobody’s":          {leave.Period{First: day(1), Last: day(2)}, leave.Absence{First: day(1), Last: day(1)}, leave.AbsenceRefused},
		"ends before begun": {leave.Period{First: day(1), Last: day(2)}, leave.Absence{Person: "prs_a", First: day(2), Last: day(1)}, leave.AbsenceRefused},
	} {
		if _, err := calendar.Import(t.Context(), audit.Command("root"), test.period, []leave.Absence{test.absence}); !problem.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if known, err := calendar.On(t.Context(), day(1)); err != nil || known.Known {
		t.Errorf("something was kept: %v, %v", known, err)
	}
}
