package app

import (
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/rulebook/cases"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/app/oversight"
	"github.com/warder-project/warder/internal/app/post"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/assets"
	"github.com/warder-project/warder/internal/doors/gateway"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/feeds/table"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/maturity"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/leave"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// Problems lists every problem of the rooms below, in order of its code. Those
// of the demo and of the command line stand above and are added there.
func Problems() []problem.Definition {
	all := slices.Concat(
		breakglass.Problems(), decision.Problems(), helpdesk.Problems(), invitations.Problems(),
		lostkey.Problems(), methods.Problems(), rulebook.Problems(), cases.Problems(),
		risk.Problems(), objections.Problems(), post.Problems(), returns.Problems(),
		versions.Problems(), recovery.Problems(), roles.Problems(), sessions.Problems(),
		signin.Problems(), attempts.Problems(), standing.Problems(), stepup.Problems(),
		throttle.Problems(), assess.Problems(), config.Problems(), db.Problems(),
		mail.Problems(), seal.Problems(), web.Problems(), assets.Problems(),
		gateway.Problems(), cloud.Problems(), fido.Problems(), hr.Problems(),
		table.Problems(), evidence.Problems(), maturity.Problems(), audit.Problems(),
		factors.Problems(), retirement.Problems(), sharedsecret.Problems(), oversight.Problems(),
		exempt.Problems(), keys.Problems(), leave.Problems(), gate.Problems(),
		lockout.Problems(), people.Problems(),
		services.Problems(),
		[]problem.Definition{addressInUse, recoverReason, recoverOld, recoverPerson},
	)
	slices.SortFunc(all, func(a, b problem.Definition) int { return strings.Compare(a.Code, b.Code) })
	return all
}
