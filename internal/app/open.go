package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglassdb"
	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/helpdesk"
	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/access/invitations/invitationsdb"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/policy/trials"
	"github.com/warder-project/warder/internal/access/policy/trials/trialsdb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/roles/rolesdb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/sessions/sessionsdb"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/access/signin/attempts/attemptsdb"
	"github.com/warder-project/warder/internal/access/signin/decoys"
	"github.com/warder-project/warder/internal/access/signin/decoys/decoysdb"
	"github.com/warder-project/warder/internal/access/standing"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/access/throttle/throttledb"
	"github.com/warder-project/warder/internal/app/alarm"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/app/naming"
	"github.com/warder-project/warder/internal/app/oversight"
	"github.com/warder-project/warder/internal/app/post"
	"github.com/warder-project/warder/internal/app/risks"
	"github.com/warder-project/warder/internal/app/secrets"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/mail/maildb"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/seal/sealdb"
	"github.com/warder-project/warder/internal/doors/gateway/keyset"
	"github.com/warder-project/warder/internal/doors/gateway/keyset/keysetdb"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/feeds/fido/fidodb"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/evidence/evidencedb"
	"github.com/warder-project/warder/internal/registry/addresses"
	"github.com/warder-project/warder/internal/registry/addresses/addressesdb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/webauthn"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keysdb"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/people/peopledb"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/registry/services/servicesdb"
)

// Settings is what it takes to open Warder.
type Settings struct {
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time
	AsItIs bool // leave the database at the steps it has taken
	Serve  bool // this process will answer requests; at most one per SQLite file
}

// App is Warder, opened: every room, ready to use. Nothing listens yet.
type App struct {
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time

	DB     *db.DB
	Seal   *seal.Sealer
	Health *health.Board
	Mail   *mail.Outbox
	Post   *mail.Courier
	Audit  *audit.Log

	People     *people.Directory
	Addresses  *addresses.Book
	Keys       *keys.Register
	Models     *keys.Models
	Factors    *factors.Factors
	Secrets    *sharedsecret.Book
	Services   *services.Catalogue
	Exceptions exempt.Register
	Oversight  *oversight.Office

	Roles       *roles.Roster
	Sessions    *sessions.Book
	Policies    *versions.Library
	Trials      *trials.Book
	Lockout     *lockout.Desk
	View        *live.View
	Risk        *risks.Desk
	Decisions   *decision.Desk
	LostKey     *lostkey.Desk
	StepUps     *stepup.Desk
	BreakGlass  *breakglass.Desk
	Alarm       *alarm.Bell
	Methods     *methods.Desk
	Recall      *recall.Desk
	Standing    *standing.Desk
	SignIn      *signin.Flow
	Returns     *returns.Desk
	Invitations *invitations.Desk
	Recovery    *recovery.Desk
	Helpdesk    *helpdesk.Desk
	Throttle    *throttle.Guard

	Adoption   *adoption.Counter
	Metadata   *fido.Book
	Evidence   *evidence.Archive
	Keyset     *keyset.Keyset
	Retirement *retirement.Desk
}

// Open opens the database, brings it up to date, checks the master key and
// builds every room. Whoever gets an App must Close it.
func Open(ctx context.Context, s Settings) (*App, error) {
	a := &App{Config: s.Config, Log: s.Log, Now: s.Now, Health: health.NewBoard(s.Now)}
	var err error
	a.DB, err = db.Open(ctx, db.Options{URL: s.Config.Database, Log: s.Log, Now: s.Now, Exclusive: s.Serve, Trouble: a.databaseTrouble})
	if err != nil {
		return nil, err
	}
	if !s.AsItIs {
		err = a.DB.Migrate(ctx)
	}
	if err == nil {
		err = a.build(ctx)
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Close closes the database.
func (a *App) Close() error { return a.DB.Close() }

func (a *App) build(ctx context.Context) error {
	sealer, err := sealdb.Open(ctx, a.DB, a.Config.MasterKey)
	if err != nil {
		return err
	}
	a.Seal = sealer
	a.Audit = audit.New(audit.Deps{Store: auditdb.New(a.DB), Tx: a.DB, Now: a.Now, Log: a.Log, Sealer: sealer, Witness: a.notify})
	a.Mail = mail.New(mail.Deps{Store: maildb.New(a.DB), Now: a.Now, Delivers: a.Config.SendsMail()})
	a.Post = post.Open(a.Config, maildb.New(a.DB), a.Now, a.Log)
	if err := a.buildRegistry(); err != nil {
		return err
	}
	a.buildAccess()
	a.Metadata = fido.New(fido.Deps{Store: fidodb.New(a.DB), Models: a.Models, Recall: a.Recall, Tx: a.DB, Audit: a.Audit, Now: a.Now})
	a.buildMethods()
	a.Evidence = evidence.New(evidence.Deps{Store: evidencedb.New(a.DB), Tx: a.DB, Audit: a.Audit, Sealer: sealer, Now: a.Now, Log: a.Log})
	a.Keyset = keyset.New(keyset.Deps{Store: keysetdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Seal: sealer, Now: a.Now})
	return nil
}

func (a *App) buildRegistry() error {
	keyStore := keysdb.New(a.DB)
	a.Addresses = addresses.New(addresses.Deps{Store: addressesdb.New(a.DB), Now: a.Now})
	a.People = people.New(people.Deps{Store: peopledb.New(a.DB), Tx: a.DB, Audit: a.Audit, Now: a.Now, Moved: a.Addresses.Replaced})
	a.Keys = keys.New(keys.Deps{Store: keyStore, Tx: a.DB, Audit: a.Audit, Now: a.Now})
	a.Models = keys.NewModels(keys.ModelDeps{Store: keysdb.NewModels(a.DB), Tx: a.DB, Audit: a.Audit, Now: a.Now})
	a.Services = services.New(services.Deps{Store: servicesdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Now: a.Now})
	public := a.Config.Public()
	ceremonies, err := webauthn.New(webauthn.Deps{RPID: public.Hostname(), RPName: "Warder", Origins: []string{public.Scheme + "://" + public.Host}})
	if err != nil {
		return fmt.Errorf("prepare WebAuthn for %s: %w", public.Host, err)
	}
	a.Factors = factors.New(factors.Deps{Store: factorsdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Now: a.Now,
		Keys: a.Keys, Models: a.Models, Ceremonies: ceremonies, AcceptUnattested: !*a.Config.AttestedOnly})
	a.Secrets, err = secrets.Open(secrets.Parts{Config: a.Config, DB: a.DB, Audit: a.Audit, Seal: a.Seal, People: a.People, Now: a.Now})
	return err
}

func (a *App) buildAccess() {
	a.Throttle = throttle.New(throttle.Deps{Store: throttledb.New(a.DB), Tx: a.DB, Audit: a.Audit, Person: a.personNamed, Now: a.Now, Log: a.Log})
	a.Sessions = sessions.New(sessions.Deps{Store: sessionsdb.New(a.DB), Tx: a.DB, Audit: a.Audit, Now: a.Now, Log: a.Log})
	a.BreakGlass = breakglass.New(breakglass.Deps{Store: breakglassdb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys,
		Models: a.Models, Factors: a.Factors, Sessions: a.Sessions, Seal: a.Seal, Now: a.Now, Log: a.Log})
	a.Roles = roles.New(roles.Deps{Store: rolesdb.New(a.DB), People: a.People, Tx: a.DB, Audit: a.Audit, Now: a.Now, Emergency: a.BreakGlass.Administers})
	a.Alarm = alarm.New(alarm.Deps{BreakGlass: a.BreakGlass, Roles: a.Roles, Mail: a.Mail, Health: a.Health, Log: a.Log, Write: a.write,
		PublicURL: a.Config.PublicURL, SecurityContact: a.Config.SecurityContact})
	a.Policies = naming.Names{People: a.People, Services: a.Services}.Library(a.DB, versions.Deps{Audit: a.Audit, Now: a.Now,
		MayEnforce: func(ctx context.Context, asked versions.Enforcing) error { return a.Lockout.MayEnforce(ctx, asked) }})
	a.Trials = trials.New(trials.Deps{Store: trialsdb.New(a.DB), Tx: a.DB, Now: a.Now})
	a.Lockout = lockout.Open(lockout.Parts{DB: a.DB, Audit: a.Audit, People: a.People, Keys: a.Keys, Factors: a.Factors, Services: a.Services, Roles: a.Roles,
		Sessions: a.Sessions, BreakGlass: a.BreakGlass, Policies: a.Policies, Secrets: a.heldSecrets, Now: a.Now})
	a.Risk = risks.Open(risks.Parts{Config: a.Config, DB: a.DB, Seal: a.Seal, Audit: a.Audit, Sessions: a.Sessions, People: a.People, Throttle: a.Throttle,
		Health: a.Health, Tell: a.write, HasKey: a.Factors.Works, View: func() *live.View { return a.View }, Methods: func() *methods.Desk { return a.Methods }, Now: a.Now, Log: a.Log})
	reader := livedb.New(a.DB)
	a.View = live.New(live.Deps{Reader: reader, Book: a.Sessions, Now: a.Now, Log: a.Log, Changed: a.viewChanged})
	a.Decisions = decision.New(decision.Deps{View: a.View, Store: decisiondb.New(a.DB), Tx: a.DB, Now: a.Now, Log: a.Log,
		Changed: a.recordingChanged, Trials: a.Trials, Unusual: a.Risk.Unusual, Audit: a.Audit, Months: a.Config.DecisionsKept, Reader: reader, SessionsOf: a.Sessions.OfPerson, Credentials: a.Factors.OfPerson, Suppose: a.Factors.Suppose})
	a.Oversight = oversight.Open(exempt.House{People: a.People, Services: a.Services, Roles: a.Roles, Sessions: a.Sessions, Decisions: a.Decisions,
		Now: a.Now, Write: a.write}, oversight.Parts{DB: a.DB, Audit: a.Audit, Keys: a.Keys, PublicURL: a.Config.Public()})
	a.Exceptions = a.Oversight.Exceptions
	a.LostKey = lostkey.New(lostkey.Deps{Keys: a.Keys, Factors: a.Factors, Sessions: a.Sessions, Tx: a.DB, Audit: a.Audit, Now: a.Now, Log: a.Log})
	a.StepUps = stepup.New(stepup.Deps{Store: stepupdb.New(a.DB, a.Seal), Keys: a.Factors, Tx: a.DB, Audit: a.Audit, Now: a.Now})
	a.Methods = methods.New(methods.Deps{Keys: a.Keys, Factors: a.Factors, Sessions: a.Sessions, Tx: a.DB, Now: a.Now, Fresh: signin.FreshForNewKey(), Spared: a.Roles.MaySpare})
	a.Recall = recall.New(recall.Deps{Models: a.Models, Factors: a.Factors, Sessions: a.Sessions, Tx: a.DB, Now: a.Now})
	a.Standing = standing.New(standing.Deps{People: a.People, Keys: a.Keys, Sessions: a.Sessions, Roles: a.Roles, Tx: a.DB, Now: a.Now})
	a.Invitations = invitations.New(invitations.Deps{Store: invitationsdb.New(a.DB), Tx: a.DB, Audit: a.Audit, People: a.People,
		Keys: a.Keys, Factors: a.Factors, Administrators: a.Roles, Guard: passGuard{a.Throttle}, Follower: following{a}, Now: a.Now})
	a.Recovery = a.newRecovery()
	a.Helpdesk = a.newHelpdesk()
	a.SignIn = signin.New(signin.Deps{
		Attempts: attempts.New(attempts.Deps{Store: attemptsdb.New(a.DB), Tx: a.DB, Now: a.Now}),
		Decoys:   decoys.New(decoysdb.New(a.DB)), Tx: a.DB, Audit: a.Audit, People: a.People, Factors: a.Factors,
		Sessions: a.Sessions, Invitations: a.Invitations, Secrets: a.Secrets, Guard: guessGuard{a.Throttle}, Accepts: a.accepts, Privileged: a.holdsRole, Arrivals: a.Risk.Arrivals, Now: a.Now, Log: a.Log})
	a.Returns = returns.New(returns.Deps{Sessions: a.Sessions, Services: a.View.Routes, Portal: a.Config.Public(), Now: a.Now})
}

// Invite makes a one-time link with which a person registers a key, as an
// address to open in a browser. It is a secret: print it once and forget it.
func (a *App) Invite(ctx context.Context, actor audit.Actor, person ids.Person, ttl time.Duration) (string, error) {
	token, err := a.Recovery.Invite(ctx, actor, person, ttl)
	if err != nil {
		return "", err
	}
	return a.enrolAddress(token.Reveal()), nil
}

func (a *App) enrolAddress(token string) string {
	return a.Config.Public().JoinPath(signin.EnrolPath, token).String()
}

// personNamed is whose sign-in name it is, or "" when nobody's.
func (a *App) personNamed(ctx context.Context, userName string) (ids.Person, error) {
	person, err := a.People.ByUserName(ctx, userName)
	if problem.Is(err, people.NotFound) {
		return "", nil
	}
	return person.ID, err
}

// RecordAlone writes an audit entry about something that is not in the database.
func (a *App) RecordAlone(ctx context.Context, event audit.Event) error {
	return a.DB.InTx(ctx, func(ctx context.Context) error { return a.Audit.Record(ctx, event) })
}
