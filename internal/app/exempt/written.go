package exempt

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// Written is a proposal as people write it: with names, not identifiers.
type Written struct {
	People     []string  `json:"people"`  // user names
	Groups     []string  `json:"groups"`  // names
	Service    string    `json:"service"` // short name
	Route      string    `json:"route"`   // id, as warder service show says
	Floor      string    `json:"floor"`   // aal2,user_verified
	Reason     string    `json:"reason"`
	Narrative  string    `json:"narrative"`
	Likelihood int       `json:"likelihood"`
	Impact     int       `json:"impact"`
	Risk       string    `json:"risk"`
	Controls   []Control `json:"controls"`
	Owner      string    `json:"owner"` // user name
	Start      string    `json:"start"`
	End        string    `json:"end"`
	Sunset     string    `json:"sunset"`
	Milestones []Step    `json:"milestones"`
	Reviews    []string  `json:"reviews"`
	Evidence   []string  `json:"evidence"`
	OnOverdue  string    `json:"on_overdue"` // ends, or a stricter floor
}

// Control is one line of a Written.
type Control struct {
	Text string `json:"text"`
	How  string `json:"how"`
}

// Step is one milestone of a Written.
type Step struct {
	Text string `json:"text"`
	Due  string `json:"due"`
}

// The problems of what is written.
var (
	FileMalformed = problem.Define(problem.Invalid, "exceptions.file_malformed",
		"The file of exceptions cannot be read.",
		"It is a list in JSON, as in docs/operate/exceptions.md. Nothing was imported.")
)

// Problems lists every problem of this package.
func Problems() []problem.Definition { return []problem.Definition{FileMalformed} }

const fileMost = 4 << 20

// ReadFile reads a list of proposals. A field that it does not know is refused: it
// might have been an end. Problem: FileMalformed.
func ReadFile(name string, from io.Reader) ([]Written, error) {
	text, err := io.ReadAll(io.LimitReader(from, fileMost+1))
	if err != nil {
		return nil, FileMalformed.Because(err)
	}
	if len(text) > fileMost {
		return nil, FileMalformed.New().At(problem.Field{File: name, Message: "expected at most 4 MiB"})
	}
	reader := json.NewDecoder(strings.NewReader(string(text)))
	reader.DisallowUnknownFields()
	var list []Written
	err = reader.Decode(&list)
	if err == nil && reader.More() {
		err = fmt.Errorf("there is something after the list")
	}
	if err != nil {
		line := 1 + strings.Count(string(text[:min(int(reader.InputOffset()), len(text))]), "\n")
		return nil, FileMalformed.New().At(problem.Field{File: name, Line: line, Message: strings.TrimPrefix(err.Error(), "json: ")})
	}
	return list, nil
}

// Proposal is what is written, with identifiers. Problems: exceptions.Malformed, and
// NotFound of who or what is named.
func (h House) Proposal(ctx context.Context, w Written) (exceptions.Exception, error) {
	p := exceptions.Exception{Reason: exceptions.ReasonCode(w.Reason), Narrative: w.Narrative, Evidence: w.Evidence,
		Risk:   exceptions.Risk{Likelihood: w.Likelihood, Impact: w.Impact, Narrative: w.Risk},
		Sunset: exceptions.Sunset{Path: exceptions.Path(w.Sunset)}}
	var r reading
	p.Floor, p.Start, p.End = r.floor("floor", w.Floor), r.moment("start", w.Start), r.moment("end", w.End)
	p.OnOverdue = r.fallback(w.OnOverdue)
	for _, control := range w.Controls {
		p.Controls = append(p.Controls, exceptions.Control{Text: control.Text, How: control.How})
	}
	for _, step := range w.Milestones {
		p.Sunset.Milestones = append(p.Sunset.Milestones, exceptions.Milestone{Text: step.Text, Due: r.moment("milestones", step.Due)})
	}
	for _, review := range w.Reviews {
		p.Reviews = append(p.Reviews, r.moment("reviews", review))
	}
	p.Subject.Groups = w.Groups
	for _, name := range w.People {
		p.Subject.People = append(p.Subject.People, r.person(ctx, h.People, "people", name))
	}
	if w.Owner != "" {
		p.Owner = r.person(ctx, h.People, "owner", w.Owner)
	}
	if w.Service != "" {
		found, err := h.Services.BySlug(ctx, w.Service)
		r.missing(err, services.NotFound, "service", "There is no service called "+w.Service)
		p.Subject.Service = found.ID
	}
	p.Subject.Route = ids.Route(w.Route)
	if r.err != nil {
		return exceptions.Exception{}, r.err
	}
	if len(r.fields) > 0 {
		return exceptions.Exception{}, exceptions.Malformed.New().At(r.fields...)
	}
	return p, nil
}

// reading gathers what cannot be read.
type reading struct {
	fields []problem.Field
	err    error
}

func (r *reading) fault(name, message string) {
	r.fields = append(r.fields, problem.Field{Name: name, Message: message})
}

// missing notes what is not there; every other error stops the reading.
func (r *reading) missing(err error, gone problem.Definition, name, message string) {
	switch {
	case err == nil:
	case problem.Is(err, gone):
		r.fault(name, message)
	case r.err == nil:
		r.err = err
	}
}

func (r *reading) person(ctx context.Context, directory *people.Directory, field, name string) ids.Person {
	found, err := directory.ByUserName(ctx, name)
	r.missing(err, people.NotFound, field, "There is nobody called "+name)
	return found.ID
}

// Moment reads a moment, with or without seconds, or a day, which is its beginning in UTC.
func Moment(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// moment reads a moment or a day; none is the zero time.
func (r *reading) moment(field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if at, ok := Moment(text); ok {
		return at
	}
	r.fault(field, text+" is not a moment: write 2026-12-24T18:00Z, or a day")
	return time.Time{}
}

// fallback reads “ends”, or the stricter floor.
func (r *reading) fallback(text string) exceptions.Fallback {
	if text == "" || text == string(exceptions.Ends) {
		return exceptions.Fallback{Kind: exceptions.FallbackKind(text)}
	}
	return exceptions.Fallback{Kind: exceptions.Stricter, Floor: r.floor("on_overdue", text)}
}

func (r *reading) floor(field, text string) assurance.Requirement {
	floor, ok := ParseFloor(text)
	if !ok && text != "" {
		r.fault(field, text+" cannot be read: write a level and what else is asked, such as aal2,user_verified,max_age=8h")
	}
	return floor
}

// ParseFloor reads a requirement such as “aal2,user_verified,forbid=phishable,max_age=8h”.
func ParseFloor(text string) (assurance.Requirement, bool) {
	var floor assurance.Requirement
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		name, value, _ := strings.Cut(word, "=")
		switch {
		case slices.Contains([]string{"aal1", "aal2", "aal3"}, word) && floor.AAL == 0:
			floor.AAL = assurance.Level(word[3] - '0')
		case word == "phishing_resistant":
			floor.PhishingResistant = true
		case word == "hardware_bound":
			floor.HardwareBound = true
		case word == "attested":
			floor.Attested = true
		case word == "user_verified":
			floor.UserVerified = true
		case name == "forbid":
			weakness, ok := assurance.ParseWeakness(value)
			if !ok {
				return assurance.Requirement{}, false
			}
			floor.Forbid |= weakness
		case name == "max_age":
			age, err := time.ParseDuration(value)
			if err != nil || age < time.Second || age > 720*time.Hour {
				return assurance.Requirement{}, false
			}
			floor.MaxAge = age
		default:
			return assurance.Requirement{}, false
		}
	}
	return floor, floor.Defined()
}
