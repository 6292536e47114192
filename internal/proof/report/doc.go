// Package report prints an assessment: as JSON for scripts, as text for a
// terminal, as one self-contained HTML file for people, and criterion by
// criterion as an explanation or a CSV with everybody behind the number. The
// numbers are the same in all of them, because all are made from one
// maturity.Assessment. The room counts nothing itself.
package report
