// Package forecast says, before a policy is enforced, whom it would lock out: by
// name, by service, and why. It is a pure function of facts.
//
//	Facts ──▶ Make ──▶ Forecast: Findings (some stop it) │ Services │ Load
//
// Everybody who may sign in on that day is judged, with each way in that works for
// them, at each service they have used lately, or at each that a rule lets them into
// today. They are judged by policy.Compiled itself, once under the policy in force and
// once under the draft, so the forecast and the gate cannot disagree. Whoever cannot
// get in today either is listed apart: the draft does not lock them out.
//
// What is not known is said to be not known: whether somebody is on leave when no
// calendar covers the day, and a rule that asks for more than a way of signing in.
//
// The room leaves to others: gathering the facts (app/lockout), keeping forecasts and
// asking for them before a policy is enforced (forecast/gate), and deciding
// (access/policy).
package forecast
