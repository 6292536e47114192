package live_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/live"
	"github.com/warder-project/warder/internal/access/live/livedb"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// fragile is a reader on a database that sometimes does not answer.
type fragile struct {
	live.Reader
	broken atomic.Bool
	reads  atomic.Int64
}

var errBroken = errors.New("the database does not answer")

func (f *fragile) check() error {
	f.reads.Add(1)
	if f.broken.Load() {
		return errBroken
	}
	return nil
}

func (f *fragile) Sessions(ctx context.Context, refs []string, since time.Time) ([]live.SessionRecord, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.Sessions(ctx, refs, since)
}

func (f *fragile) SessionByHash(ctx context.Context, hash [32]byte) (live.SessionRecord, bool, error) {
	if err := f.check(); err != nil {
		return live.SessionRecord{}, false, err
	}
	return f.Reader.SessionByHash(ctx, hash)
}

func (f *fragile) People(ctx context.Context, refs []string) ([]live.PersonRecord, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.People(ctx, refs)
}

func (f *fragile) Keys(ctx context.Context, refs []string) ([]live.Key, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.Keys(ctx, refs)
}

func (f *fragile) Credentials(ctx context.Context, refs []string) ([]live.Credential, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.Credentials(ctx, refs)
}

func (f *fragile) Exceptions(ctx context.Context) ([]live.Exception, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.Exceptions(ctx)
}

func (f *fragile) Services(ctx context.Context) ([]live.Service, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.Reader.Services(ctx)
}

func (f *fragile) Policy(ctx context.Context) (live.PolicyTexts, error) {
	if err := f.check(); err != nil {
		return live.PolicyTexts{}, err
	}
	return f.Reader.Policy(ctx)
}

// scene is a house on a fragile database, with somebody signed in to payroll.
type scene struct {
	*decisiontest.House
	reader *fragile
	amira  decisiontest.Holder
	portal sessions.Session
	token  secret.Value
}

func set(t *testing.T, d *db.DB) *scene {
	t.Helper()
	s := &scene{reader: &fragile{Reader: livedb.New(d)}}
	s.House = decisiontest.OpenWith(t, d, testkit.NewClock(), s.reader, func(*decision.Deps) {})
	s.Service(t, "payroll")
	s.Publish(t, decisiontest.Everybody("1"))
	s.amira = s.Somebody(t, "amira.khan", "finance")
	s.portal, s.token = s.SignIn(t, s.amira, decisiontest.Best())
	s.want(t, s.token, policy.Allow, "")
	return s
}

func (s *scene) want(t *testing.T, token secret.Value, effect policy.Effect, code policy.Code) {
	t.Helper()
	got := s.Ask(t, "payroll", token).Verdict
	if got.Effect != effect || code != "" && !got.Has(code) {
		t.Errorf("got %v because %s, want %v because %s", got.Effect, got.ReasonCodes(), effect, code)
	}
}

func TestAnsweringFromMemoryReadsNothing(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	before := s.reader.reads.Load()
	for range 100 {
		s.want(t, s.token, policy.Allow, "")
		s.want(t, secret.Token(), policy.StepUp, policy.CodeNoSession)
	}
	if read := s.reader.reads.Load() - before; read != 0 {
		t.Errorf("the store was read %d times", read)
	}
}

// What a node copies of a session that begins is what it would have read.
func TestSessionIsCopiedAsItBeginsAndNotRead(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	before := s.reader.reads.Load()
	_, token := s.SignIn(t, s.amira, decisiontest.Best())
	if read := s.reader.reads.Load() - before; read != 0 {
		t.Errorf("the store was read %d times", read)
	}
	copied, _ := s.View.Look(t.Context(), token.Hash(), s.Clock.Now())
	kept, _, err := livedb.New(s.DB).SessionByHash(t.Context(), token.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&kept.Session, copied.Session); diff != "" {
		t.Errorf("the copy differs (-kept +copied):\n%s", diff)
	}
}

// The word that a session has begun may be heard after the word that it has ended.
func TestSessionThatEndedBeforeItsBeginningWasHeardStaysEnded(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	var heard []tx.Change
	s.DB.OnCommit(func(_ context.Context, changes []tx.Change) { heard = append(heard, changes...) })
	session, token := s.SignIn(t, s.amira, decisiontest.Best())
	began := heard[0]
	if began.Begun == nil {
		t.Fatalf("the first change is %+v", began)
	}
	if err := s.Sessions.End(t.Context(), decisiontest.Desk(), session.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	late := live.New(live.Deps{Reader: livedb.New(s.DB), Book: s.Sessions, Now: s.Clock.Now})
	if err := late.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended := tx.Change{Topic: tx.Session, Ref: string(session.ID)}
	for name, changes := range map[string][]tx.Change{"after it": {began}, "with it": {began, ended}, "with all": {began, {Topic: tx.Session}}} {
		late.Apply(t.Context(), changes)
		s.View.Apply(t.Context(), changes)
		for _, view := range []*live.View{late, s.View} {
			if _, state := view.Look(t.Context(), token.Hash(), s.Clock.Now()); state != policy.SessionEnded {
				t.Errorf("%s: the session is %v", name, state)
			}
		}
	}
	empty := live.New(live.Deps{Reader: livedb.New(s.DB), Book: s.Sessions, Now: s.Clock.Now})
	empty.Apply(t.Context(), []tx.Change{began, ended}) // both at once, never heard of before
	if _, state := empty.Look(t.Context(), token.Hash(), s.Clock.Now()); state != policy.SessionEnded {
		t.Errorf("the session is %v", state)
	}
}

// Each of these is refused on the very next request.
func TestChangeHoldsOnTheNextRequest(t *testing.T) {
	t.Parallel()
	clerk := decisiontest.Desk()
	changes := map[string]struct {
		do     func(context.Context, *scene) error
		effect policy.Effect
		code   policy.Code
	}{
		"session ended": {func(ctx context.Context, s *scene) error {
			return s.Sessions.End(ctx, clerk, s.portal.ID, sessions.EndedByDesk)
		}, policy.StepUp, policy.CodeSessionEnded},
		"key blocked, by itself": {func(ctx context.Context, s *scene) error {
			_, err := s.Keys.Block(ctx, clerk, s.amira.Key.ID, keys.Stolen)
			return err
		}, policy.StepUp, policy.CodeKeyStolen},
		"credential suspended, by itself": {func(ctx context.Context, s *scene) error {
			_, err := s.Factors.SuspendOfKey(ctx, clerk, s.amira.Key.ID, "clone")
			return err
		}, policy.StepUp, policy.CodeCredentialNotActive},
		"person left": {func(ctx context.Context, s *scene) error {
			_, err := s.People.Leave(ctx, clerk, s.amira.Person.ID, s.Clock.Now(), "retired")
			return err
		}, policy.Deny, policy.CodePersonLeft},
		"person suspended": {func(ctx context.Context, s *scene) error {
			_, err := s.People.Suspend(ctx, clerk, s.amira.Person.ID, time.Time{}, "inquiry")
			return err
		}, policy.Deny, policy.CodePersonSuspended},
		"service retired": {func(ctx context.Context, s *scene) error {
			service, err := s.Services.BySlug(ctx, "payroll")
			if err != nil {
				return err
			}
			_, err = s.Services.Retire(ctx, clerk, service.ID, "replaced")
			return err
		}, policy.Deny, policy.CodeServiceNotAdmitted},
		"policy changed": {func(ctx context.Context, s *scene) error {
			_, err := s.Policies.Publish(ctx, clerk, versions.Text{Name: "p", Body: []byte("version: 2\nrules: []\n")}, versions.EnforceOptions{})
			return err
		}, policy.Deny, policy.CodeNoRule},
		"put into a group that is kept out": {func(ctx context.Context, s *scene) error {
			text := decisiontest.Everybody("2") + "  - {id: guests, title: G, services: [\"*\"], groups: [guests], deny: true}\n"
			if _, err := s.Policies.Publish(ctx, clerk, versions.Text{Name: "p", Body: []byte(text)}, versions.EnforceOptions{}); err != nil {
				return err
			}
			if _, err := s.People.AddGroup(ctx, clerk, "guests"); err != nil {
				return err
			}
			return s.People.AddMember(ctx, clerk, "guests", s.amira.Person.ID)
		}, policy.Deny, policy.CodeRuleDenies},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(t, dbtest.SQLite(t))
			if err := change.do(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			s.want(t, s.token, change.effect, change.code)
		})
	}
}

func TestGateSessionEndsWithItsPortalSession(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	gate, token := s.Gate(t, s.portal, "payroll.example.org")
	s.want(t, token, policy.Allow, "")
	if err := s.Sessions.End(t.Context(), decisiontest.Desk(), gate.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	s.want(t, token, policy.StepUp, policy.CodeSessionEnded)
	s.want(t, s.token, policy.Allow, "")
	_, token = s.Gate(t, s.portal, "payroll.example.org")
	s.want(t, token, policy.Allow, "")
	if err := s.Sessions.End(t.Context(), decisiontest.Desk(), s.portal.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	s.want(t, token, policy.StepUp, policy.CodeSessionEnded)
}

func TestRereadThatFailsRefusesInsteadOfGuessing(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	s.reader.broken.Store(true)
	if err := s.Sessions.End(t.Context(), decisiontest.Desk(), s.portal.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	s.want(t, s.token, policy.Deny, policy.CodeNotVouched)
	if err := s.View.Mend(t.Context()); err == nil {
		t.Error("mended from a database that does not answer")
	}
	s.want(t, s.token, policy.Deny, policy.CodeNotVouched)
	s.reader.broken.Store(false)
	// The database answers again: read for each request, and then anew.
	s.want(t, s.token, policy.StepUp, policy.CodeSessionEnded)
	if err := s.View.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if doubt, reason := s.View.Doubtful(); doubt {
		t.Error("still in doubt:", reason)
	}
	s.want(t, s.token, policy.StepUp, policy.CodeSessionEnded)
	_, token := s.SignIn(t, s.amira, decisiontest.Best())
	s.want(t, token, policy.Allow, "")
}

func TestViewThatWasNeverLoadedReadsTheStore(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	view := live.New(live.Deps{Reader: s.reader, Book: s.Sessions, Now: s.Clock.Now})
	subject, state := view.Subject(t.Context(), s.token.Hash(), s.Clock.Now())
	if state != policy.SessionAlive || subject == nil || subject.Person.UserName != "amira.khan" {
		t.Errorf("state %v, subject %+v", state, subject)
	}
	s.reader.broken.Store(true)
	if subject, state := view.Subject(t.Context(), s.token.Hash(), s.Clock.Now()); state != policy.SessionUnknown || subject != nil {
		t.Errorf("without a store: state %v, subject %+v", state, subject)
	}
	if frame := view.Frame(t.Context()); frame.Vouched {
		t.Error("vouched for what could not be read")
	}
}

// A second node on the same database hears of a lost key through Follow, and is
// not stale in silence while it cannot hear.
func TestOtherNodeRefusesALostKey(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLiteURL, "PostgreSQL": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := address(t)
			first := set(t, dbtest.Open(t, url))
			other := dbtest.Open(t, url)
			second := decisiontest.OpenWith(t, other, first.Clock, livedb.New(other), func(*decision.Deps) {})
			applied := follow(t, other, second.View)

			if got := second.Ask(t, "payroll", first.token).Verdict; got.Effect != policy.Allow {
				t.Fatalf("before: %v %s", got.Effect, got.ReasonCodes())
			}
			if _, err := first.LostKey.Report(t.Context(), audit.Nobody(), first.amira.Key.ID, keys.Lost, time.Time{}); err != nil {
				t.Fatal(err)
			}
			first.want(t, first.token, policy.StepUp, policy.CodeKeyLost)
			for second.Ask(t, "payroll", first.token).Verdict.Effect == policy.Allow {
				select {
				case <-applied:
				case <-time.After(10 * time.Second):
					t.Fatal("the other node has not heard of it within ten seconds")
				}
			}
			if got := second.Ask(t, "payroll", first.token).Verdict; !got.Has(policy.CodeKeyLost) {
				t.Errorf("the other node: %v %s", got.Effect, got.ReasonCodes())
			}
		})
	}
}

// follow makes the view hear of other processes; the channel gets a token after
// each change that was applied.
func follow(t *testing.T, d *db.DB, view *live.View) <-chan struct{} {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	sure, applied, done := make(chan struct{}, 64), make(chan struct{}, 64), make(chan struct{})
	go func() {
		defer close(done)
		err := d.Follow(ctx, db.Follower{Doubt: view.Doubt,
			Sure:  func(ctx context.Context) { view.Sure(ctx); note(sure) },
			Apply: func(ctx context.Context, changes []tx.Change) { view.Apply(ctx, changes); note(applied) }})
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	select {
	case <-sure:
	case <-time.After(20 * time.Second):
		t.Fatal("never sure")
	}
	return applied
}

func note(channel chan<- struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

func TestViewInDoubtReadsForEachRequest(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLiteURL(t)
	here := set(t, dbtest.Open(t, url))
	other := decisiontest.Open(t, dbtest.Open(t, url)) // its commits are not heard here
	if err := other.Sessions.End(t.Context(), decisiontest.Desk(), here.portal.ID, sessions.SignedOut); err != nil {
		t.Fatal(err)
	}
	here.want(t, here.token, policy.Allow, "") // not heard of: this is what doubt is for
	here.View.Doubt("the connection is lost")
	here.want(t, here.token, policy.StepUp, policy.CodeSessionEnded)
	other.Publish(t, "version: 2\nrules: []\n")
	here.want(t, here.token, policy.Deny, policy.CodeNoRule)
	other.Publish(t, decisiontest.Everybody("3"))
	_, token := other.SignIn(t, here.amira, decisiontest.Best())
	here.want(t, token, policy.Allow, "")

	// A doubt that begins while everything is read anew is not ended by it.
	here.reader.broken.Store(true)
	here.View.Sure(t.Context())
	if doubt, _ := here.View.Doubtful(); !doubt {
		t.Error("sure of what could not be read")
	}
	here.reader.broken.Store(false)
	here.View.Sure(t.Context())
	if doubt, reason := here.View.Doubtful(); doubt {
		t.Error("still in doubt:", reason)
	}
	before := here.reader.reads.Load()
	here.want(t, token, policy.Allow, "")
	here.want(t, here.token, policy.StepUp, policy.CodeSessionEnded)
	if here.reader.reads.Load() != before {
		t.Error("reads the store although it is sure")
	}
}

func TestDoubtDuringAReloadStays(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	doubting := &doubter{Reader: s.reader}
	view := live.New(live.Deps{Reader: doubting, Book: s.Sessions, Now: s.Clock.Now})
	doubting.view = view
	view.Sure(t.Context())
	if doubt, _ := view.Doubtful(); !doubt {
		t.Error("a doubt that began during the reading was forgotten")
	}
	doubting.view = nil
	view.Sure(t.Context())
	if doubt, reason := view.Doubtful(); doubt {
		t.Error("still in doubt:", reason)
	}
}

// doubter is a reader during whose reading the connection is lost.
type doubter struct {
	live.Reader
	view *live.View
}

func (d *doubter) Services(ctx context.Context) ([]live.Service, error) {
	if d.view != nil {
		d.view.Doubt("lost in the middle")
	}
	return d.Reader.Services(ctx)
}

func TestIdleSessionStaysIdleWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	s.Clock.Advance(15 * time.Minute)
	s.want(t, s.token, policy.StepUp, policy.CodeSessionIdle)
	s.Clock.Advance(-10 * time.Minute)
	s.want(t, s.token, policy.StepUp, policy.CodeSessionIdle)
	if err := s.View.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.want(t, s.token, policy.StepUp, policy.CodeSessionIdle)
	if err := s.View.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.want(t, s.token, policy.StepUp, policy.CodeSessionEnded)
	ended, err := s.Sessions.Get(t.Context(), s.portal.ID)
	if err != nil || ended.EndReason != sessions.IdleTooLong {
		t.Errorf("in the store: %q, error %v", ended.EndReason, err)
	}
}

func TestSessionInUseAtAGateKeepsItsPortalSessionAlive(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	_, token := s.Gate(t, s.portal, "payroll.example.org")
	for range 6 {
		s.Clock.Advance(10 * time.Minute)
		s.want(t, token, policy.Allow, "")
	}
	s.want(t, s.token, policy.Allow, "")
	if err := s.View.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Sessions.Get(t.Context(), s.portal.ID)
	if err != nil || !kept.LastSeenAt.Equal(s.Clock.Now()) {
		t.Errorf("last seen %v, error %v, want %v", kept.LastSeenAt, err, s.Clock.Now())
	}
	s.Clock.Advance(12 * time.Hour)
	s.want(t, token, policy.StepUp, policy.CodeSessionExpired)
}

func TestSessionUsedOnAnotherNodeIsNotIdleHere(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLiteURL(t)
	here := set(t, dbtest.Open(t, url))
	database := dbtest.Open(t, url)
	other := decisiontest.OpenWith(t, database, here.Clock, livedb.New(database), func(*decision.Deps) {})
	for range 3 {
		here.Clock.Advance(10 * time.Minute)
		if got := other.Ask(t, "payroll", here.token).Verdict; got.Effect != policy.Allow {
			t.Fatal(got.ReasonCodes())
		}
		if err := other.View.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	here.want(t, here.token, policy.Allow, "")
}

func TestFlushThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	book := &refusing{Book: s.Sessions, broken: true}
	view := live.New(live.Deps{Reader: s.reader, Book: book, Now: s.Clock.Now})
	if err := view.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	if _, state := view.Subject(t.Context(), s.token.Hash(), s.Clock.Now()); state != policy.SessionAlive {
		t.Fatal(state)
	}
	if err := view.Flush(t.Context()); err == nil {
		t.Error("a failing flush said nothing")
	}
	book.broken = false
	if err := view.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if kept, _ := s.Sessions.Get(t.Context(), s.portal.ID); !kept.LastSeenAt.Equal(s.Clock.Now()) {
		t.Errorf("last seen %v, want %v", kept.LastSeenAt, s.Clock.Now())
	}
}

type refusing struct {
	live.Book
	broken bool
}

func (r *refusing) Touch(ctx context.Context, seen map[ids.Session]time.Time) error {
	if r.broken {
		return errBroken
	}
	return r.Book.Touch(ctx, seen)
}

func TestKeepTidiesFlushesAndMends(t *testing.T) {
	t.Parallel()
	s := set(t, dbtest.SQLite(t))
	for range 5 {
		session, _ := s.SignIn(t, s.amira, decisiontest.Best())
		if err := s.Sessions.End(t.Context(), decisiontest.Desk(), session.ID, sessions.SignedOut); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock.Advance(5 * time.Minute)
	s.want(t, s.token, policy.Allow, "")
	s.Clock.Advance(57 * time.Minute)
	s.reader.broken.Store(true)
	s.View.Apply(t.Context(), []tx.Change{{Topic: tx.Person}})
	s.reader.broken.Store(false)
	ctx, stop := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); s.View.Keep(ctx, ticks) }()
	for range 61 {
		ticks <- s.Clock.Now()
	}
	stop()
	<-done
	if doubt, reason := s.View.Doubtful(); doubt {
		t.Error("in doubt:", reason)
	}
	if got := s.View.Count(); got != 1 {
		t.Errorf("%d sessions are remembered, want 1: the others ended more than an hour ago", got)
	}
	if kept, _ := s.Sessions.Get(t.Context(), s.portal.ID); !kept.LastSeenAt.Equal(decisiontest.Start().Add(5 * time.Minute)) {
		t.Errorf("last seen %v", kept.LastSeenAt)
	}
}
