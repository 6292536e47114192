package chart

import (
	"fmt"
	"math"
)

// drawBars draws one group per label, one bar per series, each with its number
// at its end. Horizontal, so that labels can be read without turning the head.
func (c Chart) drawBars(view *View) {
	scale := c.top()
	y := top
	for i, label := range c.Labels {
		group := float64(len(c.Series))*(barHeight+barGap) - barGap
		view.Ticks = append(view.Ticks, Text{X: number(barLeft - 10), Y: number(y + group/2 + 5), Anchor: "end", Text: shortened(label)})
		for s, series := range c.Series {
			c.drawBar(view, s, y, series.Values[i], scale)
			y += barHeight + barGap
		}
		y += groupGap - barGap
	}
	view.Grid = append(view.Grid, Rule{number(barLeft), number(top - 6), number(barLeft), number(y - groupGap + 6)})
	if len(c.Series) > 1 {
		y = c.drawLegend(view, y)
	}
	view.Box = fmt.Sprintf("0 0 %s %s", number(width), number(y))
}

func (c Chart) drawBar(view *View, s int, y, value, scale float64) {
	end := barLeft
	if !math.IsNaN(value) {
		long := (width - barLeft - barRight) * value / scale
		end += long
		view.Bars = append(view.Bars, Bar{number(barLeft), number(y), number(long), number(barHeight),
			fmt.Sprintf("warder-chart__bar--%d", s+1)})
	}
	view.Names = append(view.Names, Text{X: number(end + 8), Y: number(y + barHeight/2 + 5), Anchor: "start", Text: c.words(value)})
}

func (c Chart) drawLegend(view *View, y float64) float64 {
	x := barLeft
	for s, series := range c.Series {
		view.Bars = append(view.Bars, Bar{number(x), number(y + 4), number(16), number(16), fmt.Sprintf("warder-chart__bar--%d", s+1)})
		view.Names = append(view.Names, Text{X: number(x + 24), Y: number(y + 17), Anchor: "start", Text: series.Name})
		y += 24
	}
	return y + 8
}

// shortened cuts a long label in the picture; the table has it whole.
func shortened(label string) string {
	letters := []rune(label)
	if len(letters) <= longestLabelInLetter {
		return label
	}
	return string(letters[:longestLabelInLetter-1]) + "…"
}
