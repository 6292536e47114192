package audit

import (
	"context"
	"fmt"
)

const verifyBatch = 1000

// nearby is how far an entry is looked for from where it should be, when places
// have been closed up or pushed apart.
const nearby = 64

// Verify reads the whole chain in order and names every place that is not as it
// was sealed. It needs memory for the faults only.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	walk := &walk{expected: 1}
	for {
		links, err := l.deps.Store.Links(ctx, walk.at, verifyBatch)
		if err != nil {
			return Report{}, fmt.Errorf("read the audit chain after %d: %w", walk.at, err)
		}
		for _, link := range links {
			walk.step(link)
		}
		if len(links) < verifyBatch {
			break
		}
	}
	// Read after the links: entries sealed in between are within this head.
	head, err := l.deps.Store.Head(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read head of the audit chain: %w", err)
	}
	if err := l.catchUp(ctx, walk, head); err != nil {
		return Report{}, err
	}
	unsealed, err := l.deps.Store.CountPending(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("count unsealed audit entries: %w", err)
	}
	walk.finish(head)
	report := Report{Sealed: head.Number, Unsealed: unsealed, Head: head.Hash, HeadProved: l.proves(head)}
	if l.deps.Sealer != nil && head.Number > 0 && !report.HeadProved {
		walk.faults = append(walk.faults, Fault{Number: head.Number, Kind: Changed,
			Sentence: "The head of the chain was not sealed with this master key: the chain may have been computed anew."})
	}
	report.Faults, report.Truncated = walk.report()
	return report, nil
}

// catchUp reads what was sealed between the last page and the head.
func (l *Log) catchUp(ctx context.Context, walk *walk, head Head) error {
	for walk.at < head.Number {
		links, err := l.deps.Store.Links(ctx, walk.at, verifyBatch)
		if err != nil {
			return fmt.Errorf("read the audit chain after %d: %w", walk.at, err)
		}
		if len(links) == 0 {
			return nil
		}
		for _, link := range links {
			if link.Number > head.Number {
				return nil // sealed after the head was read
			}
			walk.step(link)
		}
	}
	return nil
}
