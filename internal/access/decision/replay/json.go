package replay

import (
	"encoding/json"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// MarshalJSON writes the counts by the names of their kinds.
func (c Counts) MarshalJSON() ([]byte, error) {
	named := map[string]int64{"same": c.Of(Same), "unjudged": c.Of(Unjudged), "elsewhere": c.Of(Elsewhere)}
	for _, kind := range Kinds() {
		named[kind.String()] = c.Of(kind)
	}
	return json.Marshal(named)
}

type lineJSON struct {
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
	People int    `json:"people"`
}

// MarshalJSON writes the report for programs.
func (r Report) MarshalJSON() ([]byte, error) {
	sample := map[string][]ids.Decision{}
	for kind, found := range r.Sample {
		sample[kind.String()] = found
	}
	return json.Marshal(struct {
		Draft       string                    `json:"draft"`
		Since       time.Time                 `json:"since"`
		Until       time.Time                 `json:"until"`
		Whole       bool                      `json:"whole"`
		Decisions   Counts                    `json:"decisions"`
		Requests    int64                     `json:"requests"`
		People      int                       `json:"people"`
		Services    []lineJSON                `json:"services"`
		Departments []lineJSON                `json:"departments"`
		Persons     []lineJSON                `json:"persons"`
		Rules       []lineJSON                `json:"rules"`
		Versions    []lineJSON                `json:"versions"`
		Sample      map[string][]ids.Decision `json:"sample"`
	}{r.Draft, r.Span.Since.UTC(), r.Span.Until.UTC(), r.Whole, r.Total, r.Requests, r.People, linesJSON(r.Services), linesJSON(r.Departments),
		linesJSON(r.Persons), linesJSON(r.Rules), linesJSON(r.Versions), sample})
}

func linesJSON(lines []Line) []lineJSON {
	all := make([]lineJSON, len(lines))
	for i, line := range lines {
		all[i] = lineJSON(line)
	}
	return all
}

// MarshalJSON writes one difference on a line.
func (d Difference) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID      ids.Decision `json:"decision"`
		At      time.Time    `json:"at"`
		Person  ids.Person   `json:"person"`
		Service ids.Service  `json:"service"`
		Policy  string       `json:"policy"`
		Kind    string       `json:"kind"`
		Was     string       `json:"was"`
		Would   string       `json:"would_be"`
		Reasons string       `json:"reasons"`
	}{d.Record.ID, d.Record.At.UTC(), d.Record.Person, d.Record.Service, d.Record.Policy, d.Kind.String(), d.Record.Effect.String(), d.Verdict.Effect.String(), d.Verdict.ReasonCodes()})
}
