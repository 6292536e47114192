package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// Text writes the assessment for a terminal.
func Text(w io.Writer, a *maturity.Assessment) error {
	p := printer{bufio.NewWriter(w)}
	p.line("Level %d by evidence: %s", a.Level, a.LevelName)
	p.line("As of %s. Snapshot %s.", a.AsOf.UTC().Format("2 January 2006"), a.Facts.Snapshot)
	p.line("")
	p.headline("People   of whom policy demands a second factor", a.People)
	p.headline("Services that demand it of everybody", a.Services)
	if len(a.HeldBy) > 0 {
		p.line("")
		p.line("What holds level %d back:", a.Level+1)
		for _, id := range a.HeldBy {
			if c, err := a.Find(id); err == nil {
				p.line("  %s %s (%s)", c.ID, c.Title, c.State)
				p.line("     %s", c.Sentence)
				p.next(c.Next)
			}
		}
	}
	if len(a.ToSign) > 0 {
		p.line("")
		p.line("Still to be signed by a human before level %d can be claimed: %s", a.Level, strings.Join(a.ToSign, ", "))
	}
	for level := 1; level <= 5; level++ {
		p.line("")
		p.line("Level %d  %s", level, maturity.LevelName(level))
		for i := range a.Criteria {
			if c := &a.Criteria[i]; c.Level == level {
				p.line("  %-6s %-14s %s%s", c.ID, c.State, c.Title, roleMark(c.Role))
				p.line("         %s%s", c.Sentence, age(c))
			}
		}
	}
	p.evidence(a.Facts)
	p.line("")
	p.line("Explain any of them: warder assess … --explain L3.G1")
	return p.Flush()
}

func roleMark(role maturity.Role) string {
	switch role {
	case maturity.Proportion:
		return "  (says whether a level is enough; never holds a higher one back)"
	case maturity.Advice:
		return "  (advice; does not count)"
	case maturity.Gate:
	}
	return ""
}

func age(c *maturity.Criterion) string {
	if c.AgeDays < 0 {
		return ""
	}
	return fmt.Sprintf(" Evidence up to %s old.", plural(c.AgeDays, "day"))
}

type printer struct{ *bufio.Writer }

// line writes one line. Names come from files of others, so control characters,
// which could move the cursor of a terminal, are replaced.
func (p printer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	p.WriteString(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '�'
		}
		return r
	}, text))
	p.WriteByte('\n')
}

func (p printer) next(text string) {
	if text != "" {
		p.line("     Next: %s", text)
	}
}

func (p printer) headline(what string, f coverage.Figure) {
	share := "not known"
	if f.Of > 0 {
		share = fmt.Sprintf("%d of %d (%.1f%%)", f.Yes, f.Of, 100*float64(f.Yes)/float64(f.Of))
	}
	if f.NotKnown > 0 {
		share += fmt.Sprintf(", %d not known", f.NotKnown)
	}
	if !f.Complete {
		share += ", count not complete"
	}
	p.line("%s: %s", what, share)
}

func (p printer) evidence(facts *coverage.Facts) {
	p.line("")
	p.line("Evidence")
	for _, s := range facts.Sources {
		when := "date not known"
		if !s.GeneratedAt.IsZero() {
			when = fmt.Sprintf("%s, %s old (%s)", s.GeneratedAt.Format("2006-01-02"), plural(s.AgeDays, "day"), s.Basis)
		}
		p.line("  %-30s %s, %s, %s", s.Kind, s.Name, plural(s.Rows, "row"), when)
		p.line("  %30s sha256 %s", "", s.SHA256)
		if s.Note != "" {
			p.line("  %30s %s", "", s.Note)
		}
	}
	for _, gap := range facts.Gaps {
		p.line("  missing: %s %s", gap.Sentence, gap.Next)
	}
	if len(facts.Findings) > 0 {
		p.line("")
		p.line("Look at these")
	}
	for _, f := range facts.Findings {
		examples := f.Examples[:min(len(f.Examples), 5)]
		more := ""
		if f.Count > len(examples) {
			more = ", …"
		}
		p.line("  %d × %s %s%s", f.Count, f.Sentence, strings.Join(examples, ", "), more)
	}
}

// Explain writes one criterion in full: what was asked, everybody in the
// numerator and the rest of the denominator, and each exclusion with its rule.
func Explain(w io.Writer, a *maturity.Assessment, id string) error {
	c, err := a.Find(strings.ToUpper(id))
	if err != nil {
		return err
	}
	p := printer{bufio.NewWriter(w)}
	p.line("%s  %s  —  %s", c.ID, c.Title, c.State)
	p.line("The guide: “%s”", c.Wording)
	p.line("Warder reads it so: %s", c.Reading)
	p.line("Answer: %s%s", c.Sentence, age(c))
	p.next(c.Next)
	if c.Sign != "" {
		p.line("     To be signed: %s", c.Sign)
	}
	for _, f := range c.Figures {
		p.figure(f)
	}
	for _, list := range c.Lists {
		p.line("")
		p.line("%s (%d)", list.Title, len(list.Items))
		for _, item := range list.Items {
			p.line("  %s", item)
		}
	}
	p.line("")
	p.line("Evidence")
	for _, s := range c.Sources {
		p.line("  %s  %s  sha256 %s", s.Kind, s.Name, s.SHA256)
	}
	for _, kind := range c.Missing {
		p.line("  %s  not given", kind)
	}
	return p.Flush()
}

func (p printer) figure(f coverage.Figure) {
	p.line("")
	p.line("%s: %s", capital(f.Unit), f.Sentence)
	p.line("  Numerator   %d", f.Yes)
	p.line("  Denominator %d (%d no, %d not known)", f.Of, f.No, f.NotKnown)
	for _, gap := range f.Why {
		p.line("  The denominator is not complete: %s %s", gap.Sentence, gap.Next)
	}
	p.line("  Left out    %d", f.Left())
	for _, e := range f.Excluded {
		p.line("    %d by the rule %s: %s", e.Count, e.Rule, e.Sentence)
	}
	for _, part := range []struct {
		title string
		want  func(coverage.Unit) bool
	}{
		{"In the numerator", func(u coverage.Unit) bool { return u.Excluded == coverage.Counted && u.Fact == coverage.Yes }},
		{"In the denominator, no", func(u coverage.Unit) bool { return u.Excluded == coverage.Counted && u.Fact == coverage.No }},
		{"In the denominator, not known", func(u coverage.Unit) bool { return u.Excluded == coverage.Counted && u.Fact == coverage.Unknown }},
		{"Left out", func(u coverage.Unit) bool { return u.Excluded != coverage.Counted }},
	} {
		first := true
		f.Walk(func(u coverage.Unit) bool {
			if !part.want(u) {
				return true
			}
			if first {
				p.line("  %s:", part.title)
				first = false
			}
			why := u.Why
			if u.Excluded != coverage.Counted {
				why = u.Excluded.Code() + ": " + why
			}
			p.line("    %s  [%s]  %s", u.Name, u.In, why)
			return true
		})
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
