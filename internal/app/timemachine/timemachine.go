// Package timemachine joins the replay of decisions with the policies it is made
// under, for the command and the pages.
package timemachine

import (
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/decision/replay/replayweb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/registry/people"
)

// Player makes the decisions that a database keeps again.
func Player(d *db.DB) *replay.Player { return replay.New(decisiondb.New(d)) }

// Parts is what the pages are made of.
type Parts struct {
	DB       *db.DB
	Policies *versions.Library
	People   *people.Directory
	Now      func() time.Time
	Months   int // how long decisions are kept
}

// Pages are the pages on which a policy is tried on the past.
func Pages(p Parts) (*replayweb.Pages, error) {
	return replayweb.New(replayweb.Deps{Player: Player(p.DB), Policies: p.Policies, People: p.People, Now: p.Now, Months: p.Months})
}
