// Package fidodb keeps the FIDO metadata in use in the tables fido_metadata and
// fido_entry, on either database. What it means is decided in feeds/fido.
package fidodb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/feeds/fido"
)

// Store is a fido.Store on SQL.
type Store struct{ db *db.DB }

var _ fido.Store = (*Store)(nil)

// New returns the store.
func New(d *db.DB) *Store { return &Store{db: d} }

// Current reads the list in use, without its entries.
func (s *Store) Current(ctx context.Context) (fido.Kept, bool, error) {
	var kept fido.Kept
	var next string
	var hash []byte
	var until, imported int64
	err := s.db.From(ctx).QueryRowContext(ctx, `
		select number, next_update, legal_header, payload_hash, signer, root_name, root_fingerprint, root_until,
			entries, ignored, imported_at
		from fido_metadata`).Scan(&kept.Number, &next, &kept.LegalHeader, &hash, &kept.Signer, &kept.Root.Name, &kept.Root.Fingerprint, &until,
		&kept.Count, &kept.Ignored, &imported)
	if errors.Is(err, sql.ErrNoRows) {
		return fido.Kept{}, false, nil
	}
	if err != nil {
		return fido.Kept{}, false, fmt.Errorf("read FIDO metadata: %w", err)
	}
	copy(kept.Hash[:], hash)
	kept.Root.Until, kept.ImportedAt = db.Time(until), db.Time(imported)
	if kept.NextUpdate, err = time.Parse(time.DateOnly, next); err != nil {
		return fido.Kept{}, false, fmt.Errorf("read FIDO metadata: next update: %w", err)
	}
	return kept, true, nil
}

// Replace puts a list in the place of the one in use.
func (s *Store) Replace(ctx context.Context, kept fido.Kept, entries []fido.Entry) error {
	for _, statement := range []string{`
		delete from fido_entry`, `
		delete from fido_metadata`} {
		if _, err := s.db.From(ctx).ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("drop FIDO metadata: %w", err)
		}
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into fido_metadata (one, number, next_update, legal_header, payload_hash, signer, root_name, root_fingerprint,
			root_until, entries, ignored, imported_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		true, kept.Number, kept.NextUpdate.Format(time.DateOnly), kept.LegalHeader, kept.Hash[:], kept.Signer, kept.Root.Name, kept.Root.Fingerprint,
		db.Millis(kept.Root.Until), kept.Count, kept.Ignored, db.Millis(kept.ImportedAt))
	if err != nil {
		return fmt.Errorf("keep FIDO metadata number %d: %w", kept.Number, err)
	}
	for i, entry := range entries {
		if err := s.add(ctx, i, entry); err != nil {
			return fmt.Errorf("keep entry %d of FIDO metadata number %d: %w", i, kept.Number, err)
		}
	}
	return nil
}

func (s *Store) add(ctx context.Context, position int, entry fido.Entry) error {
	lists := make([]string, 3)
	for i, list := range []any{entry.Protection, entry.Roots, entry.Reports} {
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		lists[i] = string(text)
	}
	_, err := s.db.From(ctx).ExecContext(ctx, `
		insert into fido_entry (position, aaguid, certificate_keys, description, protection, roots, reports)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		position, entry.AAGUID, strings.Join(entry.CertificateKeys, " "), entry.Description, lists[0], lists[1], lists[2])
	return err
}

// Entries reads the entries of the list in use.
func (s *Store) Entries(ctx context.Context) ([]fido.Entry, error) {
	rows, err := s.db.From(ctx).QueryContext(ctx, `
		select aaguid, certificate_keys, description, protection, roots, reports
		from fido_entry
		order by position`)
	if err != nil {
		return nil, fmt.Errorf("read entries of FIDO metadata: %w", err)
	}
	defer rows.Close()
	entries := []fido.Entry{}
	for rows.Next() {
		entry, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read entries of FIDO metadata: %w", err)
		}
		entries = append(entries, entry)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read entries of FIDO metadata: %w", err)
	}
	return entries, nil
}

func scan(rows *sql.Rows) (fido.Entry, error) {
	var entry fido.Entry
	var certificates string
	lists := make([]string, 3)
	if err := rows.Scan(&entry.AAGUID, &certificates, &entry.Description, &lists[0], &lists[1], &lists[2]); err != nil {
		return fido.Entry{}, err
	}
	if certificates != "" {
		entry.CertificateKeys = strings.Fields(certificates)
	}
	for i, into := range []any{&entry.Protection, &entry.Roots, &entry.Reports} {
		if err := json.Unmarshal([]byte(lists[i]), into); err != nil {
			return fido.Entry{}, err
		}
	}
	return entry, nil
}
