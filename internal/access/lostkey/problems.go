package lostkey

import "github.com/warder-project/warder/internal/base/problem"

// ReportFromFuture: the moment of the report lies ahead.
var ReportFromFuture = problem.Define(problem.Invalid, "lost_key.report_from_future",
	"The key cannot have been reported at a time that is yet to come.", "Check the time of the report, and the clock of this machine.")

// Problems lists every problem of this room, for documents and tests.
func Problems() []problem.Definition { return []problem.Definition{ReportFromFuture} }
