// Package condition reads what a rule says under “when”: an expression in CEL, the
// Common Expression Language, about the facts of one request, the session, the network,
// the signals and the time. See Facts for what there is to speak of and Functions for
// what can be done with it.
//
// Each fact may be not known, and so may the answer: an expression is true, false or
// not known as a whole, in three-valued logic. “a || b” is true when one of them is,
// whatever the other; “a && b” is false when one of them is; otherwise what is not known
// stays so. What that means for the rule is for the rule to say, and Missing is told
// to whoever reads it.
//
// There are no loops and no macros, so that what an expression can cost is known when it
// is read: one that could cost too much is refused then, and never runs.
//
// Nothing is loaded, and nothing is built, before the first expression is read.
package condition
