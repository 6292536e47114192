// Package evidencedb keeps evidence in the tables evidence_item and
// evidence_chunk. It has no statement that changes or removes a row.
package evidencedb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/proof/evidence"
)

// Store is an evidence.Store on SQL.
type Store struct{ db *db.DB }

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

var _ evidence.Store = (*Store)(nil)

// Add adds an item.
func (s *Store) Add(ctx context.Context, item evidence.Item) error {
	supersedes := sql.NullString{String: string(item.Supersedes), Valid: item.Supersedes != ""}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into evidence_item (id, source, kind, name, sha256, size, chunks, generated_at, basis,
			period_start, period_end, recorded_at, recorded_by_kind, recorded_by_id, supersedes)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(item.ID), item.Source, item.Kind, item.Name, item.SHA256, item.Size, item.Chunks,
		db.Millis(item.GeneratedAt), item.Basis, db.Millis(item.PeriodStart), db.Millis(item.PeriodEnd),
		db.Millis(item.RecordedAt), string(item.RecordedBy.Kind), item.RecordedBy.ID, supersedes)
	switch {
	case err == nil:
		return nil
	case db.IsConflict(err, "evidence_item", "supersedes"):
		return evidence.Superseded.Because(err)
	case db.IsMissingParent(err):
		return evidence.NoItem.Because(err)
	}
	return err
}

// AddChunk adds a sealed piece.
func (s *Store) AddChunk(ctx context.Context, item ids.Evidence, number int, sealed []byte) error {
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into evidence_chunk (item, number, sealed)
		values ($1, $2, $3)`,
		string(item), number, sealed)
	if db.IsMissingParent(err) {
		return evidence.NoItem.Because(err)
	}
	return err
}

const columns = `
		i.id, i.source, i.kind, i.name, i.sha256, i.size, i.chunks, i.generated_at, i.basis,
		i.period_start, i.period_end, i.recorded_at, i.recorded_by_kind, i.recorded_by_id, i.supersedes`

// Get gives an item.
func (s *Store) Get(ctx context.Context, id ids.Evidence) (evidence.Item, error) {
	item, err := scan(s.db.From(ctx).QueryRowContext(ctx, `
		select`+columns+`
		from evidence_item i
		where i.id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return evidence.Item{}, evidence.NoItem.Because(err)
	}
	return item, err
}

// Chunk gives a sealed piece.
func (s *Store) Chunk(ctx context.Context, item ids.Evidence, number int) ([]byte, error) {
	var sealed []byte
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select sealed
		from evidence_chunk
		where item = $1
		and number = $2`, string(item), number).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, evidence.Damaged.Because(err)
	}
	return sealed, err
}

// List gives items, newest first.
func (s *Store) List(ctx context.Context, filter evidence.Filter) ([]evidence.Item, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select`+columns+`
		from evidence_item i
		left join evidence_item newer on newer.supersedes = i.id
		where ($1 = '' or i.kind = $1)
		and ($2 or newer.id is null)
		and ($3 = '' or (i.recorded_at, i.id) < (
			select a.recorded_at, a.id
			from evidence_item a
			where a.id = $3))
		order by i.recorded_at desc, i.id desc
		limit $4`,
		filter.Kind, filter.Superseded, string(filter.After), filter.Limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []evidence.Item
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

type scanner interface{ Scan(...any) error }

func scan(row scanner) (evidence.Item, error) {
	var item evidence.Item
	var generated, start, end, recorded int64
	var kind string
	var supersedes sql.NullString
	err := row.Scan((*string)(&item.ID), &item.Source, &item.Kind, &item.Name, &item.SHA256, &item.Size, &item.Chunks,
		&generated, &item.Basis, &start, &end, &recorded, &kind, &item.RecordedBy.ID, &supersedes)
	item.GeneratedAt, item.PeriodStart, item.PeriodEnd, item.RecordedAt = db.Time(generated), db.Time(start), db.Time(end), db.Time(recorded)
	item.RecordedBy = evidence.RecordedBy(kind, item.RecordedBy.ID)
	item.Supersedes = ids.Evidence(supersedes.String)
	return item, err
}
