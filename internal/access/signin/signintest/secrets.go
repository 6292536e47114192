package signintest

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin"
	"github.com/warder-project/warder/internal/access/throttle"
	"github.com/warder-project/warder/internal/access/throttle/throttledb"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/registry/people"
)

// Password is everybody's.
const Password = "seven wrens under a copper roof"

// guard lets the sign-in ask the real throttle.
type guard struct {
	*throttle.Guard
	off *atomic.Bool
}

func (g guard) Admit(ctx context.Context, try signin.Try) error {
	if g.off.Load() {
		return nil
	}
	return g.Guard.Admit(ctx, throttle.Try(try))
}

func (g guard) Failed(ctx context.Context, try signin.Try) error {
	return g.Guard.Failed(ctx, throttle.Try(try))
}

func (g guard) Succeeded(ctx context.Context, try signin.Try) error {
	return g.Guard.Succeeded(ctx, throttle.Try(try))
}

// wireSecrets builds what checks passwords and codes, with hashes that are cheap.
func (h *House) wireSecrets(t testing.TB, runner tx.Runner) {
	t.Helper()
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	must(t, err)
	hasher, err := password.NewHasher(password.Cost{Memory: 64, Passes: 1, Threads: 1}, 2)
	must(t, err)
	h.Secrets, err = sharedsecret.New(sharedsecret.Deps{Store: sharedsecretdb.New(h.DB), Tx: runner, Audit: h.Audit, Seal: sealer,
		Hasher: hasher, Now: h.Clock.Now, Codes: totp.Usual(), Issuer: "Department for Examples"})
	must(t, err)
	h.Throttle = throttle.New(throttle.Deps{Store: throttledb.New(h.DB), Tx: runner, Audit: h.Audit, Now: h.Clock.Now,
		Person: func(ctx context.Context, account string) (ids.Person, error) {
			person, err := h.People.ByUserName(ctx, account)
			if problem.Is(err, people.NotFound) {
				return "", nil
			}
			return person.ID, err
		}})
}

// LetGuess takes the guard away, for a test about what guesses could reach.
func (h *House) LetGuess() { h.unguarded.Store(true) }

// Accept makes the department's policy accept these methods from now on, and no others.
func (h *House) Accept(methods ...assurance.Method) {
	accepted := map[assurance.Method]bool{}
	for _, method := range methods {
		accepted[method] = true
	}
	h.accepted.Store(&accepted)
}

func (h *House) accepts(_ context.Context, method assurance.Method, _ time.Time) bool {
	accepted := h.accepted.Load()
	return accepted != nil && (*accepted)[method]
}

func (h *House) privileged(ctx context.Context, person ids.Person) (bool, error) {
	held, err := h.Roster.Of(ctx, person)
	return len(held) > 0, err
}

// App is an authenticator app on somebody's phone.
type App struct {
	totp.Generator
	ID ids.Credential
}

// Legacy adds a person with a password and an app and without a key, and makes
// the policy accept both.
func (h *House) Legacy(t testing.TB, userName string) (people.Person, App) {
	t.Helper()
	h.Accept(assurance.Password, assurance.TOTP)
	person := h.Somebody(t, userName)
	return person, h.GiveSecrets(t, person)
}

// GiveSecrets gives a person the password and an app.
func (h *House) GiveSecrets(t testing.TB, person people.Person) App {
	t.Helper()
	_, err := h.Secrets.SetPassword(t.Context(), Desk(), person.ID, secret.New(Password))
	must(t, err)
	offer, err := h.Secrets.BeginTOTP(t.Context(), factors.Holder{ID: person.ID, UserName: person.UserName})
	must(t, err)
	app, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(offer.Secret, " ", ""))
	must(t, err)
	kept, err := h.Secrets.FinishTOTP(t.Context(), Desk(), person.ID, offer.State, app.Code(totp.Step(h.Clock.Now())), "Phone")
	must(t, err)
	return App{Generator: app, ID: kept.ID}
}

// Code is a code of the app that has not been shown before: it waits for it.
func (h *House) Code(app App) string {
	h.Clock.Advance(30 * time.Second)
	return app.Generator.Code(totp.Step(h.Clock.Now()))
}

// Given is an answer that somebody has typed.
func Given(attempt ids.Attempt, browser secret.Value, text string) signin.Answer {
	return signin.Answer{Attempt: attempt, Browser: browser, Secret: secret.New(text), IP: "192.0.2.7", UserAgent: "Test"}
}

// Choosing opens a sign-in, types a user name and chooses the password.
func (h *House) Choosing(t testing.TB, ask signin.Ask, userName string) (ids.Attempt, secret.Value) {
	t.Helper()
	attempt, browser := h.BegunWith(t, ask, userName)
	must(t, h.Flow.Choose(t.Context(), attempt, browser, signin.WithSecrets))
	return attempt, browser
}

// Known goes on until the password was right.
func (h *House) Known(t testing.TB, ask signin.Ask, userName string) (ids.Attempt, secret.Value) {
	t.Helper()
	attempt, browser := h.Choosing(t, ask, userName)
	_, err := h.Flow.GivePassword(t.Context(), Given(attempt, browser, Password))
	must(t, err)
	return attempt, browser
}

// SignedInWithCode signs a person in with the password and a code.
func (h *House) SignedInWithCode(t testing.TB, userName string, app App) (sessions.Session, secret.Value) {
	t.Helper()
	attempt, browser := h.Known(t, signin.Ask{Require: h.Flow.Usual(t.Context())}, userName)
	step, err := h.Flow.GiveCode(t.Context(), Given(attempt, browser, h.Code(app)))
	must(t, err)
	done, ok := step.(signin.Done)
	if !ok {
		t.Fatalf("password and code led to %+v, not to a session", step)
	}
	session, err := h.Sessions.Get(t.Context(), done.Session)
	must(t, err)
	return session, done.Token
}
