package live_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// keyless is a house in which somebody is signed in with a password and an app.
type keyless struct {
	*scene
	book   *sharedsecret.Book
	person ids.Person
	app    sharedsecret.Secret
	token  secret.Value
}

const keylessPolicy = `version: %
methods: {password: {until: 2026-11-24}, totp: {}}
rules:
  - {id: all, title: All, services: ["*"], require: {aal: 2}}
`

func setKeyless(t *testing.T, d *db.DB) *keyless {
	t.Helper()
	k := &keyless{scene: set(t, d)}
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := password.NewHasher(password.Cost{Memory: 64, Passes: 1, Threads: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	k.book, err = sharedsecret.New(sharedsecret.Deps{Store: sharedsecretdb.New(d), Tx: d, Audit: k.Audit, Seal: sealer,
		Hasher: hasher, Now: k.Clock.Now, Codes: totp.Usual(), Issuer: "Warder"})
	if err != nil {
		t.Fatal(err)
	}
	k.Publish(t, strings.Replace(keylessPolicy, "%", "keyless", 1))
	k.person = k.amira.Person.ID
	k.setPassword(t, "the ferry leaves Heysham at dawn")
	k.app = k.addApp(t, k.person)
	k.token = k.signIn(t, k.app.ID)
	k.want(t, k.token, policy.Allow, "")
	return k
}

func (k *keyless) setPassword(t *testing.T, text string) sharedsecret.Secret {
	t.Helper()
	made, err := k.book.SetPassword(t.Context(), audit.Person(k.person), k.person, secret.New(text))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (k *keyless) addApp(t *testing.T, person ids.Person) sharedsecret.Secret {
	t.Helper()
	offer, err := k.book.BeginTOTP(t.Context(), factors.Holder{ID: person, UserName: "amira.khan"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(offer.Secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	made, err := k.book.FinishTOTP(t.Context(), audit.Person(person), person, offer.State, app.Code(totp.Step(k.Clock.Now())), "")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (k *keyless) signIn(t *testing.T, hangsFrom ids.Credential) secret.Value {
	t.Helper()
	have := assurance.OfSecrets(assurance.Password, assurance.TOTP)
	_, token, err := k.Sessions.Start(t.Context(), audit.Person(k.person), sessions.NewSession{Person: k.person, Credential: hangsFrom, Assurance: have, AMR: have.AMR()})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Each of these is refused on the very next request.
func TestSessionWithoutAKeyLivesAsLongAsWhatItWasBegunWith(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		do   func(context.Context, *testing.T, *keyless) error
		code policy.Code
	}{
		"the app is removed": {func(ctx context.Context, _ *testing.T, k *keyless) error {
			return k.book.Remove(ctx, decisiontest.Desk(), k.app.ID, "by_desk")
		}, policy.CodeSecretNotActive},
		"the password is removed": {func(ctx context.Context, _ *testing.T, k *keyless) error {
			held, err := k.book.OfPerson(ctx, k.person)
			if err != nil {
				return err
			}
			return k.book.Remove(ctx, decisiontest.Desk(), sharedsecret.Active(held, assurance.Password)[0].ID, "by_desk")
		}, policy.CodeSecretNotActive},
		"the password is changed": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.Clock.Advance(time.Minute)
			k.setPassword(t, "kettle-orbit-lichen-plum")
			return nil
		}, policy.CodeSecretNotActive},
		"the password is removed and another one set": {func(ctx context.Context, t *testing.T, k *keyless) error {
			held, err := k.book.OfPerson(ctx, k.person)
			if err != nil {
				return err
			}
			k.Clock.Advance(time.Minute)
			err = k.book.Remove(ctx, decisiontest.Desk(), sharedsecret.Active(held, assurance.Password)[0].ID, "by_desk")
			k.setPassword(t, "kettle-orbit-lichen-plum")
			return err
		}, policy.CodeSecretNotActive},
		"the policy does not accept it any more": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.Publish(t, "version: keys\nrules:\n  - {id: all, title: All, services: [\"*\"], require: {aal: 2}}\n")
			return nil
		}, policy.CodeMethodNotAccepted},
		"its last day is over": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.Clock.Set(time.Date(2026, 11, 24, 23, 59, 30, 0, time.UTC))
			k.token = k.signIn(t, k.app.ID)
			k.want(t, k.token, policy.Allow, "")
			k.Clock.Advance(time.Minute)
			return nil
		}, policy.CodeMethodNotAccepted},
		"it hangs from somebody else's app": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.token = k.signIn(t, k.addApp(t, k.Somebody(t, "ben.adams").Person.ID).ID)
			return nil
		}, policy.CodeSecretNotActive},
		"it hangs from the password alone": {func(ctx context.Context, t *testing.T, k *keyless) error {
			k.token = k.signIn(t, k.setPassword(t, "kettle-orbit-lichen-plum").ID)
			return nil
		}, policy.CodeSecretNotActive},
		"it hangs from a key's registration": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.token = k.signIn(t, k.amira.Credential.ID)
			return nil
		}, policy.CodeSecretNotActive},
		"it hangs from nothing": {func(_ context.Context, t *testing.T, k *keyless) error {
			k.token = k.signIn(t, ids.New[ids.Credential]())
			return nil
		}, policy.CodeSecretNotActive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := setKeyless(t, d)
				if err := change.do(t.Context(), t, k); err != nil {
					t.Fatal(err)
				}
				k.want(t, k.token, policy.StepUp, change.code)
				// A view that reads for each request sees the same.
				k.View.Doubt("the connection is lost")
				k.want(t, k.token, policy.StepUp, change.code)
			})
		})
	}
}

func TestKeySessionDoesNotHangFromAnApp(t *testing.T) {
	t.Parallel()
	k := setKeyless(t, dbtest.SQLite(t))
	_, token, err := k.Sessions.Start(t.Context(), audit.Person(k.person), sessions.NewSession{Person: k.person, Credential: k.app.ID,
		Key: k.amira.Key.ID, Assurance: decisiontest.Best(), AMR: decisiontest.Best().AMR()})
	if err != nil {
		t.Fatal(err)
	}
	k.want(t, token, policy.StepUp, policy.CodeCredentialNotActive)
	// The session with her key is not touched by what becomes of the app.
	if err := k.book.Remove(t.Context(), decisiontest.Desk(), k.app.ID, "by_desk"); err != nil {
		t.Fatal(err)
	}
	k.want(t, k.scene.token, policy.Allow, "")
}
