package chart

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"math"
	"strconv"

	"github.com/warder-project/warder/internal/base/web/govuk"
)

//go:embed chart.html
var partial embed.FS

// Parse adds the partial "chart" to a template. Its dot is a View.
func Parse(into *template.Template) (*template.Template, error) {
	return into.ParseFS(partial, "chart.html")
}

// Kind is the shape of a chart.
type Kind string

// The shapes.
const (
	Lines Kind = "lines" // one line per series
	Areas Kind = "areas" // series on top of each other
	Bars  Kind = "bars"  // one horizontal bar per label and series
)

// Unknown is a value that is not known. It is drawn as a gap and written as "not known".
func Unknown() float64 { return math.NaN() }

// Series is one row of numbers, one for each label.
type Series struct {
	Name   string
	Values []float64
}

// Chart is what to draw. ID must be unique in the page.
type Chart struct {
	ID          string
	Title       string
	Description string // what the picture shows, in a sentence
	Kind        Kind
	LabelsName  string   // what the labels are: "Month"
	Labels      []string // along the axis
	Series      []Series // at most four: more cannot be told apart
	Unit        string   // "%": written behind each number
	Max         float64  // end of the scale; 0 works it out
}

const mostSeries = 4

// View is a chart worked out, for the partial "chart".
type View struct {
	ID, TitleID, DescriptionID string
	Title, Description         string
	Box                        string // viewBox
	Grid                       []Rule
	Ticks                      []Text
	Areas, Lines               []Stroke
	Marks                      []Stroke
	Bars                       []Bar
	Names                      []Text
	Table                      govuk.Table
	TableSummary               string
}

// Rule is a straight line.
type Rule struct{ X1, Y1, X2, Y2 string }

// Text is a word at a place.
type Text struct{ X, Y, Anchor, Text, Class string }

// Stroke is a path.
type Stroke struct{ Path, Class string }

// Bar is a rectangle.
type Bar struct{ X, Y, Width, Height, Class string }

func (c Chart) check() error {
	switch {
	case c.ID == "" || c.Title == "" || c.Description == "":
		return errors.New("a chart needs an id, a title and a description")
	case len(c.Labels) == 0 || len(c.Series) == 0:
		return errors.New("a chart needs at least one label and one series")
	case len(c.Series) > mostSeries:
		return fmt.Errorf("a chart has %d series; more than %d cannot be told apart", len(c.Series), mostSeries)
	case c.Kind != Lines && c.Kind != Areas && c.Kind != Bars:
		return fmt.Errorf("chart kind %q is not lines, areas or bars", c.Kind)
	}
	for _, series := range c.Series {
		if len(series.Values) != len(c.Labels) {
			return fmt.Errorf("series %q has %d values for %d labels", series.Name, len(series.Values), len(c.Labels))
		}
		for _, value := range series.Values {
			if math.IsInf(value, 0) || value < 0 {
				return fmt.Errorf("series %q has the value %v; charts are of counts and shares", series.Name, value)
			}
		}
	}
	return nil
}

// View works the chart out.
func (c Chart) View() (View, error) {
	if err := c.check(); err != nil {
		return View{}, fmt.Errorf("draw chart %s: %w", c.ID, err)
	}
	view := View{
		ID:            c.ID,
		TitleID:       c.ID + "-title",
		DescriptionID: c.ID + "-description",
		Title:         c.Title,
		Description:   c.Description,
		Table:         c.table(),
		TableSummary:  "Show the numbers of “" + c.Title + "” as a table",
	}
	if c.Kind == Bars {
		c.drawBars(&view)
	} else {
		c.drawOverTime(&view)
	}
	return view, nil
}

// table is the same numbers for those who read rather than look.
func (c Chart) table() govuk.Table {
	table := govuk.Table{
		Caption:           c.Title,
		CaptionClasses:    "govuk-table__caption--s",
		FirstCellIsHeader: true,
		Head:              []govuk.Cell{{Text: c.LabelsName}},
	}
	for _, series := range c.Series {
		table.Head = append(table.Head, govuk.Cell{Text: series.Name, Format: "numeric"})
	}
	for i, label := range c.Labels {
		row := []govuk.Cell{{Text: label}}
		for _, series := range c.Series {
			row = append(row, govuk.Cell{Text: c.words(series.Values[i]), Format: "numeric"})
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// words writes a value with its unit, with one decimal only when it has one.
func (c Chart) words(value float64) string {
	if math.IsNaN(value) {
		return "not known"
	}
	rounded := math.Round(value*10) / 10
	if rounded == math.Trunc(rounded) && rounded < math.MaxInt32 {
		return govuk.Number(int(rounded)) + c.Unit
	}
	return strconv.FormatFloat(rounded, 'f', 1, 64) + c.Unit
}

// top is the end of the scale: a round number at or above everything drawn.
func (c Chart) top() float64 {
	highest := c.Max
	for i := range c.Labels {
		sum := 0.0
		for _, series := range c.Series {
			value := series.Values[i]
			if math.IsNaN(value) {
				continue
			}
			if c.Kind == Areas {
				sum += value
			} else {
				sum = max(sum, value)
			}
		}
		highest = max(highest, sum)
	}
	if highest == c.Max && c.Max > 0 {
		return highest
	}
	return roundUp(highest)
}

// roundUp gives the next of 1, 2, 4, 5, 10, 20, 40, …: all divide into four steps well.
func roundUp(value float64) float64 {
	if value <= 4 {
		return 4
	}
	magnitude := math.Pow(10, math.Floor(math.Log10(value)))
	for _, step := range []float64{1, 2, 4, 5, 8} {
		if value <= step*magnitude {
			return step * magnitude
		}
	}
	return 10 * magnitude
}
