package audit

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps the record.
type Store interface {
	// Append adds unsealed entries. Outside a unit of work it is OutsideWork.
	Append(ctx context.Context, entries ...Entry) error
	// Pending gives unsealed entries by At, Turn and ID, from the oldest, or from
	// what comes after the given entry.
	Pending(ctx context.Context, after ids.Entry, limit int) ([]Entry, error)
	// CountPending says how many entries are not sealed yet.
	CountPending(ctx context.Context) (int64, error)
	// Head gives the head of the chain; the zero Head before the first sealing.
	Head(ctx context.Context) (Head, error)
	// Extend links the entries and moves the head from old to next. It answers
	// false, and has done nothing, when the head is not old any more.
	Extend(ctx context.Context, old, next Head, sealed []Entry) (bool, error)
	// Links walks the chain: what comes after number, in the order of the numbers,
	// at most limit. An entry that is gone has only ID, Number, Previous and Hash.
	Links(ctx context.Context, number int64, limit int) ([]Link, error)
	// Chosen gives entries for a page, newest first.
	Chosen(ctx context.Context, filter Filter) ([]Entry, error)
	// Between gives sealed entries with a time from since (inclusive) until until
	// (exclusive; zero is open), by number, after the given number.
	Between(ctx context.Context, since, until time.Time, number int64, limit int) ([]Entry, error)
}

// Head is the end of the chain.
type Head struct {
	Number int64
	Hash   Hash
	Seal   []byte // Number and Hash, sealed with the master key; empty without one
}

// Link is a place in the chain and what is found there.
type Link struct {
	Entry
	Missing bool // the entry itself is gone
}
