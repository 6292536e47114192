// Package reviews keeps when each exception is looked at again, by whom, and what came
// of it. A review that is missed has a consequence, which was chosen when the exception
// was made: it ends, or goes on with a stricter floor.
//
//	open ──┬─ done       somebody who is not its owner has looked: it ends, stays as
//	       │             planned, ends sooner, or a renewal is asked for
//	       ├─ missed     nobody has, and the days of grace are over
//	       └─ dropped    the exception was over first
//
// An exception that is approved has at most one open review: the next of the dates that
// were chosen with it. While a service that it covers is held to the NHS policy on
// multi-factor authentication, there is never more than a year between two, whatever was
// chosen. When an open review lapses is kept with the exception itself, so that the
// engine obeys the date and waits for no work to be done; the work in lapse.go only
// records what has already been so.
//
// There is no way to review several at once.
//
// The room owns the table exception_review. It leaves to the room around it what an
// exception is and who may decide about it, and to internal/app where uses, keys and
// messages come from.
package reviews
