package demo

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/app/demo/department"
	"github.com/warder-project/warder/internal/app/demo/keyring"
	"github.com/warder-project/warder/internal/app/demo/past"
	"github.com/warder-project/warder/internal/app/demo/relief"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

const seed = 20261123

// historian is who the audit record names for what was made up.
func historian() audit.Actor { return audit.Command("demo") }

// The policies of the department: the first, and the one in force, which accepts
// recovery codes besides.
const (
	firstPolicy = `version: demo-1
methods: # for those who wait for a key; never good enough for payroll
  password: {until: %[1]s}
  totp: {until: %[1]s}
rules:
  - id: intranet
    title: The intranet needs two factors
    services: [intranet]
    require: {aal: 2}
  - id: payroll
    title: Payroll needs a hardware key of a proven model, used today
    services: [payroll]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true, user_verified: true, max_age: 8h}
  - id: payroll-robots
    title: Programs stay out of payroll
    services: [payroll]
    groups: [robots]
    deny: true
  - id: payroll-from-abroad
    title: From a country that is new for somebody, the key is touched again
    services: [payroll]
    when: signals.new_country || signals.impossible_travel
    unknown: ignored # where nobody knows, the rules above are what payroll asks
    require: {aal: 3, max_age: 5m}
`
	secondPolicy = `version: demo-2
methods: # for those who wait for a key; never good enough for payroll
  password: {until: %[1]s}
  totp: {until: %[1]s}
  recovery_code: {}
rules:
  - id: intranet
    title: The intranet needs two factors
    services: [intranet]
    require: {aal: 2}
  - id: payroll
    title: Payroll needs a hardware key of a proven model, used today
    services: [payroll]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true, user_verified: true, max_age: 8h}
  - id: payroll-robots
    title: Programs stay out of payroll
    services: [payroll]
    groups: [robots]
    deny: true
  - id: payroll-from-abroad
    title: From a country that is new for somebody, the key is touched again
    services: [payroll]
    when: signals.new_country || signals.impossible_travel
    unknown: ignored # where nobody knows, the rules above are what payroll asks
    require: {aal: 3, max_age: 5m}
`
)

// makeHistory lives through fourteen months with the clock turned back, so that
// everything that is dated has the date it would have had.
func (d *Demo) makeHistory(ctx context.Context) error {
	defer d.clock.StopPretending()
	now := time.Now().UTC()
	rows := department.Make(seed, now)
	for month := range department.Months {
		at := now.AddDate(0, month-department.Months+1, 0).Add(-time.Hour)
		d.clock.Pretend(at)
		if err := d.month(ctx, month, rows); err != nil {
			return fmt.Errorf("month %d: %w", month, err)
		}
		if err := d.exports(ctx, month, rows, at); err != nil {
			return fmt.Errorf("exports of month %d: %w", month, err)
		}
	}
	before := past.Scene{App: d.App, Rows: rows, Seed: seed, Until: secretsUntil(now)}
	if err := before.Make(ctx, now.AddDate(0, 0, -11)); err != nil {
		return fmt.Errorf("what was decided: %w", err)
	}
	d.clock.Pretend(now.AddDate(0, 0, -1))
	if err := before.Draft(ctx, historian()); err != nil {
		return err
	}
	if err := d.lately(ctx, now); err != nil {
		return err
	}
	d.clock.StopPretending()
	if err := d.App.Decisions.Flush(ctx); err != nil {
		return err
	}
	_, err := d.App.Audit.SealPending(ctx)
	return err
}

// month is what happened in the department itself.
func (d *Demo) month(ctx context.Context, month int, rows []people.Row) error {
	switch month {
	case 0:
		if err := d.foundation(ctx, rows); err != nil {
			return err
		}
		_, err := d.App.Policies.Publish(ctx, historian(), versions.Text{Name: "demo-1.yaml", Body: fmt.Appendf(nil, firstPolicy, secretsUntil(time.Now()))},
			versions.EnforceOptions{})
		return err
	case 7:
		return d.stock(ctx, rows)
	case 10:
		_, err := d.App.Policies.Publish(ctx, historian(), versions.Text{Name: "demo-2.yaml", Body: fmt.Appendf(nil, secondPolicy, secretsUntil(time.Now()))},
			versions.EnforceOptions{})
		return err
	}
	return nil
}

// secretsUntil is the last day of passwords and codes in the policies.
func secretsUntil(now time.Time) string { return now.AddDate(0, 4, 0).Format(time.DateOnly) }

// foundation is the first day: people, roles, the model of the demo’s keys, the old payroll.
func (d *Demo) foundation(ctx context.Context, rows []people.Row) error {
	if _, err := d.App.People.Import(ctx, historian(), rows, people.Apply); err != nil {
		return err
	}
	if _, err := d.App.People.AddGroup(ctx, historian(), "robots"); err != nil {
		return err
	}
	for userName, role := range map[string]roles.Role{department.Administrator: roles.Administrator, department.ServiceDesk: roles.ServiceDesk} {
		person, err := d.App.People.ByUserName(ctx, userName)
		if err != nil {
			return err
		}
		if err := d.App.Roles.Grant(ctx, historian(), person.ID, role); err != nil {
			return err
		}
	}
	_, err := d.App.Models.Put(ctx, historian(), keys.Model{AAGUID: keyring.Model, Vendor: "Warder", Name: "demo key (software)", Allowed: true, HardwareBound: true, Roots: d.keys.RootPEM()})
	if err != nil {
		return err
	}
	owner, err := d.App.People.ByUserName(ctx, department.Staff)
	if err != nil {
		return err
	}
	old, err := d.App.Services.Add(ctx, historian(), services.NewService{
		Slug: "payroll", Name: "Payroll 2004", Owner: owner.ID, Impact: 4,
		Routes: []services.NewRoute{{Host: "localhost:" + strconv.Itoa(d.ports.gateway), PathPrefix: "/payroll", Upstream: "http://" + address(d.ports.payroll)}},
	})
	if err != nil {
		return err
	}
	for _, action := range []services.Action{
		{Name: "export", Title: "Export the payroll", Methods: []string{"GET"}, Path: "/payroll/export", RowsOver: 5000, ResponseOver: 10_000_000},
		{Name: "bank", Title: "Change where your pay goes", Methods: []string{"POST"}, Path: "/payroll/bank"},
	} {
		if _, err := d.App.Services.SetAction(ctx, historian(), old.ID, action); err != nil {
			return err
		}
	}
	// Behind another proxy, which asks at /authz; here it is for trying policies on.
	_, err = d.App.Services.Add(ctx, historian(), services.NewService{Slug: "intranet", Name: "Intranet", Owner: owner.ID, Impact: 2,
		Routes: []services.NewRoute{{Host: "intranet.department.example", PathPrefix: "/"}}})
	return err
}

// stock is when the department bought keys: some are handed out and registered,
// some are held but not used yet, most are in the drawer.
func (d *Demo) stock(ctx context.Context, rows []people.Row) error {
	var digital []people.Row
	for _, row := range rows {
		if row.Department == "Digital" && row.UserName != department.Administrator && row.UserName != department.ServiceDesk {
			digital = append(digital, row)
		}
	}
	for i := range 120 {
		key, err := d.App.Keys.Add(ctx, historian(), keys.NewKey{Serial: strconv.Itoa(24180000 + 7*i), Model: keyring.Model, Label: "Spring order"})
		if err != nil {
			return err
		}
		if i >= 45 || i >= len(digital) {
			continue
		}
		person, err := d.App.People.ByUserName(ctx, digital[i].UserName)
		if err != nil {
			return err
		}
		if _, err := d.App.Keys.Issue(ctx, historian(), key.ID, person.ID); err != nil {
			return err
		}
		if i < 30 {
			if err := d.register(ctx, person, key.Serial); err != nil {
				return err
			}
		}
	}
	return nil
}

// register is a whole ceremony with a fresh demo key.
func (d *Demo) register(ctx context.Context, person people.Person, serial string) error {
	holder := factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
	options, state, err := d.App.Factors.BeginRegistration(ctx, holder)
	if err != nil {
		return err
	}
	answer, err := d.keys.Create(options)
	if err != nil {
		return err
	}
	_, err = d.App.Factors.FinishRegistration(ctx, audit.Person(person.ID), holder, state, answer, factors.NewKey{Serial: serial, Label: "Demo key"})
	return err
}

// lately is the last ten days: the named people get their keys, some people use
// payroll, one key is lost.
func (d *Demo) lately(ctx context.Context, now time.Time) error {
	d.clock.Pretend(now.AddDate(0, 0, -10))
	for _, userName := range []string{department.Administrator, department.ServiceDesk, department.Staff} {
		person, err := d.App.People.ByUserName(ctx, userName)
		if err != nil {
			return err
		}
		if err := d.register(ctx, person, ""); err != nil {
			return err
		}
	}
	users, _, err := d.App.People.List(ctx, people.Filter{Department: "Digital", Limit: 60})
	if err != nil {
		return err
	}
	eased := relief.Scene{App: d.App, Host: "localhost:" + strconv.Itoa(d.ports.gateway), Owner: department.Administrator, Approver: department.Staff, Users: users}
	if err := eased.Agree(ctx, now); err != nil {
		return fmt.Errorf("make up exceptions: %w", err)
	}
	for days := 9; days >= 1; days-- {
		for i, person := range users {
			if (i+days)%5 != 0 {
				continue
			}
			d.clock.Pretend(now.AddDate(0, 0, -days).Add(time.Duration(i) * 3 * time.Minute))
			if err := d.visit(ctx, person, days); err != nil {
				return err
			}
		}
		d.clock.Pretend(now.AddDate(0, 0, -days).Add(4 * time.Hour))
		if err := eased.Use(ctx, days); err != nil {
			return err
		}
	}
	return d.loseOne(ctx, users)
}

// visit signs somebody in and lets them use payroll; now and then they come
// back when their session is too old, and are asked to sign in again.
func (d *Demo) visit(ctx context.Context, person people.Person, days int) error {
	credentials, err := d.App.Factors.OfPerson(ctx, person.ID)
	if err != nil || len(credentials) == 0 {
		return err
	}
	options, state, err := d.App.Factors.BeginVerification(ctx, person.ID)
	if err != nil {
		return err
	}
	answer, err := d.keys.Get(options)
	if err != nil {
		return err
	}
	proof, err := d.App.Factors.FinishVerification(ctx, state, answer)
	if err != nil {
		return err
	}
	_, token, err := d.App.Sessions.Start(ctx, audit.Person(person.ID), sessions.NewSession{
		Person: person.ID, Credential: proof.Credential.ID, Key: proof.Credential.Key, Assurance: proof.Assurance, AMR: proof.AMR,
		IP: "192.0.2." + strconv.Itoa(10+days), UserAgent: "Mozilla/5.0 (made up)"})
	if err != nil {
		return err
	}
	at := d.clock.Now()
	for i, after := range []time.Duration{time.Minute, 3 * time.Minute, 40 * time.Minute} {
		d.clock.Pretend(at.Add(after))
		d.App.Decisions.Ask(ctx, &decision.Question{Token: token.Hash(), HasToken: true, Portal: true, Host: "localhost:" + strconv.Itoa(d.ports.gateway),
			Path: []string{"/payroll", "/payroll/api/payslip", "/payroll"}[i], Method: "GET", IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(10 + days)}), At: d.clock.Now()})
	}
	return nil
}

// loseOne is the key that somebody left on a train yesterday.
func (d *Demo) loseOne(ctx context.Context, users []people.Person) error {
	for _, person := range users {
		held, err := d.App.Keys.HeldBy(ctx, person.ID)
		if err != nil {
			return err
		}
		if len(held) == 0 || held[0].State != keys.StateEnrolled || person.UserName == department.Administrator || person.UserName == department.ServiceDesk {
			continue
		}
		d.clock.Pretend(time.Now().AddDate(0, 0, -1))
		_, err = d.App.LostKey.Report(ctx, audit.Person(person.ID), held[0].ID, keys.Lost, d.clock.Now())
		return err
	}
	return nil
}
