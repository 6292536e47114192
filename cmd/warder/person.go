package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/registry/people"
)

type personCommand struct {
	Add     personAdd           `cmd:"" help:"Add one person."`
	List    personList          `cmd:"" help:"List people."`
	Show    personShow          `cmd:"" help:"Show one person with groups, roles and keys."`
	Methods personMethods       `cmd:"" help:"How people sign in: by the best they have, or whose access hangs from a single key."`
	Import  personImport        `cmd:"" help:"Import people from a CSV file: all or nothing."`
	Absent  personLeaveCalendar `cmd:"" name:"leave-calendar" help:"Take from HR who is on leave when: whoever the file does not name is at work."`
	Invite  personInvite        `cmd:"" help:"Print a one-time link with which a person registers a key."`
	Role    personRole          `cmd:"" help:"Grant or revoke an administrative role."`
	Tries   personTries         `cmd:"" help:"Show what wrong passwords and codes hold a person back, and lift it."`

	Suspend   personSuspend   `cmd:"" help:"Stop a person from signing in, and end their sessions, until they are reinstated."`
	Reinstate personReinstate `cmd:"" help:"Let a suspended person sign in again."`
	Leave     personLeave     `cmd:"" help:"Record that a person leaves: nothing of theirs works any more, now or after a last working day."`
	SignOut   personSignOut   `cmd:"" help:"End all sessions of a person. They can sign in again."`
}

type personAdd struct {
	settings
	UserName   string `arg:"" help:"Sign-in name, such as amira.khan."`
	Name       string `required:"" help:"Full name."`
	Email      string `help:"E-mail address."`
	EmployeeID string `help:"Number in the HR system."`
	Department string `help:"Department."`
	JobTitle   string `help:"Job title."`
	Kind       string `default:"person" help:"person, guest, shared, service or break_glass."`
	Manager    string `help:"Sign-in name of the line manager."`
	Starts     string `help:"First day, YYYY-MM-DD." placeholder:"DATE"`
	Ends       string `help:"Last day, YYYY-MM-DD." placeholder:"DATE"`
}

func (c *personAdd) Run(w *world) error {
	wanted := people.NewPerson{UserName: c.UserName, Name: c.Name, Email: c.Email, EmployeeID: c.EmployeeID,
		Department: c.Department, JobTitle: c.JobTitle, Kind: people.Kind(c.Kind)}
	var err error
	if wanted.Starts, err = day("starts", c.Starts); err != nil {
		return err
	}
	if wanted.Ends, err = day("ends", c.Ends); err != nil {
		return err
	}
	return c.with(w, func(a *app.App) error {
		if c.Manager != "" {
			manager, err := a.People.ByUserName(w.ctx, c.Manager)
			if err != nil {
				return err
			}
			wanted.Manager = manager.ID
		}
		added, err := a.People.Add(w.ctx, me(), wanted)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Added %s (%s).\n", added.UserName, added.ID)
		return nil
	})
}

var badDay = problem.Define(problem.Invalid, "usage.bad_date", "A date cannot be read.", "Write dates as YYYY-MM-DD, such as 2026-11-23.")

func day(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, badDay.New().At(problem.Field{Name: name, Message: text + " is not a date"})
	}
	return parsed, nil
}

type personList struct {
	settings
	Text       string `help:"Only people whose name, sign-in name, e-mail or employee number contains this."`
	Department string `help:"Only this department."`
	State      string `help:"active, suspended or left."`
}

func (c *personList) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		table := newTable(w.stdout, "USER NAME", "NAME", "DEPARTMENT", "STATE", "ID")
		filter := people.Filter{Text: c.Text, Department: c.Department, State: people.State(c.State), Limit: 500}
		for {
			page, next, err := a.People.List(w.ctx, filter)
			if err != nil {
				return err
			}
			for _, person := range page {
				table.row(person.UserName, person.Name, person.Department, string(person.State), string(person.ID))
			}
			if next == "" {
				return table.flush()
			}
			filter.After = next
		}
	})
}

type personShow struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
}

func (c *personShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		manager := "not known"
		if person.Manager != "" {
			above, err := a.People.Get(w.ctx, person.Manager)
			if err != nil {
				return err
			}
			manager = fmt.Sprintf("%s (%s)", above.Name, above.UserName)
		}
		fmt.Fprintf(w.stdout, "%s (%s)\n", person.Name, person.UserName)
		for _, line := range [][2]string{
			{"id", string(person.ID)}, {"state", string(person.State)}, {"kind", string(person.Kind)},
			{"department", cmp.Or(person.Department, "not known")}, {"job title", cmp.Or(person.JobTitle, "not known")}, {"manager", manager},
			{"e-mail", cmp.Or(person.Email, "not known")}, {"employee", cmp.Or(person.EmployeeID, "not known")},
			{"starts", dateOr(person.Starts, "not known")}, {"ends", dateOr(person.Ends, "open")},
		} {
			fmt.Fprintf(w.stdout, "  %-11s %s\n", line[0], line[1])
		}
		groups, err := a.People.GroupsOf(w.ctx, person.ID)
		if err != nil {
			return err
		}
		roles, err := a.Roles.Of(w.ctx, person.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "  groups      %s\n  roles       %s\n", listed(groups), listed(roles))
		held, err := a.Keys.HeldBy(w.ctx, person.ID)
		if err != nil {
			return err
		}
		for _, key := range held {
			fmt.Fprintf(w.stdout, "  key         %s\n", keyLine(key))
		}
		return nil
	})
}

// listed joins names, and says so when there are none.
func listed[T ~string](names []T) string {
	if len(names) == 0 {
		return "none"
	}
	var text []string
	for _, name := range names {
		text = append(text, string(name))
	}
	return strings.Join(text, ", ")
}

func dateOr(at time.Time, otherwise string) string {
	if at.IsZero() {
		return otherwise
	}
	return at.Format("2 January 2006")
}

type personImport struct {
	settings
	File   string `arg:"" help:"CSV file with at least user_name and name. - reads standard input."`
	DryRun bool   `help:"Say what would change, and change nothing."`
}

func (c *personImport) Run(w *world) error {
	source, err := input(w, c.File)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := hr.Parse(called(c.File), source)
	if err != nil {
		return err
	}
	mode := people.Apply
	if c.DryRun {
		mode = people.DryRun
	}
	return c.with(w, func(a *app.App) error {
		plan, err := a.People.Import(w.ctx, me(), file.Rows, mode)
		if err != nil {
			return err
		}
		if len(file.Passed) > 0 {
			fmt.Fprintf(w.stdout, "Columns that mean nothing to Warder, passed over: %s.\n", strings.Join(file.Passed, ", "))
		}
		tellPlan(w.stdout, plan)
		return nil
	})
}

func tellPlan(out io.Writer, plan people.Plan) {
	verb := "Would join"
	if plan.Applied {
		verb = "Joined"
	}
	fmt.Fprintf(out, "People in the file: %d. %s: %d. Changed: %d. Unchanged: %d. New groups: %d.\n", plan.Rows, verb, len(plan.Joins), len(plan.Changes), plan.Unchanged, len(plan.NewGroups))
	for _, change := range plan.Changes {
		for _, field := range change.Fields {
			fmt.Fprintf(out, "  line %d: %s: %s: %q becomes %q\n", change.Line, change.UserName, field.Field, field.From, field.To)
		}
	}
	if len(plan.Missing) > 0 {
		fmt.Fprintf(out, "Not in the file, and left as they are: %d.\n", len(plan.Missing))
		for i, missing := range plan.Missing {
			if i == 20 {
				fmt.Fprintf(out, "  and %d more\n", len(plan.Missing)-i)
				break
			}
			fmt.Fprintf(out, "  %s (%s)\n", missing.UserName, missing.Name)
		}
	}
	for _, left := range plan.Left {
		fmt.Fprintf(out, "In the file, but has left: %s (%s). Nothing was changed.\n", left.UserName, left.Name)
	}
	if !plan.Applied {
		fmt.Fprintln(out, "This was a dry run: nothing has been changed.")
	}
}

// called is what a file is called in messages.
func called(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// input opens a file, or standard input for "-".
func input(w *world, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(w.stdin), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable.Because(err).At(fileMessage(name, err))
	}
	if about, err := file.Stat(); err != nil || about.IsDir() {
		file.Close() // nothing was read
		return nil, unreadable.New().At(problem.Field{File: name, Message: "is a directory, expected a file"})
	}
	return file, nil
}

var unreadable = problem.Define(problem.Invalid, "usage.unreadable_file", "A file cannot be read.", "Check the path and that this user may read it.")

type personInvite struct {
	settings
	UserName string        `arg:"" help:"Sign-in name."`
	For      time.Duration `default:"24h" help:"How long the link works."`
}

func (c *personInvite) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		link, err := a.Invite(w.ctx, me(), person.ID, c.For)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Give this link to %s and to nobody else. It works once, until %s, and only to register a key:\n%s\n",
			person.Name, w.now().Add(c.For).Format("2 January 2006 at 15:04"), link)
		return nil
	})
}

type personRole struct {
	settings
	UserName string `arg:"" help:"Sign-in name."`
	Role     string `arg:"" enum:"administrator,security_lead,key_custodian,service_desk,auditor,exercise_lead,risk_owner" help:"administrator, security_lead, key_custodian, service_desk, auditor, exercise_lead or risk_owner."`
	Revoke   bool   `help:"Take the role away."`
}

func (c *personRole) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		person, err := a.People.ByUserName(w.ctx, c.UserName)
		if err != nil {
			return err
		}
		if c.Revoke {
			if err := a.Roles.Revoke(w.ctx, me(), person.ID, roles.Role(c.Role)); err != nil {
				return err
			}
			fmt.Fprintf(w.stdout, "%s is no longer %s.\n", person.UserName, c.Role)
			return nil
		}
		if err := a.Roles.Grant(w.ctx, me(), person.ID, roles.Role(c.Role)); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is now %s.\n", person.UserName, c.Role)
		return nil
	})
}
