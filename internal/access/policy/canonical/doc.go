// Package canonical writes the facts of a request as bytes, and reads them again,
// so that a decision can be made anew years later from what was known at the time.
//
// The same facts always give the same bytes, whatever they were gathered from, and
// bytes that are not the one spelling of some facts are refused: what a policy is
// replayed on is exactly what was recorded.
//
//	version │ field field field …        fields in the order of their numbers
//	             └ number and kind, then a number or a length and text
//
// A fact that is not known takes no room and is not known when it is read again.
// A later Warder adds fields at the end and reads what earlier ones wrote; what it
// writes is refused by an earlier one, which does not know what it would leave out.
//
// The package owns the numbers of the fields. It leaves to others: which facts there
// are (access/policy), and where the bytes are kept (access/decision).
package canonical
