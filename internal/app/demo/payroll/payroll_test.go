package payroll

import (
	"testing"

	"github.com/jba/templatecheck"
)

func TestPayslipIsTypeChecked(t *testing.T) {
	t.Parallel()
	if err := templatecheck.CheckHTML(page, payslipView{}); err != nil {
		t.Error(err)
	}
}
