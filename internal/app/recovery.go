package app

import (
	"context"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskdb"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverydb"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
)

// newRecovery is the desk for people who cannot sign in.
func (a *App) newRecovery() *recovery.Desk {
	return recovery.New(recovery.Deps{Store: recoverydb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys, Factors: a.Factors,
		Roles: a.Roles, Sessions: a.Sessions, Invitations: a.Invitations, LostKeys: a.LostKey, Tell: a.write, Now: a.Now,
		ObjectionAt: func(token secret.Value) string {
			return a.Config.Public().JoinPath("/not-me/", token.Reveal()).String()
		}})
}

func (a *App) newHelpdesk() *helpdesk.Desk {
	return helpdesk.New(helpdesk.Deps{Store: helpdeskdb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys, Factors: a.Factors,
		Roles: a.Roles, Recovery: a.Recovery, Alarm: a.deskHeldBack, Now: a.Now})
}

// following tells the recovery desk what became of an invitation. The two rooms
// know each other, so one hears of the other through here.
type following struct{ app *App }

func (f following) Registered(ctx context.Context, invitation ids.Invitation, credential ids.Credential) error {
	return f.app.Recovery.Registered(ctx, invitation, credential)
}

func (f following) Confirmed(ctx context.Context, credential ids.Credential) error {
	return f.app.Recovery.Confirmed(ctx, credential)
}
