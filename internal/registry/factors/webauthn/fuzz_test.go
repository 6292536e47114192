package webauthn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

func FuzzRegistrationResponse(f *testing.F) {
	c, vendor, holder := site(f), newVendor(f), alice()
	for _, statement := range []softkey.Statement{softkey.Full, softkey.Self, softkey.None} {
		key := newKey(f, vendor, blue)
		key.Behaviour.Statement = statement
		f.Add(register(f, c, key, holder, origin).Response)
	}
	good := register(f, c, newKey(f, vendor, blue), holder, origin)
	f.Add(good.Response)
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Add([]byte(`{}`))
	addSamples(f, "attestationRes")

	f.Fuzz(func(t *testing.T, response []byte) {
		made, err := c.ReadRegistration(factors.Answer{State: good.State, Response: response, At: good.At})
		if err != nil {
			if found, ok := problem.Of(err); !ok || !strings.HasPrefix(found.Code, "enrol.") {
				t.Fatalf("not a problem of enrolment: %v", err)
			}
			return
		}
		// Whatever was read answers our challenge: somebody who cannot sign for the
		// attestation certificate must not be trusted.
		if made.Person != holder.ID || made.Attestation == factors.AttestationVerified || made.Attestation == "" || len(made.CredentialID) == 0 {
			t.Fatalf("read as %+v", made)
		}
		if err := c.Trust(made, rooted(vendor.RootPEM()), good.At); err == nil && made.AAGUID != blue {
			t.Fatalf("trusted as %q", made.AAGUID)
		}
	})
}

func FuzzAssertionResponse(f *testing.F) {
	c := site(f)
	key, known := enrolled(f, c)
	good := verify(f, c, key, factors.VerificationAsk{})
	f.Add(good.Response)
	f.Add(verify(f, c, key, allow(known)).Response)
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":""}}`))
	f.Add([]byte(`{}`))
	addSamples(f, "assertion")

	f.Fuzz(func(t *testing.T, response []byte) {
		use, err := c.CheckVerification(factors.Answer{State: good.State, Response: response, At: good.At}, is(known))
		if err != nil {
			if found, ok := problem.Of(err); !ok || !strings.HasPrefix(found.Code, "factor.") {
				t.Fatalf("not a problem of signing in: %v", err)
			}
			return
		}
		// Only the one signed answer can pass, however its JSON is written.
		if use != (factors.Use{UserVerified: true, SignCount: 2}) {
			t.Fatalf("accepted as %+v", use)
		}
	})
}

// addSamples adds answers of real keys to the corpus where they are at hand.
func addSamples(f *testing.F, prefix string) {
	folder := os.Getenv("WARDER_SHARED")
	if folder == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "samples", "fido", "attestations", prefix+"*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}
