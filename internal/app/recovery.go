package app

import (
	"context"

	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskdb"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/recovery/recoverydb"
	"github.com/warder-project/warder/internal/access/recovery/recoveryweb"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/doors/account"
)

// newRecovery is the desk for people who cannot sign in.
func (a *App) newRecovery() *recovery.Desk {
	return recovery.New(recovery.Deps{Store: recoverydb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys, Factors: a.Factors,
		Roles: a.Roles, Sessions: a.Sessions, Invitations: a.Invitations, LostKeys: a.LostKey, Tell: a.write, Now: a.Now,
		ObjectionAt: func(token secret.Value) string {
			return a.Config.Public().JoinPath(recoveryweb.NotMe, token.Reveal()).String()
		}})
}

func (a *App) newHelpdesk() *helpdesk.Desk {
	return helpdesk.New(helpdesk.Deps{Store: helpdeskdb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys, Factors: a.Factors,
		Roles: a.Roles, Recovery: a.Recovery, Alarm: a.deskHeldBack, Now: a.Now})
}

// notices are what somebody must see on their own page: a case in their name, and
// a colleague who waits for their word.
func (a *App) notices(ctx context.Context, person ids.Person) ([]account.Notice, error) {
	var notices []account.Notice
	_, open, err := a.Recovery.OpenOf(ctx, person)
	if err != nil {
		return nil, err
	}
	if open {
		notices = append(notices, account.Notice{Text: "Somebody has told the service desk that you cannot sign in.", Link: "If that was not you, stop it.", Path: recoveryweb.OwnPath})
	}
	asked, err := a.Recovery.ToVouch(ctx, person)
	if err != nil {
		return nil, err
	}
	if len(asked) > 0 {
		notices = append(notices, account.Notice{Text: "A colleague cannot sign in, and waits for your word.", Link: "Say whether it is them.", Path: recoveryweb.OwnPath})
	}
	if unusual, found, err := a.Risk.Notice(ctx, person); err != nil || found {
		notices = append(notices, unusual)
		return notices, err
	}
	return notices, nil
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
