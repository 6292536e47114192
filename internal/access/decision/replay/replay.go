package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// Store is where decisions are kept.
type Store interface {
	// Past gives at most so many records from one identifier on until below another,
	// newest first: whose they are, what was decided, the requests, and the facts.
	// Reasons are there only where no facts are.
	Past(ctx context.Context, from, below ids.Decision, most int) ([]decision.Record, error)
}

// Span is a stretch of time, from the first moment on until just before the second.
type Span struct{ Since, Until time.Time }

// Case is one decision of the past, with what would become of it.
type Case struct {
	Record *decision.Record
	Kind   Kind
	// Facts and Verdict are those of the request that the draft is strictest with.
	// Both are empty where Kind is Unjudged or Elsewhere.
	Facts   policy.Facts
	Verdict policy.Verdict
}

// Player makes decisions again. It is safe for concurrent use.
type Player struct{ store Store }

// New makes a Player.
func New(store Store) *Player { return &Player{store} }

// ErrEnough is for what each returns when it needs no more.
var ErrEnough = errors.New("enough")

// page is how many records are read at a time. It bounds what is in memory.
const page = 1000

// Each judges every decision of the span anew, newest first, and hands it to each,
// which must not keep it. An error of each ends it; ErrEnough does so quietly.
func (p *Player) Each(ctx context.Context, draft *policy.Compiled, span Span, each func(*Case) error) error {
	return p.below(ctx, draft, span, decision.FirstID(span.Until), each)
}

func (p *Player) below(ctx context.Context, draft *policy.Compiled, span Span, below ids.Decision, each func(*Case) error) error {
	from := decision.FirstID(span.Since)
	for {
		records, err := p.store.Past(ctx, from, below, page)
		if err != nil {
			return fmt.Errorf("read decisions before %s: %w", below, err)
		}
		for i := range records {
			one, err := Judge(draft, &records[i])
			if err != nil {
				return err
			}
			err = each(&one)
			if errors.Is(err, ErrEnough) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if len(records) < page {
			return nil
		}
		below = records[len(records)-1].ID
	}
}

// Judge makes one decision again.
func Judge(draft *policy.Compiled, record *decision.Record) (Case, error) {
	facts, kept, err := record.Facts()
	if err != nil {
		return Case{}, err
	}
	if !kept {
		if record.BeforePolicy() {
			return Case{Record: record, Kind: Elsewhere}, nil
		}
		return Case{Record: record, Kind: Unjudged}, nil
	}
	judged := Case{Record: record, Facts: facts, Verdict: draft.Decide(&facts)}
	for _, request := range record.Requests[min(1, len(record.Requests)):] {
		if request.Clipped() {
			continue // its path is not known to the end
		}
		facts.At, facts.Method, facts.Path = request.At, request.Method, request.Path
		if again := draft.Decide(&facts); again.Effect < judged.Verdict.Effect {
			judged.Facts, judged.Verdict = facts, again
		}
	}
	judged.Kind = kindOf(record.Effect, judged.Verdict.Effect)
	return judged, nil
}
