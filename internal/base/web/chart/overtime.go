package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The drawing of lines and areas, in SVG units.
const (
	width, height        = 720.0, 320.0
	left, right          = 56.0, 168.0 // right leaves room for the names of the series
	top, bottom          = 16.0, 40.0
	gridLines            = 4
	mostTicks            = 8
	nameGap              = 18.0
	markSize             = 4.5
	barHeight, barGap    = 18.0, 6.0
	groupGap             = 14.0
	barLeft, barRight    = 200.0, 70.0
	longestLabelInLetter = 28
)

type point struct{ x, y float64 }

func (c Chart) drawOverTime(view *View) {
	scale := c.top()
	view.Box = fmt.Sprintf("0 0 %s %s", number(width), number(height))
	c.drawGrid(view, scale)
	below := make([]float64, len(c.Labels))
	var ends []Text
	for s, series := range c.Series {
		runs := c.runs(series, below, scale)
		for _, run := range runs {
			c.drawRun(view, s, run)
		}
		if last, ok := lastOf(runs); ok {
			ends = append(ends, Text{X: number(width - right + 12), Y: number(last.y), Anchor: "start",
				Text: series.Name, Class: fmt.Sprintf("warder-chart__name--%d", s+1)})
		}
	}
	view.Names = spread(ends)
}

// drawGrid draws the scale and the labels below it.
func (c Chart) drawGrid(view *View, scale float64) {
	for i := range gridLines + 1 {
		value := scale * float64(i) / gridLines
		y := c.y(value, scale)
		view.Grid = append(view.Grid, Rule{number(left), number(y), number(width - right), number(y)})
		view.Ticks = append(view.Ticks, Text{X: number(left - 8), Y: number(y + 5), Anchor: "end", Text: c.words(value)})
	}
	every := (len(c.Labels) + mostTicks - 1) / mostTicks
	for i, label := range c.Labels {
		if i%every == 0 {
			view.Ticks = append(view.Ticks, Text{X: number(c.x(i)), Y: number(height - bottom + 24), Anchor: "middle", Text: label})
		}
	}
}

// run is a stretch of known values: the upper edge, and for areas the lower one.
type run struct{ upper, lower []point }

// runs cuts a series at unknown values. below is what areas stand on, and is raised.
func (c Chart) runs(series Series, below []float64, scale float64) []run {
	var runs []run
	open := false
	for i, value := range series.Values {
		// A stack with an unknown layer is not known from there upwards.
		if math.IsNaN(value) || math.IsNaN(below[i]) {
			open = false
			if c.Kind == Areas {
				below[i] = math.NaN()
			}
			continue
		}
		if !open {
			runs, open = append(runs, run{}), true
		}
		current := &runs[len(runs)-1]
		current.lower = append(current.lower, point{c.x(i), c.y(below[i], scale)})
		if c.Kind == Areas {
			below[i] += value
			value = below[i]
		}
		current.upper = append(current.upper, point{c.x(i), c.y(value, scale)})
	}
	return runs
}

func (c Chart) drawRun(view *View, s int, one run) {
	line := path(one.upper)
	view.Lines = append(view.Lines, Stroke{Path: line, Class: fmt.Sprintf("warder-chart__line--%d", s+1)})
	if c.Kind == Areas {
		back := make([]point, len(one.lower))
		for i, p := range one.lower {
			back[len(back)-1-i] = p
		}
		area := line + strings.Replace(path(back), "M", "L", 1) + "Z"
		view.Areas = append(view.Areas, Stroke{Path: area, Class: fmt.Sprintf("warder-chart__area--%d", s+1)})
	}
	for _, p := range one.upper {
		view.Marks = append(view.Marks, Stroke{Path: mark(s, p), Class: fmt.Sprintf("warder-chart__mark--%d", s+1)})
	}
}

func lastOf(runs []run) (point, bool) {
	if len(runs) == 0 {
		return point{}, false
	}
	upper := runs[len(runs)-1].upper
	return upper[len(upper)-1], true
}

// spread moves names apart that would stand on each other.
func spread(names []Text) []Text {
	order := make([]int, len(names))
	places := make([]float64, len(names))
	for i := range names {
		order[i] = i
		places[i], _ = strconv.ParseFloat(names[i].Y, 64) // written by number just before
	}
	for i := 1; i < len(order); i++ {
		for j := i; j > 0 && places[order[j]] < places[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	lowest := top
	for _, i := range order {
		place := max(places[i]+5, lowest)
		names[i].Y = number(place)
		lowest = place + nameGap
	}
	return names
}

func (c Chart) x(index int) float64 {
	if len(c.Labels) == 1 {
		return left + (width-left-right)/2
	}
	return left + (width-left-right)*float64(index)/float64(len(c.Labels)-1)
}

func (c Chart) y(value, scale float64) float64 {
	return height - bottom - (height-top-bottom)*value/scale
}

// mark is a shape per series: circle, square, triangle, diamond.
func mark(series int, at point) string {
	x, y, r := at.x, at.y, markSize
	switch series {
	case 0:
		return fmt.Sprintf("M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 %s 0Z", number(x-r), number(y),
			number(r), number(r), number(2*r), number(r), number(r), number(-2*r))
	case 1:
		return path([]point{{x - r, y - r}, {x + r, y - r}, {x + r, y + r}, {x - r, y + r}}) + "Z"
	case 2:
		return path([]point{{x, y - r}, {x + r, y + r}, {x - r, y + r}}) + "Z"
	default:
		return path([]point{{x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}}) + "Z"
	}
}

func path(points []point) string {
	var text strings.Builder
	for i, p := range points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		text.WriteString(letter + number(p.x) + " " + number(p.y))
	}
	return text.String()
}

// number writes a coordinate with at most one decimal.
func number(value float64) string {
	return strconv.FormatFloat(math.Round(value*10)/10, 'f', -1, 64)
}
