package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/registry/leave"
)

type policyForecast struct {
	settings
	Text string `arg:"" help:"A policy text (YAML), or the number of a version. - reads standard input."`
	On   string `help:"The day on which it would be enforced. Left out: today." placeholder:"DATE"`
	Used int    `help:"Judge people at the services they have used in the last 30 or 90 days. Left out: at every service that a rule lets them into." placeholder:"DAYS"`
	JSON bool   `name:"json" help:"Print it as JSON."`
}

func (c *policyForecast) Run(w *world) error {
	on, err := day("on", c.On)
	if err != nil {
		return err
	}
	question := lockout.Question{Days: c.Used}
	if !on.IsZero() && on != days.London(w.now()) {
		question.At = forecast.Noon(on)
	}
	number, err := strconv.ParseInt(c.Text, 10, 64)
	if numbered := err == nil; !numbered {
		if question.Text.Body, err = readPolicy(w, c.Text); err != nil {
			return err
		}
		question.Text.Name = called(c.Text)
	}
	return c.with(w, func(a *app.App) error {
		if question.Text.Name == "" {
			version, err := versionOf(w, a, number)
			if err != nil {
				return err
			}
			question.Text = versions.Text{Name: version.Name, Body: []byte(version.Text)}
		}
		made, _, err := a.Lockout.Make(w.ctx, me(), question)
		if err != nil {
			return err
		}
		if err := c.print(w.stdout, made); err != nil {
			return err
		}
		if len(made.Blockers()) > 0 {
			return exitFindings
		}
		return nil
	})
}

func (c *policyForecast) print(out io.Writer, made *forecast.Forecast) error {
	if !c.JSON {
		_, err := io.WriteString(out, made.Text())
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(made)
}

type personLeaveCalendar struct {
	settings
	File string `arg:"" help:"CSV file with user_name, first and last day of each absence. - reads standard input."`
	From string `required:"" help:"First day of which the file speaks, YYYY-MM-DD." placeholder:"DATE"`
	To   string `required:"" help:"Last day of which the file speaks, YYYY-MM-DD." placeholder:"DATE"`
}

func (c *personLeaveCalendar) Run(w *world) error {
	var period leave.Period
	var err error
	if period.First, err = day("from", c.From); err != nil {
		return err
	}
	if period.Last, err = day("to", c.To); err != nil {
		return err
	}
	source, err := input(w, c.File)
	if err != nil {
		return err
	}
	defer source.Close()
	rows, err := hr.ParseLeave(called(c.File), source)
	if err != nil {
		return err
	}
	return c.with(w, func(a *app.App) error {
		absences, err := c.absences(w, a, rows)
		if err != nil {
			return err
		}
		taken, err := a.Lockout.Leave.Import(w.ctx, me(), period, absences)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "From %s to %s: %d absences taken, %d outside of these days passed over.\n",
			period.First.Format("2 January 2006"), period.Last.Format("2 January 2006"), taken, len(absences)-taken)
		return nil
	})
}

var leaveOfNobody = problem.Define(problem.Invalid, "usage.leave_of_nobody", "The leave calendar names people whom Warder does not know.",
	"Correct the user names, or import the people first. Nothing has been changed.")

// absences finds whose they are. One name that nobody has refuses all.
func (c *personLeaveCalendar) absences(w *world, a *app.App, rows []hr.Leave) ([]leave.Absence, error) {
	known, err := a.Lockout.UserNames(w.ctx)
	if err != nil {
		return nil, err
	}
	const mostTold = 20
	var absences []leave.Absence
	var unknown []problem.Field
	for _, row := range rows {
		person, found := known[row.UserName]
		if !found && len(unknown) < mostTold {
			unknown = append(unknown, problem.Field{File: called(c.File), Line: row.Line, Name: "user_name", Message: strconv.Quote(row.UserName) + " is nobody's"})
		}
		absences = append(absences, leave.Absence{Person: person, First: row.First, Last: row.Last})
	}
	if len(unknown) > 0 {
		return nil, leaveOfNobody.New().At(unknown...)
	}
	return absences, nil
}
