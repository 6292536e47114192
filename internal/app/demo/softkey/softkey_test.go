package softkey_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/app/demo/softkey"
)

const (
	model    = "57a2de30-0000-4000-8000-00000000d340"
	origin   = "https://warder.example"
	creation = `{"rp":{"id":"warder.example","name":"Warder"},"user":{"id":"cHJzXzE","name":"alice","displayName":"Alice"},
		"challenge":"AAECAwQFBgcICQoLDA0ODw","pubKeyCredParams":[{"type":"public-key","alg":-7}],"attestation":"direct"}`
	request = `{"rpId":"warder.example","challenge":"AAECAwQFBgcICQoLDA0ODw"}`
)

type response struct {
	ID       string `json:"id"`
	Response struct {
		ClientData  string `json:"clientDataJSON"`
		Object      string `json:"attestationObject"`
		AuthData    string `json:"authenticatorData"`
		PublicKey   string `json:"publicKey"`
		Signature   string `json:"signature"`
		UserHandle  string `json:"userHandle"`
		PublicKeyAl int    `json:"publicKeyAlgorithm"`
	} `json:"response"`
}

func newKey(t *testing.T) (*softkey.Vendor, *softkey.Key) {
	t.Helper()
	vendor, err := softkey.NewVendor("Demo Keys")
	if err != nil {
		t.Fatal(err)
	}
	batch, err := vendor.Batch(model)
	if err != nil {
		t.Fatal(err)
	}
	return vendor, batch.NewKey()
}

func create(t *testing.T, key *softkey.Key, options string) response {
	t.Helper()
	raw, err := key.Create([]byte(options), origin)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, raw)
}

func get(t *testing.T, key *softkey.Key, options string) response {
	t.Helper()
	raw, err := key.Get([]byte(options), origin)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, raw)
}

func decode(t *testing.T, raw []byte) response {
	t.Helper()
	var decoded response
	if err := json.Unmarshal(raw, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func unwrap(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func verifies(t *testing.T, public any, answer response, authData []byte, signature []byte) bool {
	t.Helper()
	hash := sha256.Sum256(unwrap(t, answer.Response.ClientData))
	digest := sha256.Sum256(slices.Concat(authData, hash[:]))
	return ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), digest[:], signature)
}

func TestAttestationChainsToItsOwnVendorOnly(t *testing.T) {
	t.Parallel()
	vendor, key := newKey(t)
	rogue, _ := newKey(t)
	var object struct {
		Format    string `cbor:"fmt"`
		AuthData  []byte `cbor:"authData"`
		Statement struct {
			Signature []byte   `cbor:"sig"`
			Chain     [][]byte `cbor:"x5c"`
		} `cbor:"attStmt"`
	}
	answer := create(t, key, creation)
	if err := cbor.Unmarshal(unwrap(t, answer.Response.Object), &object); err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(object.Statement.Chain[0])
	if err != nil {
		t.Fatal(err)
	}
	if !verifies(t, leaf.PublicKey, answer, object.AuthData, object.Statement.Signature) {
		t.Error("the attestation certificate did not sign the registration")
	}
	intermediates := x509.NewCertPool()
	for _, der := range object.Statement.Chain[1:] {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		intermediates.AddCert(certificate)
	}
	for name, test := range map[string]struct {
		root []byte
		want bool
	}{"own vendor": {vendor.RootPEM(), true}, "another vendor of the same name": {rogue.RootPEM(), false}} {
		block, _ := pem.Decode(test.root)
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(root)
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
		if got := err == nil; got != test.want {
			t.Errorf("%s: believed %v, want %v (%v)", name, got, test.want, err)
		}
	}
}

func TestSavedKeySignsInAndCountsOn(t *testing.T) {
	t.Parallel()
	_, key := newKey(t)
	registered := create(t, key, creation)
	saved, err := key.Save()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := softkey.Load(saved)
	if err != nil {
		t.Fatal(err)
	}
	answer := get(t, loaded, `{"publicKey":`+request+`}`)
	if diff := cmp.Diff(registered.ID, answer.ID); diff != "" {
		t.Errorf("credential id (-registered +answered):\n%s", diff)
	}
	if diff := cmp.Diff("cHJzXzE", answer.Response.UserHandle); diff != "" {
		t.Errorf("user handle (-want +got):\n%s", diff)
	}
	public, err := x509.ParsePKIXPublicKey(unwrap(t, registered.Response.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	authData := unwrap(t, answer.Response.AuthData)
	if !verifies(t, public, answer, authData, unwrap(t, answer.Response.Signature)) {
		t.Error("the registered public key does not verify the answer")
	}
	if got := binary.BigEndian.Uint32(authData[33:37]); got != 2 {
		t.Errorf("counter is %d after two uses, want 2", got)
	}
}

func TestBrowserRefusesWhatABrowserRefuses(t *testing.T) {
	t.Parallel()
	_, key := newKey(t)
	registered := create(t, key, creation)
	excluding := creation[:len(creation)-1] + `,"excludeCredentials":[{"type":"public-key","id":"` + registered.ID + `"}]}`
	if _, err := key.Create([]byte(excluding), origin); !errors.Is(err, softkey.ErrInvalidState) {
		t.Errorf("excluded credential: %v, want InvalidStateError", err)
	}
	if _, err := key.Create([]byte(creation), "https://warder.example.phish.test"); !errors.Is(err, softkey.ErrSecurity) {
		t.Errorf("foreign page: %v, want SecurityError", err)
	}
	if _, err := key.Get([]byte(request), "http://warder.example"); !errors.Is(err, softkey.ErrSecurity) {
		t.Errorf("page without TLS: %v, want SecurityError", err)
	}
	if _, err := key.Get([]byte(`{"rpId":"other.example","challenge":"AAECAw"}`), "https://other.example"); !errors.Is(err, softkey.ErrNotAllowed) {
		t.Errorf("site without a credential: %v, want NotAllowedError", err)
	}
}

func TestDecliningBlanksTheModel(t *testing.T) {
	t.Parallel()
	_, key := newKey(t)
	answer := create(t, key, `{"rp":{"id":"warder.example"},"user":{"id":"cHJzXzE"},"challenge":"AAEC",
		"pubKeyCredParams":[{"alg":-7}],"attestation":"none"}`)
	aaguid := unwrap(t, answer.Response.AuthData)[37:53]
	if diff := cmp.Diff(make([]byte, 16), aaguid); diff != "" {
		t.Errorf("model after attestation none (-want +got):\n%s", diff)
	}
}
