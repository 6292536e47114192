package lockout

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

var (
	PackThere = problem.Define(problem.Conflict, "forecast.pack_there",
		"The policy in force has the rule for people who hold a role already.",
		"Look at the rule privileged-first under Policy.")
	PackByHand = problem.Define(problem.Conflict, "forecast.pack_by_hand",
		"The text of the policy in force is written in a way to which no rule can be added without rewriting it.",
		"Copy the text, and add the rule by hand: it says privileged: true.")
)

// packRule asks everybody who holds a role for hardware, wherever else they are let in.
// Its condition holds for whoever is signed in: a rule with one opens nothing by itself.
const packRule = `- id: privileged-first
  title: Whoever holds a role here signs in with a key that cannot be copied
  services: ["*"]
  privileged: true
  when: session.aal >= 1
  unknown: applies
  require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true, user_verified: true}
`

const packID = "privileged-first"

var versionLine = regexp.MustCompile(`(?m)^version:.*$`)

// PrivilegedFirst writes a draft: the text in force, with a rule that asks more of
// everybody who holds a role. It decides nothing until it is enforced. Problems:
// PackThere, PackByHand, versions.NonePublished, versions.VersionTaken.
func (d *Desk) PrivilegedFirst(ctx context.Context, actor audit.Actor) (versions.Version, error) {
	current, parsed, err := d.deps.Policies.Current(ctx)
	if err != nil {
		return versions.Version{}, err
	}
	if slices.ContainsFunc(parsed.Rules, func(rule policy.Rule) bool { return rule.ID == packID }) {
		return versions.Version{}, PackThere.New()
	}
	text := withPack(current.Text, parsed.Version+"-"+packID)
	next, err := rulebook.Parse(packID+".yaml", []byte(text))
	if err != nil || len(next.Rules) != len(parsed.Rules)+1 || next.Rules[len(parsed.Rules)].ID != packID {
		return versions.Version{}, PackByHand.Because(err)
	}
	return d.deps.Policies.Import(ctx, actor, versions.Text{Name: packID + ".yaml", Body: []byte(text)})
}

// withPack adds the rule at the end, as far to the right as the others stand.
func withPack(text, version string) string {
	text = versionLine.ReplaceAllLiteralString(strings.TrimRight(text, " \n"), "version: "+version) + "\n"
	indent := ""
	for line := range strings.Lines(text) {
		if rest := strings.TrimLeft(line, " "); strings.HasPrefix(rest, "- id:") || strings.HasPrefix(rest, "- {id:") {
			indent = line[:len(line)-len(rest)]
		}
	}
	for line := range strings.Lines(packRule) {
		text += indent + line
	}
	return text
}
