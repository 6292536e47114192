package keys

import (
	"context"

	"github.com/warder-project/warder/internal/base/ids"
)

// Store keeps the keys. Writes happen inside a unit of work.
type Store interface {
	// Add stores a new key. A serial number that is there already is problem SerialTaken.
	Add(ctx context.Context, key Key) error
	// Change overwrites everything but the id and CreatedAt, provided the key is
	// still in state from; it reports whether it was. A serial number that another
	// key has is problem SerialTaken.
	Change(ctx context.Context, key Key, from State) (bool, error)
	// ByID returns problem NotFound when there is no such key.
	ByID(ctx context.Context, id ids.Key) (Key, error)
	// BySerial returns problem NotFound when no key has this serial number.
	BySerial(ctx context.Context, serial string) (Key, error)
	// HeldBy lists the keys whose holder the person is, oldest first, whatever
	// state they are in.
	HeldBy(ctx context.Context, person ids.Person) ([]Key, error)
	// List returns at most filter.Limit keys, newest first.
	List(ctx context.Context, filter Filter) ([]Key, error)
}

// ModelStore keeps the models of keys, without their Warnings, and the warnings apart.
// Writes happen inside a unit of work.
type ModelStore interface {
	// Put stores a model, over the one with the same AAGUID if there is one.
	Put(ctx context.Context, model Model) error
	// Get reports false when there is no such model.
	Get(ctx context.Context, aaguid string) (Model, bool, error)
	// List returns all models in order of vendor and name.
	List(ctx context.Context) ([]Model, error)
	// Warn puts these warnings in the place of all that were there.
	Warn(ctx context.Context, warnings []Warned) error
	// Warnings returns the warnings about these makes, or all when makes is nil.
	Warnings(ctx context.Context, makes []string) ([]Warned, error)
}
