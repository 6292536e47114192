package decision

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/trace"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/services"
)

// Supposition is a question that nobody has asked a door: would this person be
// let into this service?
type Supposition struct {
	Person  ids.Person
	Service ids.Service
	At      time.Time  // zero is now
	IP      netip.Addr // only repeated: no rule looks at the address, which is never a reason to ask for less
	// Key supposes that the person signs in with this key, and its PIN, at At.
	// When it is empty, the best session the person has is taken, if there is one.
	Key ids.Key
	// Signals supposes what would be unusual about the request; the rest is not known.
	Signals policy.Signals
}

// Explanation is the answer, with everything that led to it.
type Explanation struct {
	At        time.Time
	IP        netip.Addr
	Person    live.Person
	Groups    []string
	Service   live.Service
	Session   *live.Session // nil when the person is not signed in
	Supposed  bool          // Session is supposed, not real
	Assurance assurance.Assurance
	Trace     trace.Trace
}

// Explain works out a supposition from the store, with the code that answers
// requests. Nothing is recorded. Problems: PersonMissing, ServiceMissing,
// KeyMissing.
func (d *Desk) Explain(ctx context.Context, what Supposition) (Explanation, error) {
	if what.At.IsZero() {
		what.At = d.deps.Now()
	}
	explanation := Explanation{At: what.At, IP: what.IP}
	if err := d.findBoth(ctx, what, &explanation); err != nil {
		return Explanation{}, err
	}
	compiled, err := d.readPolicy(ctx)
	if err != nil {
		return Explanation{}, err
	}
	facts := policy.Facts{At: what.At, Vouched: true, ServiceKnown: policy.Yes, Service: explanation.Service.Slug,
		ServiceAdmitted: policy.Of(explanation.Service.State == services.Admitted), Session: policy.SessionNone, Signals: what.Signals}
	if err := d.findSession(ctx, what, &explanation); err != nil {
		return Explanation{}, err
	}
	if explanation.Session != nil {
		if err := d.fill(ctx, &explanation, &facts); err != nil {
			return Explanation{}, err
		}
	}
	explanation.Trace = trace.Of(compiled, &facts)
	return explanation, nil
}

func (d *Desk) findBoth(ctx context.Context, what Supposition, explanation *Explanation) error {
	people, err := d.deps.Reader.People(ctx, []string{string(what.Person)})
	if err != nil {
		return fmt.Errorf("read %s: %w", what.Person, err)
	}
	if len(people) == 0 {
		return PersonMissing.New()
	}
	explanation.Person, explanation.Groups = people[0].Person, policy.GroupsOf(people[0].Groups...).Names()
	all, err := d.deps.Reader.Services(ctx)
	if err != nil {
		return fmt.Errorf("read services: %w", err)
	}
	for _, service := range all {
		if service.ID == what.Service {
			explanation.Service = service
			return nil
		}
	}
	return ServiceMissing.New()
}

func (d *Desk) readPolicy(ctx context.Context) (*policy.Compiled, error) {
	texts, err := d.deps.Reader.Policy(ctx)
	if err != nil || !texts.Published {
		return nil, err
	}
	parsed, err := rulebook.Parse("policy", []byte(texts.Enforced))
	if err != nil {
		return nil, err
	}
	return policy.Compile(parsed), nil
}

func (d *Desk) findSession(ctx context.Context, what Supposition, explanation *Explanation) error {
	if what.Key != "" {
		return d.supposeSession(ctx, what, explanation)
	}
	all, err := d.deps.SessionsOf(ctx, what.Person)
	if err != nil {
		return err
	}
	var best *live.Session
	for i := range all {
		session := &all[i]
		if session.Parent != "" {
			continue // gate sessions have what their parent has
		}
		if best == nil || session.Assurance.AAL > best.Assurance.AAL ||
			session.Assurance.AAL == best.Assurance.AAL && session.AuthTime.After(best.AuthTime) {
			best = session
		}
	}
	if best != nil {
		explanation.Session, explanation.Assurance = best, best.Assurance
	}
	return nil
}

// supposeSession is the session that a sign-in with the key would begin.
func (d *Desk) supposeSession(ctx context.Context, what Supposition, explanation *Explanation) error {
	all, err := d.deps.Credentials(ctx, what.Person)
	if err != nil {
		return err
	}
	var credential *factors.Credential
	for i := range all {
		if all[i].Key == what.Key && (credential == nil || all[i].State == factors.Active) {
			credential = &all[i]
		}
	}
	if credential == nil {
		return KeyMissing.New()
	}
	have, err := d.deps.Suppose(ctx, *credential)
	if err != nil {
		return err
	}
	_, absolute := assurance.Limits(have.AAL)
	explanation.Supposed, explanation.Assurance = true, have
	explanation.Session = &live.Session{Person: what.Person, Credential: credential.ID, Key: credential.Key, Assurance: have,
		AuthTime: what.At, CreatedAt: what.At, LastSeenAt: what.At, AbsoluteEnd: what.At.Add(absolute)}
	return nil
}

// fill puts the session and what it was begun with into the facts.
func (d *Desk) fill(ctx context.Context, explanation *Explanation, facts *policy.Facts) error {
	subject, state, err := live.Assemble(ctx, d.deps.Reader, explanation.Session, explanation.At)
	if err != nil {
		return fmt.Errorf("read what session %s was begun with: %w", explanation.Session.ID, err)
	}
	subject.Fill(facts, state)
	exceptions, err := d.deps.Reader.Exceptions(ctx)
	if err != nil {
		return fmt.Errorf("read exceptions: %w", err)
	}
	facts.Exceptions = live.NewWaivers(exceptions).For(explanation.Person.ID, facts.Groups, explanation.Service.ID, "", explanation.At)
	return nil
}

// Text is the explanation for a terminal. It ends with a line break.
func (e Explanation) Text() string {
	var b strings.Builder
	groups := "no group"
	if len(e.Groups) > 0 {
		groups = strings.Join(e.Groups, ", ")
	}
	fmt.Fprintf(&b, "Person   %s (%s), in %s\n", e.Person.UserName, e.Person.ID, groups)
	fmt.Fprintf(&b, "Service  %s (%s)\n", e.Service.Slug, e.Service.ID)
	fmt.Fprintf(&b, "At       %s\n", e.At.UTC().Format(time.RFC3339))
	if e.IP.IsValid() {
		fmt.Fprintf(&b, "From     %s (no rule looks at the address)\n", e.IP)
	}
	switch {
	case e.Session == nil:
		b.WriteString("Session  none: not signed in\n")
		if !e.Person.MaySignIn(e.At) {
			fmt.Fprintf(&b, "Note     %s may not sign in at this time (%s), so they get no further than the sign-in page.\n", e.Person.UserName, e.Person.State)
		}
	case e.Supposed:
		fmt.Fprintf(&b, "Session  supposed: signs in now with %s, which proves %s\n", e.Session.Key, e.Assurance)
	default:
		fmt.Fprintf(&b, "Session  %s, signed in %s with %s: %s\n", e.Session.ID, e.Session.AuthTime.UTC().Format(time.RFC3339), e.Session.Key, e.Assurance)
	}
	if e.Session != nil {
		class := e.Assurance.Method.Class()
		fmt.Fprintf(&b, "Method   %s (%s)\n", class.Name, class.Word)
	}
	b.WriteByte('\n')
	b.WriteString(e.Trace.Text())
	return b.String()
}
