package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/app"
)

type policyCommand struct {
	Check    policyCheck    `cmd:"" help:"Say whether a policy text can be used, and what is wrong with it."`
	Publish  policyPublish  `cmd:"" help:"Put a policy text in force."`
	Show     policyShow     `cmd:"" help:"Print the policy text that is in force."`
	Versions policyVersions `cmd:"" help:"List all texts that were ever in force."`
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

type policyCheck struct {
	File string `arg:"" help:"Policy text (YAML). - reads standard input."`
}

func (c *policyCheck) Run(w *world) error {
	text, err := readPolicy(w, c.File)
	if err != nil {
		return err
	}
	parsed, err := rulebook.Parse(called(c.File), text)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s is good: version %s, %d rules.\n", called(c.File), parsed.Version, len(parsed.Rules))
	return nil
}

type policyPublish struct {
	settings
	File       string `arg:"" help:"Policy text (YAML). - reads standard input."`
	DryRun     bool   `help:"Say what would change about passwords and codes, and who relies on them; change nothing."`
	Regardless string `name:"without-tested-break-glass" help:"Put a stricter text in force although the emergency access is not tested, and why. The reason is kept in the audit record." placeholder:"REASON"`
}

func (c *policyPublish) Run(w *world) error {
	text, err := readPolicy(w, c.File)
	if err != nil {
		return err
	}
	return c.with(w, func(a *app.App) error {
		changes, err := a.SecretsDesk().Preview(w.ctx, called(c.File), text)
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
		published, err := c.publish(w, a, text)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Version %s is in force (number %d).\n", published.Version, published.Number)
		return nil
	})
}

func (c *policyPublish) publish(w *world, a *app.App, text []byte) (versions.Version, error) {
	if c.Regardless != "" {
		return a.Policies.PublishRegardless(w.ctx, me(), called(c.File), text, c.Regardless)
	}
	return a.Policies.Publish(w.ctx, me(), called(c.File), text)
}

type policyShow struct{ settings }

func (c *policyShow) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		current, _, err := a.Policies.Current(w.ctx)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w.stdout, current.Text)
		return err
	})
}

type policyVersions struct{ settings }

func (c *policyVersions) Run(w *world) error {
	return c.with(w, func(a *app.App) error {
		all, err := a.Policies.List(w.ctx)
		if err != nil {
			return err
		}
		table := newTable(w.stdout, "NUMBER", "VERSION", "STATE", "PUBLISHED", "BY", "FILE")
		for _, version := range all {
			table.row(fmt.Sprint(version.Number), version.Version, string(version.State), version.PublishedAt.Format("2006-01-02 15:04"), version.PublishedBy, version.Name)
		}
		return table.flush()
	})
}
