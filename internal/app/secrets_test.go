package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/attempts"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/secrets"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/keys"
)

func TestPasswordListThatIsNoGoodStopsTheStartAndSaysWhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, line := range map[string]int{write("binary", "good\nb\xffd\n"): 2, write("empty", ""): 1, filepath.Join(folder, "missing"): 0, folder: 0} {
		_, err := secrets.ReadList(path)
		found, ok := problem.Of(err)
		if !ok || found.Code != config.Malformed.Code || len(found.Fields) != 1 || found.Fields[0].Name != "password_blocklist" ||
			found.Fields[0].File != path || found.Fields[0].Line != line {
			t.Errorf("%s: %v", path, err)
		}
	}
	list, err := secrets.ReadList(write("good", "the ferry leaves at dawn\n"))
	if err != nil || list.Len() != 1 {
		t.Errorf("%d, %v", list.Len(), err)
	}
}

// NIST SP 800-63B-4 §4.6.
func TestPeopleAreToldWhatHappensToTheirSecrets(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	amira := d.join("amira.khan").person
	actor := audit.Person(amira.ID)
	for _, wrong := range []string{"amira.khan-amira.khan", "departmentdepartment"} {
		_, err := d.Secrets.SetPassword(t.Context(), actor, amira.ID, secret.New(wrong))
		if !problem.Is(err, sharedsecret.PasswordGuessable) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	for _, text := range []string{"the ferry leaves Heysham at dawn", "kettle-orbit-lichen-plum"} {
		if _, err := d.Secrets.SetPassword(t.Context(), actor, amira.ID, secret.New(text)); err != nil {
			t.Fatal(err)
		}
	}
	codes, err := d.Secrets.NewRecoveryCodes(t.Context(), actor, amira.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes[:8] {
		if _, err := d.Secrets.UseRecoveryCode(t.Context(), amira.ID, code.Reveal()); err != nil {
			t.Fatal(err)
		}
	}
	held, err := d.Secrets.OfPerson(t.Context(), amira.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range held {
		if err := d.Secrets.Remove(t.Context(), actor, one.ID, "by_holder"); err != nil && !problem.Is(err, sharedsecret.NotFound) {
			t.Fatal(err)
		}
	}
	sent, err := d.Mail.List(t.Context(), "", 50)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, message := range sent {
		if message.To == amira.Email {
			told[message.Subject]++
		}
	}
	want := map[string]int{"A security key was registered for you": 1, "A password was set for you": 1, "Your password was changed": 1,
		"New recovery codes were made for you": 1, "One of your recovery codes was used": 8,
		"Your password was removed": 1, "Your set of recovery codes was removed": 1}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A weak method never makes a strong one: whoever phished the password and a code of
// somebody with a key changes nothing of theirs.
func TestWhoHasAKeyChangesSecretsWithTheKeyOnly(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	d.acceptAll()
	amira := d.join("amira.khan")
	phished := sessions.Session{Person: amira.person.ID, Assurance: assurance.OfSecrets(assurance.Password, assurance.TOTP), AuthTime: d.Now()}
	withKey, old := phished, phished
	withKey.Assurance = assurance.Of(strengths[2])
	old.Assurance, old.AuthTime = withKey.Assurance, d.Now().Add(-attempts.Lifetime-time.Second)
	touched := withKey
	touched.Assurance = assurance.Of(strengths[1])
	for name, one := range map[string]struct {
		session sessions.Session
		may     bool
	}{"phished": {phished, false}, "with the key": {withKey, true}, "with the key, a while ago": {old, false}, "with a mere touch": {touched, false}} {
		if err := d.SecretsDesk().Fresh(t.Context(), one.session); (err == nil) != one.may {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Once no key of theirs works, what they have left is all that there is.
	if _, err := d.LostKey.Report(t.Context(), d.operator, amira.credential.Key, keys.Stolen, d.Now()); err != nil {
		t.Fatal(err)
	}
	if err := d.SecretsDesk().Fresh(t.Context(), phished); err != nil {
		t.Error(err)
	}
	// But for recovery codes: they would open the registration that a password and a
	// code do not.
	if err := d.SecretsDesk().MayMakeCodes(t.Context(), amira.person.ID); !problem.Is(err, sharedsecret.CodesNeedKey) {
		t.Errorf("whoever lost a key makes recovery codes without one: %v", err)
	}
	if err := d.SecretsDesk().MayMakeCodes(t.Context(), ids.New[ids.Person]()); err != nil {
		t.Errorf("whoever never had a key makes none: %v", err)
	}
	phished.AuthTime = old.AuthTime
	if err := d.SecretsDesk().Fresh(t.Context(), phished); err == nil {
		t.Error("an old sign-in is fresh")
	}
}

func TestOwnPageLeadsToPasswordsAndCodesWhereThereAreAny(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	amira := d.join("amira.khan")
	want := func(when, path string) {
		t.Helper()
		if got, err := d.SecretsDesk().Path(t.Context(), amira.person.ID); err != nil || got != path {
			t.Errorf("%s: %q, %v", when, got, err)
		}
	}
	want("nothing is accepted", "")
	d.acceptAll()
	want("all is accepted", "/me/secrets")
	if _, err := d.Secrets.NewRecoveryCodes(t.Context(), d.operator, amira.person.ID); err != nil {
		t.Fatal(err)
	}
	ungated := versions.New(versions.Deps{Store: versionsdb.New(d.DB), Tx: d.DB, Audit: d.Audit, Now: d.Now,
		MayEnforce: func(context.Context, versions.Enforcing) error { return nil }}) // a test of something else
	if _, err := ungated.Publish(t.Context(), d.operator, versions.Text{Name: "test", Body: []byte("version: none\nrules: []\n")}, versions.EnforceOptions{}); err != nil {
		t.Fatal(err)
	}
	want("nothing is accepted, but there is something to remove", "/me/secrets")
	cookie, _ := d.signIn(amira, 2)
	request := httptest.NewRequest(http.MethodGet, portal+"/me", nil)
	request.AddCookie(cookie)
	answer := httptest.NewRecorder()
	d.handler.ServeHTTP(answer, request)
	if !strings.Contains(answer.Body.String(), `href="/me/secrets"`) {
		t.Errorf("answered %d without the link", answer.Code)
	}
}

func TestPreviewOfAPolicySaysHowManyRelyOnWhatItWithdraws(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	preview := func(text string) []string {
		t.Helper()
		changes, err := d.SecretsDesk().Preview(t.Context(), "p.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, change := range changes {
			lines = append(lines, change.String())
		}
		return lines
	}
	want := func(text string, lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, preview(text)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	want("version: keys\nrules: []\n")
	want("version: soft\nmethods: {password: {until: 2099-03-31}}\nrules: []\n",
		"password: accepted until the end of 31 March 2099, midnight UTC (now: not accepted). 0 people have one; 0 of them have no key that works.")
	d.acceptAll()
	with, without, gone := d.join("amira.khan"), d.join("ben.adams"), d.join("carys.evans")
	for _, one := range []member{with, without, gone} {
		if _, err := d.Secrets.SetPassword(t.Context(), d.operator, one.person.ID, secret.New("the ferry leaves Heysham at dawn")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.LostKey.Report(t.Context(), d.operator, without.credential.Key, keys.Lost, d.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.People.Leave(t.Context(), d.operator, gone.person.ID, time.Time{}, "retired"); err != nil {
		t.Fatal(err)
	}
	want("version: keys\nmethods: {recovery_code: {}}\nrules: []\n",
		"password: not accepted (now: accepted until further notice). 2 people have one; 1 of them has no key that works.",
		"totp: not accepted (now: accepted until further notice). 0 people have one; 0 of them have no key that works.")
	want("version: dated\nmethods: {password: {until: 2099-03-31}, totp: {}, recovery_code: {}}\nrules: []\n",
		"password: accepted until the end of 31 March 2099, midnight UTC (now: accepted until further notice). 2 people have one; 1 of them has no key that works.",
		"totp: accepted until the end of 31 March 2099, midnight UTC (now: accepted until further notice). 0 people have one; 0 of them have no key that works.")
	if _, version, err := d.Policies.Current(t.Context()); err != nil || version.Version != "all" {
		t.Errorf("a preview has put %q in force, %v", version.Version, err)
	}
	if _, err := d.SecretsDesk().Preview(t.Context(), "p.yaml", []byte("methods: {sms: {}}\n")); !problem.Is(err, rulebook.Malformed) {
		t.Error(err)
	}
}
