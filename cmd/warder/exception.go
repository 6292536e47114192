package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/exceptions/sunset"
)

type exceptionCommand struct {
	List     exceptionList     `cmd:"" help:"List exceptions that are in force or wait for approval, the latest first."`
	Show     exceptionShow     `cmd:"" help:"Show one exception, and by whom and from where it was used."`
	Findings exceptionFindings `cmd:"" help:"Say what is wrong with exceptions: owners who are gone, controls that fail. Exit code 1 when something is."`
	Propose  exceptionPropose  `cmd:"" help:"Propose an exception. Nothing is relaxed until somebody else approves it on its page."`
	Import   exceptionImport   `cmd:"" help:"Propose all exceptions of a file."`
	Approve  exceptionApprove  `cmd:"" help:"Say who may approve an exception, and where. A command cannot: it has no key."`
	Refuse   exceptionRefuse   `cmd:"" help:"Refuse a proposal, or the renewal that is asked for."`
	End      exceptionEnd      `cmd:"" help:"End an exception at once, or withdraw a proposal."`
	Shorten  exceptionShorten  `cmd:"" help:"Bring the end of an exception forward."`
	Renew    exceptionRenew    `cmd:"" help:"Ask for a later end. Until it is approved, the end stays."`
	Reassign exceptionReassign `cmd:"" help:"Give an exception another owner."`
	Board    exceptionBoard    `cmd:"" help:"Print all exceptions on one page, for the board: what they amount to, what slips, what is overdue."`
	Test     exceptionTest     `cmd:"" help:"Record what a test of a control has shown."`
}

type exceptionList struct {
	settings
	All bool `help:"Also those that are over."`
}

func (c *exceptionList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.Exceptions.List(w.ctx, exceptions.Filter{})
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "NAME", "STATE", "FOR", "AT", "FLOOR", "RISK", "OWNER", "ENDS")
		for _, one := range found {
			if !c.All && (one.State.Over() || !one.End.After(w.now())) {
				continue
			}
			whom, where, err := subjectWords(w.ctx, a, one.Subject)
			if err != nil {
				return err
			}
			owner, err := a.People.Get(w.ctx, one.Owner)
			if err != nil {
				return err
			}
			table.row(one.Name(), stateNow(one, w.now()), whom, where, one.Floor.String(), strings.ToLower(one.Risk.Level().Label()), owner.UserName, one.End.Format(time.RFC3339))
		}
		return table.flush()
	})
}

// lowered is a label within a sentence.
func lowered(label string) string { return strings.ToLower(label[:1]) + label[1:] }

// stateNow is the state, and whether an approved one is in force.
func stateNow(e exceptions.Exception, now time.Time) string {
	switch {
	case e.State != exceptions.Approved:
		return string(e.State)
	case e.InForce(now) && e.Renewal.Asked():
		return "in force, renewal asked"
	case e.InForce(now):
		return "in force"
	case now.Before(e.Start):
		return "approved, not begun"
	}
	return string(exceptions.Expired)
}

// subjectWords says whom and where an exception is for.
func subjectWords(ctx context.Context, a *app.App, subject exceptions.Subject) (whom, where string, err error) {
	var names []string
	for _, id := range subject.People {
		person, err := a.People.Get(ctx, id)
		if err != nil {
			return "", "", err
		}
		names = append(names, person.UserName)
	}
	for _, name := range subject.Groups {
		names = append(names, "group "+name)
	}
	where = "every service"
	if subject.Service != "" {
		service, err := a.Services.Get(ctx, subject.Service)
		if err != nil {
			return "", "", err
		}
		where = service.Slug
		for _, route := range service.Routes {
			if route.ID == subject.Route {
				where += " (" + route.Host + route.PathPrefix + ")"
			}
		}
	}
	return cmp.Or(strings.Join(names, ", "), "everybody"), where, nil
}

type exceptionShow struct {
	settings
	Name string `arg:"" help:"Name, such as E-012, or identifier."`
	Uses int    `default:"20" help:"How many of its latest uses are listed."`
}

func (c *exceptionShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.Exceptions.Named(w.ctx, c.Name)
		if err != nil {
			return err
		}
		if err := c.describe(w, a, found); err != nil {
			return err
		}
		uses, err := a.Exceptions.Uses(w.ctx, found.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "\nUsed in %d decisions.\n", len(uses))
		if len(uses) == 0 {
			return nil
		}
		table := newTable(w.stdout, "AT", "PERSON", "FROM", "REQUESTS", "DECISION")
		for _, use := range uses[:min(len(uses), max(c.Uses, 0))] {
			person, err := a.People.Get(w.ctx, use.Person)
			if err != nil {
				return err
			}
			table.row(use.At.UTC().Format(time.RFC3339), person.UserName, use.IP.String(), fmt.Sprint(len(use.Requests)), string(use.ID))
		}
		return table.flush()
	})
}

func (c *exceptionShow) describe(w *world, a *app.App, e exceptions.Exception) error {
	whom, where, err := subjectWords(w.ctx, a, e.Subject)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s (%s)\n", e.Name(), e.ID)
	lines := [][2]string{
		{"state", stateNow(e, w.now())}, {"for", whom}, {"at", where}, {"floor", e.Floor.String()}, {"reason", e.Reason.Sentence()}, {"told", e.Narrative},
		{"risk", fmt.Sprintf("%s: %d × %d = %d. %s", e.Risk.Level().Label(), e.Risk.Likelihood, e.Risk.Impact, e.Risk.Score(), e.Risk.Narrative)},
		{"starts", e.Start.Format(time.RFC3339)}, {"ends", e.End.Format(time.RFC3339)}, {"way out", e.Sunset.Path.Label()},
	}
	for _, step := range e.Sunset.Milestones {
		lines = append(lines, [2]string{"step", step.Due.Format(time.DateOnly) + " " + step.Text})
	}
	for i, control := range e.Controls {
		tested := "never tested"
		if !control.TestedAt.IsZero() {
			tested = strings.ToLower(control.Result.Label()) + ", " + control.TestedAt.Format(time.DateOnly)
		}
		lines = append(lines, [2]string{"control " + fmt.Sprint(i+1), fmt.Sprintf("%s (%s; test: %s)", control.Text, tested, control.How)})
	}
	for _, review := range e.Reviews {
		lines = append(lines, [2]string{"review", review.Format(time.DateOnly)})
	}
	for _, one := range []struct {
		name   string
		person ids.Person
	}{{"owner", e.Owner}, {"approved by", e.ApprovedBy}} {
		if one.person == "" {
			continue
		}
		found, err := a.People.Get(w.ctx, one.person)
		if err != nil {
			return err
		}
		lines = append(lines, [2]string{one.name, found.UserName})
	}
	if e.Renewals > 0 {
		lines = append(lines, [2]string{"renewed", fmt.Sprintf("%d times", e.Renewals)})
	}
	if e.Renewal.Asked() {
		lines = append(lines, [2]string{"asked", "to end on " + e.Renewal.End.Format(time.RFC3339) + ": " + e.Renewal.Reason})
	}
	if e.Ending != "" {
		lines = append(lines, [2]string{"ended", e.Ending})
	}
	for _, line := range lines {
		fmt.Fprintf(w.stdout, "  %-12s %s\n", line[0], line[1])
	}
	return nil
}

type exceptionFindings struct{ settings }

func (c *exceptionFindings) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.Exceptions.Findings(w.ctx)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			fmt.Fprintln(w.stdout, "Nothing is wrong with the exceptions that are approved.")
			return nil
		}
		for _, finding := range found {
			fmt.Fprintf(w.stdout, "%s  %s\n", finding.Exception.Name(), finding.Kind.Sentence())
		}
		return exitFindings
	})
}

type exceptionApprove struct {
	settings
	Name string `arg:"" help:"Name, such as E-012, or identifier."`
}

func (c *exceptionApprove) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		found, err := a.Exceptions.Named(w.ctx, c.Name)
		if err != nil {
			return err
		}
		return exceptions.NeedsKey.Detailf("Who may: %s, and neither its owner nor anybody it is for. Where: %s.", lowered(found.Route().Label()),
			a.Config.Public().JoinPath("/admin/exceptions", found.Name()))
	})
}

// exceptionDeed is what the commands that change one exception share.
func exceptionDeed(w *world, s settings, name string, deed func(a *app.App, e exceptions.Exception) (exceptions.Exception, error), said func(e exceptions.Exception) string) error {
	return s.with(w, func(a *app.App) error {
		found, err := a.Exceptions.Named(w.ctx, name)
		if err != nil {
			return err
		}
		after, err := deed(a, found)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s %s\n", after.Name(), said(after))
		return nil
	})
}

type exceptionRefuse struct {
	settings
	Name   string `arg:"" help:"Name, such as E-012, or identifier."`
	Reason string `required:"" help:"Why, for the record."`
}

func (c *exceptionRefuse) Run(w *world) error {
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		if e.Renewal.Asked() {
			return a.Exceptions.RefuseRenewal(w.ctx, exceptions.Command(me()), e.ID)
		}
		return a.Exceptions.Refuse(w.ctx, exceptions.Command(me()), e.ID, c.Reason)
	}, func(e exceptions.Exception) string {
		if e.State == exceptions.Refused {
			return "is refused. Nothing is relaxed."
		}
		return "is not renewed. It ends on " + e.End.Format(time.RFC3339) + "."
	})
}

type exceptionEnd struct {
	settings
	Name   string `arg:"" help:"Name, such as E-012, or identifier."`
	Reason string `required:"" help:"Why, for the record."`
}

func (c *exceptionEnd) Run(w *world) error {
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		if e.State == exceptions.Proposed {
			return a.Exceptions.Withdraw(w.ctx, exceptions.Command(me()), e.ID, c.Reason)
		}
		return a.Exceptions.EndNow(w.ctx, exceptions.Command(me()), e.ID, c.Reason)
	}, func(e exceptions.Exception) string {
		if e.State == exceptions.Withdrawn {
			return "is withdrawn. It never relaxed anything."
		}
		return "is over. The next request is asked for what the policy asks of everybody."
	})
}

type exceptionReassign struct {
	settings
	Name  string `arg:"" help:"Name, such as E-012, or identifier."`
	Owner string `required:"" help:"Sign-in name of the new owner, who has not approved it." placeholder:"PERSON"`
}

func (c *exceptionReassign) Run(w *world) error {
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		owner, err := a.People.ByUserName(w.ctx, c.Owner)
		if err != nil {
			return exceptions.Exception{}, err
		}
		return a.Exceptions.Reassign(w.ctx, exceptions.Command(me()), e.ID, owner.ID)
	}, func(exceptions.Exception) string { return "is now owned by " + c.Owner + "." })
}

type exceptionTest struct {
	settings
	Name    string `arg:"" help:"Name, such as E-012, or identifier."`
	Control int    `arg:"" help:"Number of the control, as show says."`
	Result  string `required:"" enum:"works,fails" help:"works or fails."`
	Note    string `help:"What was seen."`
}

func (c *exceptionTest) Run(w *world) error {
	return exceptionDeed(w, c.settings, c.Name, func(a *app.App, e exceptions.Exception) (exceptions.Exception, error) {
		return a.Exceptions.Test(w.ctx, exceptions.Command(me()), e.ID, c.Control, exceptions.Result(c.Result), c.Note)
	}, func(exceptions.Exception) string {
		return fmt.Sprintf("has its test of control %d recorded: %s.", c.Control, c.Result)
	})
}

type exceptionBoard struct{ settings }

// Run prints all exceptions on one page, as /admin/exceptions/board does.
func (c *exceptionBoard) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		summary, err := a.Oversight.Board.Summary(w.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Exceptions from the sign-in policy, %s\n\n", summary.At.Format("2 January 2006 15:04 UTC"))
		for _, fact := range summary.Facts() {
			fmt.Fprintf(w.stdout, "%-46s %s\n", fact.Name, fact.Value)
		}
		fmt.Fprintln(w.stdout)
		table := newTable(w.stdout, "NAME", "STATE", "PEOPLE", "RISK", "ENDS", "RENEWED", "SLIPPED", "DEBT", "WHY", "WAY OUT")
		for _, line := range summary.Lines {
			e := line.Exception
			behind := 0
			for _, step := range line.Slipped {
				behind = max(behind, sunset.Late(step, summary.At))
			}
			slipped := "no"
			if len(line.Slipped) > 0 {
				slipped = strconv.Itoa(behind) + " days"
			}
			table.row(e.Name(), stateNow(e, w.now()), strconv.Itoa(line.People), e.Risk.Level().Label(), e.End.Format(time.DateOnly), strconv.Itoa(e.Renewals), slipped,
				strconv.Itoa(line.Debt), string(e.Reason), e.Sunset.Path.Label())
		}
		return table.flush()
	})
}
