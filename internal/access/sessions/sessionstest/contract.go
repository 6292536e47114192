// Package sessionstest is the contract that every store of sessions must keep,
// concurrency included. Only tests import it.
package sessionstest

import (
	order "cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Kept is a store with its units of work, on one empty database.
type Kept struct {
	Store sessions.Store
	Tx    tx.Runner
}

// Monday is when tests happen.
func Monday() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) }

// Session is a session as a store must be able to keep it, with everything known.
func Session() sessions.Session {
	return sessions.Session{
		ID: ids.New[ids.Session](), Person: ids.New[ids.Person](), Credential: ids.New[ids.Credential](), Key: ids.New[ids.Key](),
		Assurance: assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true},
		AMR:       []string{"hwk", "pop", "user", "mfa"}, AuthTime: Monday(), CreatedAt: Monday(), LastSeenAt: Monday(),
		AbsoluteEnd: Monday().Add(12 * time.Hour), IP: "2001:db8::7", UserAgent: "Mozilla/5.0 (Ünïcode)",
	}
}

// Contract checks a store. open gives an empty one each time.
func Contract(t *testing.T, open func(testing.TB) Kept) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Kept){
		"a session comes back as it was kept":            comesBack,
		"what is not there is not found":                 notThere,
		"one hash belongs to one session":                oneHash,
		"a session without a person is refused":          rules,
		"only what Warder has a ceremony for is kept":    methods,
		"ending reaches gate sessions and no others":     endsBelow,
		"the sessions of a key end, and no others":       endsKey,
		"the sessions of a person end, and no others":    endsPerson,
		"what is overdue ends, at most so many at once":  endsOverdue,
		"a session counts for less, unless it has ended": lowers,
		"what has ended does not end again":              endsOnce,
		"last use moves forward only":                    touches,
		"a ticket is good once":                          ticketOnce,
		"a ticket is good for its host and its minute":   ticketElsewhere,
		"a list is narrowed and paged":                   listed,
		"of many with one ticket exactly one gets in":    ticketRace,
		"ending and touching at once leaves it ended":    endTouchRace,
		"an abandoned unit of work leaves the ticket in": abandoned,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func (k Kept) in(t *testing.T, fn func(context.Context) error) {
	t.Helper()
	if err := k.Tx.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (k Kept) begin(t *testing.T, all ...sessions.Session) {
	t.Helper()
	for _, session := range all {
		k.in(t, func(ctx context.Context) error { return k.Store.Begin(ctx, session, HashOf(session.ID)) })
	}
}

// HashOf is a hash that only this session has.
func HashOf(id ids.Session) [32]byte {
	var hash [32]byte
	copy(hash[:], id)
	return hash
}

func (k Kept) end(t *testing.T, which sessions.Which) []ids.Session {
	t.Helper()
	var ended []ids.Session
	k.in(t, func(ctx context.Context) error {
		var err error
		ended, err = k.Store.End(ctx, which, sessions.SignedOut, Monday().Add(time.Hour))
		return err
	})
	slices.Sort(ended)
	return ended
}

func (k Kept) get(t *testing.T, id ids.Session) sessions.Session {
	t.Helper()
	session, found, err := k.Store.ByID(t.Context(), id)
	if err != nil || !found {
		t.Fatalf("session %s: found %v, error %v", id, found, err)
	}
	return session
}

func gate(parent sessions.Session) sessions.Session {
	below := parent
	below.ID, below.Parent, below.Host = ids.New[ids.Session](), parent.ID, "payroll.example.org"
	return below
}

func sorted(all ...ids.Session) []ids.Session {
	slices.Sort(all)
	return all
}

// listed looks at every way in which a list is narrowed, and walks through it in pages.
func listed(t *testing.T, k Kept) {
	var newest []ids.Session
	first := Session()
	for i := range 5 {
		session := Session()
		// Two of a moment: the id decides which comes first.
		session.CreatedAt = session.CreatedAt.Add(time.Duration(i/2) * time.Second)
		if i == 4 {
			session.Person = first.Person
		}
		k.begin(t, session)
		newest = append([]ids.Session{session.ID}, newest...)
	}
	slices.SortFunc(newest, func(a, b ids.Session) int {
		return order.Or(k.get(t, b).CreatedAt.Compare(k.get(t, a).CreatedAt), order.Compare(b, a))
	})
	below := gate(k.get(t, newest[0]))
	k.begin(t, below)
	over, idle := Session(), Session()
	over.AbsoluteEnd, idle.LastSeenAt = Monday().Add(time.Minute), Monday().Add(-time.Hour)
	k.begin(t, over, idle)
	limits := &sessions.Overdue{AbsoluteBy: Monday().Add(time.Minute), SeenBy: map[int]time.Time{1: Monday(), 2: Monday(), 3: Monday().Add(-time.Minute)}}
	var paged []ids.Session
	for after := ids.Session(""); ; {
		page := k.list(t, sessions.Query{Portal: true, Not: limits, After: after, Limit: 2})
		paged = append(paged, page...)
		if len(page) < 2 {
			break
		}
		after = page[1]
	}
	if diff := cmp.Diff(newest, paged); diff != "" {
		t.Errorf("in pages of two (-want +got):\n%s", diff)
	}
	for name, test := range map[string]struct {
		which sessions.Query
		want  []ids.Session
	}{
		"of a person, gate sessions too": {sessions.Query{Person: first.Person}, newest[:1]},
		"below":                          {sessions.Query{Parents: newest[:2]}, []ids.Session{below.ID}},
		"below none":                     {sessions.Query{Parents: newest[3:4]}, nil},
		"after what is not there":        {sessions.Query{After: ids.New[ids.Session]()}, nil},
	} {
		got := k.list(t, test.which)
		if name == "of a person, gate sessions too" {
			test.want = sorted(below.ID, newest[0])
			slices.Sort(got)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	k.end(t, sessions.Which{Session: newest[0]})
	if got := k.list(t, sessions.Query{Person: first.Person}); len(got) != 0 {
		t.Errorf("ended, and still listed: %v", got)
	}
}

func (k Kept) list(t *testing.T, which sessions.Query) []ids.Session {
	t.Helper()
	found, err := k.Store.List(t.Context(), which)
	if err != nil {
		t.Fatal(err)
	}
	var list []ids.Session
	for _, session := range found {
		list = append(list, session.ID)
	}
	return list
}

func comesBack(t *testing.T, k Kept) {
	portal := Session()
	below := gate(portal)
	k.begin(t, portal, below)
	for _, want := range []sessions.Session{portal, below} {
		if diff := cmp.Diff(want, k.get(t, want.ID)); diff != "" {
			t.Error(diff)
		}
		got, found, err := k.Store.ByHash(t.Context(), HashOf(want.ID))
		if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
			t.Error(found, err, diff)
		}
	}
	newer := Session()
	newer.Person, newer.CreatedAt = portal.Person, portal.CreatedAt.Add(time.Second)
	k.begin(t, newer, Session())
	got, err := k.Store.List(t.Context(), sessions.Query{Person: portal.Person})
	if err != nil || len(got) != 3 || got[0].ID != newer.ID {
		t.Errorf("of the person: %d sessions, error %v", len(got), err)
	}
	k.end(t, sessions.Which{Session: portal.ID})
	ended := k.get(t, portal.ID)
	if !ended.EndedAt.Equal(Monday().Add(time.Hour)) || ended.EndReason != sessions.SignedOut {
		t.Errorf("ended at %v because %q", ended.EndedAt, ended.EndReason)
	}
}

func notThere(t *testing.T, k Kept) {
	if _, found, err := k.Store.ByID(t.Context(), "ses_none"); found || err != nil {
		t.Error("by id:", found, err)
	}
	if _, found, err := k.Store.ByHash(t.Context(), [32]byte{1}); found || err != nil {
		t.Error("by hash:", found, err)
	}
	if got := k.end(t, sessions.Which{Session: "ses_none"}); len(got) != 0 {
		t.Error("ended", got)
	}
	err := k.Tx.InTx(t.Context(), func(ctx context.Context) error {
		_, err := k.Store.End(ctx, sessions.Which{}, sessions.SignedOut, Monday())
		return err
	})
	if err == nil {
		t.Error("ending without saying which is not an error")
	}
}

func oneHash(t *testing.T, k Kept) {
	first, second := Session(), Session()
	k.begin(t, first)
	err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Store.Begin(ctx, second, HashOf(first.ID)) })
	if err == nil {
		t.Error("two sessions with one token")
	}
}

func rules(t *testing.T, k Kept) {
	for name, spoil := range map[string]func(*sessions.Session){
		"nobody":         func(s *sessions.Session) { s.Person = "" },
		"no key":         func(s *sessions.Session) { s.Key = "" },
		"key of a code":  func(s *sessions.Session) { s.Assurance = Secrets() },
		"one factor":     func(s *sessions.Session) { s.Key, s.Assurance = "", assurance.OfSecrets(assurance.TOTP) },
		"too much":       func(s *sessions.Session) { s.Key, s.Assurance = "", Secrets(); s.Assurance.PhishingResistant = true },
		"nothing proven": func(s *sessions.Session) { s.Assurance = assurance.Assurance{} },
		"gate of none":   func(s *sessions.Session) { s.Host = "payroll.example.org" },
		"parent unknown": func(s *sessions.Session) { s.Host, s.Parent = "payroll.example.org", "ses_none" },
	} {
		session := Session()
		spoil(&session)
		err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Store.Begin(ctx, session, HashOf(session.ID)) })
		if err == nil {
			t.Errorf("%s: was kept", name)
		}
	}
}

// Secrets is what a password and a code prove.
func Secrets() assurance.Assurance {
	return assurance.OfSecrets(assurance.Password, assurance.TOTP)
}

// A session exists only for what Warder has a ceremony for: the database itself
// knows no session by text message or call.
func methods(t *testing.T, k Kept) {
	for _, class := range append(assurance.Catalogue(), assurance.UnknownMethod.Class()) {
		session := Session()
		session.Assurance.Method = class.Method
		if sessions.Keyless(class.Method) {
			session.Key, session.Assurance = "", Secrets()
		}
		err := k.Tx.InTx(t.Context(), func(ctx context.Context) error { return k.Store.Begin(ctx, session, HashOf(session.ID)) })
		if (err == nil) != class.SignsIn {
			t.Errorf("%s: kept %v, want %v", class.Word, err == nil, class.SignsIn)
		}
		if class.SignsIn && k.get(t, session.ID).Assurance.Method != class.Method {
			t.Errorf("%s came back as something else", class.Word)
		}
	}
}

func endsBelow(t *testing.T, k Kept) {
	portal, other := Session(), Session()
	first, second, others := gate(portal), gate(portal), gate(other)
	k.begin(t, portal, other, first, second, others)
	if diff := cmp.Diff(sorted(first.ID), k.end(t, sessions.Which{Session: first.ID})); diff != "" {
		t.Error("one gate:", diff)
	}
	if diff := cmp.Diff(sorted(portal.ID, second.ID), k.end(t, sessions.Which{Session: portal.ID})); diff != "" {
		t.Error("the portal:", diff)
	}
	if k.get(t, other.ID).EndReason != "" || k.get(t, others.ID).EndReason != "" {
		t.Error("somebody else's session ended")
	}
}

func endsKey(t *testing.T, k Kept) {
	lost, kept := Session(), Session()
	kept.Person = lost.Person // the same person with another key goes on working
	below := gate(lost)
	k.begin(t, lost, kept, below)
	if diff := cmp.Diff(sorted(lost.ID, below.ID), k.end(t, sessions.Which{Key: lost.Key})); diff != "" {
		t.Error(diff)
	}
	if k.get(t, kept.ID).EndReason != "" {
		t.Error("the session of another key ended")
	}
}

func endsPerson(t *testing.T, k Kept) {
	one, two, other := Session(), Session(), Session()
	two.Person = one.Person
	k.begin(t, one, two, other)
	if diff := cmp.Diff(sorted(one.ID, two.ID), k.end(t, sessions.Which{Person: one.Person})); diff != "" {
		t.Error(diff)
	}
	if k.get(t, other.ID).EndReason != "" {
		t.Error("somebody else's session ended")
	}
}

func endsOverdue(t *testing.T, k Kept) {
	idle, weak, old, fresh := Session(), Session(), Session(), Session()
	weak.Assurance = assurance.Assurance{Method: assurance.SecurityKey, AAL: 1} // as long unused as idle, but a level that may be
	old.AbsoluteEnd = Monday().Add(time.Minute)
	old.LastSeenAt, fresh.LastSeenAt = Monday().Add(time.Hour), Monday().Add(time.Hour)
	k.begin(t, idle, weak, old, fresh)
	overdue := &sessions.Overdue{AbsoluteBy: Monday().Add(time.Minute), Limit: 10,
		SeenBy: map[int]time.Time{1: Monday().Add(-time.Hour), 3: Monday()}}
	if diff := cmp.Diff(sorted(idle.ID, old.ID), k.end(t, sessions.Which{Overdue: overdue})); diff != "" {
		t.Error(diff)
	}
	overdue.SeenBy, overdue.Limit = map[int]time.Time{1: Monday().Add(48 * time.Hour), 3: Monday().Add(48 * time.Hour)}, 1
	if got := k.end(t, sessions.Which{Overdue: overdue}); len(got) != 1 {
		t.Errorf("%d ended, want 1 at once", len(got))
	}
}

func endsOnce(t *testing.T, k Kept) {
	session := Session()
	k.begin(t, session)
	k.end(t, sessions.Which{Session: session.ID})
	for _, which := range []sessions.Which{{Session: session.ID}, {Key: session.Key}, {Person: session.Person}} {
		if got := k.end(t, which); len(got) != 0 {
			t.Errorf("%+v ended it again", which)
		}
	}
}

func touches(t *testing.T, k Kept) {
	session, ended := Session(), Session()
	k.begin(t, session, ended)
	k.end(t, sessions.Which{Session: ended.ID})
	for _, after := range []time.Duration{time.Minute, time.Second} {
		at := Monday().Add(after)
		k.in(t, func(ctx context.Context) error {
			return k.Store.Touch(ctx, map[ids.Session]time.Time{session.ID: at, ended.ID: at, "ses_none": at})
		})
	}
	if got := k.get(t, session.ID).LastSeenAt; !got.Equal(Monday().Add(time.Minute)) {
		t.Errorf("last seen %v", got)
	}
	if got := k.get(t, ended.ID).LastSeenAt; !got.Equal(Monday()) {
		t.Errorf("an ended session was seen %v", got)
	}
}

func (k Kept) ticket(t *testing.T) sessions.Ticket {
	t.Helper()
	portal := Session()
	k.begin(t, portal)
	ticket := sessions.Ticket{Hash: HashOf(portal.ID), Parent: portal.ID, Host: "payroll.example.org", Expires: Monday().Add(time.Minute)}
	k.in(t, func(ctx context.Context) error { return k.Store.KeepTicket(ctx, ticket) })
	return ticket
}

func (k Kept) take(t *testing.T, ticket sessions.Ticket, host string, at time.Time) bool {
	t.Helper()
	var got sessions.Ticket
	var found bool
	k.in(t, func(ctx context.Context) error {
		var err error
		got, found, err = k.Store.TakeTicket(ctx, ticket.Hash, host, at)
		return err
	})
	if diff := cmp.Diff(ticket, got); found && diff != "" {
		t.Error(diff)
	}
	return found
}

func ticketOnce(t *testing.T, k Kept) {
	ticket := k.ticket(t)
	if !k.take(t, ticket, ticket.Host, Monday()) {
		t.Error("not good the first time")
	}
	if k.take(t, ticket, ticket.Host, Monday()) {
		t.Error("good a second time")
	}
}

func ticketElsewhere(t *testing.T, k Kept) {
	ticket := k.ticket(t)
	if k.take(t, ticket, "mail.example.org", Monday()) {
		t.Error("good for another host")
	}
	if k.take(t, ticket, ticket.Host, ticket.Expires) {
		t.Error("good after its minute")
	}
	if !k.take(t, ticket, ticket.Host, ticket.Expires.Add(-time.Millisecond)) {
		t.Error("not good within its minute")
	}
}

func ticketRace(t *testing.T, k Kept) {
	ticket := k.ticket(t)
	var group sync.WaitGroup
	got := make(chan bool, 16)
	for range cap(got) {
		group.Go(func() {
			found := false
			err := k.Tx.InTx(t.Context(), func(ctx context.Context) error {
				var err error
				_, found, err = k.Store.TakeTicket(ctx, ticket.Hash, ticket.Host, Monday())
				return err
			})
			got <- found && err == nil
		})
	}
	group.Wait()
	winners := 0
	for range cap(got) {
		if <-got {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d got in with one ticket", winners)
	}
}

func endTouchRace(t *testing.T, k Kept) {
	session := Session()
	k.begin(t, session)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			at := Monday().Add(time.Duration(i) * time.Minute)
			err := k.Tx.InTx(t.Context(), func(ctx context.Context) error {
				if i == 4 {
					_, err := k.Store.End(ctx, sessions.Which{Session: session.ID}, sessions.KeyLost, at)
					return err
				}
				return k.Store.Touch(ctx, map[ids.Session]time.Time{session.ID: at})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := k.get(t, session.ID).EndReason; got != sessions.KeyLost {
		t.Errorf("end reason %q", got)
	}
}

func abandoned(t *testing.T, k Kept) {
	ticket := k.ticket(t)
	stop := errors.New("stop")
	err := k.Tx.InTx(t.Context(), func(ctx context.Context) error {
		if _, _, err := k.Store.TakeTicket(ctx, ticket.Hash, ticket.Host, Monday()); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) || !k.take(t, ticket, ticket.Host, Monday()) {
		t.Error("the ticket is gone", err)
	}
}
