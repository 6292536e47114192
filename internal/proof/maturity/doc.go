// Package maturity says on which of the guide's five levels an organisation
// is, by evidence, and what holds it back. The levels, the guide's wording and
// how Warder reads each sentence stand together in levels.go; how a sentence is
// checked stands in judges.go.
//
// Each criterion is met, not met, not known, or needs a human. Three kinds of
// criteria count in three ways:
//
//   - a gate must be met for its level. The text of a level (L3.T) and most of
//     its good-enough points are gates. A gate that only a human can answer
//     (culture, a published mandate) does not stop a level by evidence; it is
//     listed as still to be signed. Nothing is taken as signed.
//   - a proportion point says when staying on a level is enough ("you have
//     low-value services"). It never stops a higher level, and only a human can
//     answer it.
//   - advice is a "do better" point. It is shown and never counts.
//
// The level by evidence is the highest whose gates, and all gates below, are
// met or wait for a human only. Not known is never met, so missing or old
// evidence can only lower a level.
package maturity
