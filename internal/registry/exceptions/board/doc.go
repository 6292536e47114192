// Package board adds exceptions up, for those who answer for all of them: how many there
// are, what they amount to, whether that gets less, and what would break without them.
//
// What exceptions amount to is their debt: the people each is for, times the days
// it still has, times its risk of 1 to 25. Ten people with ninety days left at a risk of
// four are 3,600. It shrinks by itself as ends come nearer; renewing is borrowing again.
// Each day's debt is kept, so that the past is what it was and not what one would think
// of it now; what is to come is worked out from the ends as they are today.
//
// The room owns the table exception_debt. It leaves to the rooms around it the
// exceptions and their reviews, and to internal/app where uses and keys are known.
package board
