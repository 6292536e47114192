package reportweb

import (
	"html/template"
	"testing"

	"github.com/jba/templatecheck"
)

func TestReportIsTypeChecked(t *testing.T) {
	t.Parallel()
	page, err := template.ParseFS(files, "assessment.html")
	if err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(page, assessmentView{}); err != nil {
		t.Error(err)
	}
}
