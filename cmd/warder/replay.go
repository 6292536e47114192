package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/timemachine"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

type policyReplay struct {
	settings
	Draft   string `required:"" help:"What is tried: a policy text (YAML), or the number of a version." placeholder:"FILE|NUMBER"`
	Since   string `help:"First day, YYYY-MM-DD. Left out: as long as decisions are kept." placeholder:"DATE"`
	Until   string `help:"Last day, YYYY-MM-DD. Left out: now." placeholder:"DATE"`
	JSON    bool   `help:"The report as JSON." xor:"form"`
	Each    bool   `help:"Instead of the report, each decision that differs as one line of JSON, newest first." xor:"form"`
	Kind    string `help:"With --each, only these: stopped, asked, let_in or offered." placeholder:"KIND"`
	Person  string `help:"With --each, only this person's." placeholder:"NAME"`
	Service string `help:"With --each, only of this service (short name)." placeholder:"NAME"`
}

var badKind = problem.Define(problem.Invalid, "usage.bad_kind", "There is no such kind of difference.", "Write stopped, asked, let_in or offered.")

func (c *policyReplay) Run(w *world) error {
	since, err := day("since", c.Since)
	if err != nil {
		return err
	}
	until, err := day("until", c.Until)
	if err != nil {
		return err
	}
	want := replay.Want{Service: c.Service}
	if known := false; c.Kind != "" {
		if want.Kind, known = replay.ParseKind(c.Kind); !known {
			return badKind.New().At(problem.Field{Name: "kind", Message: c.Kind + " is none"})
		}
	}
	return c.with(w, func(a *app.App) error {
		draft, err := policyGiven(w, a, c.Draft)
		if err != nil {
			return err
		}
		span := replay.Span{Since: since, Until: w.now()}
		if since.IsZero() {
			span.Since = w.now().AddDate(0, -a.Config.DecisionsKept, -1)
		}
		if !until.IsZero() {
			span.Until = until.AddDate(0, 0, 1)
		}
		player := timemachine.Player(a.DB)
		if c.Each {
			return c.each(w, a, player, trial{policy.Compile(draft), span, want})
		}
		return c.report(w, a, player, policy.Compile(draft), span)
	})
}

// policyGiven reads a policy text from a file, or a version by its number.
func policyGiven(w *world, a *app.App, given string) (*policy.Policy, error) {
	if _, err := strconv.ParseInt(given, 10, 64); err == nil {
		return keptPolicy(w, a, given)
	}
	return parsedPolicy(w, given)
}

func (c *policyReplay) report(w *world, a *app.App, player *replay.Player, draft *policy.Compiled, span replay.Span) error {
	progress := newProgress(w.stderr, span)
	report, err := player.Report(w.ctx, draft, span, replay.Limits{Progress: progress.show})
	progress.end()
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(w.stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		_, err = io.WriteString(w.stdout, report.Text(func(id ids.Person) string {
			person, err := a.People.Get(w.ctx, id)
			if err != nil {
				return string(id) // whoever is gone from the list of people keeps their number
			}
			return person.UserName
		}))
	}
	if err == nil && report.Total.Different() > 0 {
		return exitFindings
	}
	return err
}

// trial is what is replayed, and what of it is wanted.
type trial struct {
	draft *policy.Compiled
	span  replay.Span
	want  replay.Want
}

func (c *policyReplay) each(w *world, a *app.App, player *replay.Player, what trial) error {
	if c.Person != "" {
		person, err := a.People.ByUserName(w.ctx, c.Person)
		if err != nil {
			return err
		}
		what.want.Person = person.ID
	}
	encoder, any := json.NewEncoder(w.stdout), false
	err := player.Each(w.ctx, what.draft, what.span, func(one *replay.Case) error {
		if !what.want.Chooses(one) {
			return nil
		}
		any = true
		return encoder.Encode(replay.Difference{Record: *one.Record, Kind: one.Kind, Verdict: one.Verdict})
	})
	if err == nil && any {
		return exitFindings
	}
	return err
}

// progress is a bar on a terminal, and a line for each tenth elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	span     replay.Span
	shown    int // percent; -1 before the first
}

func newProgress(out io.Writer, span replay.Span) *progress {
	p := &progress{out: out, span: span, shown: -1}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// show is a replay.Progress: decisions are made again from the newest to the oldest.
func (p *progress) show(done int64, reached time.Time) {
	percent := 100
	if whole := p.span.Until.Sub(p.span.Since); whole > 0 {
		percent = int(100 * p.span.Until.Sub(reached) / whole)
	}
	percent = min(max(percent, 0), 100)
	switch {
	case percent == p.shown:
	case p.terminal:
		fmt.Fprintf(p.out, "\r[%-40s] %3d %%  %d decisions", strings.Repeat("#", percent*2/5), percent, done)
		p.shown = percent
	case percent/10 > p.shown/10 || p.shown < 0:
		fmt.Fprintf(p.out, "%3d %%  %d decisions\n", percent, done)
		p.shown = percent
	}
}

func (p *progress) end() {
	if p.terminal && p.shown >= 0 {
		fmt.Fprintln(p.out)
	}
}
