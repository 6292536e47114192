package risks

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/methods"
	"github.com/warder-project/warder/internal/access/methods/methodsweb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/arrivals"
	"github.com/warder-project/warder/internal/access/risk/arrivals/arrivalsweb"
	"github.com/warder-project/warder/internal/access/risk/objections"
	"github.com/warder-project/warder/internal/access/risk/objections/objectionsweb"
	"github.com/warder-project/warder/internal/access/risk/riskdb"
	"github.com/warder-project/warder/internal/access/risk/riskweb"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/doors/account"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
)

// Parts is what a Desk is built from.
type Parts struct {
	Config   config.Config
	DB       *db.DB
	Seal     *seal.Sealer
	Audit    *audit.Log
	Sessions *sessions.Book
	People   *people.Directory
	Throttle *throttle.Guard
	Health   *health.Board
	Tell     func(ctx context.Context, person ids.Person, subject, text string) error
	HasKey   arrivals.Held
	// View and Methods are there as soon as everything is.
	View    func() *live.View
	Methods func() *methods.Desk
	Now     func() time.Time
	Log     *slog.Logger
}

// Desk is the Watch with what it needs of the other rooms.
type Desk struct {
	*risk.Watch
	Files      *Files
	Objections *objections.Desk
	Arrivals   *arrivals.Gate
	parts      Parts
}

// Open builds the desk. It reads nothing yet.
func Open(p Parts) *Desk {
	d := &Desk{Files: NewFiles(p.Config, p.Health, p.Log), parts: p}
	store := riskdb.New(p.DB)
	d.Watch = risk.New(risk.Deps{Store: store, Tx: p.DB, Audit: p.Audit, Sessions: p.Sessions, Setup: d.Files.Setup,
		Failures: d.failures, Tell: p.Tell, Doubtful: d.doubtful, Now: p.Now, Log: p.Log,
		ObjectionAt: func(token secret.Value) string {
			return p.Config.Public().JoinPath(objectionsweb.NotMePath, token.Reveal()).String()
		}})
	d.Objections = objections.New(objections.Deps{Store: store, Tx: p.DB, Audit: p.Audit, Sessions: p.Sessions, Tell: p.Tell, Now: p.Now})
	d.Arrivals = arrivals.New(d.Watch, d.Objections, p.HasKey)
	return d
}

func (d *Desk) doubtful() bool {
	view := d.parts.View()
	if view == nil {
		return true
	}
	doubt, _ := view.Doubtful()
	return doubt
}

// failures counts the wrong tries at somebody's account in the last hour.
func (d *Desk) failures(ctx context.Context, id ids.Person) (int, error) {
	person, err := d.parts.People.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	return d.parts.Throttle.Since(ctx, person.UserName, d.parts.Now().Add(-time.Hour))
}

// Unusual says what is unusual about a request.
func (d *Desk) Unusual(ctx context.Context, where live.Where) live.Unusual {
	facts := policy.Facts{Session: policy.SessionAlive}
	d.Network(&facts, where.From)
	root := where.Session.ID
	if where.Session.Parent != "" {
		root = where.Session.Parent
	}
	d.Fill(ctx, &facts, risk.Request{Session: root, Person: where.Session.Person, From: where.From, Again: where.Again})
	return live.Unusual{Network: facts.Network, Signals: facts.Signals, Ended: facts.SessionEnd}
}

// Rows are the values behind what is unusual about a session at an address, for
// administrators, as names and values; none when it was not judged.
func (d *Desk) Rows(ctx context.Context, id ids.Session, from netip.Addr) ([][2]string, error) {
	session, err := d.parts.Sessions.Get(ctx, id)
	if problem.Is(err, sessions.NoSuch) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if session.Parent != "" {
		id = session.Parent
	}
	seen, err := d.Seen(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range seen {
		if !seen[i].Network.Contains(from.Unmap()) && from.IsValid() {
			continue
		}
		var rows [][2]string
		for _, row := range seen[i].Rows() {
			rows = append(rows, [2]string{row.Name, row.Value})
		}
		return rows, nil
	}
	return nil, nil
}

// Show is all that is kept of somebody with a sign-in name, as lines of a table.
func (d *Desk) Show(ctx context.Context, userName string) ([][]string, error) {
	person, err := d.parts.People.ByUserName(ctx, userName)
	if err != nil {
		return nil, err
	}
	profile, err := d.Of(ctx, person.ID)
	return profile.Lines(), err
}

// About is what is known of an address, as lines of a table. Problem: risk.NotAnAddress.
func (d *Desk) About(text string) ([][]string, error) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return nil, risk.NotAnAddress.Because(err)
	}
	sight := d.Check(address)
	var lines [][]string
	for _, row := range sight.About() {
		lines = append(lines, []string{row.Name, row.Value})
	}
	return lines, nil
}

// Sure reads memory anew when changes of other nodes are heard again.
func (d *Desk) Sure(ctx context.Context) {
	if err := d.Load(ctx); err != nil {
		d.parts.Log.ErrorContext(ctx, "what is known of sessions could not be read anew", "error", err)
	}
}

// Notice is what somebody must see on their own page of what is unusual; false when
// there is nothing.
func (d *Desk) Notice(ctx context.Context, person ids.Person) (account.Notice, bool, error) {
	open, err := d.Objections.Open(ctx, person)
	if err != nil || len(open) == 0 {
		return account.Notice{}, false, err
	}
	return account.Notice{Text: "Something about a sign-in of yours is unusual: " + open[0].Why() + ".", Link: "Say whether that was you.", Path: objectionsweb.OwnPath}, true, nil
}

// Pages are the pages about what is unusual.
type Pages struct {
	watch *riskweb.Pages
	words *objectionsweb.Pages
}

// Routes are the routes of both rooms.
func (p *Pages) Routes() []web.Route { return append(p.watch.Routes(), p.words.Routes()...) }

// Pages makes the pages about what is unusual.
func (d *Desk) Pages() (*Pages, error) {
	watch, err := riskweb.New(riskweb.Deps{Watch: d.Watch, People: d.parts.People})
	if err != nil {
		return nil, err
	}
	words, err := objectionsweb.New(objectionsweb.Deps{Objections: d.Objections, People: d.parts.People})
	return &Pages{watch, words}, err
}

// Browsers tells browsers apart.
func (d *Desk) Browsers() *arrivalsweb.Browsers {
	return arrivalsweb.NewBrowsers(d.parts.Config.Public(), d.parts.Seal)
}

// Look reads files that have changed, reads memory again if that failed, and keeps
// the conditions. Every node does.
func (d *Desk) Look(ctx context.Context) {
	d.noteStoppedKeys(ctx)
	d.Files.Look()
	if err := d.Mend(ctx); err != nil {
		d.parts.Log.ErrorContext(ctx, "what is known of sessions could not be read", "error", err)
	}
	open, err := d.Objections.CaseList(ctx, true)
	if err != nil {
		d.parts.Log.ErrorContext(ctx, "cases of sign-ins could not be counted", "error", err)
		return
	}
	const code = "risk.case_open"
	if len(open) == 0 {
		d.parts.Health.Clear(code)
		return
	}
	d.parts.Health.Set(health.Condition{Code: code, Severity: health.Warning,
		Cause: fmt.Sprintf("Sign-ins of which somebody said that it was not them: %d.", len(open)),
		Next:  "Look into them at " + objectionsweb.CasesPath + ", and say what was found. This clears when none is left."})
}

// noteStoppedKeys puts keys that stopped themselves among the conditions, until somebody
// has looked into each of them.
func (d *Desk) noteStoppedKeys(ctx context.Context) {
	const code = "factor.in_doubt"
	open, err := d.parts.Methods().Cases(ctx)
	if err != nil {
		d.parts.Log.ErrorContext(ctx, "keys that stopped themselves could not be counted", "error", err)
		return
	}
	if len(open) == 0 {
		d.parts.Health.Clear(code)
		return
	}
	d.parts.Health.Set(health.Condition{Code: code, Severity: health.Warning,
		Cause: fmt.Sprintf("Keys that stopped themselves, because there may be a copy of them: %d.", len(open)),
		Next:  "Look into them at " + methodsweb.Path + ", and say what was found. This clears when none is left."})
}
