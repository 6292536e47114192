// Package replayweb is the administrators' pages on which a policy is tried on the
// decisions of the past: the report, and the single decisions behind each of its
// numbers, each of which leads to the decision as it was beside what it would have
// been. Nothing is changed here.
//
// A page waits for no more than a bounded number of decisions; for all of them there
// is the command, which the page names.
package replayweb
