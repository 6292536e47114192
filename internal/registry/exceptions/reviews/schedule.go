package reviews

import (
	"time"

	"github.com/warder-project/warder/internal/registry/exceptions"
)

const day = 24 * time.Hour

const (
	// Grace is how long after its day a review may still be done.
	Grace = 14 * day
	// Ahead is how long before its day it may be done already.
	Ahead = 30 * day
	// Year is the longest time between two looks at what departs from the NHS policy on
	// multi-factor authentication.
	Year = 365 * day
	// askedEvery is how long after one message a reviewer gets the next.
	askedEvery = 7 * day
)

// Next is the day of the next review of an approved exception, the zero time when it
// ends before one. last is the review before, the zero Review when there was none;
// yearly says that no year may pass without one.
func Next(e exceptions.Exception, last Review, yearly bool) time.Time {
	if e.State != exceptions.Approved {
		return time.Time{}
	}
	var next time.Time
	for _, planned := range e.Reviews {
		if planned.After(e.Start) && planned.After(last.Due) {
			next = planned
			break
		}
	}
	if yearly {
		looked := e.Start
		if last.ClosedAt.After(looked) {
			looked = last.ClosedAt
		}
		if latest := looked.Add(Year); next.IsZero() || latest.Before(next) {
			next = latest
		}
	}
	if !next.Before(e.End) {
		return time.Time{}
	}
	return next
}

// Every is a review each so many days between the beginning and the end of an exception;
// none when it is not a number of days, and then the usual ones are made.
func Every(days int, start, end time.Time) []time.Time {
	var due []time.Time
	if days < 1 || end.IsZero() {
		return nil
	}
	for at := start.Add(time.Duration(days) * day); at.Before(end) && len(due) < 50; at = at.Add(time.Duration(days) * day) {
		due = append(due, at)
	}
	return due
}
