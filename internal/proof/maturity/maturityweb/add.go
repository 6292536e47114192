package maturityweb

import (
	"errors"
	"net/http"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
)

// inMemory is how much of an upload is held in memory; the rest waits on disk.
const inMemory = 4 << 20

// addView is the form.
type addView struct {
	Back     govuk.BackLink
	File     govuk.Input
	Exported govuk.Input
	Another  govuk.Checkboxes
	Save     govuk.Button
}

func (p *Pages) askAdd(w http.ResponseWriter, r *http.Request) error { return p.form(w, r, "", nil) }

func (p *Pages) form(w http.ResponseWriter, r *http.Request, exported string, faults []web.FieldError) error {
	view := addView{Back: govuk.BackLink{Text: "Back to the levels", Href: Path},
		File: govuk.Input{Name: "file", Type: "file", Label: govuk.Label{Text: "Export or staff list"},
			Hint:         govuk.Hint{Text: "Warder finds out what it is: an AWS credential report, devices or account summary, an Entra export, or a staff list in CSV. At most 100 MB."},
			ErrorMessage: web.ErrorFor(faults, "file")},
		Exported: govuk.Input{Name: "exported", Value: exported, Classes: "govuk-input--width-10", Label: govuk.Label{Text: "Day it was exported (optional)"},
			Hint:         govuk.Hint{Text: "Year, month, day: for example 2026-11-23. Needed when the file does not say it: evidence of which nobody knows the age proves nothing."},
			ErrorMessage: web.ErrorFor(faults, "exported")},
		Another: govuk.Checkboxes{Name: "another", Items: []govuk.Choice{{Value: "yes", Text: "This is one more page of the export that is already here"}}},
		Save:    govuk.Button{Text: "Add", PreventDoubleClick: true}}
	page := web.Page{Name: "add.html", Title: "Add evidence", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(inMemory); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return p.form(w, r, "", []web.FieldError{{Field: "file", Message: "Choose a file"}})
	}
	defer r.MultipartForm.RemoveAll()
	exported := r.PostFormValue("exported")
	var at time.Time
	if exported != "" {
		day, err := time.Parse(time.DateOnly, exported)
		if err != nil {
			return p.form(w, r, "", []web.FieldError{{Field: "exported", Message: "Write the day as year, month and day, such as 2026-11-23"}})
		}
		at = day
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		return p.form(w, r, exported, []web.FieldError{{Field: "file", Message: "Choose a file"}})
	}
	defer file.Close()
	upload := Upload{Name: header.Filename, File: file, ExportedAt: at, Another: r.PostFormValue("another") == "yes"}
	_, err = p.deps.Add(r.Context(), audit.Person(web.ViewerOf(r).Person), upload)
	if faults, ok := faultsOf(err); ok {
		return p.form(w, r, exported, faults)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path)
}

// faultsOf puts the faults of a file beside the field, each with its line.
func faultsOf(err error) ([]web.FieldError, bool) {
	if err == nil {
		return nil, false
	}
	if _, ok := web.FieldErrors(err); !ok {
		return nil, false
	}
	return fileFaults(err), true
}

func fileFaults(err error) []web.FieldError {
	found, _ := problem.Of(err)
	faults := []web.FieldError{{Field: "file", Message: found.Sentence + " " + found.Next}}
	for _, field := range found.Fields {
		faults = append(faults, web.FieldError{Field: "file", Message: field.String()})
	}
	return faults
}
