package web

import (
	"net/http"

	"github.com/warder-project/warder/internal/base/web/within"
)

// SeeOther sends the browser to a path of this site with 303, so that a form
// is not sent twice. A path that is not ours becomes the home page.
func SeeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, within.Site(path), http.StatusSeeOther)
	return nil
}
