package keysweb

import (
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
)

// onForm puts a problem on the form: faults of the input beside their fields,
// and the one named conflict beside the field it is about.
func onForm(err error, conflict problem.Definition, field string) ([]web.FieldError, bool) {
	if problem.Is(err, conflict) {
		found, _ := problem.Of(err)
		return []web.FieldError{{Field: field, Message: found.Sentence}}, true
	}
	return web.FieldErrors(err)
}
