package versionsweb

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// editView is the editor.
type editView struct {
	Heading  string
	Back     govuk.BackLink
	Action   string
	Revision string // of the draft as the writer has seen it
	Text     govuk.Textarea
	Tests    govuk.Textarea
	Save     govuk.Button
	Theirs   string // what somebody else has saved meanwhile; "" when nobody has
	Excludes bool   // the text would leave somebody out: that takes an exception
}

// written is what stands in the editor.
type written struct {
	heading, action, back string
	revision              int64
	text, tests           string
	theirs                string
	excludes              bool
}

// pageName is what a text that was written here came from.
const pageName = "the page"

// begin is a policy to start from where there is none.
const begin = "version: \"1\"\nrules:\n  - id: everybody\n    title: Everybody signs in with a security key\n    services: [\"*\"]\n    require: {aal: 2, phishing_resistant: true}\n"

var versionLine = regexp.MustCompile(`(?m)^version:.*$`)

func (p *Pages) askNew(w http.ResponseWriter, r *http.Request) error {
	one := written{heading: "Write a policy", action: NewPath, back: section, text: begin}
	from, err := p.original(r)
	if err != nil {
		return err
	}
	if from.Text != "" {
		// Each version has a name of its own.
		one.text = versionLine.ReplaceAllLiteralString(from.Text, "version: "+strconv.Quote(from.Version+", next"))
		one.tests = from.Tests
	}
	return p.render(w, r, one, nil)
}

// original is what a new draft begins with: the version that was asked for, else the
// one in force.
func (p *Pages) original(r *http.Request) (versions.Version, error) {
	if number, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64); err == nil {
		return p.deps.Policies.Get(r.Context(), number)
	}
	current, _, err := p.deps.Policies.Current(r.Context())
	if problem.Is(err, versions.NonePublished) {
		err = nil
	}
	return current, err
}

func (p *Pages) saveNew(w http.ResponseWriter, r *http.Request) error {
	one := written{heading: "Write a policy", action: NewPath, back: section}
	one.read(r)
	saved, err := p.deps.Policies.Import(r.Context(), actor(r), one.asText())
	if err != nil {
		return p.again(w, r, one, err)
	}
	return web.SeeOther(w, r, Path(saved.Number)+"?done=saved")
}

func (p *Pages) askEdit(w http.ResponseWriter, r *http.Request) error {
	version, err := p.versionOf(r)
	if err != nil {
		return err
	}
	if version.State != versions.Draft {
		return versions.NotInThisState.Detailf("It is %s.", version.State.Words())
	}
	one := editing(version)
	one.text, one.tests = version.Text, version.Tests
	return p.render(w, r, one, nil)
}

func editing(version versions.Version) written {
	return written{heading: "Edit " + version.Version, action: Path(version.Number) + "/edit", back: Path(version.Number), revision: version.Revision}
}

func (p *Pages) saveEdit(w http.ResponseWriter, r *http.Request) error {
	version, err := p.versionOf(r)
	if err != nil {
		return err
	}
	one := editing(version)
	one.read(r)
	_, err = p.deps.Policies.Save(r.Context(), actor(r), version.Number, one.revision, one.asText())
	if problem.Is(err, versions.ChangedMeanwhile) {
		// What was written here stays in the editor, with what the other has saved below
		// it. Saving once more is then done in full knowledge.
		one.revision, one.theirs = version.Revision, version.Text
	}
	if err != nil {
		return p.again(w, r, one, err)
	}
	return web.SeeOther(w, r, Path(version.Number)+"?done=saved")
}

func (one *written) read(r *http.Request) {
	lines := func(name string) string { return strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n") }
	one.text, one.tests = lines("text"), lines("tests")
	if strings.TrimSpace(one.tests) == "" {
		one.tests = ""
	}
	// A revision that cannot be read is nobody's: the save is refused.
	revision, err := strconv.ParseInt(r.PostFormValue("revision"), 10, 64)
	if err != nil || revision <= 0 {
		revision = -1
	}
	one.revision = revision
}

func (one *written) asText() versions.Text {
	return versions.Text{Name: pageName, Body: []byte(one.text), Tests: []byte(one.tests)}
}

// again shows the editor with what is wrong, each fault with its line and column. What
// was written is kept.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, one written, err error) error {
	cause, ok := problem.Of(err)
	if !ok || cause.Kind != problem.Invalid && cause.Kind != problem.Conflict {
		return err
	}
	one.excludes = problem.Is(err, rulebook.ExceptionRequired)
	field := "text"
	if problem.Is(err, cases.Malformed) {
		field = "tests"
	}
	var faults []web.FieldError
	for _, fault := range cause.Fields {
		faults = append(faults, web.FieldError{Field: field, Message: placed(fault)})
	}
	if len(faults) == 0 {
		faults = []web.FieldError{{Field: field, Message: strings.Join(strings.Fields(cause.Sentence+" "+cause.Detail+" "+cause.Next), " ")}}
	}
	return p.render(w, r, one, faults)
}

// placed is a fault with its place in words.
func placed(fault problem.Field) string {
	message := fault.Message
	if fault.Name != "" {
		message = fault.Name + ": " + message
	}
	switch {
	case fault.Line > 0 && fault.Column > 0:
		return fmt.Sprintf("Line %d, column %d: %s", fault.Line, fault.Column, message)
	case fault.Line > 0:
		return fmt.Sprintf("Line %d: %s", fault.Line, message)
	}
	return message
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, one written, faults []web.FieldError) error {
	code := govuk.Attributes{"spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
	view := editView{Heading: one.heading, Action: one.action, Back: govuk.BackLink{Text: "Back", Href: one.back}, Revision: strconv.FormatInt(one.revision, 10), Theirs: one.theirs, Excludes: one.excludes,
		Text: govuk.Textarea{Name: "text", Value: one.text, Rows: 25, Classes: "warder-code", Label: govuk.Label{Text: "Policy"}, Attributes: code,
			Hint: govuk.Hint{Text: "YAML: a version of its own, and the rules. Who may enter with less is not written here but in an exception."}, ErrorMessage: web.ErrorFor(faults, "text")},
		Tests: govuk.Textarea{Name: "tests", Value: one.tests, Rows: 10, Classes: "warder-code", Label: govuk.Label{Text: "Test cases"}, Attributes: code,
			Hint: govuk.Hint{Text: "Optional. Facts in words, and what must come out. They must hold before the policy is put in force."}, ErrorMessage: web.ErrorFor(faults, "tests")},
		Save: govuk.Button{Text: "Save draft", PreventDoubleClick: true}}
	page := web.Page{Name: "edit.html", Title: one.heading, Section: section, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}
