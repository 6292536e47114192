// Package past makes up fourteen months of decisions for the demo's department, and the
// draft of a policy that is to be tried on them, and tries it.
package past

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/demo/department"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

// Decisions is how many decisions of fourteen months are made up, in one piece and
// not by living through them. A department of 800 would have made about four million;
// so many are enough to try a policy on, and are there in a second.
const Decisions = 20_000

// thirdPolicy is the draft that somebody wants to try on the past: keys for the
// intranet too.
const thirdPolicy = `version: demo-3
methods:
  password: {until: %[1]s}
  totp: {until: %[1]s}
  recovery_code: {}
rules:
  - id: intranet
    title: The intranet needs a security key too
    services: [intranet]
    require: {aal: 2, phishing_resistant: true}
  - id: payroll
    title: Payroll needs a hardware key of a proven model, used today
    services: [payroll]
    require: {aal: 3, phishing_resistant: true, hardware_bound: true, attested: true, user_verified: true, max_age: 8h}
  - id: payroll-robots
    title: Programs stay out of payroll
    services: [payroll]
    groups: [robots]
    deny: true
`

// Scene is the department.
type Scene struct {
	App  *app.App
	Rows []people.Row // who works there
	Seed uint64
	// Until is the last day of passwords and codes in the draft.
	Until string
}

// Make makes up what was decided until a day.
func (s *Scene) Make(ctx context.Context, until time.Time) error {
	all, err := s.App.Policies.List(ctx)
	if err != nil {
		return err
	}
	author := &author{random: rand.New(rand.NewPCG(s.Seed, department.Months)), rows: s.Rows, people: map[string]ids.Person{}, keys: map[string]ids.Key{}, services: map[string]services.Service{}}
	for _, version := range all {
		parsed, err := version.Parsed()
		if err != nil {
			return err
		}
		author.policies = append(author.policies, inForce{version.PublishedAt, policy.Compile(parsed)})
	}
	if err := s.introduce(ctx, author); err != nil {
		return err
	}
	records := author.write(until)
	store := decisiondb.New(s.App.DB)
	for chunk := range slices.Chunk(records, 4000) {
		if err := s.App.DB.InTx(ctx, func(ctx context.Context) error { return store.Keep(ctx, chunk) }); err != nil {
			return fmt.Errorf("keep what was decided: %w", err)
		}
	}
	return nil
}

// Draft saves the draft, whose author is actor.
func (s *Scene) Draft(ctx context.Context, actor audit.Actor) error {
	_, err := s.App.Policies.Import(ctx, actor, versions.Text{Name: "demo-3.yaml", Body: fmt.Appendf(nil, thirdPolicy, s.Until)})
	return err
}

// introduce tells the author who and what there is.
func (s *Scene) introduce(ctx context.Context, a *author) error {
	for after := ""; ; {
		page, next, err := s.App.People.List(ctx, people.Filter{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, person := range page {
			a.people[person.UserName] = person.ID
		}
		if next == "" {
			break
		}
		after = next
	}
	for _, row := range a.rows {
		if row.Department != "Digital" {
			continue
		}
		held, err := s.App.Keys.HeldBy(ctx, a.people[row.UserName])
		if err != nil {
			return err
		}
		if len(held) > 0 {
			a.keys[row.UserName] = held[0].ID
		}
	}
	for _, slug := range []string{"payroll", "intranet"} {
		service, err := s.App.Services.BySlug(ctx, slug)
		if err != nil {
			return err
		}
		a.services[slug] = service
	}
	return nil
}

// inForce is a policy from a moment on.
type inForce struct {
	from   time.Time
	policy *policy.Compiled
}

// author makes up decisions. The same seed and day give the same.
type author struct {
	random   *rand.Rand
	rows     []people.Row
	people   map[string]ids.Person
	keys     map[string]ids.Key // of those who have one
	services map[string]services.Service
	policies []inForce // newest first
}

// write makes up decisions until a day, the oldest first.
func (a *author) write(until time.Time) []decision.Record {
	oldest := a.policies[len(a.policies)-1].from
	moments := make([]time.Time, Decisions)
	for i := range moments {
		moments[i] = a.officeHour(oldest.AddDate(0, 0, 1), until)
	}
	slices.SortFunc(moments, time.Time.Compare)
	records := make([]decision.Record, 0, len(moments))
	for _, at := range moments {
		records = append(records, a.decide(at))
	}
	slices.SortFunc(records, func(x, y decision.Record) int { return cmp.Compare(x.ID, y.ID) })
	return records
}

// officeHour is a moment of a working day, between eight and six.
func (a *author) officeHour(first, last time.Time) time.Time {
	for {
		day := first.Add(time.Duration(a.random.Int64N(int64(last.Sub(first))))).UTC().Truncate(24 * time.Hour)
		at := day.Add(8*time.Hour + time.Duration(a.random.Int64N(int64(10*time.Hour)))).Truncate(time.Millisecond)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && at.After(first) && at.Before(last) {
			return at
		}
	}
}

// decide makes up one request, and has it decided by the policy of its day.
func (a *author) decide(at time.Time) decision.Record {
	row := a.rows[a.random.IntN(len(a.rows))]
	key, slug, path := a.keys[row.UserName], "intranet", "/news"
	// Most of those with a key use payroll; a few of the others try.
	if key != "" && a.random.IntN(3) > 0 || a.random.IntN(60) == 0 {
		slug, path = "payroll", "/payroll"
	}
	service := a.services[slug]
	facts := policy.Facts{At: at, Vouched: true, ServiceKnown: policy.Yes, ServiceAdmitted: policy.Yes, Service: slug, Session: policy.SessionAlive,
		PersonKnown: policy.Yes, PersonMaySignIn: policy.Yes, PersonState: string(people.Active), Groups: policy.GroupsOf(row.Groups...),
		CredentialActive: policy.Yes, UserName: row.UserName, Department: row.Department, Privileged: policy.No,
		Route: string(service.Routes[0].ID), Method: "GET", Path: path, AuthTime: at.Add(-time.Duration(1+a.random.IntN(50)) * time.Minute)}
	if key != "" {
		facts.KeyKnown, facts.KeyMaySignIn, facts.KeyState = policy.Yes, policy.Yes, "enrolled"
		facts.Assurance = assurance.Of(assurance.Observation{UserVerified: true, Attested: true, HardwareBound: true})
	} else {
		facts.NoKey, facts.KeyKnown, facts.Assurance = true, policy.No, assurance.OfSecrets(assurance.Password, assurance.TOTP)
	}
	if a.random.IntN(12) == 0 { // back from lunch
		facts.Session, facts.AuthTime = policy.SessionIdle, at.Add(-3*time.Hour)
	}
	about := decision.About{Person: a.people[row.UserName], Session: ids.New[ids.Session](), Key: key, Service: service.ID,
		IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(a.random.IntN(250) + 1)})}
	return decision.Remember(about, &facts, a.policyAt(at).Decide(&facts))
}

func (a *author) policyAt(at time.Time) *policy.Compiled {
	for _, one := range a.policies {
		if !at.Before(one.from) {
			return one.policy
		}
	}
	return nil // nobody had published any: nobody entered
}
