package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// story is two nodes on one database to which random things happen. Only the
// first node is asked; it hears of what the second does late, or not at all and
// then it doubts.
type story struct {
	*scene
	other   *decisiontest.House
	pending []tx.Change // what the other node has changed and this one has not heard
	random  *rand.Rand
	holders []decisiontest.Holder
	open    []opened
	log     []string
	allowed int
	version int
}

type opened struct {
	token  secret.Value
	id     ids.Session
	holder decisiontest.Holder
	over   bool // has once been told that its time was up
}

func TestNoOrderOfEventsLetsTheWrongPersonIn(t *testing.T) {
	t.Parallel()
	allowed := 0
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := begin(t, seed)
			for range 150 {
				s.happen(t)
				s.check(t)
				if t.Failed() {
					t.Fatalf("after %v", s.log)
				}
			}
			allowed += s.allowed
		})
	}
	if allowed < 500 {
		t.Errorf("only %d requests were allowed: the test shows too little", allowed)
	}
}

func begin(t *testing.T, seed uint64) *story {
	url := dbtest.SQLiteURL(t)
	s := &story{scene: set(t, dbtest.Open(t, url)), random: rand.New(rand.NewPCG(seed, 5))}
	second := dbtest.Open(t, url)
	second.OnCommit(func(_ context.Context, changes []tx.Change) { s.pending = append(s.pending, changes...) })
	s.other = decisiontest.OpenWith(t, second, s.Clock, livedb.New(second), func(*decision.Deps) {})
	for i := range 6 {
		s.holders = append(s.holders, s.Somebody(t, fmt.Sprint("person-", i)))
	}
	return s
}

// node picks who acts. When it is the other node, this one either hears of it at
// once, or begins to doubt, as Follow would have it.
func (s *story) node(t *testing.T, act func(h *decisiontest.House) error) {
	h, name := s.House, "here"
	if s.random.IntN(3) == 0 {
		h, name = s.other, "there"
	}
	s.log[len(s.log)-1] += " " + name
	// What is not possible in this state (a key that is lost already) is refused
	// by its room and changes nothing.
	if err := act(h); err != nil {
		s.log[len(s.log)-1] += " (refused)"
	}
	if len(s.pending) == 0 {
		return
	}
	if s.random.IntN(5) == 0 {
		s.View.Doubt("a change was missed")
	} else {
		s.View.Apply(t.Context(), s.pending)
	}
	s.pending = nil
}

func (s *story) happen(t *testing.T) {
	ctx, clerk := t.Context(), decisiontest.Desk()
	holder := s.holders[s.random.IntN(len(s.holders))]
	events := []struct {
		weight int
		name   string
		do     func()
	}{
		{8, "sign in", func() { s.signIn(t, holder) }},
		{2, "good policy", func() { s.publish(t, true) }},
		{4, "mended", func() { s.reader.broken.Store(false); s.try(s.View.Mend(ctx)) }},
		{2, "new person", func() {
			s.holders[s.random.IntN(len(s.holders))] = s.Somebody(t, fmt.Sprint("new-", len(s.log)))
		}},
		{4, "new key", func() {
			for i := range s.holders {
				if s.holders[i].Person.ID == holder.Person.ID {
					s.holders[i].Key, s.holders[i].Credential = s.EnrolledKey(t, holder.Person.ID)
				}
			}
		}},
		{3, "gate", func() { s.gate(t) }},
		{2, "end", func() {
			if len(s.open) > 0 {
				one := s.open[s.random.IntN(len(s.open))]
				s.node(t, func(h *decisiontest.House) error { return h.Sessions.End(ctx, clerk, one.id, sessions.SignedOut) })
			}
		}},
		{1, "lost", func() {
			s.node(t, func(h *decisiontest.House) error {
				_, err := h.LostKey.Report(ctx, clerk, holder.Key.ID, keys.Lost, time.Time{})
				return err
			})
		}},
		{1, "block only", func() {
			s.node(t, func(h *decisiontest.House) error {
				_, err := h.Keys.Block(ctx, clerk, holder.Key.ID, keys.Stolen)
				return err
			})
		}},
		{1, "suspend credential", func() {
			s.node(t, func(h *decisiontest.House) error {
				_, err := h.Factors.SuspendOfKey(ctx, clerk, holder.Key.ID, "clone")
				return err
			})
		}},
		{1, "suspend", func() {
			s.node(t, func(h *decisiontest.House) error {
				_, err := h.People.Suspend(ctx, clerk, holder.Person.ID, time.Time{}, "x")
				return err
			})
		}},
		{3, "reinstate", func() {
			s.node(t, func(h *decisiontest.House) error {
				_, err := h.People.Reinstate(ctx, clerk, holder.Person.ID, "x")
				return err
			})
		}},
		{1, "policy that lets nobody in", func() { s.publish(t, false) }},
		{3, "later", func() { s.Clock.Advance(time.Duration(s.random.IntN(6)) * time.Minute) }},
		{2, "earlier", func() { s.Clock.Advance(-time.Duration(s.random.IntN(90)) * time.Second) }},
		{1, "load", func() { s.try(s.View.Load(ctx)) }},
		{1, "sure", func() { s.View.Sure(ctx) }},
		{8, "sure", func() {
			if !s.reader.broken.Load() {
				s.View.Sure(ctx)
			}
		}},
		{1, "doubt", func() { s.View.Doubt("for no reason") }},
		{3, "broken", func() { s.reader.broken.Store(!s.reader.broken.Load() && s.random.IntN(2) == 0) }},
		{1, "flush", func() { s.try(s.View.Flush(ctx)) }},
		{1, "sweep", func() { _, err := s.Sessions.EndExpired(ctx); s.try(err) }},
	}
	total := 0
	for _, event := range events {
		total += event.weight
	}
	at, chosen := s.random.IntN(total), 0
	for at >= events[chosen].weight {
		at -= events[chosen].weight
		chosen++
	}
	event := events[chosen]
	s.log = append(s.log, event.name)
	event.do()
}

// try notes an error: a broken database makes some, and what follows must hold
// all the same.
func (s *story) try(err error) {
	if err != nil {
		s.log[len(s.log)-1] += " (failed)"
	}
}

func (s *story) signIn(t *testing.T, holder decisiontest.Holder) {
	s.node(t, func(h *decisiontest.House) error {
		session, token := h.SignIn(t, holder, decisiontest.Best())
		s.open = append(s.open, opened{token: token, id: session.ID, holder: holder})
		return nil
	})
}

func (s *story) gate(t *testing.T) {
	if len(s.open) == 0 {
		return
	}
	below := s.open[s.random.IntN(len(s.open))]
	s.node(t, func(h *decisiontest.House) error {
		ticket, err := h.Sessions.Ticket(t.Context(), below.id, "payroll.example.org")
		if err != nil {
			return err
		}
		session, token, err := h.Sessions.Redeem(t.Context(), ticket, "payroll.example.org")
		if err == nil {
			s.open = append(s.open, opened{token: token, id: session.ID, holder: below.holder})
		}
		return err
	})
}

func (s *story) publish(t *testing.T, good bool) {
	s.version++
	text := decisiontest.Everybody(fmt.Sprint("p", s.version))
	if !good {
		text = fmt.Sprintf("version: p%d\nrules: []\n", s.version)
	}
	s.node(t, func(h *decisiontest.House) error {
		_, err := h.Policies.Publish(t.Context(), audit.Nobody(), versions.Text{Name: "p", Body: []byte(text)}, versions.EnforceOptions{})
		return err
	})
}

// check asks for every session, and compares with what the rooms themselves say.
func (s *story) check(t *testing.T) {
	t.Helper()
	for i := range s.open {
		one := &s.open[i]
		got := s.Ask(t, "payroll", one.token).Verdict
		if got.Has(policy.CodeSessionIdle) || got.Has(policy.CodeSessionExpired) {
			one.over = true
		}
		if got.Effect != policy.Allow {
			continue
		}
		s.allowed++
		if one.over {
			t.Errorf("a session whose time was up is back")
		}
		if why := s.objection(t, one); why != "" {
			t.Errorf("allowed although %s", why)
		}
	}
}

// objection is the naive oracle: it reads the store through the rooms.
func (s *story) objection(t *testing.T, one *opened) string {
	ctx := t.Context()
	session, err := s.Sessions.Get(ctx, one.id)
	if err != nil || !session.EndedAt.IsZero() || !s.Clock.Now().Before(session.AbsoluteEnd) {
		return fmt.Sprintf("session %s has ended (%q, %v)", one.id, session.EndReason, err)
	}
	if session.Parent != "" {
		if parent, err := s.Sessions.Get(ctx, session.Parent); err != nil || !parent.EndedAt.IsZero() {
			return "its parent has ended"
		}
	}
	if person, err := s.People.Get(ctx, session.Person); err != nil || !person.MaySignIn(s.Clock.Now()) {
		return "the person may not sign in"
	}
	if key, err := s.Keys.Get(ctx, session.Key); err != nil || !key.State.MaySignIn() {
		return "the key is " + string(key.State)
	}
	all, err := s.Factors.OfPerson(ctx, session.Person)
	if err != nil {
		return err.Error()
	}
	active := false
	for _, credential := range all {
		active = active || credential.ID == session.Credential && credential.State == factors.Active
	}
	if !active {
		return "the credential is not active"
	}
	if _, parsed, err := s.Policies.Current(ctx); err != nil || len(parsed.Rules) == 0 {
		return "the policy lets nobody in"
	}
	return ""
}
