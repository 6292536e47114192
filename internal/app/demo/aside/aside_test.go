package aside

import (
	"testing"

	"github.com/jba/templatecheck"
)

func TestPagesOfTheDemoAreTypeChecked(t *testing.T) {
	t.Parallel()
	if err := templatecheck.CheckHTML(mailPage, mailView{}); err != nil {
		t.Error(err)
	}
	if err := templatecheck.CheckHTML(clockPage, clockView{}); err != nil {
		t.Error(err)
	}
}
