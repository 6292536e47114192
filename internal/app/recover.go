package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglassdb"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// Recovery is what warder recover is asked for.
type Recovery struct {
	Operator string // the user of the operating system
	UserName string
	Name     string // of somebody new
	Reason   string
	Life     time.Duration // of the link
}

// usesMigration is the step from which uses of the emergency access are kept.
const usesMigration = "20261124060000_breakglass_use.sql"

// The problems of a recovery.
var (
	recoverReason = problem.Define(problem.Invalid, "recover.reason_missing",
		"A recovery on the host needs a reason.",
		"Give one of 10 to 1,000 characters with --reason. It is kept in the audit record.")
	recoverOld = problem.Define(problem.Unavailable, "recover.schema_too_old",
		"The database is older than this program, and lacks something that a recovery needs. Nothing was changed.",
		"Use the program that the database was made with, or back the database up and start the server of this version once: it brings the database up to date.")
	recoverPerson = problem.Define(problem.Conflict, "recover.not_for_them",
		"This person cannot be made an administrator: they are suspended, have left, or are not somebody who signs in.",
		"Give the user name of somebody who works here, or a new one.")
)

// Recover makes somebody an administrator and makes the one-time link for their key,
// whatever else is wrong: it needs no server, reads no policy, and migrates nothing.
// The audit record, everybody who administers Warder, and the page for emergency
// access say that it was done.
func (a *App) Recover(ctx context.Context, ask Recovery) (link string, err error) {
	ask.Reason = strings.TrimSpace(ask.Reason)
	if len(ask.Reason) < 10 || len(ask.Reason) > 1000 {
		return "", recoverReason.New()
	}
	pending, err := a.DB.Pending(ctx)
	if err != nil {
		return "", err
	}
	keepsUses := true
	for _, step := range pending {
		keepsUses = keepsUses && step != usesMigration
	}
	err = a.DB.InTx(ctx, func(ctx context.Context) error {
		actor := audit.Command(ask.Operator)
		person, err := a.recovered(ctx, actor, ask)
		if err != nil {
			return err
		}
		event := audit.Event{Actor: actor, Action: "recover.used", Subject: string(person.ID), Details: map[string]string{"reason": ask.Reason, "operator": ask.Operator}}
		if err := a.Audit.Record(ctx, event); err != nil {
			return err
		}
		// Not by way of access/recovery, which helps somebody who had a key only with a
		// case: nobody is left who could approve one.
		token, err := a.Invitations.Invite(ctx, actor, person.ID, ask.Life)
		if err != nil {
			return err
		}
		if link = a.enrolAddress(token.Reveal()); !keepsUses {
			return nil
		}
		now := a.Now().UTC().Truncate(time.Millisecond)
		return breakglassdb.New(a.DB).Add(ctx, breakglass.Use{ID: ids.New[ids.Use](), Purpose: breakglass.Recovery, State: breakglass.Closed, Reason: ask.Reason,
			First: breakglass.Touch{Person: person.ID, Holder: ask.Operator}, BegunAt: now, OpenedAt: now, EndedAt: now, Ending: breakglass.Recovered})
	})
	if _, known := problem.Of(err); err != nil && !known && len(pending) > 0 {
		return "", recoverOld.Because(err)
	}
	if err != nil {
		return "", fmt.Errorf("recover: %w", err)
	}
	return link, nil
}

// recovered is the person, found or added, as an administrator.
func (a *App) recovered(ctx context.Context, actor audit.Actor, ask Recovery) (people.Person, error) {
	person, err := a.People.ByUserName(ctx, ask.UserName)
	if problem.Is(err, people.NotFound) {
		name := ask.Name
		if name == "" {
			name = ask.UserName
		}
		person, err = a.People.Add(ctx, actor, people.NewPerson{UserName: ask.UserName, Name: name, Kind: people.KindPerson})
	}
	if err != nil {
		return people.Person{}, err
	}
	if !person.MaySignIn(a.Now()) {
		return people.Person{}, recoverPerson.New()
	}
	return person, a.Roles.Appoint(ctx, actor, person.ID)
}
