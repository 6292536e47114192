package fido

import (
	"context"
	"time"
)

// Kept is the list in use.
type Kept struct {
	List           // without its Entries
	Count      int // how many entries it has
	ImportedAt time.Time
}

// Store keeps the list in use. Writes happen inside a unit of work.
type Store interface {
	// Current reports false when no list was ever imported.
	Current(ctx context.Context) (Kept, bool, error)
	// Entries returns the entries of the list in use, in its order; never nil.
	Entries(ctx context.Context) ([]Entry, error)
	// Replace puts a list with its entries in the place of the one in use.
	Replace(ctx context.Context, kept Kept, entries []Entry) error
}
