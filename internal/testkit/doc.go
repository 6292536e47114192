// Package testkit is what tests need from outside the code under test: a clock
// that can be set, a free loopback address, a real binary run as a child
// process, the place of the checkout and of the shared sample files, and the
// programs of the machine (a browser, a web server).
//
// Only _test.go files and other test kits import it; internal/archtest holds
// that. Databases are in testkit/dbtest, a real nginx in testkit/nginxtest.
// What a test cannot have is skipped aloud, or, where the matching
// WARDER_REQUIRE_… variable is 1 as it is in make check, is a failure.
package testkit
