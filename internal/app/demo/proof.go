package demo

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/app/demo/department"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/registry/people"
)

// exports records what the department's clouds gave in a month as evidence.
func (d *Demo) exports(ctx context.Context, month int, rows []people.Row, at time.Time) error {
	made, err := department.ExportsOf(rows, month, at)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		source, name string
		kind         cloud.Kind
		text         []byte
	}{
		{"AWS", "credential-report.csv", cloud.AWSCredentialReport, made.CredentialReport},
		{"AWS", "account-summary.json", cloud.AWSAccountSummary, made.AccountSummary},
		{"Entra", "registrations.json", cloud.EntraRegistrations, made.Registrations},
		{"Entra", "conditional-access.json", cloud.EntraConditional, made.ConditionalAccess},
		{"Entra", "authentication-methods.json", cloud.EntraMethods, made.AuthenticationRules},
		{"HR", "staff.csv", cloud.Staff, made.Staff},
	} {
		deposit := evidence.Deposit{Source: file.source, Kind: string(file.kind), Name: file.name,
			GeneratedAt: at, Basis: "made up for the demo", Original: bytes.NewReader(file.text)}
		// Each month's export takes the place of the last.
		older, err := d.App.Evidence.List(ctx, evidence.Filter{Kind: string(file.kind), Limit: 1})
		if err != nil {
			return fmt.Errorf("find the last %s: %w", file.name, err)
		}
		if len(older) > 0 {
			deposit.Supersedes = older[0].ID
		}
		if _, err := d.App.Evidence.Record(ctx, historian(), deposit); err != nil {
			return fmt.Errorf("record %s: %w", file.name, err)
		}
	}
	return nil
}

func (d *Demo) explain(ctx context.Context, person ids.Person, slug string) (decision.Explanation, error) {
	service, err := d.App.Services.BySlug(ctx, slug)
	if err != nil {
		return decision.Explanation{}, err
	}
	return d.App.Decisions.Explain(ctx, decision.Supposition{Person: person, Service: service.ID, At: d.clock.Now()})
}

// assess works out the level from this month's exports, as `warder assess` does.
func (t *tour) assess(ctx context.Context) (string, error) {
	now := t.demo.clock.Now()
	exports, err := department.ExportsOf(department.Make(seed, now), department.Months-1, now.Add(-time.Hour))
	if err != nil {
		return "", err
	}
	source := func(name string, text []byte) *assess.Source {
		return &assess.Source{Name: name, Reader: bytes.NewReader(text), ExportedAt: exports.At, Basis: "made up"}
	}
	answer, err := assess.Run(ctx, assess.Inputs{
		AWSCredentialReport: source("credential-report.csv", exports.CredentialReport),
		AWSAccountSummary:   source("account-summary.json", exports.AccountSummary),
		EntraRegistrations:  []assess.Source{*source("registrations.json", exports.Registrations)}, EntraConditionalAccess: []assess.Source{*source("conditional-access.json", exports.ConditionalAccess)},
		EntraAuthenticationMethods: source("authentication-methods.json", exports.AuthenticationRules),
		Staff:                      source("staff.csv", exports.Staff), AsOf: now,
	})
	if err != nil {
		return "", err
	}
	if answer.Level != 2 || len(answer.HeldBy) == 0 {
		return "", fmt.Errorf("level %d (%s), held by %v", answer.Level, answer.LevelName, answer.HeldBy)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "Level %d: %s.\n", answer.Level, answer.LevelName)
	for _, criterion := range answer.Criteria {
		for _, id := range answer.HeldBy {
			if criterion.ID == id {
				fmt.Fprintf(&out, "Held back by %s, %s: %s\n", criterion.ID, criterion.Title, criterion.Sentence)
			}
		}
	}
	return out.String(), nil
}
