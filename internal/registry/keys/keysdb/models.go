package keysdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Models is a keys.ModelStore on SQL.
type Models struct{ db *db.DB }

var _ keys.ModelStore = (*Models)(nil)

// NewModels returns the store of models.
func NewModels(d *db.DB) *Models { return &Models{db: d} }

const modelColumns = `
		aaguid, vendor, name, allowed, hardware_bound, roots, own_roots, certificate_keys, changed_at`

// Put stores a model, over an older one with the same AAGUID.
func (m *Models) Put(ctx context.Context, model keys.Model) error {
	roots := model.Roots
	if roots == nil {
		roots = []byte{} // the column is not null
	}
	_, err := m.db.From(ctx).ExecContext(ctx, `
		insert into key_model (aaguid, vendor, name, allowed, hardware_bound, roots, own_roots, changed_at, certificate_keys)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (aaguid) do update
		set vendor = excluded.vendor,
			name = excluded.name,
			allowed = excluded.allowed,
			hardware_bound = excluded.hardware_bound,
			roots = excluded.roots,
			own_roots = excluded.own_roots,
			changed_at = excluded.changed_at,
			certificate_keys = excluded.certificate_keys`,
		model.AAGUID, model.Vendor, model.Name, model.Allowed, model.HardwareBound, roots, model.OwnRoots, db.Millis(model.ChangedAt), strings.Join(model.CertificateKeys, " "))
	if err != nil {
		return fmt.Errorf("put model %s: %w", model.AAGUID, err)
	}
	return nil
}

// Get returns one model.
func (m *Models) Get(ctx context.Context, aaguid string) (keys.Model, bool, error) {
	model, err := readModel(m.db.From(ctx).QueryRowContext(ctx, `
		select`+modelColumns+`
		from key_model
		where aaguid = $1`, aaguid))
	if errors.Is(err, sql.ErrNoRows) {
		return keys.Model{}, false, nil
	}
	if err != nil {
		return keys.Model{}, false, fmt.Errorf("read model %s: %w", aaguid, err)
	}
	return model, true, nil
}

// List returns all models.
func (m *Models) List(ctx context.Context) ([]keys.Model, error) {
	rows, err := m.db.From(ctx).QueryContext(ctx, `
		select`+modelColumns+`
		from key_model
		order by vendor, name, aaguid`)
	if err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	defer rows.Close()
	var found []keys.Model
	for rows.Next() {
		model, err := readModel(rows)
		if err != nil {
			return nil, fmt.Errorf("read models: %w", err)
		}
		found = append(found, model)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	return found, nil
}

func readModel(from row) (keys.Model, error) {
	var model keys.Model
	var changed int64
	var certificates string
	err := from.Scan(&model.AAGUID, &model.Vendor, &model.Name, &model.Allowed, &model.HardwareBound, &model.Roots, &model.OwnRoots, &certificates, &changed)
	model.ChangedAt = db.Time(changed)
	if certificates != "" {
		model.CertificateKeys = strings.Fields(certificates)
	}
	if len(model.Roots) == 0 {
		model.Roots = nil
	}
	return model, err
}
