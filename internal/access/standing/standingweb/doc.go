// Package standingweb is the administrators' pages that suspend, reinstate and
// sign out somebody, or record that they leave. Each shows first what will happen.
package standingweb
