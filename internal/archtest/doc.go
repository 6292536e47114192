// Package archtest holds the rules of the house and the tests that keep them:
// which floor may import which, what a domain package may not touch, where a
// third-party module may enter, how large a room may grow. docs/architecture.md
// shows the house; CONTRIBUTING.md says how to live in it.
//
// Each rule reads the whole tree, as go list and the parser see it, and answers
// with findings: the rule, the place, what offends, and why it matters. An
// exception is a line in exceptions.go with a reason and a date; an exception
// that no longer excuses anything is itself a finding, and so is a rule that
// names a room that is gone. The rules are tested against a crooked house in
// testdata, so that each of them is known to be able to fail.
//
// Nothing imports this package. It leaves formatting to gofmt, and what needs
// types to go vet, staticcheck and exhaustive, which make check runs.
package archtest
