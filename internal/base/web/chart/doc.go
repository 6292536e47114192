// Package chart draws a few numbers as SVG with the same numbers as a table
// below: lines over time, stacked areas over time, and bars. Charts are for
// people who may not see colour or may not see at all: a title and a
// description are required, series differ in dashes, markers and patterns and
// are labelled where they end, and the table is always there.
//
// It knows nothing of what is counted. Colours are CSS classes, positions are
// attributes, so a page with a chart needs no inline style. A value that is not
// known is a gap, never a zero.
package chart
