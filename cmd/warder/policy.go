package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/base/problem"
)

type policyCommand struct {
	Check      policyCheck      `cmd:"" help:"Say whether a policy text can be used, and what is wrong with it."`
	Diff       policyDiff       `cmd:"" help:"Say in words, rule by rule, what becomes stricter or weaker and for whom."`
	Test       policyTest       `cmd:"" help:"Try a policy text on test cases. Exit code 1 when one does not hold."`
	Import     policyImport     `cmd:"" help:"Keep a policy text as a draft, or as the new text of one."`
	Export     policyExport     `cmd:"" help:"Print the text of a version, or of the one in force."`
	Show       policyShow       `cmd:"" help:"Say what a version is used for, and how it differs from the one in force."`
	Replay     policyReplay     `cmd:"" help:"Make the decisions of the past again under a text: who would have been stopped, asked or let in."`
	Versions   policyVersions   `cmd:"" help:"List all versions: drafts, report-only, in force, retired."`
	ReportOnly policyReportOnly `cmd:"" help:"Try a draft beside the policy in force: what it would have said is counted, and decides nothing."`
	Draft      policyDraft      `cmd:"" help:"Take a version back from report-only to draft, where it can be edited."`
	Forecast   policyForecast   `cmd:"" help:"Say whom a policy would lock out, by name and by service. Asked for before a stricter one is enforced. Exit 1 when something stops it."`
	Enforce    policyEnforce    `cmd:"" help:"Put a draft, or a version in report-only, in force."`
	Retire     policyRetire     `cmd:"" help:"Put a draft, or a version in report-only, away for good."`
	Publish    policyPublish    `cmd:"" help:"Import and enforce in one: a text that may not be put in force is not kept either."`
}

// longestPolicy is more than a policy text may have, so that one that is too
// long is recognised and not cut.
const longestPolicy = 2 << 20

func readPolicy(w *world, name string) ([]byte, error) {
	source, err := input(w, name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(source, longestPolicy))
	if err := errors.Join(err, source.Close()); err != nil {
		return nil, unreadable.Because(err).At(fileMessage(name, err))
	}
	return text, nil
}

// parsedPolicy reads a policy text from a file.
func parsedPolicy(w *world, name string) (*policy.Policy, error) {
	text, err := readPolicy(w, name)
	if err != nil {
		return nil, err
	}
	return rulebook.Parse(called(name), text)
}

type policyCheck struct {
	File string `arg:"" help:"Policy text (YAML). - reads standard input."`
}

func (c *policyCheck) Run(w *world) error {
	parsed, err := parsedPolicy(w, c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s is good: version %s, %d rules.\n", called(c.File), parsed.Version, len(parsed.Rules))
	return nil
}

type policyTest struct {
	File  string `arg:"" help:"Policy text (YAML)."`
	Tests string `arg:"" help:"Test cases (YAML): facts in words, and what must come out."`
}

func (c *policyTest) Run(w *world) error {
	parsed, err := parsedPolicy(w, c.File)
	if err != nil {
		return err
	}
	text, err := readPolicy(w, c.Tests)
	if err != nil {
		return err
	}
	tests, err := cases.Parse(called(c.Tests), text)
	if err != nil {
		return err
	}
	results := cases.Run(parsed, tests, w.now())
	fmt.Fprint(w.stdout, cases.Text(results))
	if len(cases.Failed(results)) > 0 {
		return exitFindings
	}
	return nil
}

type policyDiff struct {
	settings
	Next   string `arg:"" help:"The newer one: a policy text, or the number of a version."`
	Before string `arg:"" optional:"" help:"What it is compared with: a policy text, or the number of a version. Left out: the version in force."`
}

func (c *policyDiff) Run(w *world) error {
	var next, before *policy.Policy
	for given, into := range map[string]**policy.Policy{c.Next: &next, c.Before: &before} {
		if _, err := strconv.ParseInt(given, 10, 64); given == "" || err == nil {
			continue
		}
		parsed, err := parsedPolicy(w, given)
		if err != nil {
			return err
		}
		*into = parsed
	}
	if next != nil && before != nil { // two files: this needs no server and no database
		printChanges(w, before, next)
		return nil
	}
	return c.with(w, func(a *app.App) error {
		var err error
		if next == nil {
			if next, err = keptPolicy(w, a, c.Next); err != nil {
				return err
			}
		}
		if before == nil {
			if before, err = keptPolicy(w, a, c.Before); err != nil {
				return err
			}
		}
		printChanges(w, before, next)
		return nil
	})
}

// keptPolicy is the rules of the version of a number; "" is the one in force, and
// where there is none, no rule at all.
func keptPolicy(w *world, a *app.App, number string) (*policy.Policy, error) {
	if number == "" {
		_, current, err := a.Policies.Current(w.ctx)
		if problem.Is(err, versions.NonePublished) {
			return &policy.Policy{}, nil
		}
		return current, err
	}
	parsed, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, versions.NotFound.New()
	}
	version, err := a.Policies.Get(w.ctx, parsed)
	if err != nil {
		return nil, err
	}
	return version.Parsed()
}

func printChanges(w *world, before, next *policy.Policy) {
	changes := versions.Changes(before, next)
	if len(changes) == 0 {
		fmt.Fprintln(w.stdout, "Nothing changes for anybody.")
	}
	for _, change := range changes {
		fmt.Fprintln(w.stdout, change)
	}
}

type policyImport struct {
	settings
	File  string `arg:"" help:"Policy text (YAML). - reads standard input."`
	Tests string `help:"Test cases that are kept beside it, and must hold before it is put in force." placeholder:"FILE"`
	Into  int64  `help:"Number of the draft that gets this text. Left out: a new draft." placeholder:"NUMBER"`
}

func (c *policyImport) Run(w *world) error {
	text, err := readPolicy(w, c.File)
	if err != nil {
		return err
	}
	wanted := versions.Text{Name: called(c.File), Body: text}
	if c.Tests != "" {
		if wanted.Tests, err = readPolicy(w, c.Tests); err != nil {
			return err
		}
	}
	return c.with(w, func(a *app.App) error {
		saved, err := c.save(w, a, wanted)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Version %s is kept as a draft (number %d). It decides nothing yet.\n", saved.Version, saved.Number)
		return nil
	})
}

func (c *policyImport) save(w *world, a *app.App, text versions.Text) (versions.Version, error) {
	if c.Into == 0 {
		return a.Policies.Import(w.ctx, me(), text)
	}
	return a.Policies.Save(w.ctx, me(), c.Into, 0, text)
}

type policyExport struct {
	settings
	Number int64 `arg:"" optional:"" help:"Number of the version. Left out: the one in force."`
	Tests  bool  `help:"Print the test cases beside it instead."`
}

func (c *policyExport) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		version, err := versionOf(w, a, c.Number)
		if err != nil {
			return err
		}
		text := version.Text
		if c.Tests {
			text = version.Tests
		}
		_, err = io.WriteString(w.stdout, text)
		return err
	})
}

// versionOf is the version of a number; 0 is the one in force.
func versionOf(w *world, a *app.App, number int64) (versions.Version, error) {
	if number == 0 {
		current, _, err := a.Policies.Current(w.ctx)
		return current, err
	}
	return a.Policies.Get(w.ctx, number)
}

type policyShow struct {
	settings
	Number int64 `arg:"" optional:"" help:"Number of the version. Left out: the one in force."`
}

func (c *policyShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		version, err := versionOf(w, a, c.Number)
		if err != nil {
			return err
		}
		next, err := version.Parsed()
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "version  %s (number %d)\nstate    %s since %s\nrules    %d\nsaved    %s by %s, from %s\n", version.Version, version.Number,
			version.State.Words(), version.Since.Format("2006-01-02 15:04"), len(next.Rules), version.SavedAt.Format("2006-01-02 15:04"), version.SavedBy, version.Name)
		results, err := version.Tested(w.now())
		if err != nil {
			return err
		}
		if len(results) > 0 {
			fmt.Fprintf(w.stdout, "\nTest cases beside it:\n%s", cases.Text(results))
		}
		if version.State == versions.Enforced {
			return nil
		}
		before, err := keptPolicy(w, a, "")
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "\nCompared with the version in force:\n")
		printChanges(w, before, next)
		if version.State != versions.ReportOnly {
			return nil
		}
		return printReport(w, a, version)
	})
}

// printReport says what a version in report-only has shown so far.
func printReport(w *world, a *app.App, version versions.Version) error {
	report, err := a.Trials.Report(w.ctx, version.Number, version.Since)
	if err != nil {
		return err
	}
	all, err := a.Services.List(w.ctx)
	if err != nil {
		return err
	}
	slugs := map[string]string{}
	for _, service := range all {
		slugs[string(service.ID)] = service.Slug
	}
	_, err = fmt.Fprintf(w.stdout, "\nIn report-only since then:\n%s", report.Text(func(id string) string { return slugs[id] }))
	return err
}

type policyVersions struct{ settings }

func (c *policyVersions) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		all, err := a.Policies.List(w.ctx)
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "NUMBER", "VERSION", "STATE", "SINCE", "SAVED BY", "FILE")
		for _, version := range all {
			table.row(fmt.Sprint(version.Number), version.Version, version.State.Words(), version.Since.Format("2006-01-02 15:04"), version.SavedBy, version.Name)
		}
		return table.flush()
	})
}

// policyNumber names a version.
type policyNumber struct {
	settings
	Number int64 `arg:"" help:"Number of the version, as warder policy versions lists it."`
}

// move changes the version's state and says so.
func (c policyNumber) move(w *world, change func(a *app.App) (versions.Version, error)) error {
	return c.with(w, func(a *app.App) error {
		version, err := change(a)
		if err != nil {
			return err
		}
		words := version.State.Words()
		switch version.State {
		case versions.ReportOnly:
			words = "in " + words
		case versions.Draft:
			words = "a " + words
		case versions.Enforced, versions.Retired:
		}
		fmt.Fprintf(w.stdout, "Version %s is %s (number %d).\n", version.Version, words, version.Number)
		return nil
	})
}

type policyReportOnly struct{ policyNumber }

func (c *policyReportOnly) Run(w *world) error {
	return c.move(w, func(a *app.App) (versions.Version, error) { return a.Policies.ReportOnly(w.ctx, me(), c.Number, 0) })
}

type policyDraft struct{ policyNumber }

func (c *policyDraft) Run(w *world) error {
	return c.move(w, func(a *app.App) (versions.Version, error) { return a.Policies.Withdraw(w.ctx, me(), c.Number, 0) })
}

type policyRetire struct{ policyNumber }

func (c *policyRetire) Run(w *world) error {
	return c.move(w, func(a *app.App) (versions.Version, error) { return a.Policies.Retire(w.ctx, me(), c.Number, 0) })
}

// enforcing is what somebody says when they put a policy in force.
type enforcing struct {
	Over int64 `help:"Number of the version that must still be in force. Left out: whichever is." placeholder:"NUMBER"`
}

func (e enforcing) options() versions.EnforceOptions {
	return versions.EnforceOptions{Over: e.Over}
}

type policyEnforce struct {
	policyNumber
	enforcing
}

func (c *policyEnforce) Run(w *world) error {
	return c.move(w, func(a *app.App) (versions.Version, error) {
		return a.Policies.Enforce(w.ctx, me(), c.Number, c.options())
	})
}

type policyPublish struct {
	settings
	enforcing
	File   string `arg:"" help:"Policy text (YAML). - reads standard input."`
	DryRun bool   `help:"Say what would change about passwords and codes, and who relies on them; change nothing."`
}

func (c *policyPublish) Run(w *world) error {
	text, err := readPolicy(w, c.File)
	if err != nil {
		return err
	}
	return c.with(w, func(a *app.App) error {
		changes, err := a.SecretsDesk().PreviewInWords(w.ctx, called(c.File), text)
		if err != nil {
			return err
		}
		for _, change := range changes {
			fmt.Fprintln(w.stdout, change)
		}
		if c.DryRun {
			if len(changes) == 0 {
				fmt.Fprintln(w.stdout, "Nothing changes about passwords and codes.")
			}
			fmt.Fprintln(w.stdout, "Nothing was published.")
			return nil
		}
		published, err := a.Policies.Publish(w.ctx, me(), versions.Text{Name: called(c.File), Body: text}, c.options())
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Version %s is in force (number %d).\n", published.Version, published.Number)
		return nil
	})
}
