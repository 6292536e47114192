// Package decisionweb is the administrators' pages about decisions: the list of
// who was let in, asked for more or turned away, and one decision with its
// reasons, what the rules asked for and what the sign-in had proven. Each
// person sees the last decisions about themselves, in words. Nothing is changed here.
package decisionweb
