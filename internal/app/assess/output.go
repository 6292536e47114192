package assess

import (
	"io"

	"github.com/warder-project/warder/internal/proof/maturity"
	"github.com/warder-project/warder/internal/proof/report"
	"github.com/warder-project/warder/internal/proof/report/reportweb"
)

// Text writes the answer for a terminal.
func Text(w io.Writer, a *maturity.Assessment) error { return report.Text(w, a) }

// JSON writes the answer for a script; see report.Format.
func JSON(w io.Writer, a *maturity.Assessment) error { return report.JSON(w, a) }

// HTML writes the answer as one self-contained file.
func HTML(w io.Writer, a *maturity.Assessment) error { return reportweb.HTML(w, a, report.ListLimit) }

// Explain writes one criterion with everybody behind it, such as "L3.G1".
func Explain(w io.Writer, a *maturity.Assessment, id string) error { return report.Explain(w, a, id) }

// CSV writes everybody behind one criterion as a table.
func CSV(w io.Writer, a *maturity.Assessment, id string) error { return report.CSV(w, a, id) }
