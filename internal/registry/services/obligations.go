package services

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// NHSMFA is the policy of NHS England on multi-factor authentication: exceptions from
// it are documented, approved, and reviewed at least once a year.
const NHSMFA = "nhs-mfa"

// mostObligations is how many one service may carry.
const mostObligations = 12

// Owes reports whether the service is held to an obligation, in any edition of it:
// nhs-mfa-2023 is nhs-mfa.
func (s Service) Owes(obligation string) bool {
	return slices.ContainsFunc(s.Obligations, func(one string) bool {
		return one == obligation || strings.HasPrefix(one, obligation+"-")
	})
}

// Oblige says anew what a service is held to. What it was held to before is on record.
func (c *Catalogue) Oblige(ctx context.Context, actor audit.Actor, id ids.Service, obligations []string) (Service, error) {
	wanted, faults := cleanObligations(obligations)
	if len(faults) > 0 {
		return Service{}, Malformed.New().At(faults...)
	}
	var service Service
	err := c.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		service, err = c.deps.Store.ByID(ctx, id)
		if err != nil || slices.Equal(service.Obligations, wanted) {
			return err
		}
		before := strings.Join(service.Obligations, " ")
		service.Obligations, service.ChangedAt = wanted, moment(c.deps.Now())
		if err := c.deps.Store.Change(ctx, service); err != nil {
			return err
		}
		if err := c.record(ctx, actor, "service.obligations_changed", id, map[string]string{"before": before, "after": strings.Join(wanted, " ")}); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Service, string(id))
	})
	if err != nil {
		return Service{}, fmt.Errorf("say what service %s is held to: %w", id, err)
	}
	return service, nil
}

// cleanObligations brings the words in order, each once.
func cleanObligations(given []string) ([]string, []problem.Field) {
	var words []string
	for _, text := range given {
		word := strings.ToLower(strings.TrimSpace(text))
		if checkSlug(strings.ReplaceAll(word, ".", "-")) != "" {
			return nil, []problem.Field{{Name: "obligations", Message: fmt.Sprintf("%q is not the name of an obligation; expected something like nhs-mfa, cyber-essentials-3.3 or caf-b2", text)}}
		}
		words = append(words, word)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) > mostObligations {
		return nil, []problem.Field{{Name: "obligations", Message: fmt.Sprintf("there are %d; expected at most %d", len(words), mostObligations)}}
	}
	return words, nil
}
