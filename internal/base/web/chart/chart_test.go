package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"

	"github.com/warder-project/warder/internal/base/web/chart"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

func coverage(kind chart.Kind) chart.Chart {
	return chart.Chart{
		ID:          "coverage",
		Title:       "Sign-ins by method",
		Description: "Security keys grow from 2% to 61% between June and November.",
		Kind:        kind,
		LabelsName:  "Month",
		Labels:      []string{"June", "July", "August", "September"},
		Series: []chart.Series{
			{Name: "Security key", Values: []float64{2, 20, chart.Unknown(), 61}},
			{Name: "Other second factor", Values: []float64{50, 40, 30, 20.5}},
		},
		Unit: "%",
		Max:  100,
	}
}

func partial(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := govuk.Parse(template.New("page"))
	if err != nil {
		t.Fatal(err)
	}
	if tmpl, err = chart.Parse(tmpl); err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func draw(t *testing.T, given chart.Chart) (chart.View, string) {
	t.Helper()
	view, err := given.View()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := partial(t).ExecuteTemplate(&text, "chart", view); err != nil {
		t.Fatal(err)
	}
	return view, text.String()
}

func TestChartIsWellFormedNamedAndWithoutStyle(t *testing.T) {
	t.Parallel()
	for _, kind := range []chart.Kind{chart.Lines, chart.Areas, chart.Bars} {
		_, text := draw(t, coverage(kind))
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", kind, err, text)
			}
		}
		document := webtest.Parse(t, `<!DOCTYPE html><html lang="en"><title>Page</title><main><h1>Coverage</h1>`+text+`</main></html>`)
		webtest.Structure(t, document)
		picture := document.All("svg")[0]
		if picture.Attribute("role") != "img" || picture.Attribute("aria-labelledby") != "coverage-title coverage-description" {
			t.Errorf("%s: the picture is not named", kind)
		}
	}
}

func TestChartPartialIsTypeChecked(t *testing.T) {
	t.Parallel()
	if err := templatecheck.CheckHTML(partial(t).Lookup("chart"), chart.View{}); err != nil {
		t.Error(err)
	}
}

func TestTableHasTheSameNumbersAndSaysWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for _, kind := range []chart.Kind{chart.Lines, chart.Areas, chart.Bars} {
		view, _ := draw(t, coverage(kind))
		var got [][]string
		for _, row := range append([][]govuk.Cell{view.Table.Head}, view.Table.Rows...) {
			var texts []string
			for _, cell := range row {
				texts = append(texts, cell.Text)
			}
			got = append(got, texts)
		}
		want := [][]string{
			{"Month", "Security key", "Other second factor"},
			{"June", "2%", "50%"},
			{"July", "20%", "40%"},
			{"August", "not known", "30%"},
			{"September", "61%", "20.5%"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

func TestUnknownValueIsAGapNotAZero(t *testing.T) {
	t.Parallel()
	view, _ := draw(t, coverage(chart.Lines))
	want := []chart.Stroke{
		{Path: "M56 274.7L221.3 227.2", Class: "warder-chart__line--1"},
		{Path: "M552 119", Class: "warder-chart__line--1"},
		{Path: "M56 148L221.3 174.4L386.7 200.8L552 225.9", Class: "warder-chart__line--2"},
	}
	if diff := cmp.Diff(want, view.Lines); diff != "" {
		t.Error(diff)
	}
	if len(view.Marks) != 7 {
		t.Errorf("%d marks, want one for each of 7 known values", len(view.Marks))
	}
}

func TestStackIsNotKnownAboveAnUnknownLayer(t *testing.T) {
	t.Parallel()
	view, _ := draw(t, coverage(chart.Areas))
	// June: 2 + 50; July: 20 + 40; August is a gap in both; September 61 + 20.5.
	want := []string{
		"M56 274.7L221.3 227.2L221.3 280L56 280Z",
		"M552 119L552 280Z",
		"M56 142.7L221.3 121.6L221.3 227.2L56 274.7Z",
		"M552 64.8L552 119Z",
	}
	var got []string
	for _, area := range view.Areas {
		got = append(got, area.Path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeriesCanBeToldApartWithoutColour(t *testing.T) {
	t.Parallel()
	given := coverage(chart.Lines)
	for i := range given.Series {
		given.Series[i].Values = []float64{50, 50, 50, 50} // even when they lie on each other
	}
	view, text := draw(t, given)
	if view.Names[0].Y == view.Names[1].Y {
		t.Error("the names stand on each other")
	}
	for _, series := range given.Series {
		if !strings.Contains(text, ">"+series.Name+"</text>") {
			t.Errorf("%q is not labelled in the picture", series.Name)
		}
	}
	shape := regexp.MustCompile(`[0-9. -]+`)
	if shape.ReplaceAllString(view.Marks[0].Path, "") == shape.ReplaceAllString(view.Marks[4].Path, "") {
		t.Error("the marks have the same shape")
	}
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	t.Parallel()
	given := coverage(chart.Bars)
	given.Series = given.Series[1:]
	given.Series[0].Values = []float64{0, 25, 50, 100}
	view, text := draw(t, given)
	var got []string
	for _, bar := range view.Bars {
		got = append(got, bar.Width)
	}
	if diff := cmp.Diff([]string{"0", "112.5", "225", "450"}, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(text, ">100%</text>") {
		t.Error("a bar does not say its number")
	}
}

func TestNothingIsDrawnOutsideThePicture(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`-?[0-9.]+`)
	for _, most := range []float64{0, 0.3, 1, 7, 99, 1234, 8_000_001} {
		given := coverage(chart.Areas)
		given.Max, given.Unit = 0, ""
		given.Series[0].Values = []float64{most, most / 2, 0, most}
		view, _ := draw(t, given)
		for _, area := range view.Areas {
			for _, text := range number.FindAllString(area.Path, -1) {
				value, err := strconv.ParseFloat(text, 64)
				if err != nil || value < 16 || value > 720 {
					t.Errorf("most %v: %s in %s", most, text, area.Path)
				}
			}
		}
	}
}

func TestChartThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*chart.Chart){
		"no title":          func(c *chart.Chart) { c.Title = "" },
		"no description":    func(c *chart.Chart) { c.Description = "" },
		"no id":             func(c *chart.Chart) { c.ID = "" },
		"no labels":         func(c *chart.Chart) { c.Labels = nil },
		"no series":         func(c *chart.Chart) { c.Series = nil },
		"five series":       func(c *chart.Chart) { c.Series = append(append(c.Series, c.Series...), c.Series[0]) },
		"a missing value":   func(c *chart.Chart) { c.Series[0].Values = c.Series[0].Values[1:] },
		"a negative value":  func(c *chart.Chart) { c.Series[0].Values[0] = -1 },
		"an infinite value": func(c *chart.Chart) { c.Series[0].Values[0] = math.Inf(1) },
		"no kind":           func(c *chart.Chart) { c.Kind = "" },
	} {
		given := coverage(chart.Lines)
		change(&given)
		if _, err := given.View(); err == nil {
			t.Errorf("%s: was drawn", name)
		}
	}
}
