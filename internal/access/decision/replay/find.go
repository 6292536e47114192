package replay

import (
	"context"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// Want chooses differences. Empty fields choose everything.
type Want struct {
	Kind       Kind // Unjudged is any difference
	Service    string
	Department string
	Person     ids.Person
	Rule       string
	After      ids.Decision // the last one of the page before
}

// Difference is one decision that the draft would have made otherwise.
type Difference struct {
	Record  decision.Record
	Kind    Kind
	Verdict policy.Verdict
}

// Found is a page of differences.
type Found struct {
	Differences []Difference
	// Next is the After of the next page; empty when this is the last. A page may
	// have fewer differences than asked for, or none, and still have a next.
	Next ids.Decision
}

// Page is how much one page takes: so many differences at most, found among so many
// decisions at most.
type Page struct {
	Most   int
	Looked int64
}

// Find gives a page of the differences of the span, newest first.
func (p *Player) Find(ctx context.Context, draft *policy.Compiled, span Span, want Want, page Page) (Found, error) {
	below := decision.FirstID(span.Until)
	if want.After != "" && want.After < below {
		below = want.After
	}
	var found Found
	var looked int64
	var last ids.Decision
	err := p.below(ctx, draft, span, below, func(one *Case) error {
		if len(found.Differences) == page.Most || looked == page.Looked {
			found.Next = last
			return ErrEnough
		}
		looked++
		last = one.Record.ID
		if want.Chooses(one) {
			found.Differences = append(found.Differences, Difference{*one.Record, one.Kind, one.Verdict})
		}
		return nil
	})
	return found, err
}

// Chooses reports whether a case is one of those that are wanted.
func (w *Want) Chooses(one *Case) bool {
	return one.Kind.Differs() &&
		(w.Kind == Unjudged || w.Kind == one.Kind) &&
		(w.Service == "" || w.Service == one.Facts.Service) &&
		(w.Department == "" || w.Department == one.Facts.Department) &&
		(w.Person == "" || w.Person == one.Record.Person) &&
		(w.Rule == "" || named(one.Verdict.Reasons, w.Rule))
}
