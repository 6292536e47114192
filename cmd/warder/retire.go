package main

import (
	"fmt"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/registry/assurance"
)

type retireCommand struct {
	settings
	Method string `arg:"" help:"password, totp or recovery_code."`
	Plan   bool   `help:"Say what it means for whom, and change nothing." xor:"what" required:""`
	Apply  bool   `help:"Disable it for those who are ready, and for nobody else." xor:"what" required:""`
	Undo   string `help:"Give it back to this person (sign-in name). Not by whoever disabled it." xor:"what" required:"" placeholder:"PERSON"`
	Days   int    `default:"14" help:"With --apply: days until it is removed for good."`
	Reason string `help:"With --undo: why; it goes into the audit record."`
}

func (c *retireCommand) Run(w *world) error {
	method := assurance.ParseMethod(c.Method)
	return c.with(w, func(a *app.App) error {
		switch {
		case c.Apply:
			return c.apply(w, a, method)
		case c.Undo != "":
			return c.undo(w, a, method)
		}
		return c.plan(w, a, method)
	})
}

func (c *retireCommand) plan(w *world, a *app.App, method assurance.Method) error {
	plan, err := a.Retirement.Plan(w.ctx, method)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s: held by %d, of whom %d could go without it now.\n", method, len(plan.Items), plan.Ready())
	if plan.Accepted {
		fmt.Fprintln(w.stdout, "The policy accepts it, so people can set it up again. Give it a last day there, under methods.")
	}
	for _, class := range retirement.Classes() {
		items := plan.Of(class)
		fmt.Fprintf(w.stdout, "\n%s: %d\n", class.Label(), len(items))
		for _, item := range items {
			fmt.Fprintf(w.stdout, "  %s (%s)\n", item.Account.Person.UserName, item.Account.Person.Name)
			for i, step := range item.Steps {
				mark := " "
				if step.Done {
					mark = "x"
				}
				fmt.Fprintf(w.stdout, "    %d. [%s] %s\n", i+1, mark, step.Text)
			}
		}
	}
	return nil
}

func (c *retireCommand) apply(w *world, a *app.App, method assurance.Method) error {
	outcome, err := a.Retirement.Apply(w.ctx, me(), method, c.Days)
	for _, retired := range outcome.Disabled {
		person, err := a.People.Get(w.ctx, retired.Person)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Disabled for %s until %s, when it is removed for good.\n", person.UserName, retired.Until.Format("2 January 2006 at 15:04"))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Disabled: %d. Not ready, and left alone: %d.\n", len(outcome.Disabled), outcome.Waiting)
	return nil
}

var nothingToUndo = problem.Define(problem.NotFound, "usage.nothing_to_undo", "Nothing of this person can be given back.",
	"It was never disabled, was given back, or has been removed for good.")

func (c *retireCommand) undo(w *world, a *app.App, method assurance.Method) error {
	person, err := a.People.ByUserName(w.ctx, c.Undo)
	if err != nil {
		return err
	}
	done, err := a.Retirement.List(w.ctx, method, person.ID)
	if err != nil {
		return err
	}
	given := 0
	for _, retired := range done {
		if retired.State != retirement.Disabled {
			continue
		}
		if _, err := a.Retirement.Undo(w.ctx, me(), retired.ID, c.Reason); err != nil {
			return err
		}
		given++
	}
	if given == 0 {
		return nothingToUndo.New()
	}
	fmt.Fprintf(w.stdout, "Given back to %s: %d.\n", person.UserName, given)
	return nil
}
