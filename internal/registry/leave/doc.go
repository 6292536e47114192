// Package leave is the leave calendar: who is away on which days, as HR last said.
// It is asked before something is switched on that people must be there for.
//
// A calendar is imported for a period. Of a day in it everybody is known to be away
// or at work; of any other day, and of somebody who joined after the import, nothing
// is known, and that is what is answered. Nothing here stops anybody from signing in.
//
// A new import replaces the periods that it covers; what lies a month back is
// forgotten. The room owns the tables leave_calendar and leave_absence. It leaves to
// others: reading the file (feeds/hr) and who somebody is (registry/people).
package leave
