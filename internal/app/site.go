package app

import (
	"context"
	"net/http"
	"slices"

	"github.com/warder-project/warder/internal/access/breakglass/breakglassweb"
	"github.com/warder-project/warder/internal/access/decision/decisionweb"
	"github.com/warder-project/warder/internal/access/helpdesk/helpdeskweb"
	"github.com/warder-project/warder/internal/access/invitations/invitationsweb"
	"github.com/warder-project/warder/internal/access/methods/methodsweb"
	"github.com/warder-project/warder/internal/access/policy/policyweb"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsweb"
	"github.com/warder-project/warder/internal/access/recovery/recoveryweb"
	"github.com/warder-project/warder/internal/access/roles/rolesweb"
	"github.com/warder-project/warder/internal/access/sessions/sessionsweb"
	"github.com/warder-project/warder/internal/access/signin/signinweb"
	"github.com/warder-project/warder/internal/access/standing/standingweb"
	"github.com/warder-project/warder/internal/access/stepup/stepupweb"
	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/app/timemachine"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/assets"
	"github.com/warder-project/warder/internal/doors/account"
	"github.com/warder-project/warder/internal/doors/admin"
	"github.com/warder-project/warder/internal/doors/gateway"
	"github.com/warder-project/warder/internal/feeds/fido/fidoweb"
	"github.com/warder-project/warder/internal/journey/retirement/retirementweb"
	"github.com/warder-project/warder/internal/proof/adoption/adoptionweb"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/maturity"
	"github.com/warder-project/warder/internal/proof/maturity/maturityweb"
	"github.com/warder-project/warder/internal/proof/standards/standardsweb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysweb"
	"github.com/warder-project/warder/internal/registry/people/peopleweb"
	"github.com/warder-project/warder/internal/registry/services/servicesweb"
)

// newGateway builds the door for applications that know nothing of sign-in.
func (a *App) newGateway(bundle *assets.Bundle) *gateway.Gateway {
	public := a.Config.Public()
	return gateway.New(gateway.Deps{
		Portal: public, Decide: a.Decisions, Routes: a.View.Routes, Tickets: a.Sessions, Signer: a.Keyset, StepUps: a.StepUps,
		TrustedProxies: a.Config.Proxies(), Stylesheet: public.Scheme + "://" + public.Host + bundle.Path("app.css"),
		HelpContact: a.Config.HelpContact, Log: a.Log, Now: a.Now,
	})
}

// room is a set of pages.
type room interface{ Routes() []web.Route }

// newSite builds every page of the portal.
func (a *App) newSite(bundle *assets.Bundle, options ServerOptions) (*web.Site, error) {
	cookies, err := signinweb.NewCookies(a.Config.Public())
	if err != nil {
		return nil, err
	}
	gatekeeper := signinweb.NewGatekeeper(signinweb.GatekeeperDeps{Cookies: cookies, Sessions: a.Sessions, People: a.People, Factors: a.Factors, Roles: a.Roles, BreakGlass: a.BreakGlass, Keyless: a.SignIn.StillAccepted, Now: a.Now})
	rooms, err := a.rooms(gatekeeper, cookies, options)
	if err != nil {
		return nil, err
	}
	var routes []web.Route
	for _, room := range rooms {
		routes = append(routes, room.Routes()...)
	}
	has := func(path string) bool {
		return slices.ContainsFunc(routes, func(r web.Route) bool { return r.Method == http.MethodGet && r.Path == path })
	}
	home, err := admin.New(has)
	if err != nil {
		return nil, err
	}
	site, err := web.New(web.Deps{
		BaseURL: a.Config.Public(), Gatekeeper: gatekeeper, Assets: bundle, Log: a.Log, Now: a.Now, Demo: options.Demo,
		Navigation: admin.Navigation(has), Footer: []web.NavItem{{Label: "Help with signing in", Path: signinweb.HelpPath, Permission: web.Public}},
		Proxies: a.Config.Proxies(), Notice: a.Alarm.Notice,
	})
	if err != nil {
		return nil, err
	}
	routes = append(routes, home.Routes()...)
	return site, site.Add(routes...)
}

// rooms are the pages, room by room.
func (a *App) rooms(gatekeeper *signinweb.Gatekeeper, cookies signinweb.Cookies, options ServerOptions) ([]room, error) {
	var rooms []room
	var doors *signinweb.Pages
	add := func(pages room, err error) error {
		rooms = append(rooms, pages)
		return err
	}
	desk, helpDesk := a.SecretsDesk(), ""
	if a.Config.HelpContact != "" {
		helpDesk = "The service desk: " + a.Config.HelpContact + "."
	}
	err := firstError(
		func() error {
			var err error
			doors, err = signinweb.New(signinweb.Deps{Flow: a.SignIn, Why: a.Decisions.WhyAsked, Returns: a.Returns, Gatekeeper: gatekeeper, Cookies: cookies, Sessions: a.Sessions, Keys: a.Keys, Models: a.Models, Now: a.Now, Arrivals: a.Risk.Arrivals, Browsers: a.Risk.Browsers(), DemoKeyURL: options.DemoKeyURL, HelpDesk: helpDesk})
			return add(doors, err)
		},
		func() error {
			return add(recoveryweb.New(recoveryweb.Deps{Desk: a.Recovery, People: a.People, PassPath: invitationsweb.Path}))
		},
		func() error {
			return add(helpdeskweb.New(helpdeskweb.Deps{Desk: a.Helpdesk, CasePath: recoveryweb.CasePath}))
		},
		func() error {
			return add(invitationsweb.New(invitationsweb.Deps{Begin: doors.EnrolByPass, HelpPath: signinweb.HelpPath}))
		},
		func() error {
			return add(account.New(account.Deps{Keys: a.Keys, Models: a.Models, Methods: a.Methods, People: a.People, Sessions: a.Sessions, LostKeys: a.LostKey, Now: a.Now, HelpDesk: helpDesk, Notices: a.notices, Secrets: a.SecretsDesk().Path}))
		},
		func() error { return add(a.secretPages(gatekeeper)) },
		func() error {
			return add(keysweb.New(keysweb.Deps{Keys: a.Keys, Models: a.Models, People: a.People, Block: a.block,
				Invite: func(ctx context.Context, actor audit.Actor, person ids.Person) (string, error) {
					return a.Invite(ctx, actor, person, 0)
				}}))
		},
		func() error {
			return add(peopleweb.New(peopleweb.Deps{People: a.People, Methods: a.methodsOf, Now: a.Now}))
		},
		func() error {
			return add(stepupweb.New(stepupweb.Deps{Desk: a.StepUps, DemoKeyURL: options.DemoKeyURL}))
		},
		func() error {
			return add(methodsweb.New(methodsweb.Deps{Desk: a.Methods, People: a.People, Keys: a.Keys}))
		},
		func() error { return add(standingweb.New(standingweb.Deps{Desk: a.Standing})) },
		func() error { return add(fidoweb.New(fidoweb.Deps{Metadata: a.Metadata, Now: a.Now})) },
		func() error { return add(rolesweb.New(rolesweb.Deps{Roster: a.Roles, People: a.People})) },
		func() error {
			return add(sessionsweb.New(sessionsweb.Deps{Sessions: a.Sessions, People: a.People, Keys: a.Keys, Services: a.Services, Unusual: a.Risk.Rows}))
		},
		func() error { return add(a.Risk.Pages()) },
		func() error { return add(servicesweb.New(servicesweb.Deps{Services: a.Services, People: a.People})) },
		func() error {
			return add(decisionweb.New(decisionweb.Deps{Desk: a.Decisions, People: a.People, Services: a.Services, Keys: a.Keys, Policies: a.Policies, Trials: a.Trials, Unusual: a.Risk.Rows}))
		},
		func() error {
			return add(breakglassweb.New(breakglassweb.Deps{Desk: a.BreakGlass, People: a.People, Cookies: cookies, DemoKeyURL: options.DemoKeyURL,
				Invite: func(ctx context.Context, actor audit.Actor, person ids.Person) (string, error) {
					return a.Invite(ctx, actor, person, 0)
				}}))
		},
		func() error { return add(policyweb.New(policyweb.Deps{Policies: a.Policies, Standing: desk.Standing})) },
		func() error {
			return add(timemachine.Pages(timemachine.Parts{DB: a.DB, Policies: a.Policies, People: a.People, Now: a.Now, Months: a.Config.DecisionsKept}))
		},
		func() error {
			return add(versionsweb.New(versionsweb.Deps{Policies: a.Policies, Trials: a.Trials, People: a.People, Services: a.Services, Preview: desk.PreviewInWords, Fresh: a.Lockout.Fresh, Now: a.Now}))
		},
		func() error { return add(a.maturityPages()) },
		func() error { return add(a.Oversight.Pages()) },
		func() error { return add(a.Lockout.Pages()) },
		func() error { return add(retirementweb.New(retirementweb.Deps{Desk: a.Retirement, People: a.People})) },
		func() error { return add(adoptionweb.New(adoptionweb.Deps{Counter: a.Adoption, Keys: a.Keys})) },
		func() error { return add(standardsweb.New(a.Adoption)) },
	)
	return rooms, err
}

// Proof is the maturity level from the evidence that has been kept.
func (a *App) Proof() *assess.Desk {
	thresholds := maturity.Usual()
	thresholds.StaleDays = a.Config.EvidenceDays
	return assess.NewDesk(assess.DeskDeps{Archive: a.Evidence, Now: a.Now, Thresholds: thresholds})
}

func (a *App) maturityPages() (room, error) {
	desk := a.Proof()
	return maturityweb.New(maturityweb.Deps{Assess: desk.Assess, Evidence: desk.Evidence,
		Add: func(ctx context.Context, actor audit.Actor, upload maturityweb.Upload) (evidence.Item, error) {
			return desk.Add(ctx, actor, assess.Upload(upload))
		}})
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// block is the lost-key desk in the words of the key pages.
func (a *App) block(ctx context.Context, actor audit.Actor, key ids.Key, reason keys.Reason) (keysweb.Blocked, error) {
	outcome, err := a.LostKey.Report(ctx, actor, key, reason, a.Now())
	if err != nil {
		return keysweb.Blocked{}, err
	}
	return keysweb.Blocked{Sessions: outcome.SessionsEnded, Credentials: outcome.CredentialsSuspended, Took: outcome.Took}, nil
}
