package govuk

import (
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a container may have no time zones of its own
)

// london is the time that people who read these pages live in.
var london = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil { // cannot happen: the zones are compiled in
		return time.UTC
	}
	return zone
})

// Date writes a day as GOV.UK does, in the time of London: "23 November 2026".
// It is empty for the zero time.
func Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(london()).Format("2 January 2006")
}

// Clock writes a time of day as GOV.UK does, in the time of London: "2:41pm",
// "5pm", "midnight", "midday".
func Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(london())
	switch {
	case t.Minute() != 0:
		return t.Format("3:04pm")
	case t.Hour() == 0:
		return "midnight"
	case t.Hour() == 12:
		return "midday"
	default:
		return t.Format("3pm")
	}
}

// DateTime writes a day and time: "23 November 2026 at 2:41pm". It is empty
// for the zero time.
func DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Date(t) + " at " + Clock(t)
}

// Number writes a number with commas between thousands: "1,234,567".
func Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var text strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			text.WriteByte(',')
		}
		text.WriteRune(digit)
	}
	return sign + text.String()
}
