package webtest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/warder-project/warder/internal/base/web/webtest"
)

// complaints takes failures instead of failing.
type complaints struct {
	testing.TB
	found []string
}

func (c *complaints) Helper() {}

func (c *complaints) Errorf(format string, _ ...any) { c.found = append(c.found, format) }

func TestMisspeltFieldInANestedRangeIsFound(t *testing.T) {
	t.Parallel()
	type row struct{ Name string }
	type view struct{ Rows []row }
	files := func(field string) fstest.MapFS {
		return fstest.MapFS{"list.html": {Data: []byte(`{{define "content"}}{{range .View.Rows}}{{.` + field + `}}{{end}}{{end}}`)}}
	}
	for field, want := range map[string]int{"Name": 0, "Nmae": 1} {
		heard := &complaints{TB: t}
		webtest.Check(heard, files(field), map[string]any{"list.html": view{}})
		if len(heard.found) != want {
			t.Errorf("%s: %v", field, heard.found)
		}
	}
}

func TestPageWithoutAViewAndViewWithoutAPageAreFound(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"list.html": {Data: []byte(`{{define "content"}}{{end}}`)}}
	for name, views := range map[string]map[string]any{
		"page without a view": {},
		"view without a page": {"list.html": struct{}{}, "show.html": struct{}{}},
		"no view at all":      {"list.html": nil},
	} {
		heard := &complaints{TB: t}
		webtest.Check(heard, files, views)
		if len(heard.found) != 1 {
			t.Errorf("%s: %v", name, heard.found)
		}
	}
}

func TestStructureFindsWhatAScreenReaderWouldMiss(t *testing.T) {
	t.Parallel()
	good := `<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><main><h1>H</h1><h2>S</h2>
		<label for="a">A</label><input id="a" name="a" aria-describedby="b"><p id="b">B</p><a href="#b">to B</a>
		<button>Go</button><img src="x" alt=""><svg aria-hidden="true"></svg><script type="application/json">{}</script></main></body></html>`
	if faults := webtest.Parse(t, good).Faults(); len(faults) != 0 {
		t.Errorf("a good page: %v", faults)
	}
	for name, change := range map[string][2]string{
		"no title":                 {"<title>T</title>", ""},
		"no language":              {` lang="en"`, ""},
		"no h1":                    {"<h1>H</h1>", ""},
		"two h1":                   {"<h2>S</h2>", "<h1>S</h1>"},
		"a jump in headings":       {"<h2>S</h2>", "<h3>S</h3>"},
		"an input without a label": {`for="a"`, `for="b"`},
		"a reference to nothing":   {`aria-describedby="b"`, `aria-describedby="c"`},
		"a link to nothing":        {`href="#b"`, `href="#c"`},
		"a link without text":      {">to B<", "><"},
		"a button without text":    {">Go<", "><"},
		"a picture without alt":    {` alt=""`, ""},
		"an unnamed drawing":       {` aria-hidden="true"`, ""},
		"the same id twice":        {`<p id="b">`, `<p id="b"></p><p id="b">`},
		"an inline script":         {` type="application/json"`, ""},
		"an inline style":          {"<h1>", `<h1 style="color:red">`},
		"an inline handler":        {"<button>", `<button onclick="go()">`},
	} {
		if !strings.Contains(good, change[0]) {
			t.Fatalf("%s: the page has no %q", name, change[0])
		}
		page := strings.Replace(good, change[0], change[1], 1)
		if faults := webtest.Parse(t, page).Faults(); len(faults) != 1 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
