// Package exceptions keeps who may sign in with less than the policy asks, why, and
// until when. An exception is the only way in which a rule is relaxed: no policy
// text leaves anybody out. It names whom it is for, to what floor it lowers what is
// asked, the risk, what makes up for it, who answers for it, and the minute at which
// it ends; the engine obeys it until that minute and not a millisecond longer.
//
// # The life of an exception
//
//	            ┌─ withdrawn        by whoever asked for it
//	            │
//	proposed ───┼─ refused          by an approver
//	   │        │
//	   │        └─ expired          its end came first
//	   │
//	   └─ approved ──┬─ ended       by hand, at once
//	        │    ▲   │
//	        └────┘   └─ expired     at its end, by itself
//
//	approved again: shortened, asked to renew, renewed or not, given another owner,
//	dropped to the stricter floor that was chosen when it was made, a control tested,
//	a milestone reached or moved, reviewed
//
// The table of these moves is in state.go. In force is an exception that is approved
// and whose time it is: that is a matter of the clock alone, and needs nobody to
// carry it out. The state “expired” only records what has already been so.
//
// # The rules
//
//   - No end, no exception. How long it may be at most is a matter of its risk.
//   - It is approved by somebody who does not own it, has not asked for it, and whom it
//     is not for; by whom is a matter of its risk too: see Route. They prove with a key touched a
//     moment ago that it is they.
//   - It is made longer by a renewal only, which is approved as it was itself. From the
//     third renewal on, those who answer to the board approve it.
//   - It is ended or made shorter by anybody who might have proposed it, at once.
//   - What it says does not change once it is approved, but for its times, its owner and
//     the results of its controls.
//
// The room owns the tables exception, exception_person, exception_group and
// exception_warning. It leaves to access/live how the engine comes to know of what is in
// force, to access/policy what that does to an answer, and to access/decision the
// record of each use.
package exceptions
