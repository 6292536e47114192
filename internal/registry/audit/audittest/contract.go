// Package audittest holds the promises every audit.Store must keep, and a
// record for the tests of other rooms.
package audittest
