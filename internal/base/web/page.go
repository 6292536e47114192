package web

import (
	"errors"
	"html/template"
	"reflect"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// Page is what a handler asks Templates.Render to show.
type Page struct {
	Name        string       // the file in the room's templates: "list.html"
	Status      int          // HTTP status; 0 means 200
	Title       string       // of the page, without the product's name
	Section     string       // path of the navigation item that is current
	View        any          // the page's own view struct, .View in the template
	Errors      []FieldError // what is wrong with the form; shown in the error summary
	Scripts     []string     // extra built scripts: "webauthn.js"
	SignedOut   bool         // the session ended with this request: the page is as for nobody
	FormActions []string     // origins a form of this page may be redirected to: "https://payroll.example"
}

// FieldError is one thing wrong with a form.
type FieldError struct {
	Field   string // id of the field in the page; empty when it is about the whole form
	Message string
}

// FieldErrors takes a problem of kind Invalid apart, so that a form can be
// shown again with its errors. ok is false for every other error, which the
// handler should return.
func FieldErrors(err error) (found []FieldError, ok bool) {
	cause, ok := problem.Of(err)
	if !ok || cause.Kind != problem.Invalid {
		return nil, false
	}
	return Complaints(err), true
}

// Complaints takes a problem of any kind apart: what is wrong with each field, or
// the whole of it with its next step. It is empty for an error that is no problem.
func Complaints(err error) []FieldError {
	cause, ok := problem.Of(err)
	if !ok {
		return nil
	}
	if len(cause.Fields) == 0 {
		return []FieldError{{Message: strings.Join(strings.Fields(cause.Sentence+" "+cause.Detail+" "+cause.Next), " ")}}
	}
	found := make([]FieldError, len(cause.Fields))
	for i, field := range cause.Fields {
		found[i] = FieldError{Field: field.Name, Message: field.Message}
	}
	return found
}

// ErrorFor returns the first message about field, ready for a govuk partial.
// It is empty when nothing is wrong with the field.
func ErrorFor(found []FieldError, field string) govuk.ErrorMessage {
	for _, one := range found {
		if one.Field == field {
			return govuk.ErrorMessage{Text: one.Message}
		}
	}
	return govuk.ErrorMessage{}
}

// Frame is what the layout is executed with. A page's template sees it as its
// dot: its own view is .View.
type Frame struct {
	Title        string // whole text of <title>
	Product      string
	Demo         bool
	Notice       Link // above everything; nothing when its label is empty
	StyleSheet   string
	Icon         string
	Scripts      []string
	Navigation   govuk.ServiceNavigation
	SignedIn     bool
	ViewerName   string
	SignOutPath  string // empty when nobody is signed in or there is no such page
	Footer       []Link
	ErrorSummary govuk.ErrorSummary
	HasErrors    bool
	View         any
	Content      template.HTML // the page itself, executed; only the layout has it
}

// Link is a labelled address.
type Link struct{ Label, Path string }

// FrameFor returns a Frame whose View field has the static type of view. It is
// for checking templates: a checker cannot look through an interface.
func FrameFor(view any) (any, error) {
	if view == nil {
		return nil, errors.New("a page without a view has nothing to check; pass an empty struct")
	}
	original := reflect.TypeOf(Frame{})
	fields := make([]reflect.StructField, 0, original.NumField())
	for i := range original.NumField() {
		field := original.Field(i)
		if field.Name == "View" {
			field.Type = reflect.TypeOf(view)
		}
		field.Offset, field.Index = 0, nil
		fields = append(fields, field)
	}
	return reflect.New(reflect.StructOf(fields)).Elem().Interface(), nil
}
