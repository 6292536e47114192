// Package assess walks from export files to a maturity level without a server:
// it reads each file with its parser, takes hash and age, hands the facts to
// proof/coverage and the answer of proof/maturity back. It opens no file and
// asks no clock: readers and dates come in. warder assess and the maturity
// pages both use it, so they cannot differ.
package assess
