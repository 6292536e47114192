package webauthn

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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

// sampleSite is where those answers were given.
func sampleSite(t testing.TB) *Ceremonies {
	t.Helper()
	c, err := New(Deps{RPID: "localhost", RPName: "Warder", Origins: []string{"https://localhost:44329"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRealKeysAreReadAndNotTrustedWithoutTheirRoot(t *testing.T) {
	t.Parallel()
	folder, c, person := samples(t), sampleSite(t), ids.New[ids.Person]()
	for _, s := range []struct {
		name, options, result string
		model                 string             // when it can be read
		refused               problem.Definition // otherwise
	}{
		{name: "Feitian, packed", options: "attestationOptionsPacked.json", result: "attestationResultsPacked.json",
			model: "42383245-4437-3343-3846-423445354132"},
		{name: "TrustKey T110, packed", options: "attestationOptionsTrustKeyT110.json", result: "attestationResultTrustKeyT110.json",
			model: "da776f39-f6c8-4a89-b252-1d86137a46ba"},
		{name: "ATKey.Pro, packed", options: "attestationOptionsATKey.json", result: "attestationResultsATKey.json",
			model: "e1a96183-5016-4f24-b55b-e3ae23614cc6"},
		{name: "none, without PIN", options: "attestationOptionsNone.json", result: "attestationResultsNone.json",
			refused: factors.UserVerificationMissing},
		{name: "packed ES512, without PIN", options: "attestationOptionsPacked512.json", result: "attestationResultsPacked512.json",
			refused: factors.UserVerificationMissing},
		{name: "U2F, without PIN", options: "attestationOptionsU2F.json", result: "attestationResultsU2F.json", refused: factors.UserVerificationMissing},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			response, challenge := sample(t, folder, s.options, s.result)
			kept, err := state{Ceremony: registering, Challenge: challenge, Person: person}.remember(monday())
			if err != nil {
				t.Fatal(err)
			}
			made, err := c.ReadRegistration(factors.Answer{State: kept, Response: response, At: monday()})
			if s.refused.Code != "" {
				want(t, err, s.refused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, []string{s.model, string(factors.AttestationUnverified)}, []string{made.AAGUID, string(made.Attestation)})
			want(t, c.Trust(made, keys.Model{AAGUID: made.AAGUID, Roots: newVendor(t).RootPEM()}, monday()), factors.AttestationInvalid)
		})
	}
}

func TestEveryOtherRealAnswerIsReadOrRefusedByName(t *testing.T) {
	t.Parallel()
	folder, c := samples(t), sampleSite(t)
	for options, result := range map[string]string{
		"attestationAppleOptions.json":      "attestationAppleResponse.json",
		"attestationAndroidKeyOptions.json": "attestationAndroidKeyResponse.json",
		"attestationTPMSHA1Options.json":    "attestationTPMSHA1Response.json",
		"attestationTPMSHA256Options.json":  "attestationTPMSHA256Response.json",
		"attestationNoneOptions.json":       "attestationNoneResponse.json",
	} {
		response, challenge := sample(t, folder, options, result)
		parsed, err := parseRegistration(response)
		if err != nil {
			t.Errorf("%s: %v", result, err)
			continue
		}
		if got := parsed.Response.CollectedClientData.Challenge; got != challenge {
			t.Errorf("%s: challenge %q, want %q", result, got, challenge)
		}
		if err := c.checkRegistration(parsed, challenge); err == nil {
			t.Errorf("%s: was accepted on a site it was not made for, or without a format we read", result)
		} else if _, ok := problem.Of(err); !ok {
			t.Errorf("%s: not a problem: %v", result, err)
		}
	}
}
