package factors_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/registry/keys"
)

func TestAttestedKeyIsTiedToItsRecord(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, device := person(), h.key(t, blue)
	credential, err := h.enrol(t, device, alice, factors.NewKey{Serial: "12 34", Label: " Mine "})
	if err != nil {
		t.Fatal(err)
	}
	wanted := factors.Credential{
		ID: credential.ID, Person: alice.ID, Key: credential.Key, CredentialID: device.Credentials()[0],
		PublicKey: credential.PublicKey, Model: blue, Attestation: factors.AttestationVerified, HardwareBound: true,
		SignCount: 1, Transports: []string{"usb"}, State: factors.Active, Label: "Mine", CreatedAt: factorstest.Monday(),
	}
	same(t, wanted, credential)
	same(t, wanted, h.stored(t, alice))
	key, err := h.keys.Get(t.Context(), credential.Key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, keys.Key{
		ID: key.ID, Serial: "1234", SerialGrade: keys.SerialDeclared, Model: blue, ModelGrade: keys.ModelVerified, Label: "Mine",
		State: keys.StateEnrolled, Holder: alice.ID, CreatedAt: factorstest.Monday(), ChangedAt: factorstest.Monday(),
	}, key)
	same(t, []string{"factor.registered"}, h.entries(t, string(credential.ID)))
	same(t, []string{"key.enrolled"}, h.entries(t, string(key.ID)))
	same(t, []int{1, 1}, []int{h.heard(tx.Credential, string(credential.ID)), h.heard(tx.Key, string(key.ID))})
}

func TestKeyThatDoesNotProveAnAllowedModelIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.put(t, keys.Model{AAGUID: green, Vendor: "Blue Keys", Name: "Denied", HardwareBound: true, Roots: h.vendor.RootPEM()})
	rogue, err := softkey.NewVendor("Blue Keys")
	if err != nil {
		t.Fatal(err)
	}
	rogueBatch, err := rogue.Batch(blue)
	if err != nil {
		t.Fatal(err)
	}
	behaving := func(behaviour softkey.Behaviour) *softkey.Key {
		key := h.key(t, blue)
		key.Behaviour = behaviour
		return key
	}
	for name, c := range map[string]struct {
		key  *softkey.Key
		want problem.Definition
	}{
		"declined in the browser":             {behaving(softkey.Behaviour{Statement: softkey.None}), factors.AttestationDeclined},
		"self attestation":                    {behaving(softkey.Behaviour{Statement: softkey.Self}), factors.AttestationDeclined},
		"model nobody has entered":            {h.key(t, "57a2de30-0000-4000-8000-00000000beef"), factors.ModelNotAllowed},
		"model that is denied":                {h.key(t, green), factors.ModelNotAllowed},
		"rogue authority, right model":        {rogueBatch.NewKey(), factors.AttestationInvalid},
		"says another model than certificate": {behaving(softkey.Behaviour{ClaimedAAGUID: green}), factors.AttestationInvalid},
		"attested and synced":                 {behaving(softkey.Behaviour{BackupEligible: true}), factors.SyncedPasskey},
		"synced passkey of a phone":           {behaving(softkey.Behaviour{Statement: softkey.None, BackupEligible: true, BackedUp: true}), factors.SyncedPasskey},
		"without PIN":                         {behaving(softkey.Behaviour{SkipUserVerification: true}), factors.UserVerificationMissing},
	} {
		alice := person()
		_, err := h.enrol(t, c.key, alice, factors.NewKey{})
		if !problem.Is(err, c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want.Code)
		}
		held, err := h.keys.HeldBy(t.Context(), alice.ID)
		if err != nil || len(held) != 0 {
			t.Errorf("%s: left %d keys behind, %v", name, len(held), err)
		}
	}
}

func TestUnattestedKeyNeverCountsAsHardware(t *testing.T) {
	t.Parallel()
	h := open(t)
	deps := h.deps
	deps.AcceptUnattested = true
	lenient := factors.New(deps)
	rogue, err := softkey.NewVendor("Blue Keys")
	if err != nil {
		t.Fatal(err)
	}
	rogueBatch, err := rogue.Batch(blue)
	if err != nil {
		t.Fatal(err)
	}
	plain := func(statement softkey.Statement) *softkey.Key {
		key := h.key(t, blue)
		key.Behaviour.Statement = statement
		return key
	}
	for wanted, key := range map[factors.Attestation]*softkey.Key{
		factors.AttestationNone: plain(softkey.None), factors.AttestationSelf: plain(softkey.Self), factors.AttestationUnverified: rogueBatch.NewKey(),
	} {
		credential, err := finish(t, lenient, key, person(), factors.NewKey{})
		if err != nil {
			t.Fatalf("%s: %v", wanted, err)
		}
		if credential.Attestation != wanted || credential.HardwareBound || credential.Attested() {
			t.Errorf("%s: stored as %+v", wanted, credential)
		}
		record, err := h.keys.Get(t.Context(), credential.Key)
		if err != nil || record.ModelGrade != keys.ModelClaimed {
			t.Errorf("%s: the model of the key is %q, %v; want claimed", wanted, record.ModelGrade, err)
		}
		proof, err := factorstest.Verify(t, lenient, key, origin)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "AAL2, phishing-resistant, user-verified", proof.Assurance.String())
	}

	// Leniency is for what is not proven, not for what is proven to be wrong.
	h.put(t, keys.Model{AAGUID: green, Vendor: "Blue Keys", Name: "Denied", Roots: h.vendor.RootPEM()})
	_, err = finish(t, lenient, h.key(t, green), person(), factors.NewKey{})
	want(t, err, factors.ModelNotAllowed)
	synced := h.key(t, blue)
	synced.Behaviour.BackupEligible = true
	_, err = finish(t, lenient, synced, person(), factors.NewKey{})
	want(t, err, factors.SyncedPasskey)
}

// TestTwoKeysOfOneBatchBothRegister: they share the attestation certificate, which
// must not be taken for the key.
func TestTwoKeysOfOneBatchBothRegister(t *testing.T) {
	t.Parallel()
	h := open(t)
	batch, err := h.vendor.Batch(blue)
	if err != nil {
		t.Fatal(err)
	}
	alice := person()
	one := factorstest.Enrol(t, h.Factors, batch.NewKey(), alice, origin)
	two := factorstest.Enrol(t, h.Factors, batch.NewKey(), alice, origin)
	if one.Key == two.Key {
		t.Error("two keys were recorded as one")
	}
}

func TestSameCredentialDoesNotRegisterTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, key := person(), h.key(t, blue)
	options, state, err := h.BeginRegistration(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Create(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	send := func() error {
		_, err := h.FinishRegistration(t.Context(), audit.Person(alice.ID), alice, state, response, factors.NewKey{})
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	want(t, send(), factors.AlreadyRegistered)
	held, err := h.keys.HeldBy(t.Context(), alice.ID)
	if err != nil || len(held) != 1 {
		t.Errorf("%d keys, %v; want 1", len(held), err)
	}

	options, _, err = h.BeginRegistration(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Create(options, origin); !errors.Is(err, softkey.ErrInvalidState) {
		t.Errorf("the browser was not told which keys are registered: %v", err)
	}
}

func TestNobodyFinishesTheRegistrationOfSomebodyElse(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, mallory := person(), person()
	options, state, err := h.BeginRegistration(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	response, err := h.key(t, blue).Create(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []factors.Holder{mallory, {}} {
		_, err = h.FinishRegistration(t.Context(), audit.Person(other.ID), other, state, response, factors.NewKey{})
		want(t, err, factors.RegistrationInvalid)
	}
	h.wait(webauthnLifetime)
	_, err = h.FinishRegistration(t.Context(), audit.Person(alice.ID), alice, state, response, factors.NewKey{})
	want(t, err, factors.RegistrationExpired)
}

func TestIssuedKeyIsFoundBySerialNumberOrAsTheOnlyOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	issue := func(serial, model string, to ids.Person) ids.Key {
		t.Helper()
		key, err := h.keys.Add(t.Context(), desk(), keys.NewKey{Serial: serial, Model: model})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.keys.Issue(t.Context(), desk(), key.ID, to); err != nil {
			t.Fatal(err)
		}
		return key.ID
	}
	typed, only, other := person(), person(), person()
	wantTyped := issue("100", "", typed.ID)
	issue("101", blue, typed.ID)
	wantOnly := issue("200", blue, only.ID)

	got, err := h.enrol(t, h.key(t, blue), typed, factors.NewKey{Serial: "100"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, wantTyped, got.Key)
	got, err = h.enrol(t, h.key(t, blue), only, factors.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, wantOnly, got.Key)
	_, err = h.enrol(t, h.key(t, blue), other, factors.NewKey{Serial: "101"})
	want(t, err, keys.SerialTaken)
	_, err = h.enrol(t, h.key(t, blue), other, factors.NewKey{Serial: "no serial!"})
	want(t, err, keys.Malformed)
	found, err := h.OfPerson(t.Context(), other.ID)
	if err != nil || len(found) != 0 {
		t.Errorf("a refused registration left %d credentials, %v", len(found), err)
	}
}

func TestSerialNumberInTheCertificateBeatsTheTypedOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	enterprise := func(serial string) *softkey.Key {
		t.Helper()
		batch, err := h.vendor.Enterprise(blue, serial)
		if err != nil {
			t.Fatal(err)
		}
		return batch.NewKey()
	}
	_, err := h.enrol(t, enterprise("9001"), person(), factors.NewKey{Serial: "9002"})
	want(t, err, keys.SerialMismatch)
	credential, err := h.enrol(t, enterprise("9001"), person(), factors.NewKey{Serial: "90 01"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := h.keys.Get(t.Context(), credential.Key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{"9001", "attested"}, []string{key.Serial, string(key.SerialGrade)})
	_, err = h.enrol(t, enterprise("9001"), person(), factors.NewKey{}) // turns up with somebody else
	want(t, err, keys.SerialTaken)
}

func TestSerialNumberInTheKeyMustBeTheIssuedOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	issue := func(serial string, to ids.Person) ids.Key {
		t.Helper()
		key, err := h.keys.Add(t.Context(), desk(), keys.NewKey{Serial: serial, Model: blue})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.keys.Issue(t.Context(), desk(), key.ID, to); err != nil {
			t.Fatal(err)
		}
		return key.ID
	}
	enterprise := func(serial string) *softkey.Key {
		t.Helper()
		batch, err := h.vendor.Enterprise(blue, serial)
		if err != nil {
			t.Fatal(err)
		}
		return batch.NewKey()
	}
	alice, bob := person(), person()
	issued, unnumbered := issue("7001", alice.ID), issue("", bob.ID)
	_, err := h.enrol(t, enterprise("7002"), alice, factors.NewKey{})
	want(t, err, keys.SerialNotIssued)
	found, err := h.OfPerson(t.Context(), alice.ID)
	if err != nil || len(found) != 0 {
		t.Errorf("a refused registration left %d credentials, %v", len(found), err)
	}
	for _, c := range []struct {
		serial string
		holder factors.Holder
		want   ids.Key
	}{{"7001", alice, issued}, {"7003", bob, unnumbered}} {
		credential, err := h.enrol(t, enterprise(c.serial), c.holder, factors.NewKey{})
		if err != nil {
			t.Fatal(err)
		}
		key, err := h.keys.Get(t.Context(), credential.Key)
		if err != nil {
			t.Fatal(err)
		}
		same(t, []string{string(c.want), c.serial, "attested", softkey.EnterpriseFirmware},
			[]string{string(key.ID), key.Serial, string(key.SerialGrade), key.Firmware})
	}
}

// TestKeyWithoutAModelNumberCountsOnceItsCertificateIsListed: U2F and Apple leave it at zero.
func TestKeyWithoutAModelNumberCountsOnceItsCertificateIsListed(t *testing.T) {
	t.Parallel()
	h := open(t)
	batch, err := h.vendor.U2F()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(batch.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	alice, key := person(), batch.NewKey()
	_, err = h.enrol(t, key, alice, factors.NewKey{})
	want(t, err, factors.ModelNotAllowed)
	h.put(t, keys.Model{AAGUID: green, Vendor: "Blue Keys", Name: "Old", Allowed: true, HardwareBound: true,
		Roots: h.vendor.RootPEM(), CertificateKeys: []string{keys.CertificateKey(certificate)}})
	credential, err := h.enrol(t, key, alice, factors.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, []any{green, factors.AttestationVerified, true}, []any{credential.Model, credential.Attestation, credential.HardwareBound})
	proof, err := h.signIn(t, key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "AAL3, phishing-resistant, hardware-bound, attested, user-verified", proof.Assurance.String())
}

// TestRegistrationIsWhollyThereOrNot: the caller's unit of work is abandoned after
// the registration succeeded inside it.
func TestRegistrationIsWhollyThereOrNot(t *testing.T) {
	t.Parallel()
	h := open(t)
	alice, stop := person(), errors.New("the power went")
	options, state, err := h.BeginRegistration(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	response, err := h.key(t, blue).Create(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	var made factors.Credential
	err = h.db.InTx(t.Context(), func(ctx context.Context) error {
		made, err = h.FinishRegistration(ctx, audit.Person(alice.ID), alice, state, response, factors.NewKey{Serial: "1"})
		if err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	_, err = h.keys.BySerial(t.Context(), "1")
	want(t, err, keys.NotFound)
	found, err := h.OfPerson(t.Context(), alice.ID)
	if err != nil || len(found) != 0 || len(h.entries(t, string(made.ID))) != 0 || h.heard(tx.Credential, string(made.ID)) != 0 {
		t.Errorf("something was left: %d credentials, %v", len(found), err)
	}
}
