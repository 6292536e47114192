package demo

import (
	"testing"

	"github.com/jba/templatecheck"
)

func TestMailPageIsTypeChecked(t *testing.T) {
	t.Parallel()
	if err := templatecheck.CheckHTML(mailPage, mailView{}); err != nil {
		t.Error(err)
	}
}
