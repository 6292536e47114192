package webauthn

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
)

// samples is the folder of answers of real keys, which is not part of this project.
func samples(t testing.TB) string {
	t.Helper()
	return testkit.Shared(t, "samples", "fido", "attestations")
}

// sample reads one registration: the answer, with the type that old test servers
// left out, and the challenge it answers.
func sample(t testing.TB, folder, options, result string) (response []byte, challenge string) {
	t.Helper()
	var asked struct {
		Challenge string `json:"challenge"`
	}
	readJSON(t, filepath.Join(folder, options), &asked)
	var answered map[string]any
	readJSON(t, filepath.Join(folder, result), &answered)
	if answered["type"] == nil {
		answered["type"] = "public-key"
	}
	response, err := json.Marshal(answered)
	if err != nil {
		t.Fatal(err)
	}
	return response, asked.Challenge
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), into); err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
}

// siteOf is the site that an answer was given on.
func siteOf(t testing.TB, origin string) *Ceremonies {
	t.Helper()
	page, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Deps{RPID: page.Hostname(), RPName: "Warder", Origins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const sampleOrigin = "https://localhost:44329"

// outcome is what becomes of a published answer at our door, where a PIN or a finger is
// asked for and its origin is the site's. Whether its statement is genuine, whatever it
// says of its user, is in published.
type outcome struct {
	origin  string
	model   string             // when it is read: the model it claims
	refused problem.Definition // otherwise
	why     string
}

// outcomes are the published answers by the name of their file.
func outcomes() map[string]outcome {
	const noPIN = "the key was touched, and checked neither PIN nor finger"
	return map[string]outcome{
		"attestationResultsPacked.json": {sampleOrigin, "42383245-4437-3343-3846-423445354132", problem.Definition{},
			"packed by Feitian: a genuine chain, and trusted by its own root only"},
		"attestationResultTrustKeyT110.json": {sampleOrigin, "da776f39-f6c8-4a89-b252-1d86137a46ba", problem.Definition{},
			"packed by TrustKey, with members in the client data that nobody knows"},
		"attestationResultsATKey.json":       {sampleOrigin, "e1a96183-5016-4f24-b55b-e3ae23614cc6", problem.Definition{}, "packed by AuthenTrend"},
		"attestationResultsPacked512.json":   {sampleOrigin, "", factors.UserVerificationMissing, noPIN},
		"attestationResultsU2F.json":         {sampleOrigin, "", factors.UserVerificationMissing, noPIN + "; U2F cannot"},
		"attestationResultsNone.json":        {sampleOrigin, "", factors.UserVerificationMissing, noPIN},
		"attestationNoneResponse.json":       {sampleOrigin, "", factors.UserVerificationMissing, noPIN},
		"attestationAppleResponse.json":      {"https://6cc3c9e7967a.ngrok.io", "", factors.RegistrationInvalid, "it was published under another id than the one that the key signed"},
		"attestationAndroidKeyResponse.json": {sampleOrigin, "", factors.UserVerificationMissing, noPIN + "; its chain is that of an emulator"},
		"attestationTPMSHA1Response.json":    {sampleOrigin, "", factors.UserVerificationMissing, noPIN + "; it signs with SHA-1, which we never offer"},
		"attestationTPMSHA256Response.json":  {sampleOrigin, "", factors.UserVerificationMissing, noPIN + "; its certificate ended years ago"},
	}
}

// Where the folder is missing, the project's own keys make the same promises:
// TestGoodKeyIsReadAndTrustedByItsOwnRootOnly, TestMisbehavingKeyIsRefusedWithItsOwnCode,
// TestTPMIsReadAndProvenByRootsOfItsOwn, TestKeyWithoutAModelNumberIsKnownByItsCertificateOnly,
// TestStatementThatWasTamperedWithIsRefused and TestKnownAndDiscoverableSignInsAreChecked.
func TestEveryPublishedAnswerEndsAsItShould(t *testing.T) {
	t.Parallel()
	folder, person := samples(t), ids.New[ids.Person]()
	for _, one := range published() {
		expected, known := outcomes()[one.result]
		if !known {
			t.Errorf("%s: nobody has said what should become of it", one.result)
			continue
		}
		t.Run(one.result, func(t *testing.T) {
			t.Parallel()
			response, challenge := sample(t, folder, one.options, one.result)
			kept, err := state{Ceremony: registering, Challenge: challenge, Person: person}.remember(monday())
			if err != nil {
				t.Fatal(err)
			}
			c := siteOf(t, expected.origin)
			made, err := c.ReadRegistration(factors.Answer{State: kept, Response: response, At: monday()})
			if expected.refused.Code != "" {
				if !problem.Is(err, expected.refused) {
					t.Errorf("got %v, want %s because %s", err, expected.refused.Code, expected.why)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v, and it should be read: %s", err, expected.why)
			}
			same(t, []string{expected.model, string(factors.AttestationUnverified)}, []string{made.AAGUID, string(made.Attestation)})
			want(t, c.Trust(made, keys.Model{AAGUID: made.AAGUID, Roots: newVendor(t).RootPEM()}, monday()), factors.AttestationInvalid)
			_, err = siteOf(t, "https://elsewhere.example").ReadRegistration(factors.Answer{State: kept, Response: response, At: monday()})
			want(t, err, factors.RegistrationOrigin)
		})
	}
}

// The one published sign-in has its signature in hexadecimal, which is no base64url, and
// no PIN: refused. Written as the standard says, the signature is good under the key
// that was registered with it and under no other.
func TestPublishedSignInEndsAsItShould(t *testing.T) {
	t.Parallel()
	folder, c := samples(t), siteOf(t, sampleOrigin)
	publicKey := func(options, result string) []byte {
		response, _ := sample(t, folder, options, result)
		parsed, err := parseRegistration(response)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey
	}
	response, challenge := sample(t, folder, "assertionNoneOptions.json", "assertionNoneResponse.json")
	parsed, err := parseAssertion(response)
	if err != nil {
		t.Fatal(err)
	}
	person := ids.New[ids.Person]()
	kept, err := state{Ceremony: verifying, Challenge: challenge, Person: person, Allowed: [][]byte{parsed.RawID}}.remember(monday())
	if err != nil {
		t.Fatal(err)
	}
	known := factors.Known{Person: person, CredentialID: parsed.RawID, PublicKey: publicKey("attestationNoneOptions.json", "attestationNoneResponse.json")}
	_, err = c.CheckVerification(factors.Answer{State: kept, Response: response, At: monday()}, is(known))
	want(t, err, factors.VerificationMissing)

	verify := func(publicKey []byte, challenge string) error {
		return parsed.Verify(challenge, c.deps.RPID, "", c.deps.Origins, nil, nil, protocol.TopOriginExplicitVerificationMode,
			false, false, true, publicKey, protocol.SignaturePolicy{})
	}
	if verify(known.PublicKey, challenge) == nil {
		t.Error("the signature as it was published is good")
	}
	written := base64.RawURLEncoding.EncodeToString(parsed.Response.Signature)
	if parsed.Response.Signature, err = hex.DecodeString(written); err != nil {
		t.Fatal(err)
	}
	if err := verify(known.PublicKey, challenge); err != nil {
		t.Errorf("the signature as it was made: %v", detailed(err))
	}
	if verify(publicKey("attestationOptionsNone.json", "attestationResultsNone.json"), challenge) == nil {
		t.Error("it is good under another key")
	}
	if verify(known.PublicKey, "bm90IHRoaXMgb25l") == nil {
		t.Error("it is good for another challenge")
	}
}

// A file that somebody adds to the folder is not passed over.
func TestNoPublishedFileIsPassedOver(t *testing.T) {
	t.Parallel()
	folder := samples(t)
	named := map[string]bool{"assertionNoneOptions.json": true, "assertionNoneResponse.json": true}
	for _, one := range published() {
		named[one.options], named[one.result] = true, true
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !named[file.Name()] {
			t.Errorf("%s: no test says what should become of it", file.Name())
		}
		delete(named, file.Name())
	}
	for name := range named {
		t.Errorf("%s is not there any more", name)
	}
}

// Chains of real keys lead to the root that their maker publishes, and to no other
// maker's.
func TestPublishedChainsLeadToTheirMakersRoot(t *testing.T) {
	t.Parallel()
	folder := samples(t)
	root := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(folder), name))
		if err != nil {
			t.Fatal(err)
		}
		return text[bytes.Index(text, []byte("-----BEGIN")):] // a remark stands before it, which we refuse
	}
	yubico, apple := root("yubico-roots-demo.pem"), root("apple-webauthn-root.pem")
	for result, c := range map[string]struct {
		options      string
		right, wrong []byte
	}{
		"attestationResultsU2F.json":    {"attestationOptionsU2F.json", yubico, apple},
		"attestationAppleResponse.json": {"attestationAppleOptions.json", apple, yubico},
	} {
		response, _ := sample(t, folder, c.options, result)
		parsed, err := parseRegistration(response)
		if err != nil {
			t.Fatal(err)
		}
		made, err := describe(parsed, ids.New[ids.Person]())
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(made.Certificates[0])
		if err != nil {
			t.Fatal(err)
		}
		model := keys.Model{AAGUID: made.AAGUID, Roots: c.right, CertificateKeys: made.CertificateKeys}
		if model.AAGUID == "" {
			model.AAGUID = blue // Apple names none: an administrator does
		}
		at := leaf.NotBefore.Add(time.Hour)
		if err := trust(made, model, at); err != nil {
			t.Errorf("%s: %v", result, err)
		}
		model.Roots = c.wrong
		if trust(made, model, at) == nil {
			t.Errorf("%s is trusted by the root of another maker", result)
		}
	}
}
