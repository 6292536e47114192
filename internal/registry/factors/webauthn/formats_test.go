package webauthn

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

func u2fKey(t *testing.T, vendor *softkey.Vendor) (*softkey.Key, string) {
	t.Helper()
	batch, err := vendor.U2F()
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(batch.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	return batch.NewKey(), keys.CertificateKey(certificate)
}

// WebAuthn Level 3 §8.6: the AAGUID is zero, so the certificate alone proves the model.
func TestKeyWithoutAModelNumberIsKnownByItsCertificateOnly(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	key, identifier := u2fKey(t, vendor)
	made, err := c.ReadRegistration(register(t, c, key, alice(), origin))
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{"", "fido-u2f", "unverified", identifier},
		[]string{made.AAGUID, made.Format, string(made.Attestation), made.CertificateKeys[0]})
	listed := keys.Model{AAGUID: blue, Roots: vendor.RootPEM(), CertificateKeys: []string{identifier}}
	if err := c.Trust(made, listed, monday()); err != nil {
		t.Errorf("a certificate that is listed: %v", err)
	}
	_, foreign := u2fKey(t, vendor)
	for name, model := range map[string]keys.Model{
		"roots alone":              {AAGUID: blue, Roots: listed.Roots},
		"roots of the model alone": {AAGUID: blue, Roots: listed.Roots, OwnRoots: true},
		"another certificate":      {AAGUID: blue, Roots: listed.Roots, CertificateKeys: []string{foreign}},
		"listed, foreign root":     {AAGUID: blue, Roots: newVendor(t).RootPEM(), CertificateKeys: listed.CertificateKeys},
		"no model":                 {Roots: listed.Roots, CertificateKeys: listed.CertificateKeys},
	} {
		if c.Trust(made, model, monday()) == nil {
			t.Errorf("%s: was trusted", name)
		}
	}
	// A packed statement that names no model stays unknown, listed or not.
	packed := newKey(t, vendor, blue)
	packed.Behaviour.ClaimedAAGUID = "00000000-0000-0000-0000-000000000000"
	if _, err := c.ReadRegistration(register(t, c, packed, alice(), origin)); err == nil {
		t.Error("a certificate for a model was accepted for a key that names none")
	}
}

func TestTPMIsReadAndProvenByRootsOfItsOwn(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	batch, err := vendor.TPM(blue)
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.ReadRegistration(register(t, c, batch.NewKey(), alice(), origin))
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{blue, "tpm"}, []string{made.AAGUID, made.Format})
	own := keys.Model{AAGUID: blue, Roots: vendor.RootPEM(), OwnRoots: true}
	if err := c.Trust(made, own, monday()); err != nil {
		t.Errorf("roots of the model's own: %v", err)
	}
	shared := own
	shared.OwnRoots = false
	want(t, c.Trust(made, shared, monday()), factors.AttestationInvalid)
	foreign := own
	foreign.Roots = newVendor(t).RootPEM()
	want(t, c.Trust(made, foreign, monday()), factors.AttestationInvalid)
	other := own
	other.AAGUID = green
	want(t, c.Trust(made, other, monday()), factors.AttestationInvalid)
}

// changed rewrites the attestation object of an answer.
func changed(t *testing.T, answer factors.Answer, change func(object map[string]any)) factors.Answer {
	t.Helper()
	answer.Response = spoil(t, answer.Response, func(whole map[string]any) {
		inner := whole["response"].(map[string]any)
		raw, err := base64.RawURLEncoding.DecodeString(inner["attestationObject"].(string))
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := cbor.Unmarshal(raw, &object); err != nil {
			t.Fatal(err)
		}
		change(object)
		if raw, err = cbor.Marshal(object); err != nil {
			t.Fatal(err)
		}
		inner["attestationObject"] = base64.RawURLEncoding.EncodeToString(raw)
	})
	return answer
}

func TestStatementThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	platform, err := vendor.TPM(blue)
	if err != nil {
		t.Fatal(err)
	}
	u2f, _ := u2fKey(t, vendor)
	flip := func(name string) func(map[string]any) {
		return func(object map[string]any) {
			value := object["attStmt"].(map[any]any)[name].([]byte)
			value[len(value)-1] ^= 1
		}
	}
	rename := func(format string) func(map[string]any) {
		return func(object map[string]any) { object["fmt"] = format }
	}
	for name, check := range map[string]struct {
		key    *softkey.Key
		change func(map[string]any)
		want   problem.Definition
	}{
		"tpm, signature":            {platform.NewKey(), flip("sig"), factors.AttestationInvalid},
		"tpm, what was certified":   {platform.NewKey(), flip("certInfo"), factors.AttestationInvalid},
		"tpm, another key":          {platform.NewKey(), flip("pubArea"), factors.AttestationInvalid},
		"u2f, signature":            {u2f, flip("sig"), factors.AttestationInvalid},
		"packed as tpm":             {newKey(t, vendor, blue), rename("tpm"), factors.AttestationInvalid},
		"packed as fido-u2f":        {newKey(t, vendor, blue), rename("fido-u2f"), factors.AttestationInvalid},
		"apple, not from Apple":     {newKey(t, vendor, blue), rename("apple"), factors.AttestationInvalid},
		"android, not from Google":  {newKey(t, vendor, blue), rename("android-key"), factors.AttestationInvalid},
		"a format nobody reads":     {newKey(t, vendor, blue), rename("android-safetynet"), factors.AttestationFormat},
		"a format nobody has named": {newKey(t, vendor, blue), rename("warder"), factors.AttestationFormat},
	} {
		_, err := c.ReadRegistration(changed(t, register(t, c, check.key, alice(), origin), check.change))
		if !problem.Is(err, check.want) {
			t.Errorf("%s: %v, want %s", name, err, check.want.Code)
		}
	}
}

func TestEnterpriseCertificateGivesSerialNumberAndFirmware(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	batch, err := vendor.Enterprise(blue, "24180001")
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.ReadRegistration(register(t, c, batch.NewKey(), alice(), origin))
	if err != nil {
		t.Fatal(err)
	}
	same(t, []string{"24180001", softkey.EnterpriseFirmware}, []string{made.Serial, made.Firmware})
}

// published are the answers of real keys and platforms, whatever they say about
// their user, and what should become of them.
func published() map[string]struct {
	options, result string
	model           string // as the answer or its certificate names it
	why             string // part of the reason why it is refused; empty when it is genuine
} {
	return map[string]struct{ options, result, model, why string }{
		"packed, Feitian":  {"attestationOptionsPacked.json", "attestationResultsPacked.json", "42383245-4437-3343-3846-423445354132", ""},
		"packed, TrustKey": {"attestationOptionsTrustKeyT110.json", "attestationResultTrustKeyT110.json", "da776f39-f6c8-4a89-b252-1d86137a46ba", ""},
		"packed, ATKey":    {"attestationOptionsATKey.json", "attestationResultsATKey.json", "e1a96183-5016-4f24-b55b-e3ae23614cc6", ""},
		"packed, ES512":    {"attestationOptionsPacked512.json", "attestationResultsPacked512.json", "2388ab8d-8915-4146-93ba-d43e671d2538", ""},
		"fido-u2f":         {"attestationOptionsU2F.json", "attestationResultsU2F.json", "f8a011f3-8c0a-4d15-8006-17111f9edc7d", ""},
		"apple":            {"attestationAppleOptions.json", "attestationAppleResponse.json", "", ""},
		"android-key":      {"attestationAndroidKeyOptions.json", "attestationAndroidKeyResponse.json", "", "x5c cert chain"}, // of an emulator
		"tpm, SHA-1":       {"attestationTPMSHA1Options.json", "attestationTPMSHA1Response.json", "", "algorithm not supported"},
		"tpm, expired":     {"attestationTPMSHA256Options.json", "attestationTPMSHA256Response.json", "", "no longer valid"},
		"none":             {"attestationNoneOptions.json", "attestationNoneResponse.json", "", ""},
		"none, older":      {"attestationOptionsNone.json", "attestationResultsNone.json", "", ""},
	}
}

func TestPublishedStatementsAreGenuineOrRefused(t *testing.T) {
	t.Parallel()
	folder := samples(t)
	for name, check := range published() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, challenge := sample(t, folder, check.options, check.result)
			parsed, err := parseRegistration(response)
			if err != nil {
				t.Fatal(err)
			}
			// Apple's answer was published under a made-up id; its statement is whole.
			parsed.RawID = parsed.Response.AttestationObject.AuthData.AttData.CredentialID
			parsed.ID = base64.RawURLEncoding.EncodeToString(parsed.RawID)
			page, err := url.Parse(parsed.Response.CollectedClientData.Origin)
			if err != nil {
				t.Fatal(err)
			}
			c, err := New(Deps{RPID: page.Hostname(), RPName: "Warder", Origins: []string{page.Scheme + "://" + page.Host}})
			if err != nil {
				t.Fatal(err)
			}
			err = c.verify(parsed, challenge, false)
			if check.why != "" {
				want(t, err, factors.AttestationInvalid)
				if !strings.Contains(fmt.Sprint(err), check.why) {
					t.Errorf("refused because %v, want %q", err, check.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			made, err := describe(parsed, ids.New[ids.Person]())
			if err != nil {
				t.Fatal(err)
			}
			same(t, check.model, made.AAGUID)
			leads(t, made)
		})
	}
}

// leads checks that a real chain is trusted by its own last certificate only.
func leads(t *testing.T, made factors.Registration) {
	t.Helper()
	if len(made.Certificates) == 0 {
		return
	}
	first, err := x509.ParseCertificate(made.Certificates[0])
	if err != nil {
		t.Fatal(err)
	}
	last := made.Certificates[len(made.Certificates)-1]
	model := keys.Model{AAGUID: made.AAGUID, OwnRoots: true, CertificateKeys: made.CertificateKeys,
		Roots: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: last})}
	if model.AAGUID == "" {
		model.AAGUID = blue // Apple names none: an administrator does
	}
	at := first.NotBefore.Add(time.Hour)
	if err := trust(made, model, at); err != nil {
		t.Errorf("not trusted by %d certificates of its own: %v", len(made.Certificates), err)
	}
	model.Roots = newVendor(t).RootPEM()
	if trust(made, model, at) == nil {
		t.Error("trusted by a foreign root")
	}
}
