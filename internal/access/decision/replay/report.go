package replay

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// Counts is how many decisions there were of each kind.
type Counts [kindCount]int64

// Of is how many there were of one kind.
func (c *Counts) Of(kind Kind) int64 { return c[kind] }

// Judged is how many could be made again.
func (c *Counts) Judged() int64 { return c.All() - c[Unjudged] - c[Elsewhere] }

// All is how many there were.
func (c *Counts) All() int64 {
	var all int64
	for _, count := range c {
		all += count
	}
	return all
}

// Different is how many the draft would have decided otherwise.
func (c *Counts) Different() int64 {
	var different int64
	for _, kind := range Kinds() {
		different += c[kind]
	}
	return different
}

// Line is what happened to one service, department, person or rule.
type Line struct {
	Name   string // slug, department, id of a person, id of a rule
	Counts Counts
	People int // how many people would feel a difference; for services and departments
}

// Report is what a draft would have changed.
type Report struct {
	Draft string // version text
	Span  Span
	// Whole says that every decision of the span was judged. Otherwise the most were
	// reached, and Reached is the moment of the oldest one that was.
	Whole   bool
	Reached time.Time

	Total       Counts
	Requests    int64
	People      int // who would feel a difference
	Services    []Line
	Departments []Line
	Persons     []Line // those who would feel a difference, most first, at most MostPersons
	Rules       []Line // of the draft, by the differences they stand behind
	// Sample is some decisions of each kind that is a difference, newest first.
	Sample map[Kind][]ids.Decision
	// Versions are the policies that the differing decisions were made under, newest
	// first: a difference from an older one is no surprise.
	Versions []Line
}

// How much a Report holds of what has no end.
const (
	MostPersons = 100
	MostSamples = 20
	mostNames   = 10_000 // of services, departments and rules; the rest is "others"
)

// Progress is told how far a replay is.
type Progress func(done int64, reached time.Time)

// Limits bound one replay.
type Limits struct {
	Most     int64    // how many decisions; 0 is all
	Progress Progress // may be nil; told about every thousand decisions
}

// Report judges every decision of the span and sums up. Memory grows with how many
// services, departments and people there are, and not with how many decisions.
func (p *Player) Report(ctx context.Context, draft *policy.Compiled, span Span, limits Limits) (Report, error) {
	sum := newSummary()
	report := Report{Draft: draft.Version(), Span: span, Whole: true}
	err := p.Each(ctx, draft, span, func(one *Case) error {
		if limits.Most > 0 && sum.done >= limits.Most {
			report.Whole = false
			return ErrEnough
		}
		sum.add(one)
		report.Reached = one.Record.At
		if limits.Progress != nil && sum.done%page == 0 {
			limits.Progress(sum.done, one.Record.At)
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	if limits.Progress != nil {
		limits.Progress(sum.done, span.Since)
	}
	sum.into(&report)
	return report, nil
}

// summary is a Report under way.
type summary struct {
	done, requests int64
	total          Counts
	services       tally
	departments    tally
	rules          tally
	versions       tally
	persons        map[ids.Person]*Counts // those with a difference
	sample         map[Kind][]ids.Decision
}

// tally is counts by name, and who would feel a difference.
type tally map[string]*entry

type entry struct {
	counts Counts
	people map[ids.Person]struct{}
}

func newSummary() *summary {
	return &summary{services: tally{}, departments: tally{}, rules: tally{}, versions: tally{}, persons: map[ids.Person]*Counts{}, sample: map[Kind][]ids.Decision{}}
}

func (s *summary) add(one *Case) {
	record := one.Record
	s.done++
	s.requests += int64(len(record.Requests))
	s.total[one.Kind]++
	if one.Kind == Unjudged || one.Kind == Elsewhere {
		return
	}
	s.services.add(one.Facts.Service, one.Kind, record.Person)
	s.departments.add(one.Facts.Department, one.Kind, record.Person)
	if !one.Kind.Differs() {
		return
	}
	s.versions.add(record.Policy, one.Kind, record.Person)
	counts := s.persons[record.Person]
	if counts == nil {
		counts = &Counts{}
		s.persons[record.Person] = counts
	}
	counts[one.Kind]++
	for i, reason := range one.Verdict.Reasons {
		if reason.Rule != "" && !named(one.Verdict.Reasons[:i], reason.Rule) {
			s.rules.add(reason.Rule, one.Kind, record.Person)
		}
	}
	if len(s.sample[one.Kind]) < MostSamples {
		s.sample[one.Kind] = append(s.sample[one.Kind], record.ID)
	}
}

func named(reasons []policy.Reason, rule string) bool {
	return slices.ContainsFunc(reasons, func(reason policy.Reason) bool { return reason.Rule == rule })
}

// others stands for names beyond the most that are told apart.
const others = "others"

func (t tally) add(name string, kind Kind, person ids.Person) {
	found := t[name]
	if found == nil {
		if len(t) >= mostNames {
			name = others
		}
		if found = t[name]; found == nil {
			found = &entry{people: map[ids.Person]struct{}{}}
			t[name] = found
		}
	}
	found.counts[kind]++
	if kind.Differs() {
		found.people[person] = struct{}{}
	}
}

// lines are those of a tally, the most differences first.
func (t tally) lines() []Line {
	lines := make([]Line, 0, len(t))
	for name, found := range t {
		lines = append(lines, Line{Name: name, Counts: found.counts, People: len(found.people)})
	}
	return sorted(lines)
}

func sorted(lines []Line) []Line {
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Counts.Different(), a.Counts.Different()), cmp.Compare(b.Counts.All(), a.Counts.All()), cmp.Compare(a.Name, b.Name))
	})
	return lines
}

func (s *summary) into(report *Report) {
	report.Total, report.Requests, report.People, report.Sample = s.total, s.requests, len(s.persons), s.sample
	report.Services, report.Departments, report.Rules, report.Versions = s.services.lines(), s.departments.lines(), s.rules.lines(), s.versions.lines()
	for person, counts := range s.persons {
		report.Persons = append(report.Persons, Line{Name: string(person), Counts: *counts, People: 1})
	}
	report.Persons = sorted(report.Persons)
	report.Persons = report.Persons[:min(len(report.Persons), MostPersons)]
}
