package govuk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/warder-project/warder/internal/base/web/govuk"
)

// fixtures is where npm puts GOV.UK Frontend, from this folder.
const fixtures = "../../../../web/node_modules/govuk-frontend/dist/govuk/components"

// component is one of theirs, and how their options become ours.
type component struct {
	folder  string
	partial string // of ours; "govuk-" and the folder when empty
	decode  func(json.RawMessage) (any, error)
	least   int // cases that must at least be compared, so that a change of theirs cannot empty the test
}

// as reads options into our struct, strictly: an option we do not offer is an error.
func as[T any](raw json.RawMessage) (any, error) {
	var into T
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&into)
	return into, err
}

var components = []component{
	{folder: "back-link", decode: as[govuk.BackLink], least: 6},
	{folder: "breadcrumbs", decode: as[govuk.Breadcrumbs], least: 11},
	{folder: "button", decode: as[govuk.Button], least: 33},
	{folder: "checkboxes", decode: as[govuk.Checkboxes], least: 29},
	{folder: "details", decode: as[govuk.Details], least: 7},
	{folder: "error-message", decode: as[govuk.ErrorMessage], least: 5},
	{folder: "error-summary", decode: as[govuk.ErrorSummary], least: 13},
	{folder: "fieldset", partial: "govuk-fieldset-start", decode: as[govuk.Fieldset], least: 16},
	{folder: "hint", decode: as[govuk.Hint], least: 5},
	{folder: "input", decode: as[govuk.Input], least: 36},
	{folder: "inset-text", decode: as[govuk.InsetText], least: 5},
	{folder: "label", decode: as[govuk.Label], least: 16},
	{folder: "notification-banner", decode: as[govuk.NotificationBanner], least: 15},
	{folder: "pagination", decode: as[govuk.Pagination], least: 14},
	{folder: "panel", decode: as[govuk.Panel], least: 6},
	{folder: "phase-banner", decode: as[govuk.PhaseBanner], least: 5},
	{folder: "radios", decode: as[govuk.Radios], least: 27},
	{folder: "select", decode: as[govuk.Select], least: 13},
	{folder: "service-navigation", decode: as[govuk.ServiceNavigation], least: 22},
	{folder: "skip-link", decode: as[govuk.SkipLink], least: 8},
	{folder: "summary-list", decode: as[govuk.SummaryList], least: 16},
	{folder: "table", decode: as[govuk.Table], least: 18},
	{folder: "tag", decode: as[govuk.Tag], least: 11},
	{folder: "textarea", decode: as[govuk.Textarea], least: 15},
	{folder: "warning-text", decode: as[govuk.WarningText], least: 7},
}

type fixture struct {
	Name    string          `json:"name"`
	Options json.RawMessage `json:"options"`
	HTML    string          `json:"html"`
}

func TestPartialsGiveTheMarkupOfGOVUKFrontend(t *testing.T) {
	t.Parallel()
	partials, err := govuk.Parse(template.New(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range components {
		t.Run(one.folder, func(t *testing.T) {
			t.Parallel()
			compared := 0
			cases := read(t, one.folder)
			for _, given := range cases {
				given = adapted(t, given)
				if compare(t, partials, one, given) {
					compared++
				}
			}
			t.Logf("compared %d of %d cases", compared, len(cases))
			if compared < one.least {
				t.Errorf("only %d of %d cases use options we offer, want at least %d", compared, len(cases), one.least)
			}
		})
	}
}

func read(t *testing.T, folder string) []fixture {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixtures, folder, "fixtures.json"))
	if os.IsNotExist(err) {
		if os.Getenv("WARDER_REQUIRE_ASSETS") == "1" {
			t.Fatal("GOV.UK Frontend is not installed: run \"make assets\" (or npm ci in web/)")
		}
		t.Skip("NOT COMPARED with GOV.UK Frontend, which is not installed: run \"make assets\" (or npm ci in web/)")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Fixtures []fixture `json:"fixtures"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("read the fixtures of %s: %v", folder, err)
	}
	return file.Fixtures
}

// foreign are attributes of their cases whose names ours leave out, as they are
// neither data-… nor aria-…; the cases are compared with harmless names instead.
var foreign = strings.NewReplacer(
	"first-attribute", "data-first",
	"second-attribute", "data-second",
	"my-attribute", "data-my",
	"another-attribute", "data-another",
)

// adapted is the case with numbers written as text, as in their templates, and
// with attributes that ours let through.
func adapted(t *testing.T, given fixture) fixture {
	t.Helper()
	var options any
	if err := json.Unmarshal([]byte(foreign.Replace(string(given.Options))), &options); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(numbersAsText("", options))
	if err != nil {
		t.Fatal(err)
	}
	given.Options, given.HTML = text, foreign.Replace(given.HTML)
	return given
}

func numbersAsText(key string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for inner := range value {
			value[inner] = numbersAsText(inner, value[inner])
		}
	case []any:
		for i := range value {
			value[i] = numbersAsText(key, value[i])
		}
	case float64:
		if key == "number" || key == "value" || key == "text" || key == "values" {
			return fmt.Sprint(value)
		}
	}
	return value
}

// compare reports whether the case uses only what we offer, and fails the test
// when our markup for it differs.
func compare(t *testing.T, partials *template.Template, one component, given fixture) bool {
	t.Helper()
	if reason := notOffered(one.folder, given.Options); reason != "" {
		t.Logf("%q left out: %s", given.Name, reason)
		return false
	}
	options, err := one.decode(given.Options)
	if err != nil {
		t.Logf("%q left out: %v", given.Name, err)
		return false
	}
	partial := one.partial
	if partial == "" {
		partial = "govuk-" + one.folder
	}
	var ours bytes.Buffer
	if err := partials.ExecuteTemplate(&ours, partial, options); err != nil {
		t.Errorf("%q: %v", given.Name, err)
		return true
	}
	if diff := cmp.Diff(tree(t, given.HTML), tree(t, ours.String())); diff != "" {
		t.Errorf("%q differs (-GOV.UK Frontend +ours):\n%s\noptions: %s", given.Name, diff, given.Options)
	}
	return true
}

// notOffered says which meaning of an option our structs cannot express,
// because in Go a text that is not given and an empty text are the same.
func notOffered(folder string, raw json.RawMessage) string {
	var options map[string]any
	if err := json.Unmarshal(raw, &options); err != nil {
		return "options are not an object"
	}
	if hasHole(options) {
		return "a list has a hole (null, false or empty text)"
	}
	if folder == "button" && options["preventDoubleClick"] == false {
		return "preventDoubleClick given as false"
	}
	if value, given := options["value"]; given && value == "" {
		return "value given as empty text"
	}
	items, _ := options["items"].([]any)
	for _, item := range items {
		fields, _ := item.(map[string]any)
		if fields["checked"] == false || fields["selected"] == false {
			return "an item is expressly not chosen"
		}
		if _, given := fields["value"]; folder == "select" && !given {
			return "an item of a select has no value"
		}
	}
	if len(options) > 0 && folder == "fieldset" && options["html"] != nil {
		return "content given as HTML"
	}
	return ""
}

func hasHole(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			if hasHole(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range value {
			if inner == nil || inner == false || inner == "" || hasHole(inner) {
				return true
			}
		}
	}
	return false
}

// tree writes markup as an indented tree: attributes sorted, white space made one.
func tree(t *testing.T, markup string) string {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(markup), body)
	if err != nil {
		t.Fatalf("parse markup: %v", err)
	}
	var text strings.Builder
	for _, node := range nodes {
		write(&text, node, 0)
	}
	return text.String()
}

func write(text *strings.Builder, node *html.Node, depth int) {
	indent := strings.Repeat("  ", depth)
	switch node.Type {
	case html.TextNode:
		if words := strings.Join(strings.Fields(node.Data), " "); words != "" {
			fmt.Fprintf(text, "%s%q\n", indent, words)
		}
	case html.ElementNode:
		attributes := make([]string, 0, len(node.Attr))
		for _, one := range node.Attr {
			value := one.Val
			if one.Key == "class" {
				value = strings.Join(strings.Fields(value), " ")
			}
			attributes = append(attributes, fmt.Sprintf(" %s=%q", one.Key, value))
		}
		slices.Sort(attributes)
		fmt.Fprintf(text, "%s<%s%s>\n", indent, node.Data, strings.Join(attributes, ""))
		for child := range node.ChildNodes() {
			write(text, child, depth+1)
		}
	}
}
