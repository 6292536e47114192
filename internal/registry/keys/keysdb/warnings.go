package keysdb

import (
	"context"
	"fmt"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Warn replaces all warnings.
func (m *Models) Warn(ctx context.Context, warnings []keys.Warned) error {
	if _, err := m.db.From(ctx).ExecContext(ctx, `
		delete from key_model_warning`); err != nil {
		return fmt.Errorf("drop warnings about models: %w", err)
	}
	for _, one := range warnings {
		_, err := m.db.From(ctx).ExecContext(ctx, `
			insert into key_model_warning (make, kind, from_at, ends_at)
			values ($1, $2, $3, $4)`,
			one.Make, string(one.Kind), db.Millis(one.From), db.Millis(one.Until))
		if err != nil {
			return fmt.Errorf("keep warning about %s: %w", one.Make, err)
		}
	}
	return nil
}

// Warnings reads warnings, of these makes or of all.
func (m *Models) Warnings(ctx context.Context, makes []string) ([]keys.Warned, error) {
	condition, args := "1 = 1", []any(nil)
	if makes != nil {
		condition = "make in (" + db.In(1, len(makes)) + ")"
		for _, one := range makes {
			args = append(args, one)
		}
	}
	rows, err := m.db.From(ctx).QueryContext(ctx, `
		select make, kind, from_at, ends_at
		from key_model_warning
		where `+condition+`
		order by make, kind`, args...)
	if err != nil {
		return nil, fmt.Errorf("read warnings about models: %w", err)
	}
	defer rows.Close()
	var found []keys.Warned
	for rows.Next() {
		var one keys.Warned
		var from, until int64
		if err := rows.Scan(&one.Make, &one.Kind, &from, &until); err != nil {
			return nil, fmt.Errorf("read warnings about models: %w", err)
		}
		one.From, one.Until = db.Time(from), db.Time(until)
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read warnings about models: %w", err)
	}
	return found, nil
}
