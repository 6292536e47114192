// Package policy decides: facts about one request go in, a verdict with its
// reasons comes out. It is a pure function. It reads no clock, no database and
// no network, so the same facts give the same verdict today, in a test, and when
// a decision is explained years later.
//
//	Facts ──▶ Compiled.Decide ──▶ Verdict: Deny │ StepUp (to what) │ Allow
//
// A policy is rules (access/rulebook reads them from text) that say, for some
// services and some groups of people, how strongly somebody must have signed in,
// or that they may not enter at all. All rules that match add up; none can ask for
// less than another. Where no rule matches, nobody enters. Only an Exception lets
// somebody in with less, for a time.
//
// Whatever is not known is not fine: each fact that may be missing is a Truth or
// a state whose zero value means "not known", and refuses with a reason of its
// own. The zero Facts and a nil *Compiled deny.
//
// StepUp means that signing in (again, more strongly, or with another key) could
// help; Deny means that it could not.
//
// The room owns the order of the checks and every sentence a reason says. It
// leaves to others: the format of the text (rulebook), keeping its versions
// (policy/versions), gathering the facts (access/live, access/decision), and
// what becomes of the verdict (doors).
package policy
