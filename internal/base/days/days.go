// Package days is the calendar: dates without a time of day, and which one it is in
// London. People start and leave on a date, and things that end do so at the end
// of one.
package days

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// layout is how a date is written in files, in the database and on pages.
const layout = "2006-01-02"

// Date returns a calendar date as it is kept: midnight UTC.
func Date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Parse reads YYYY-MM-DD. An empty text is the zero time, which is no date.
// Years outside 1900 to 2199 are refused: they are placeholders, not dates.
func Parse(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date; write it as YYYY-MM-DD, for example 2026-03-31", clip(text))
	}
	if day.Year() < 1900 || day.Year() > 2199 {
		return time.Time{}, fmt.Errorf("%q is not a plausible date; the year must be between 1900 and 2199", clip(text))
	}
	return day, nil
}

// Format writes YYYY-MM-DD, or nothing for no date.
func Format(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(layout)
}

// Of keeps the calendar date of t, in t's own location.
func Of(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return Date(t.Date())
}

// London returns the calendar date in London at that moment.
//
// The rule for summer time is written out here and not read from a time zone
// file, so that the answer to "may this person sign in" is the same on every
// machine: The Summer Time Order 2002 (SI 2002/262) §2, clocks go forward at
// 01:00 UTC on the last Sunday of March and back at 01:00 UTC on the last
// Sunday of October. The tests compare it with the time zone database.
func London(at time.Time) time.Time {
	utc := at.UTC()
	begins := lastSunday(utc.Year(), time.March).Add(time.Hour)
	ends := lastSunday(utc.Year(), time.October).Add(time.Hour)
	if !utc.Before(begins) && utc.Before(ends) {
		utc = utc.Add(time.Hour)
	}
	return Date(utc.Date())
}

func lastSunday(year int, month time.Month) time.Time {
	last := Date(year, month+1, 0)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// clip keeps what is quoted back to a person short.
func clip(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
