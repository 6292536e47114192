// Package gate stands between a draft of the policy and its being enforced: it asks
// for a fresh forecast of that very text, without anything in it that stops the draft,
// or for the word of two administrators against it.
//
//	(asked) ──approve──▶ (approved) ──enforce──▶ (used)
//	   └──────refuse────▶ (refused)
//
// A forecast counts for a day, for one text and against one version in force. What is
// worst of it, that nobody could administer Warder or open it in an emergency, is
// looked at again at the moment of enforcing.
//
// Whoever asks to go against a forecast and whoever approves it are two administrators,
// each named, and the second has just touched a key. The command line is neither.
//
// The room owns the tables policy_forecast and policy_override. It leaves to others:
// making forecasts (journey/forecast) and enforcing (access/policy/versions).
package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
)

const (
	// Fresh is how long a forecast counts.
	Fresh = 24 * time.Hour
	// Stands is how long an override may be used, from when it was asked for.
	Stands = 24 * time.Hour

	skew          = time.Minute
	freshness     = 5 * time.Minute
	shortestWords = 10
	longestWords  = 1000
)

// Draft is a policy text and what it would take the place of.
type Draft struct {
	Text    string
	Version string // what the text calls itself
	Against string // the version in force; "" when none is
	// Privileged says that it asks more of people with a role: see forecast.Facts.
	Privileged bool
}

// Hash is what a forecast is bound to: the SHA-256 of the text.
func (d Draft) Hash() string {
	sum := sha256.Sum256([]byte(d.Text))
	return hex.EncodeToString(sum[:])
}

// Kept is that a forecast was made, and how it came out. Its lists are made again
// when somebody looks at them: they would be out of date.
type Kept struct {
	ID       ids.Forecast
	Draft    string // Draft.Hash
	Version  string
	Against  string
	For      time.Time // the day it was made for
	Scope    forecast.Scope
	MadeAt   time.Time
	MadeBy   audit.Actor
	People   int
	Blockers int
	Findings string // "no_method 12, one_key 40"
}

// Good reports whether the forecast still counts.
func (k Kept) Good(now time.Time) bool {
	age := now.Sub(k.MadeAt)
	return age <= Fresh && age >= -skew
}

// Store keeps forecasts and overrides. Writes happen inside a unit of work.
type Store interface {
	// Keep adds a forecast.
	Keep(ctx context.Context, kept Kept) error
	// Latest is the newest forecast of a text against a version; false when there is none.
	Latest(ctx context.Context, draft, against string) (Kept, bool, error)
	// Ask adds an override.
	Ask(ctx context.Context, override Override) error
	// Get finds an override; problem NotFound.
	Get(ctx context.Context, id ids.Override) (Override, error)
	// Of is the newest override of a text against a version; false when there is none.
	Of(ctx context.Context, draft, against string) (Override, bool, error)
	// Move changes an override that is in state from; it reports whether it was.
	Move(ctx context.Context, override Override, from State) (bool, error)
}

// Deps is what a Gate needs.
type Deps struct {
	Store    Store
	Tx       tx.Runner
	Audit    *audit.Log
	Sessions *sessions.Book
	// Administers reports whether somebody is an administrator who may act now.
	Administers func(ctx context.Context, person ids.Person) (bool, error)
	// Recheck finds what is worst in a forecast anew: no administrator with two strong ways
	// in, no tested emergency access.
	Recheck func(ctx context.Context, draft Draft) ([]forecast.Kind, error)
	Now     func() time.Time
}

// Gate is asked before a policy is enforced. It is safe for concurrent use.
type Gate struct{ deps Deps }

// New makes a Gate.
func New(deps Deps) *Gate { return &Gate{deps: deps} }

// Keep notes that somebody made a forecast of a draft.
func (g *Gate) Keep(ctx context.Context, actor audit.Actor, draft Draft, made *forecast.Forecast) (Kept, error) {
	kept := Kept{ID: ids.New[ids.Forecast](), Draft: draft.Hash(), Version: draft.Version, Against: draft.Against, For: made.At, Scope: made.Scope,
		MadeAt: g.now(), MadeBy: actor, People: made.People, Blockers: len(made.Blockers()), Findings: inShort(made)}
	err := g.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := g.deps.Store.Keep(ctx, kept); err != nil {
			return err
		}
		return g.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "policy.forecast_made", Subject: string(kept.ID), Details: map[string]string{
			"draft": kept.Draft, "version": kept.Version, "against": kept.Against, "blockers": strconv.Itoa(kept.Blockers), "findings": kept.Findings}})
	})
	if err != nil {
		return Kept{}, fmt.Errorf("keep forecast of %s: %w", draft.Version, err)
	}
	return kept, nil
}

// inShort is the counts of a forecast, without anybody's name.
func inShort(made *forecast.Forecast) string {
	var parts []string
	for _, finding := range made.Findings {
		parts = append(parts, strings.TrimSuffix(string(finding.Kind)+" "+strconv.Itoa(len(finding.People)), " 0"))
	}
	return strings.Join(parts, ", ")
}

// Standing is what would be said if a draft were enforced now.
type Standing struct {
	Kept     *Kept     // nil when no forecast was made
	Override *Override // the newest; nil when there is none
	Now      time.Time
}

// Standing is how it stands with a draft.
func (g *Gate) Standing(ctx context.Context, draft Draft) (Standing, error) {
	standing := Standing{Now: g.deps.Now()}
	kept, found, err := g.deps.Store.Latest(ctx, draft.Hash(), draft.Against)
	if err != nil {
		return Standing{}, err
	}
	if found {
		standing.Kept = &kept
	}
	override, found, err := g.deps.Store.Of(ctx, draft.Hash(), draft.Against)
	if err != nil {
		return Standing{}, err
	}
	if found {
		standing.Override = &override
	}
	return standing, nil
}

// MayEnforce refuses a draft for which no fresh forecast was made, or whose forecast
// says that somebody would be locked out, unless two administrators have said
// otherwise; their word is used up by it. It is asked in the unit of work that
// enforces. Problems: Missing, Stale, Blocked.
func (g *Gate) MayEnforce(ctx context.Context, draft Draft) error {
	standing, err := g.Standing(ctx, draft)
	if err != nil {
		return err
	}
	kept := standing.Kept
	switch {
	case kept == nil:
		return Missing.New()
	case !kept.Good(standing.Now), kept.For.Sub(standing.Now).Abs() > Fresh+skew:
		return Stale.New() // one for another day says nothing of today
	}
	worst, err := g.deps.Recheck(ctx, draft)
	if err != nil {
		return err
	}
	if kept.Blockers == 0 && len(worst) == 0 {
		return nil
	}
	if standing.Override != nil && standing.Override.usable(standing.Now) {
		return g.use(ctx, *standing.Override)
	}
	return Blocked.Detailf("%s", because(*kept, worst))
}

// because says what stands in the way.
func because(kept Kept, worst []forecast.Kind) string {
	if len(worst) == 0 {
		return "The forecast found: " + kept.Findings + "."
	}
	var titles []string
	for _, kind := range worst {
		titles = append(titles, kind.Title())
	}
	return strings.Join(titles, ". ") + "."
}

func (g *Gate) now() time.Time { return g.deps.Now().UTC().Truncate(time.Millisecond) }

// strongly is what somebody must have proven to approve.
func strongly() assurance.Requirement {
	return assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, UserVerified: true, MaxAge: freshness}
}
