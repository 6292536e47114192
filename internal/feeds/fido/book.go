package fido

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// Deps is what a Book needs.
type Deps struct {
	Store  Store
	Models *keys.Models
	Recall *recall.Desk
	Tx     tx.Runner
	Audit  *audit.Log
	Now    func() time.Time
}

// Book keeps the list in use. It is safe for concurrent use.
type Book struct{ deps Deps }

// New makes a Book.
func New(deps Deps) *Book { return &Book{deps: deps} }

// Plan is what an import does, or would do.
type Plan struct {
	List    *List
	Before  *Kept // the list in use until then; nil when there is none
	Same    bool  // it is that very list: nothing changes
	Models  []ModelPlan
	Unknown []string // statuses of listed models that this Warder does not know, each once
}

// ModelPlan is what an import means for one listed model.
type ModelPlan struct {
	recall.Effect
	Now, Then []Report // what the lists say of it; nil when they do not know it
}

// Foresee says what importing a list would do, and changes nothing. Problems:
// RolledBack, NumberReused.
func (b *Book) Foresee(ctx context.Context, list *List) (Plan, error) {
	plan, err := b.plan(ctx, list)
	if err != nil || plan.Same {
		return plan, err
	}
	effects, err := b.deps.Recall.ForeseeWarn(ctx, list.Warnings())
	if err != nil {
		return Plan{}, err
	}
	return b.fill(ctx, plan, effects)
}

// Import puts a list in use, with everything that follows from it, in one unit of
// work. Importing the list in use again changes nothing and is no fault. Problems:
// RolledBack, NumberReused.
func (b *Book) Import(ctx context.Context, actor audit.Actor, list *List) (Plan, error) {
	var plan Plan
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if plan, err = b.plan(ctx, list); err != nil || plan.Same {
			return err
		}
		effects, err := b.deps.Recall.Warn(ctx, actor, list.Warnings())
		if err != nil {
			return err
		}
		if plan, err = b.fill(ctx, plan, effects); err != nil {
			return err
		}
		kept := Kept{List: *list, Count: len(list.Entries), ImportedAt: b.deps.Now()}
		if err := b.deps.Store.Replace(ctx, kept, list.Entries); err != nil {
			return err
		}
		return b.record(ctx, actor, plan)
	})
	if err != nil {
		return Plan{}, fmt.Errorf("import FIDO metadata number %d: %w", list.Number, err)
	}
	return plan, nil
}

// plan compares the list with the one in use: §3.2, step 6.
func (b *Book) plan(ctx context.Context, list *List) (Plan, error) {
	plan := Plan{List: list}
	kept, found, err := b.deps.Store.Current(ctx)
	if err != nil {
		return Plan{}, err
	}
	if !found {
		return plan, nil
	}
	plan.Before = &kept
	switch {
	case list.Number < kept.Number:
		return Plan{}, RolledBack.Detailf("It is number %d, and number %d is in use.", list.Number, kept.Number)
	case list.Number > kept.Number:
		return plan, nil
	case list.Hash != kept.Hash:
		return Plan{}, NumberReused.Detailf("It is number %d.", list.Number)
	}
	plan.Same = true
	return plan, nil
}

// fill adds what the two lists say of each listed model.
func (b *Book) fill(ctx context.Context, plan Plan, effects []recall.Effect) (Plan, error) {
	entries, err := b.deps.Store.Entries(ctx)
	if err != nil {
		return Plan{}, err
	}
	plan.Models, plan.Unknown = nil, nil
	for _, effect := range effects {
		one := ModelPlan{Effect: effect, Now: reports(entries, effect.Model), Then: reports(plan.List.Entries, effect.Model)}
		plan.Models = append(plan.Models, one)
		for _, report := range one.Then {
			if !understood(report.Status) {
				plan.Unknown = append(plan.Unknown, report.Status)
			}
		}
	}
	slices.Sort(plan.Unknown)
	plan.Unknown = slices.Compact(plan.Unknown)
	return plan, nil
}

// reports are all that a list says of a model; nil when it does not know it.
func reports(entries []Entry, model keys.Model) []Report {
	var found []Report
	for _, entry := range entries {
		if entry.About(model) {
			found = append(append([]Report{}, found...), entry.Reports...)
		}
	}
	return found
}

func (b *Book) record(ctx context.Context, actor audit.Actor, plan Plan) error {
	details := map[string]string{
		"number": strconv.FormatInt(plan.List.Number, 10), "next_update": plan.List.NextUpdate.Format(time.DateOnly),
		"sha256": hex.EncodeToString(plan.List.Hash[:]), "root": plan.List.Root.Fingerprint, "entries": strconv.Itoa(len(plan.List.Entries)),
	}
	stopped, sessions := 0, 0
	for _, model := range plan.Models {
		if model.Stops() {
			stopped += model.Credentials
		}
		sessions += model.Sessions
	}
	details["credentials_suspended"], details["sessions_changed"] = strconv.Itoa(stopped), strconv.Itoa(sessions)
	if plan.Before != nil {
		details["number_before"] = strconv.FormatInt(plan.Before.Number, 10)
	}
	return b.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "fido.metadata_imported", Subject: "fido_metadata", Details: details})
}

// Current is the list in use; false when none was ever imported.
func (b *Book) Current(ctx context.Context) (Kept, bool, error) { return b.deps.Store.Current(ctx) }

// Standing is a listed model with what the list in use says of it.
type Standing struct {
	Model       keys.Model
	Listed      bool // the list knows it
	Description string
	Protection  []string
	Reports     []Report // newest last
	Worth       keys.Worth
}

// Standings says how every listed model stands, in order of vendor and name.
func (b *Book) Standings(ctx context.Context) ([]Standing, error) {
	models, err := b.deps.Models.List(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := b.deps.Store.Entries(ctx)
	if err != nil {
		return nil, err
	}
	standings := make([]Standing, 0, len(models))
	for _, model := range models {
		one := Standing{Model: model, Worth: model.Worth(b.deps.Now()), Reports: reports(entries, model)}
		for _, entry := range entries {
			if entry.About(model) {
				one.Listed, one.Description, one.Protection = true, cmp.Or(one.Description, entry.Description), append(one.Protection, entry.Protection...)
			}
		}
		one.Protection = slices.Compact(one.Protection)
		standings = append(standings, one)
	}
	return standings, nil
}

// Roots are the attestation roots that the list in use gives for a model, as PEM: for an
// administrator who lists the model and wants to copy them. Problem: NotListed.
func (b *Book) Roots(ctx context.Context, model keys.Model) ([]byte, error) {
	if normal, fault := keys.NormalAAGUID(model.AAGUID); fault == nil {
		model.AAGUID = normal
	}
	entries, err := b.deps.Store.Entries(ctx)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, entry := range entries {
		if !entry.About(model) {
			continue
		}
		roots, err := entry.RootsPEM()
		if err != nil {
			return nil, NotListed.Because(err)
		}
		text = append(text, roots...)
	}
	if len(text) == 0 {
		return nil, NotListed.Detailf("The model is %s.", model.AAGUID)
	}
	return text, nil
}
