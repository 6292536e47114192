package sharedsecret_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// cheap is for tests only.
var cheap = password.Cost{Memory: 64, Passes: 1, Threads: 1}

const good = "the ferry leaves Heysham at dawn"

type house struct {
	*sharedsecret.Book
	deps  sharedsecret.Deps
	db    *db.DB
	clock *testkit.Clock
	audit *audit.Log

	mu   sync.Mutex
	told map[ids.Credential]int
}

func open(t *testing.T) *house {
	t.Helper()
	return build(t, dbtest.SQLite(t))
}

func build(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{db: d, clock: testkit.NewClock(), told: map[ids.Credential]int{}}
	d.OnCommit(func(_ context.Context, changes []tx.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, change := range changes {
			if change.Topic == tx.Credential {
				h.told[ids.Credential(change.Ref)]++
			}
		}
	})
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := password.NewHasher(cheap, 2)
	if err != nil {
		t.Fatal(err)
	}
	h.audit = audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: h.clock.Now})
	h.deps = sharedsecret.Deps{
		Store: sharedsecretdb.New(d), Tx: d, Audit: h.audit, Seal: sealer, Hasher: hasher, Now: h.clock.Now,
		Codes: totp.Usual(), Issuer: "Department for Examples",
		WordsOf: func(context.Context, ids.Person) ([]string, error) { return []string{"amira.khan", "Amira Khan"}, nil },
	}
	h.Book = book(t, h.deps)
	return h
}

func book(t *testing.T, deps sharedsecret.Deps) *sharedsecret.Book {
	t.Helper()
	made, err := sharedsecret.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func somebody() ids.Person { return ids.New[ids.Person]() }

func (h *house) heard(id ids.Credential) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told[id]
}

func (h *house) setPassword(t *testing.T, person ids.Person, text string) sharedsecret.Secret {
	t.Helper()
	made, err := h.SetPassword(t.Context(), audit.Person(person), person, secret.New(text))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// app is what a person has on their phone.
type app struct {
	totp.Generator
	kept sharedsecret.Secret
}

func (h *house) app(t *testing.T, person ids.Person) app {
	t.Helper()
	offer, err := h.BeginTOTP(t.Context(), factors.Holder{ID: person, UserName: "amira.khan"})
	if err != nil {
		t.Fatal(err)
	}
	phone := fromText(t, offer.Secret)
	kept, err := h.FinishTOTP(t.Context(), audit.Person(person), person, offer.State, phone.Code(totp.Step(h.clock.Now())), "My phone")
	if err != nil {
		t.Fatal(err)
	}
	return app{Generator: phone, kept: kept}
}

func fromText(t *testing.T, text string) totp.Generator {
	t.Helper()
	made, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (h *house) code(phone app, offset time.Duration) string {
	return phone.Code(totp.Step(h.clock.Now().Add(offset)))
}

// actions is the audit record about a secret, oldest first.
func (h *house) actions(t *testing.T, id ids.Credential) []string {
	t.Helper()
	found, err := h.audit.List(t.Context(), audit.Filter{Subject: string(id)})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for i := len(found) - 1; i >= 0; i-- {
		actions = append(actions, found[i].Action)
	}
	return actions
}

func want(t *testing.T, err error, definition problem.Definition) {
	t.Helper()
	if !problem.Is(err, definition) {
		t.Errorf("got error %v, want problem %s", err, definition.Code)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// together runs act n times at once and counts how often it has no error.
func together(n int, act func(i int) error) (won int, errs []error) {
	var all sync.WaitGroup
	errs = make([]error, n)
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = act(i)
		})
	}
	close(start)
	all.Wait()
	for _, err := range errs {
		if err == nil {
			won++
		}
	}
	return won, errs
}

func TestPasswordOfAPersonIsRightForThemAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira, ben := somebody(), somebody()
	kept := h.setPassword(t, amira, good)
	h.setPassword(t, ben, "kettle-orbit-lichen-plum")
	used, err := h.CheckPassword(t.Context(), amira, secret.New(good))
	if err != nil || used.ID != kept.ID || used.LastUsedAt != h.clock.Now() {
		t.Errorf("%+v, %v", used, err)
	}
	for name, try := range map[string]struct {
		person ids.Person
		text   string
	}{"wrong": {amira, good + "!"}, "another person's": {ben, good}, "nobody": {"", good}, "no such person": {somebody(), good},
		"empty": {amira, ""}, "not text": {amira, "\xff\xfe"}, "endless": {amira, strings.Repeat("x", 5000)}} {
		_, err := h.CheckPassword(t.Context(), try.person, secret.New(try.text))
		want(t, err, sharedsecret.WrongPassword)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestNobodyCanTellFromTheProblemWhoHasAPassword(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	h.setPassword(t, amira, good)
	var texts []string
	for _, person := range []ids.Person{amira, somebody(), ""} {
		_, err := h.CheckPassword(t.Context(), person, secret.New("not it, not it, not it"))
		texts = append(texts, err.Error())
	}
	same(t, []string{texts[0], texts[0]}, texts[1:])
}

func TestPasswordThatIsNoGoodIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	h := open(t)
	for text, problem := range map[string]problem.Definition{
		"short": sharedsecret.PasswordShort, strings.Repeat("long ", 60): sharedsecret.PasswordLong, "a line\nbreak in the middle": sharedsecret.PasswordUnreadable,
		"passwordpassword": sharedsecret.PasswordGuessable, "AmiraKhan12345678": sharedsecret.PasswordGuessable, "departmentforexamples": sharedsecret.PasswordGuessable,
	} {
		_, err := h.SetPassword(t.Context(), audit.Nobody(), somebody(), secret.New(text))
		want(t, err, problem)
	}
}

func TestWeakerHashIsReplacedWhenThePasswordIsUsed(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	kept := h.setPassword(t, amira, good)
	before, err := h.deps.Store.Get(t.Context(), kept.ID)
	if err != nil {
		t.Fatal(err)
	}
	stronger := h.deps
	if stronger.Hasher, err = password.NewHasher(password.Cost{Memory: 128, Passes: 2, Threads: 1}, 2); err != nil {
		t.Fatal(err)
	}
	next := book(t, stronger)
	for range 2 {
		if _, err := next.CheckPassword(t.Context(), amira, secret.New(good)); err != nil {
			t.Fatal(err)
		}
	}
	after, err := h.deps.Store.Get(t.Context(), kept.ID)
	if err != nil || bytes.Equal(before.Sealed, after.Sealed) {
		t.Errorf("the hash is as it was: %v", err)
	}
	same(t, []string{"secret.password_set", "secret.password_rehashed"}, h.actions(t, kept.ID))
	if _, err := h.CheckPassword(t.Context(), amira, secret.New(good)); err != nil {
		t.Error(err)
	}
}

func TestNewPasswordEndsTheOldOneAndTellsTheApps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		amira := somebody()
		old := h.setPassword(t, amira, good)
		phone := h.app(t, amira)
		told := h.heard(phone.kept.ID)
		fresh := h.setPassword(t, amira, "kettle-orbit-lichen-plum")
		if fresh.ID == old.ID {
			t.Error("sessions with the old password hang from the new one")
		}
		_, err := h.CheckPassword(t.Context(), amira, secret.New(good))
		want(t, err, sharedsecret.WrongPassword)
		if _, err := h.CheckPassword(t.Context(), amira, secret.New("kettle-orbit-lichen-plum")); err != nil {
			t.Error(err)
		}
		same(t, []string{"secret.password_set", "secret.replaced"}, h.actions(t, old.ID))
		same(t, []string{"secret.password_changed"}, h.actions(t, fresh.ID))
		if h.heard(old.ID) < 2 || h.heard(fresh.ID) < 1 || h.heard(phone.kept.ID) != told+1 {
			t.Errorf("the view hears of the old %d times, of the new %d, of the app %d", h.heard(old.ID), h.heard(fresh.ID), h.heard(phone.kept.ID)-told)
		}
	})
}

func TestTwoNewPasswordsAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		amira := somebody()
		won, errs := together(4, func(i int) error {
			_, err := h.SetPassword(t.Context(), audit.Person(amira), amira, secret.New(fmt.Sprintf("%s number %d", good, i)))
			return err
		})
		for _, err := range errs {
			if err != nil {
				want(t, err, sharedsecret.Changed)
			}
		}
		held, err := h.OfPerson(t.Context(), amira)
		if err != nil || won < 1 || len(sharedsecret.Active(held, assurance.Password)) != 1 {
			t.Errorf("%d set, %+v, %v", won, held, err)
		}
	})
}

func TestCodeOfAnAppWorksOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	phone := h.app(t, amira)
	// The code that confirmed the app is used up too.
	_, err := h.CheckTOTP(t.Context(), amira, h.code(phone, 0))
	want(t, err, sharedsecret.CodeUsed)
	h.clock.Advance(time.Minute)
	code := h.code(phone, 0)
	used, err := h.CheckTOTP(t.Context(), amira, code)
	if err != nil || used.ID != phone.kept.ID || used.Label != "My phone" {
		t.Errorf("%+v, %v", used, err)
	}
	_, err = h.CheckTOTP(t.Context(), amira, code)
	want(t, err, sharedsecret.CodeUsed)
	// One that was shown before the one used cannot come later.
	_, err = h.CheckTOTP(t.Context(), amira, h.code(phone, -30*time.Second))
	want(t, err, sharedsecret.CodeUsed)
	if _, err := h.CheckTOTP(t.Context(), amira, h.code(phone, 30*time.Second)); err != nil {
		t.Errorf("the next one: %v", err)
	}
	h.clock.Advance(10 * time.Minute)
	for _, wrong := range []string{"", "abc", "000000000", h.code(phone, -time.Minute), h.code(phone, time.Minute)} {
		_, err = h.CheckTOTP(t.Context(), amira, wrong)
		want(t, err, sharedsecret.WrongCode)
	}
	for _, person := range []ids.Person{somebody(), ""} {
		_, err = h.CheckTOTP(t.Context(), person, h.code(phone, 0))
		want(t, err, sharedsecret.WrongCode)
	}
}

func TestOneCodeUsedAtOnceByManySignsInOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := build(t, d)
		amira := somebody()
		phone := h.app(t, amira)
		codes, err := h.NewRecoveryCodes(t.Context(), audit.Person(amira), amira)
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(time.Minute)
		won, errs := together(6, func(int) error {
			_, err := h.CheckTOTP(t.Context(), amira, h.code(phone, 0))
			return err
		})
		same(t, 1, won)
		for _, err := range errs {
			if err != nil {
				want(t, err, sharedsecret.CodeUsed)
			}
		}
		won, errs = together(6, func(int) error {
			_, err := h.UseRecoveryCode(t.Context(), amira, codes[4].Reveal())
			return err
		})
		same(t, 1, won)
		for _, err := range errs {
			if err != nil {
				want(t, err, sharedsecret.WrongRecoveryCode)
			}
		}
	})
}

func TestOfferIsForOnePersonAndForHalfAnHour(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	holder := factors.Holder{ID: amira, UserName: "amira.khan"}
	offer, err := h.BeginTOTP(t.Context(), holder)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(offer.URI, "otpauth://totp/Department%20for%20Examples:amira.khan?") || bytes.Contains(offer.State, []byte("SHA1")) {
		t.Errorf("%s", offer.URI)
	}
	finish := func(person ids.Person, state []byte, code, label string) error {
		_, err := h.FinishTOTP(t.Context(), audit.Person(person), person, state, code, label)
		return err
	}
	code := func() string { return fromText(t, offer.Secret).Code(totp.Step(h.clock.Now())) }
	want(t, finish(somebody(), offer.State, code(), ""), sharedsecret.OfferGone)
	want(t, finish(amira, nil, code(), ""), sharedsecret.OfferGone)
	want(t, finish(amira, append(bytes.Clone(offer.State), 0), code(), ""), sharedsecret.OfferGone)
	want(t, finish(amira, offer.State, "000000", ""), sharedsecret.WrongCode)
	want(t, finish(amira, offer.State, code(), strings.Repeat("x", 61)), sharedsecret.LabelTooLong)
	again, err := h.ResumeTOTP(t.Context(), holder, offer.State)
	same(t, offer, again)
	if err != nil {
		t.Error(err)
	}
	h.clock.Advance(30 * time.Minute)
	want(t, finish(amira, offer.State, code(), ""), sharedsecret.OfferGone)
	h.clock.Advance(-time.Minute)
	if err := finish(amira, offer.State, code(), " \n"); err != nil {
		t.Fatal(err)
	}
	// The form sent a second time does not make a second app of one seed.
	want(t, finish(amira, offer.State, code(), ""), sharedsecret.Changed)
	held, err := h.OfPerson(t.Context(), amira)
	if err != nil || len(held) != 1 || held[0].Label != "Authenticator app" {
		t.Errorf("%+v, %v", held, err)
	}
	for range 4 {
		h.app(t, amira)
	}
	offer, err = h.BeginTOTP(t.Context(), holder)
	if err != nil {
		t.Fatal(err)
	}
	want(t, finish(amira, offer.State, code(), ""), sharedsecret.TooManyApps)
}

func TestRecoveryCodesAreTenAndWorkOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	first, err := h.NewRecoveryCodes(t.Context(), audit.Person(amira), amira)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, code := range first {
		seen[code.Reveal()] = true
	}
	if len(seen) != 10 || len(first[0].Reveal()) != 29 {
		t.Errorf("%d different codes such as one of %d characters", len(seen), len(first[0].Reveal()))
	}
	// Typed as people type: capitals, spaces, and letters for the digits that they look like.
	typed := strings.NewReplacer("-", " ", "0", "O", "1", "l").Replace(strings.ToUpper(first[3].Reveal()))
	used, err := h.UseRecoveryCode(t.Context(), amira, typed)
	if err != nil || used.Left != 9 || used.Method != assurance.RecoveryCode {
		t.Errorf("%+v, %v", used, err)
	}
	for _, person := range []ids.Person{amira, somebody(), ""} {
		_, err = h.UseRecoveryCode(t.Context(), person, first[3].Reveal())
		want(t, err, sharedsecret.WrongRecoveryCode)
	}
	for _, wrong := range []string{"", first[4].Reveal()[:28], first[4].Reveal() + "0", "uuuu-uuuu-uuuu-uuuu-uuuu-uuuu", strings.Repeat("-", 200)} {
		_, err = h.UseRecoveryCode(t.Context(), amira, wrong)
		want(t, err, sharedsecret.WrongRecoveryCode)
	}
	second, err := h.NewRecoveryCodes(t.Context(), audit.Person(amira), amira)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.UseRecoveryCode(t.Context(), amira, first[4].Reveal())
	want(t, err, sharedsecret.WrongRecoveryCode)
	if used, err = h.UseRecoveryCode(t.Context(), amira, second[0].Reveal()); err != nil || used.Left != 9 {
		t.Errorf("%+v, %v", used, err)
	}
	same(t, []string{"secret.codes_made", "secret.recovery_code_used"}, h.actions(t, used.ID))
}

func TestRemovedSecretSignsNobodyInAndIsTold(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	kept, phone := h.setPassword(t, amira, good), h.app(t, amira)
	told := h.heard(phone.kept.ID)
	if err := h.Remove(t.Context(), audit.Person(amira), kept.ID, "by_holder"); err != nil {
		t.Fatal(err)
	}
	if h.heard(kept.ID) != 2 || h.heard(phone.kept.ID) != told+1 {
		t.Errorf("told of the password %d times, of the app %d", h.heard(kept.ID), h.heard(phone.kept.ID)-told)
	}
	_, err := h.CheckPassword(t.Context(), amira, secret.New(good))
	want(t, err, sharedsecret.WrongPassword)
	if err := h.Remove(t.Context(), audit.Person(amira), phone.kept.ID, "by_holder"); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
	_, err = h.CheckTOTP(t.Context(), amira, h.code(phone, 0))
	want(t, err, sharedsecret.WrongCode)
	want(t, h.Remove(t.Context(), audit.Person(amira), phone.kept.ID, "by_holder"), sharedsecret.NotFound)
	want(t, h.Remove(t.Context(), audit.Person(amira), ids.New[ids.Credential](), "by_holder"), sharedsecret.NotFound)
	same(t, []string{"secret.app_added", "secret.removed"}, h.actions(t, phone.kept.ID))
}

func TestSealedSecretGivenToAnotherPersonDoesNotOpen(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira, mallory := somebody(), somebody()
	h.setPassword(t, amira, good)
	phone := h.app(t, mallory)
	h.clock.Advance(time.Minute)
	// Somebody who can write to the database gives their own app to Amira.
	err := h.db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := h.db.From(ctx).ExecContext(ctx, `
			update shared_secret
			set person = $1
			where id = $2`, string(amira), string(phone.kept.ID))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.CheckTOTP(t.Context(), amira, h.code(phone, 0))
	want(t, err, seal.NotOurs)
}

func TestSecretsAreInNoLogErrorOrAuditEntry(t *testing.T) {
	t.Parallel()
	h := open(t)
	amira := somebody()
	var log bytes.Buffer
	say := slog.New(slog.NewTextHandler(&log, nil))
	h.setPassword(t, amira, good)
	phone := h.app(t, amira)
	codes, err := h.NewRecoveryCodes(t.Context(), audit.Person(amira), amira)
	if err != nil {
		t.Fatal(err)
	}
	held, err := h.OfPerson(t.Context(), amira)
	if err != nil {
		t.Fatal(err)
	}
	typed := "a wrong password that was typed"
	_, wrongPassword := h.CheckPassword(t.Context(), amira, secret.New(typed))
	_, wrongCode := h.UseRecoveryCode(t.Context(), amira, strings.Repeat("zz7z-", 6))
	_, guessable := h.SetPassword(t.Context(), audit.Nobody(), amira, secret.New("passwordpassword"))
	say.Info("everything", "held", held, "codes", codes, "phone", phone, "errors", errors.Join(wrongPassword, wrongCode, guessable))
	entries, err := h.audit.List(t.Context(), audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + fmt.Sprintf("%+v", entries)
	for _, leaked := range []string{good, typed, "zz7z", "passwordpassword", codes[0].Reveal(), strings.ReplaceAll(codes[0].Reveal(), "-", ""),
		phone.Text(), strings.ReplaceAll(phone.Text(), " ", ""), string(phone.Seed()), "argon2"} {
		if strings.Contains(text, leaked) {
			t.Errorf("%q is in %s", leaked, text)
		}
	}
}

func TestBookNeedsEverything(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, spoil := range []func(*sharedsecret.Deps){func(d *sharedsecret.Deps) { d.Codes = totp.Parameters{} }, func(d *sharedsecret.Deps) { d.Seal = nil }} {
		deps := h.deps
		spoil(&deps)
		if _, err := sharedsecret.New(deps); err == nil {
			t.Error("a book was made without")
		}
	}
}

// FuzzCodes: whatever is typed as a code or given back as an offer is refused in order.
func FuzzCodes(f *testing.F) {
	f.Add("0123-4567-89ab-cdef-ghjk-mnpq", []byte{1, 0, 0, 0})
	f.Add("OOOO LLLL", []byte(nil))
	f.Fuzz(func(t *testing.T, typed string, state []byte) {
		h := open(t)
		_, err := h.UseRecoveryCode(t.Context(), somebody(), typed)
		want(t, err, sharedsecret.WrongRecoveryCode)
		_, err = h.CheckTOTP(t.Context(), somebody(), typed)
		want(t, err, sharedsecret.WrongCode)
		_, err = h.FinishTOTP(t.Context(), audit.Nobody(), somebody(), state, typed, typed)
		want(t, err, sharedsecret.OfferGone)
	})
}
