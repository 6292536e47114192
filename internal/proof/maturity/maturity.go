package maturity

import (
	"time"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// State is the answer to one criterion. The zero value is not known.
type State string

// The four states.
const (
	NotKnown   State = "not known"
	Met        State = "met"
	NotMet     State = "not met"
	NeedsHuman State = "needs a human"
)

// Role says how a criterion counts; see the package comment.
type Role string

// The roles.
const (
	Gate       Role = "gate"
	Proportion Role = "proportion"
	Advice     Role = "advice"
)

// Thresholds are the numbers we read into the guide's words. Percentages.
type Thresholds struct {
	Over      int `json:"over"`       // "over 90% of your users and services": more than this
	Many      int `json:"many"`       // "many staff and services": at least this
	Everyone  int `json:"everyone"`   // "everyone … rarely do exceptions exist": at least this
	StaleDays int `json:"stale_days"` // evidence older than this proves nothing
}

// Usual are the thresholds unless somebody sets others.
func Usual() Thresholds { return Thresholds{Over: 90, Many: 50, Everyone: 99, StaleDays: 35} }

func (t Thresholds) filled() Thresholds {
	usual := Usual()
	for _, one := range []struct{ have, usual *int }{{&t.Over, &usual.Over}, {&t.Many, &usual.Many},
		{&t.Everyone, &usual.Everyone}, {&t.StaleDays, &usual.StaleDays}} {
		if *one.have <= 0 {
			*one.have = *one.usual
		}
	}
	return t
}

// List is a named list of texts behind a criterion.
type List struct {
	Title string   `json:"title"`
	Items []string `json:"items"`
}

// Criterion is a rule with its answer.
type Criterion struct {
	Rule
	State    State
	Sentence string            // the answer in words
	Next     string            // the smallest next step; empty when met
	Sign     string            // what a human has to confirm; empty when nothing
	Figures  []coverage.Figure // the numbers, each opening to its list
	Lists    []List
	Sources  []coverage.Source // the evidence used
	Missing  []string          // kinds of evidence that were not given
	AgeDays  int               // of the oldest evidence used; -1 is not known
}

// Assessment is the whole answer.
type Assessment struct {
	AsOf       time.Time
	Level      int    // 0: the evidence shows no level
	LevelName  string // the guide's name
	HeldBy     []string
	ToSign     []string // gates up to Level that wait for a human
	People     coverage.Figure
	Services   coverage.Figure
	Criteria   []Criterion
	Thresholds Thresholds
	Facts      *coverage.Facts
}

// Assessor assesses facts. It keeps nothing.
type Assessor struct{ thresholds Thresholds }

// Deps is what an Assessor needs.
type Deps struct{ Thresholds Thresholds }

// New builds an Assessor. Thresholds that are zero are the usual ones.
func New(deps Deps) *Assessor { return &Assessor{thresholds: deps.Thresholds.filled()} }

// Assess judges every criterion. It is pure: the same facts give the same answer.
func (a *Assessor) Assess(facts *coverage.Facts) *Assessment {
	facts.Join()
	bench := newBench(facts, a.thresholds)
	assessment := &Assessment{AsOf: facts.AsOf, Thresholds: a.thresholds, Facts: facts,
		People: bench.peopleRequired, Services: bench.servicesEnforced}
	for _, rule := range Rules() {
		criterion := rule.judge(bench)
		criterion.Rule = rule
		attach(&criterion, facts.Sources)
		if criterion.State == NotKnown && criterion.Next == "" && len(facts.Gaps) > 0 {
			criterion.Next = facts.Gaps[0].Next
		}
		assessment.Criteria = append(assessment.Criteria, criterion)
	}
	assessment.settle()
	return assessment
}

// settle finds the level: the first one with a gate that is neither met nor
// waiting for a human ends the climb.
func (a *Assessment) settle() {
	for level := 1; level <= 5 && len(a.HeldBy) == 0; level++ {
		var sign []string
		for _, criterion := range a.Criteria {
			if criterion.Level != level || criterion.Role != Gate {
				continue
			}
			switch criterion.State {
			case Met:
			case NeedsHuman:
				sign = append(sign, criterion.ID)
			case NotMet, NotKnown:
				a.HeldBy = append(a.HeldBy, criterion.ID)
			}
		}
		if len(a.HeldBy) == 0 {
			a.Level = level
			a.ToSign = append(a.ToSign, sign...)
		}
	}
	a.LevelName = LevelName(a.Level)
}

// Find returns a criterion by its id, such as "L3.G1".
func (a *Assessment) Find(id string) (*Criterion, error) {
	for i := range a.Criteria {
		if a.Criteria[i].ID == id {
			return &a.Criteria[i], nil
		}
	}
	return nil, problemNoCriterion.Detailf("There is no %s.", id)
}

// attach names the evidence a criterion rests on.
func attach(criterion *Criterion, sources []coverage.Source) {
	criterion.AgeDays = -1
	for _, kind := range criterion.Evidence {
		found := false
		for _, source := range sources {
			if source.Kind == kind {
				found = true
				criterion.Sources = append(criterion.Sources, source)
				criterion.AgeDays = max(criterion.AgeDays, source.AgeDays)
			}
		}
		if !found {
			criterion.Missing = append(criterion.Missing, kind)
		}
	}
}
