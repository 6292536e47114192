package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/exceptions"
)

type exceptionPropose struct {
	settings
	Person     []string `help:"Sign-in name of somebody it is for. May be given several times." placeholder:"PERSON"`
	Group      []string `help:"Name of a group it is for."`
	Service    string   `help:"Short name of the service. Without it: every service." placeholder:"SLUG"`
	Route      string   `help:"Id of a route of the service (rte_…). Without it: the whole service."`
	Floor      string   `required:"" help:"What is still asked: a level and more, such as aal2,user_verified,max_age=8h."`
	Reason     string   `required:"" help:"legacy_protocol, vendor_pending, key_impossible, key_supply, shared_workstation, no_port, migration or outside_partner."`
	Narrative  string   `required:"" help:"What cannot be done, and why."`
	Likelihood int      `required:"" help:"How likely harm is: 1 to 5."`
	Impact     int      `required:"" help:"How bad it would be: 1 to 5."`
	Risk       string   `required:"" help:"The risk, in words."`
	Control    []string `required:"" sep:"none" help:"What makes up for it, and how it is tested: “text | how”. May be given several times." placeholder:"TEXT|HOW"`
	Owner      string   `required:"" help:"Sign-in name of who answers for it." placeholder:"PERSON"`
	Start      string   `help:"When it begins. Default: when it is approved." placeholder:"TIME"`
	End        string   `help:"When it ends, such as 2026-12-24T18:00Z. Without an end nothing is saved." placeholder:"TIME"`
	Sunset     string   `required:"" help:"How it stops being needed: gate, upgrade, replace, retire, hardware or other."`
	Milestone  []string `sep:"none" help:"A step of that with its day: “2026-12-01 route created”. May be given several times." placeholder:"DAY TEXT"`
	Evidence   []string `help:"Address of a page, or id of evidence (evd_…)."`
	OnOverdue  string   `default:"ends" help:"What becomes of it when a review is missed: ends, or a stricter floor." placeholder:"FLOOR"`
}

func (c *exceptionPropose) written() exempt.Written {
	written := exempt.Written{People: c.Person, Groups: c.Group, Service: c.Service, Route: c.Route, Floor: c.Floor, Reason: c.Reason, Narrative: c.Narrative,
		Likelihood: c.Likelihood, Impact: c.Impact, Risk: c.Risk, Owner: c.Owner, Start: c.Start, End: c.End, Sunset: c.Sunset, Evidence: c.Evidence, OnOverdue: c.OnOverdue}
	for _, line := range c.Control {
		text, how, _ := strings.Cut(line, "|")
		written.Controls = append(written.Controls, exempt.Control{Text: strings.TrimSpace(text), How: strings.TrimSpace(how)})
	}
	for _, line := range c.Milestone {
		due, text, _ := strings.Cut(line, " ")
		written.Milestones = append(written.Milestones, exempt.Step{Due: due, Text: text})
	}
	return written
}

func (c *exceptionPropose) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		proposal, err := a.Exceptions.Proposal(w.ctx, c.written())
		if err != nil {
			return err
		}
		made, err := a.Exceptions.Propose(w.ctx, exceptions.Command(me()), proposal)
		if err != nil {
			return err
		}
		tellProposed(w, a, made)
		return nil
	})
}

func tellProposed(w *world, a *app.App, made exceptions.Exception) {
	fmt.Fprintf(w.stdout, "%s is proposed, until %s. Its risk is %s. Nothing is relaxed until it is approved at %s by: %s.\n",
		made.Name(), made.End.Format(time.RFC3339), strings.ToLower(made.Risk.Level().Label()), a.Config.Public().JoinPath("/admin/exceptions", made.Name()), lowered(made.Route().Label()))
}

type exceptionImport struct {
	settings
	File   string `arg:"" help:"A list of proposals in JSON."`
	DryRun bool   `help:"Say what would be proposed, and change nothing."`
}

func (c *exceptionImport) Run(w *world) error {
	file, err := os.Open(c.File)
	if err != nil {
		return exempt.FileMalformed.Because(err).At(fileMessage(c.File, err))
	}
	defer file.Close()
	list, err := exempt.ReadFile(c.File, file)
	if err != nil {
		return err
	}
	return c.with(w, func(a *app.App) error {
		if c.DryRun {
			for i, written := range list {
				proposal, err := a.Exceptions.Proposal(w.ctx, written)
				if err == nil {
					err = a.Exceptions.Check(w.ctx, proposal)
				}
				if err != nil {
					return placed(err, c.File, i)
				}
				fmt.Fprintf(w.stdout, "Would be proposed: %s at %s, until %s.\n", cmp.Or(strings.Join(append(written.People, written.Groups...), ", "), "everybody"), cmp.Or(written.Service, "every service"), written.End)
			}
			return nil
		}
		// All or nothing: half a list would be imported twice.
		var made []exceptions.Exception
		err := a.DB.InTx(w.ctx, func(ctx context.Context) error {
			made = nil
			for i, written := range list {
				proposal, err := a.Exceptions.Proposal(ctx, written)
				if err != nil {
					return placed(err, c.File, i)
				}
				one, err := a.Exceptions.Propose(ctx, exceptions.Command(me()), proposal)
				if err != nil {
					return placed(err, c.File, i)
				}
				made = append(made, one)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, one := range made {
			tellProposed(w, a, one)
		}
		return nil
	})
}

// placed says which proposal of a file a problem is about.
func placed(err error, file string, index int) error {
	if found, ok := problem.Of(err); ok {
		for i := range found.Fields {
			found.Fields[i].File, found.Fields[i].Name = file, fmt.Sprintf("[%d].%s", index, found.Fields[i].Name)
		}
	}
	return err
}

type exceptionShorten struct {
	settings
	Name string `arg:"" help:"Name, such as E-012, or identifier."`
	End  string `arg:"" help:"The new end, such as 2026-12-24T18:00:00Z."`
}

func (c *exceptionShorten) Run(w *world) error {
	end, err := momentOf(c.End)
	if err != nil {
		return err
	}
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		return a.Exceptions.Shorten(w.ctx, exceptions.Command(me()), e.ID, end)
	}, func(e exceptions.Exception) string { return "now ends on " + e.End.Format(time.RFC3339) + "." })
}

type exceptionRenew struct {
	settings
	Name   string `arg:"" help:"Name, such as E-012, or identifier."`
	End    string `arg:"" help:"The end that is asked for, such as 2026-12-24T18:00:00Z."`
	Reason string `required:"" help:"Why it is still needed."`
}

func (c *exceptionRenew) Run(w *world) error {
	end, err := momentOf(c.End)
	if err != nil {
		return err
	}
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		return a.Exceptions.Renew(w.ctx, exceptions.Command(me()), e.ID, end, c.Reason)
	}, func(e exceptions.Exception) string {
		return fmt.Sprintf("waits for its renewal to be approved by: %s. Until then it ends on %s as before.", lowered(e.Route().Label()), e.End.Format(time.RFC3339))
	})
}

func momentOf(text string) (time.Time, error) {
	at, ok := exempt.Moment(text)
	if !ok {
		return time.Time{}, badTime.New().At(problem.Field{Name: "end", Message: text + " is not a moment: write 2026-12-24T18:00Z, or a day"})
	}
	return at, nil
}
