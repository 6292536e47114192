// Package standards says where each method of the catalogue stands in what NIST,
// the NCSC and Cyber Essentials have published, and what of it is not met or not
// known.
//
// A mapping is data with a version and its sources. When a standard changes, a
// new version is added and the old one stays, so that Diff can tell which
// methods, and with them which people, change class. The levels of sessions are
// worked out by registry/assurance from what happened; a test keeps both in step.
package standards
