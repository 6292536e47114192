// Package evidence keeps the originals that a claim rests on: export files,
// each with its hash, the time it speaks of, and who brought it. An item is
// never changed and never deleted; a newer one supersedes it. The original is
// sealed with the master key in pieces, and is checked against its hash each
// time it is read, so that what an auditor opens is what was brought.
//
// What an original says is not this room's subject: feeds/cloud reads it, and
// proof/coverage and proof/maturity draw conclusions.
package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// chunkSize leaves room for what sealing adds: a sealed piece is at most 1 MiB.
const chunkSize = 1<<20 - 1<<10

// Limit is the largest original that is kept, in bytes.
const Limit = 2 << 30

// Item is one original. It never changes.
type Item struct {
	ID          ids.Evidence
	Source      string // where it is from: "AWS", "Entra", "HR"
	Kind        string // what it is; see feeds/cloud.Kind
	Name        string // as the person named the file
	SHA256      string // hexadecimal, of the original
	Size        int64  // bytes of the original
	Chunks      int
	GeneratedAt time.Time // when it was exported; zero is not known
	Basis       string    // how GeneratedAt is known
	PeriodStart time.Time // the time it speaks of, when it is a time and not a moment
	PeriodEnd   time.Time
	RecordedAt  time.Time
	RecordedBy  audit.Actor
	Supersedes  ids.Evidence // "" for none
}

// RecordedBy is the actor a store has kept as two texts.
func RecordedBy(kind, id string) audit.Actor { return audit.Actor{Kind: audit.ActorKind(kind), ID: id} }

// Deposit is what somebody brings.
type Deposit struct {
	Source, Kind, Name     string
	GeneratedAt            time.Time
	Basis                  string
	PeriodStart, PeriodEnd time.Time
	Supersedes             ids.Evidence
	Original               io.ReadSeeker // read twice: once for the hash, once to be sealed
}

// pageOfItems is how many items are read from the store at once.
const pageOfItems = 100

// Filter selects items, newest first.
type Filter struct {
	Kind       string // "" is all
	Superseded bool   // also those that a newer one supersedes
	After      ids.Evidence
	Limit      int // at most so many; 0 is all
}

// Store keeps items.
type Store interface {
	// Add adds an item. The problems NoItem (it supersedes nothing that is
	// there) and Superseded (that is superseded already).
	Add(ctx context.Context, item Item) error
	// AddChunk adds a sealed piece of an item's original, counted from 0.
	AddChunk(ctx context.Context, item ids.Evidence, number int, sealed []byte) error
	// Get gives an item, or the problem NoItem.
	Get(ctx context.Context, id ids.Evidence) (Item, error)
	// Chunk gives a sealed piece, or the problem Damaged when it is not there.
	Chunk(ctx context.Context, item ids.Evidence, number int) ([]byte, error)
	// List gives items, newest first.
	List(ctx context.Context, filter Filter) ([]Item, error)
}

// Sealer seals pieces for their row; seal.Sealer is one.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Deps is what the archive needs.
type Deps struct {
	Store  Store
	Tx     tx.Runner
	Audit  *audit.Log
	Sealer Sealer
	Now    func() time.Time
	Log    *slog.Logger
}

// Archive keeps the originals.
type Archive struct{ deps Deps }

// New builds an archive.
func New(deps Deps) *Archive {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Archive{deps: deps}
}

// Record keeps an original: item, pieces and audit entry in one unit of work.
// Problems: Empty, TooLarge, Unreadable, NoItem, Superseded.
func (a *Archive) Record(ctx context.Context, actor audit.Actor, from Deposit) (Item, error) {
	sum, size, err := measure(from.Original)
	if err != nil {
		return Item{}, err
	}
	item := Item{ID: ids.New[ids.Evidence](), Source: from.Source, Kind: from.Kind, Name: from.Name, SHA256: sum, Size: size,
		Chunks: int((size + chunkSize - 1) / chunkSize), GeneratedAt: whole(from.GeneratedAt), Basis: from.Basis,
		PeriodStart: whole(from.PeriodStart), PeriodEnd: whole(from.PeriodEnd),
		RecordedAt: whole(a.deps.Now()), RecordedBy: actor, Supersedes: from.Supersedes}
	err = a.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := a.deps.Store.Add(ctx, item); err != nil {
			return err
		}
		if err := a.keep(ctx, item, from.Original); err != nil {
			return err
		}
		details := map[string]string{"kind": item.Kind, "name": item.Name, "sha256": item.SHA256, "bytes": fmt.Sprint(item.Size)}
		if item.Supersedes != "" {
			details["supersedes"] = string(item.Supersedes)
		}
		return a.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "evidence.recorded", Subject: string(item.ID), Details: details})
	})
	if err != nil {
		return Item{}, fmt.Errorf("record evidence %s: %w", item.Kind, err)
	}
	a.deps.Log.InfoContext(ctx, "evidence recorded", "item", item.ID, "kind", item.Kind, "bytes", item.Size)
	return item, nil
}

func measure(original io.ReadSeeker) (sum string, size int64, err error) {
	if _, err := original.Seek(0, io.SeekStart); err != nil {
		return "", 0, Unreadable.Because(err)
	}
	hash := sha256.New()
	size, err = io.Copy(hash, io.LimitReader(original, Limit+1))
	switch {
	case err != nil:
		return "", 0, Unreadable.Because(err)
	case size == 0:
		return "", 0, Empty.New()
	case size > Limit:
		return "", 0, TooLarge.New()
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

// keep seals the original piece by piece. It may run more than once.
func (a *Archive) keep(ctx context.Context, item Item, original io.ReadSeeker) error {
	if _, err := original.Seek(0, io.SeekStart); err != nil {
		return Unreadable.Because(err)
	}
	hash := sha256.New()
	from := io.TeeReader(io.LimitReader(original, item.Size), hash)
	piece := make([]byte, chunkSize)
	for number := range item.Chunks {
		n, err := io.ReadFull(from, piece)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return Unreadable.Because(err)
		}
		sealed, err := a.deps.Sealer.Seal(piece[:n], rowOf(item.ID, number))
		if err != nil {
			return fmt.Errorf("seal piece %d: %w", number, err)
		}
		if err := a.deps.Store.AddChunk(ctx, item.ID, number, sealed); err != nil {
			return err
		}
	}
	if hex.EncodeToString(hash.Sum(nil)) != item.SHA256 {
		return Unreadable.Because(errors.New("the original changed while it was read"))
	}
	return nil
}

// rowOf binds a piece to its place, so that pieces cannot be exchanged.
func rowOf(item ids.Evidence, number int) string {
	return fmt.Sprintf("evidence_chunk:%s/%d:sealed", item, number)
}

// whole is the time as it is kept: milliseconds, UTC.
func whole(at time.Time) time.Time {
	if at.IsZero() {
		return time.Time{}
	}
	return at.UTC().Truncate(time.Millisecond)
}

// Get gives an item, or the problem NoItem.
func (a *Archive) Get(ctx context.Context, id ids.Evidence) (Item, error) {
	return a.deps.Store.Get(ctx, id)
}

// List gives items, newest first: all of them, unless there is a limit.
func (a *Archive) List(ctx context.Context, filter Filter) ([]Item, error) {
	if filter.Limit > 0 {
		return a.deps.Store.List(ctx, filter)
	}
	filter.Limit = pageOfItems
	var all []Item
	for {
		page, err := a.deps.Store.List(ctx, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < pageOfItems {
			return all, nil
		}
		filter.After = page[len(page)-1].ID
	}
}

// Open gives an item and its original. The reader holds one piece at a time and
// ends with the problem Damaged, never with io.EOF, when what is kept is not
// what was brought.
func (a *Archive) Open(ctx context.Context, id ids.Evidence) (Item, io.Reader, error) {
	item, err := a.deps.Store.Get(ctx, id)
	if err != nil {
		return Item{}, nil, err
	}
	return item, &original{ctx: ctx, archive: a, item: item, sum: sha256.New()}, nil
}
