// Package replay makes decisions of the past again under another policy: who would
// have been stopped, asked to sign in, or let in, had this text been in force. It is
// how a policy is tried on what people really do before it is enforced.
//
//	decisions kept ──▶ facts ──▶ draft.Decide ──▶ compare with what was decided ──▶ Report
//	   newest first, a page at a time                                               Find
//
// A decision is made again from its own record alone: what has become of the person,
// the key or the service since changes nothing, and the policy that was in force then
// decides again exactly as it did. Where one decision stands for several requests,
// each is judged, and the strictest answer counts.
//
// What cannot be made again is counted apart and never taken for "no difference":
// decisions from before their facts were kept.
//
// The package keeps nothing. It leaves to others: keeping decisions
// (access/decision), and whether a draft may be enforced (access/policy/versions).
package replay
