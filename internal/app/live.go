package app

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/app/post"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/jobs"
	"github.com/warder-project/warder/internal/base/jobs/jobsdb"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/doors/gateway"
)

// goLive fills the live view and keeps it true: changes of this process are
// applied before their commit returns, those of other processes as the database
// tells of them. What stays open through the gateway is asked about again.
func (a *App) goLive(ctx context.Context, gate *gateway.Gateway) error {
	a.DB.OnCommit(a.apply(gate))
	a.Risk.Sure(ctx) // until that has succeeded, each request reads the store
	return a.View.Load(ctx)
}

// apply tells the view of changes, and asks again about what is open.
func (a *App) apply(gate *gateway.Gateway) func(context.Context, []tx.Change) {
	return func(ctx context.Context, changes []tx.Change) {
		a.View.Apply(ctx, changes)
		a.Risk.Apply(ctx, changes)
		if gate != nil {
			gate.Recheck(ctx)
		}
	}
}

// loops is everything that runs beside the listeners until ctx ends. Each
// function returns when ctx has ended.
func (a *App) loops(gate *gateway.Gateway) []func(ctx context.Context) error {
	second := func(run func(ctx context.Context, ticks <-chan time.Time)) func(context.Context) error {
		return func(ctx context.Context) error {
			ticker := time.NewTicker(time.Second)
			defer ticker.Stop()
			run(ctx, ticker.C)
			return nil
		}
	}
	schedule := jobs.New(jobs.Deps{Store: jobsdb.New(a.DB), Node: a.DB.Node(), Now: a.Now, Log: a.Log, Board: a.Health})
	loops := []func(ctx context.Context) error{
		second(a.Decisions.Run),
		second(a.View.Keep),
		func(ctx context.Context) error {
			return a.DB.Follow(ctx, db.Follower{Apply: a.apply(gate), Doubt: a.View.Doubt, Sure: func(ctx context.Context) { a.Risk.Sure(ctx); a.View.Sure(ctx) }})
		},
	}
	for _, job := range []struct {
		name  string
		every time.Duration
		work  func(ctx context.Context) error
	}{
		{"audit.seal", time.Second, func(ctx context.Context) error { _, err := a.Audit.SealPending(ctx); return err }},
		{"signin.purge", 10 * time.Minute, func(ctx context.Context) error { _, err := a.SignIn.Purge(ctx); return err }},
		{"invitations.purge", time.Hour, func(ctx context.Context) error { _, err := a.Invitations.Purge(ctx); return err }},
		{"throttle.prune", 10 * time.Minute, func(ctx context.Context) error { _, err := a.Throttle.Prune(ctx); return err }},
		{"stepup.sweep", time.Minute, func(ctx context.Context) error { _, err := a.StepUps.Sweep(ctx); return err }},
		{"recovery.sweep", time.Minute, a.Recovery.Sweep},
		{"exceptions.sweep", time.Minute, a.Oversight.Turn},
		{"helpdesk.forget", time.Hour, a.Helpdesk.Forget},
		{"risk.forget", 6 * time.Hour, a.Risk.Forget},
		{"sessions.end_expired", time.Minute, func(ctx context.Context) error { _, err := a.Sessions.EndExpired(ctx); return err }},
		{"recall.enforce", time.Hour, func(ctx context.Context) error { _, err := a.Recall.Enforce(ctx); return err }},
		{"retirement.finish", time.Hour, func(ctx context.Context) error { _, err := a.Retirement.Finish(ctx); return err }},
		{"uses.count", 5 * time.Minute, a.Lockout.CountUses},
		{"breakglass.sweep", 5 * time.Second, a.BreakGlass.Sweep},
		{"decision.forget", time.Hour, func(ctx context.Context) error { _, err := a.Decisions.Forget(ctx); return err }},
		{"mail.deliver", 5 * time.Second, a.deliverMail},
		{"trials.forget", time.Hour, a.Trials.Forget},
		{"db.prune_changes", 10 * time.Minute, a.DB.PruneLive},
	} {
		loops = append(loops, func(ctx context.Context) error { return schedule.Run(ctx, job.name, job.every, job.work) })
	}
	loops = append(loops, second(a.Alarm.Watch))
	return append(loops, second(func(ctx context.Context, ticks <-chan time.Time) { a.ownRounds(ctx, ticks, gate) }))
}

// metadataEvery is how many seconds lie between two looks at the FIDO metadata.
const metadataEvery = 10

// ownRounds does on every node what is about this node alone: signing keys are
// loaded anew, open connections are asked about for sessions that time out, and
// what was refused here is summed up.
func (a *App) ownRounds(ctx context.Context, ticks <-chan time.Time, gate *gateway.Gateway) {
	a.watchMetadata(ctx)
	for count := 1; ; count++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		if count%metadataEvery == 0 {
			a.watchMetadata(ctx)
		}
		if count%10 == 1 {
			a.Lockout.Watch(ctx, a.Health, a.Log)
			exempt.Watch(ctx, a.Exceptions, a.Health, a.Log)
			a.Risk.Look(ctx)
			post.Watch(ctx, a.Config, a.Post, a.Health, a.Log)
		}
		if gate != nil && count%10 == 0 {
			gate.Recheck(ctx)
		}
		if count%600 == 0 {
			if err := a.Throttle.Report(ctx); err != nil {
				a.Log.Error("refused guesses could not be told of", "error", err)
			}
		}
		if count%60 == 0 {
			if err := a.Helpdesk.Watch(ctx); err != nil {
				a.Log.Error("the service desk could not be watched", "error", err)
			}
		}
		if count%3600 == 0 {
			if err := a.Keyset.Ensure(ctx); err != nil {
				a.Log.Error("signing keys could not be loaded", "error", err)
			}
		}
	}
}

// deliverMail takes messages to the mail server, where there is one.
func (a *App) deliverMail(ctx context.Context) error {
	if !a.Config.SendsMail() {
		return nil
	}
	return a.Post.Round(ctx)
}

// databaseTrouble is told when the database cannot take changes, and with nil
// when it can again.
func (a *App) databaseTrouble(found *problem.Error) {
	if found == nil {
		a.Health.Clear("database.trouble")
		return
	}
	a.Health.Set(health.Condition{Code: "database.trouble", Severity: health.Failing, Cause: found.Sentence + " (" + found.Code + ")", Next: found.Next})
}

func (a *App) deskHeldBack(on bool) {
	if !on {
		a.Health.Clear("desk.held_back")
		return
	}
	a.Health.Set(health.Condition{Code: "desk.held_back", Severity: health.Warning,
		Cause: "In the last day somebody at the service desk looked up more people, or opened more recovery cases, than one person may. They were refused.",
		Next:  "Read who it was in the audit record (desk.held_back) and speak to them. If their session may be in foreign hands, end it. This clears by itself after a day."})
}

func (a *App) viewChanged(doubt bool, reason string) {
	if !doubt {
		a.Health.Clear("view.in_doubt")
		return
	}
	a.Health.Set(health.Condition{Code: "view.in_doubt", Severity: health.Warning,
		Cause: "Changes made by other nodes may not be heard: " + reason + ". Every request is read from the database until they are.",
		Next:  "Check that the database answers. This clears by itself."})
}

func (a *App) recordingChanged(failing bool) {
	if !failing {
		a.Health.Clear("decision.not_recorded")
		return
	}
	a.Health.Set(health.Condition{Code: "decision.not_recorded", Severity: health.Failing,
		Cause: "Decisions cannot be written to the database. When no more can be held in memory, requests are refused.",
		Next:  "Free disk space or bring the database back. This clears by itself."})
}
