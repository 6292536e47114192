package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/keys"
)

type passCommand struct {
	Issue passIssue `cmd:"" help:"Print a pass with which a person registers a key: for a first key, or when their recovery case is ready."`
}

type passIssue struct {
	settings
	UserName string        `arg:"" help:"Sign-in name."`
	Reason   string        `required:"" help:"Why, for the record."`
	For      time.Duration `default:"60m" help:"How long it works: 5 to 60 minutes."`
	Starts   string        `help:"When it begins to work, such as 2026-11-24T09:00:00Z." placeholder:"TIME"`
}

func (c *passIssue) Run(w *world) error {
	wanted := recovery.Wanted{Life: c.For, Reason: c.Reason}
	if c.Starts != "" {
		starts, err := time.Parse(time.RFC3339, c.Starts)
		if err != nil {
			return badTime.Because(err).At(problem.Field{Name: "starts", Message: c.Starts + " is not a moment"})
		}
		wanted.Starts = starts
	}
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		pass, err := a.Recovery.Issue(w.ctx, recovery.Command(me()), person.ID, wanted)
		if err != nil {
			return err
		}
		tellPass(w, a, person.UserName, pass)
		return nil
	})
}

func tellPass(w *world, a *app.App, userName string, pass invitations.Pass) {
	fmt.Fprintf(w.stdout, "Tell this pass to %s and to nobody else. It works once, from %s until %s, with their user name, and only to register a key, at %s:\n%s\n",
		userName, pass.StartsAt.Format("2 January 2006 at 15:04"), pass.ExpiresAt.Format("15:04 UTC"), a.Config.Public().JoinPath("/pass"), pass.Code.Reveal())
}

type recoveryCommand struct {
	List     recoveryList     `cmd:"" help:"List recovery cases, newest first."`
	Show     recoveryShow     `cmd:"" help:"Show one case."`
	Open     recoveryOpen     `cmd:"" help:"Open a case for somebody who cannot sign in, and record how they were identified."`
	Withdraw recoveryWithdraw `cmd:"" help:"End a case that is not needed, or not right. What was issued for it stops working."`
}

type recoveryList struct {
	settings
	All bool `help:"Also those that are over."`
}

func (c *recoveryList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.Recovery.List(w.ctx, recovery.Filter{Open: !c.All, Limit: 500})
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "ID", "PERSON", "STATE", "OPENED", "EXPIRES", "APPROVALS MISSING")
		for _, one := range found {
			person, err := a.People.Get(w.ctx, one.Person)
			if err != nil {
				return err
			}
			table.row(string(one.ID), person.UserName, string(one.State), one.OpenedAt.Format(time.RFC3339), one.ExpiresAt.Format(time.RFC3339), fmt.Sprint(one.Missing()))
		}
		return table.flush()
	})
}

type recoveryShow struct {
	settings
	Case string `arg:"" help:"Identifier of the case, or the sign-in name of a person with an open one."`
}

func (c *recoveryShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := caseOf(w, a, c.Case)
		if err != nil {
			return err
		}
		person, err := a.People.Get(w.ctx, found.Person)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s\n", found.ID)
		lines := [][2]string{
			{"person", person.UserName}, {"state", string(found.State)}, {"why", string(found.Why)}, {"opened", found.OpenedAt.Format(time.RFC3339)},
			{"opened by", string(found.Opener.Kind) + " " + found.Opener.ID}, {"identity", found.Method.Label()}, {"seen", found.Note},
			{"expires", found.ExpiresAt.Format(time.RFC3339)},
		}
		if found.Privileged {
			lines = append(lines, [2]string{"holds a role", "yes: two approvers and a cooling-off"})
		}
		for _, approval := range found.Approvals {
			lines = append(lines, [2]string{"approved", approval.At.Format(time.RFC3339) + " by " + string(approval.By)})
		}
		if !found.CoolsUntil.IsZero() {
			lines = append(lines, [2]string{"cools until", found.CoolsUntil.Format(time.RFC3339)})
		}
		if found.Ending != "" {
			lines = append(lines, [2]string{"ended", found.Ending})
		}
		for _, line := range lines {
			fmt.Fprintf(w.stdout, "  %-12s %s\n", line[0], line[1])
		}
		return nil
	})
}

// caseOf finds a case by its identifier or its person.
func caseOf(w *world, a *app.App, text string) (recovery.Case, error) {
	if id, err := ids.Parse[ids.Recovery](text); err == nil {
		return a.Recovery.Get(w.ctx, id)
	}
	person, err := a.People.ByUserName(w.ctx, text)
	if err != nil {
		return recovery.Case{}, err
	}
	found, ok, err := a.Recovery.OpenOf(w.ctx, person.ID)
	if err == nil && !ok {
		err = recovery.NotFound.New()
	}
	return found, err
}

type recoveryOpen struct {
	settings
	UserName string   `arg:"" help:"Sign-in name."`
	Why      string   `required:"" enum:"lost_all,broken,forgotten,new_device,first_key" help:"lost_all, broken, forgotten, new_device or first_key."`
	Method   string   `required:"" enum:"in_person,video,line_manager,colleague" help:"How you know who they are: in_person, video, line_manager or colleague. The line manager is asked on a page; a colleague approves on one."`
	Note     string   `required:"" help:"What you checked, without numbers of documents."`
	Lost     []string `help:"Identifiers of keys that are lost; they are blocked at once." placeholder:"KEY"`
	Stolen   []string `help:"Identifiers of keys that were stolen." placeholder:"KEY"`
}

func (c *recoveryOpen) Run(w *world) error {
	said := recovery.Opening{Why: recovery.Why(c.Why)}
	for _, list := range []struct {
		keys []string
		how  keys.Reason
	}{{c.Lost, keys.Lost}, {c.Stolen, keys.Stolen}} {
		for _, text := range list.keys {
			id, err := ids.Parse[ids.Key](strings.TrimSpace(text))
			if err != nil {
				return keys.NotFound.Because(err)
			}
			said.Lost = append(said.Lost, recovery.Loss{Key: id, How: list.how})
		}
	}
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		said.Person = person.ID
		by := recovery.Command(me())
		var opened recovery.Case
		err = a.DB.InTx(w.ctx, func(ctx context.Context) error {
			if opened, err = a.Recovery.Open(ctx, by, said); err != nil {
				return err
			}
			opened, err = a.Recovery.Check(ctx, by, opened.ID, recovery.Identity{Method: recovery.Method(c.Method), Note: c.Note})
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Opened %s for %s: %s.\n", opened.ID, person.UserName, opened.State.Label())
		if opened.Privileged {
			fmt.Fprintln(w.stdout, "They hold a role, so two people must approve it on the pages, and it then cools off for four hours. No command goes around that.")
		}
		return nil
	})
}

type recoveryWithdraw struct {
	settings
	Case   string `arg:"" help:"Identifier of the case, or the sign-in name of a person with an open one."`
	Reason string `required:"" help:"Why, for the record."`
}

func (c *recoveryWithdraw) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := caseOf(w, a, c.Case)
		if err != nil {
			return err
		}
		if _, err := a.Recovery.Withdraw(w.ctx, recovery.Command(me()), found.ID, c.Reason); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is withdrawn. Nothing that was issued for it works any more.\n", found.ID)
		return nil
	})
}
