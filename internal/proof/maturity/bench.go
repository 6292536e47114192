package maturity

import (
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// bench is what the judges work with: the facts, and the two headline figures.
type bench struct {
	facts            *coverage.Facts
	thresholds       Thresholds
	peopleRequired   coverage.Figure
	servicesEnforced coverage.Figure
}

func newBench(facts *coverage.Facts, thresholds Thresholds) *bench {
	return &bench{facts: facts, thresholds: thresholds,
		peopleRequired: facts.OfPeople(coverage.Question{
			Sentence: "Policy demands a second factor at every sign-in to every account of theirs.",
			Account:  func(a *coverage.Account) coverage.Fact { return a.Required }}),
		servicesEnforced: facts.OfServices(coverage.Question{
			Sentence: "Policy in force demands a second factor of everybody, for everything, from everywhere.",
			System:   func(s *coverage.System) coverage.Fact { return s.Enforced }}),
	}
}

func (b *bench) services(sentence string, of func(*coverage.System) coverage.Fact) coverage.Figure {
	return b.facts.OfServices(coverage.Question{Sentence: sentence, System: of})
}

func (b *bench) people(sentence string, of func(*coverage.Account) coverage.Fact) coverage.Figure {
	return b.facts.OfPeople(coverage.Question{Sentence: sentence, Account: of})
}

func (b *bench) privileged(sentence string, of func(*coverage.Account) coverage.Fact) coverage.Figure {
	return b.facts.OfPrivileged(coverage.Question{Sentence: sentence, Account: of})
}

func stateOf(fact coverage.Fact) State {
	switch fact {
	case coverage.Yes:
		return Met
	case coverage.No:
		return NotMet
	case coverage.Unknown:
		return NotKnown
	}
	return NotKnown
}

// goal is a figure and the share it has to reach.
type goal struct {
	figure  coverage.Figure
	percent int
	over    bool // more than percent, not at least
}

func (g goal) reached() coverage.Fact {
	if g.over {
		return g.figure.Over(g.percent)
	}
	return g.figure.AtLeast(g.percent)
}

// missing is how many more must be yes.
func (g goal) missing() int {
	if g.over {
		return g.percent*g.figure.Of/100 + 1 - g.figure.Yes
	}
	return (g.percent*g.figure.Of+99)/100 - g.figure.Yes
}

func (g goal) sentence() string {
	word := "at least"
	if g.over {
		word = "more than"
	}
	text := fmt.Sprintf("%d of %d %s (asked: %s %d%%)", g.figure.Yes, g.figure.Of, g.figure.Unit, word, g.percent)
	if g.figure.NotKnown > 0 {
		text += fmt.Sprintf(", %d not known", g.figure.NotKnown)
	}
	if !g.figure.Complete {
		text += ", and the count is not complete"
	}
	return text
}

func (g goal) next() string {
	figure := g.figure
	switch {
	case g.reached() == coverage.Yes:
		return ""
	case !figure.Complete && len(figure.Why) > 0:
		return figure.Why[0].Next
	case !figure.Complete:
		return "Give a staff list that is not too old, so that everybody can be counted."
	case figure.Of == 0:
		return "Give evidence about at least one of the " + figure.Unit + "."
	case g.reached() == coverage.Unknown:
		return fmt.Sprintf("Find out about %s: nothing here says yes or no.", numbered(figure.NotKnown, figure.Unit))
	}
	text := fmt.Sprintf("%s more %s to reach %d%%", number(g.missing()), one(g.missing(), figure.Unit), g.percent)
	if g.over {
		text = fmt.Sprintf("%s more %s to be over %d%%", number(g.missing()), one(g.missing(), figure.Unit), g.percent)
	}
	if len(figure.Groups) > 0 && figure.Groups[0].Name != "" && figure.Unit == "people" {
		first := figure.Groups[0]
		text += fmt.Sprintf("; most are in %s (%d left)", first.Name, first.Of-first.Yes)
	}
	return text + "."
}

func number(n int) string { return fmt.Sprintf("%d", n) }

func numbered(n int, unit string) string { return fmt.Sprintf("%d %s", n, one(n, unit)) }

// one is the unit in the singular when there is one of it.
func one(n int, unit string) string {
	if n != 1 {
		return unit
	}
	if unit == "people" {
		return "person"
	}
	return strings.TrimSuffix(unit, "s")
}

// all judges goals that must all be reached.
func all(goals ...goal) Criterion {
	fact := coverage.Yes
	var criterion Criterion
	var sentences, next []string
	for _, one := range goals {
		fact = coverage.And(fact, one.reached())
		criterion.Figures = append(criterion.Figures, one.figure)
		sentences = append(sentences, one.sentence())
		if step := one.next(); step != "" && (len(next) == 0 || next[len(next)-1] != step) {
			next = append(next, step)
		}
	}
	criterion.State = stateOf(fact)
	criterion.Sentence = strings.Join(sentences, "; ") + "."
	criterion.Next = strings.Join(next, " ")
	return criterion
}

// some judges figures of which a single yes anywhere is enough.
func some(figures ...coverage.Figure) Criterion {
	fact := coverage.No
	criterion := Criterion{Figures: figures}
	var sentences []string
	for _, figure := range figures {
		found := coverage.Unknown
		switch {
		case figure.Yes > 0:
			found = coverage.Yes
		case figure.Complete && figure.NotKnown == 0 && figure.Of > 0:
			found = coverage.No
		}
		fact = coverage.Or(fact, found)
		sentences = append(sentences, fmt.Sprintf("%d of %d %s", figure.Yes, figure.Of, figure.Unit))
	}
	criterion.State = stateOf(fact)
	criterion.Sentence = strings.Join(sentences, "; ") + " (asked: at least one)."
	return criterion
}
