// Package sealdb keeps a canary in the table seal_canary: one value that was
// sealed when the database was first used. If the master key cannot open it, it
// is not the master key of this database.
package sealdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/seal"
)

const (
	canaryRow  = "seal_canary:canary:sealed"
	canaryText = "warder"
)

// Open gives the sealer of a migrated database. The key file is made only for
// a database that nothing has been sealed in yet. Problems: those of
// seal.OpenKeyFile, and seal.WrongKey.
func Open(ctx context.Context, d *db.DB, path string) (*seal.Sealer, error) {
	canary, err := read(ctx, d)
	if err != nil {
		return nil, err
	}
	sealer, err := seal.OpenKeyFile(path, canary == nil)
	if err != nil {
		return nil, err
	}
	if canary == nil {
		if canary, err = plant(ctx, d, sealer); err != nil {
			return nil, err
		}
	}
	plain, err := sealer.Open(canary, canaryRow)
	if err != nil || string(plain) != canaryText {
		wrong := seal.WrongKey.Detailf("The file is %s.", path)
		wrong.Cause = err
		return nil, wrong
	}
	return sealer, nil
}

// read gives the canary, or nil when there is none.
func read(ctx context.Context, d *db.DB) ([]byte, error) {
	var canary []byte
	err := d.From(ctx).QueryRowContext(ctx, `
		select sealed
		from seal_canary
		where id = 'canary'`).Scan(&canary)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read canary: %w", err)
	}
	return canary, nil
}

// plant keeps a new canary, unless another node was faster, and gives the one
// that is kept.
func plant(ctx context.Context, d *db.DB, sealer *seal.Sealer) (canary []byte, err error) {
	sealed, err := sealer.Seal([]byte(canaryText), canaryRow)
	if err != nil {
		return nil, err
	}
	err = d.InTx(ctx, func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, `
			insert into seal_canary (id, sealed)
			values ('canary', $1)
			on conflict (id) do nothing`, sealed)
		if err != nil {
			return fmt.Errorf("plant canary: %w", err)
		}
		canary, err = read(ctx, d)
		return err
	})
	return canary, err
}
