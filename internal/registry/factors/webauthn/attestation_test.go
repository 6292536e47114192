package webauthn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// authority signs certificates for these tests.
type authority struct {
	certificate *x509.Certificate
	private     *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: monday().AddDate(-1, 0, 0), NotAfter: monday().AddDate(10, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, private}
}

func (a authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func (a authority) sign(t *testing.T, template *x509.Certificate) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &a.private.PublicKey, a.private)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func attestationTemplate(t *testing.T) *x509.Certificate {
	t.Helper()
	model, err := hex.DecodeString(strings.ReplaceAll(blue, "-", ""))
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber: big.NewInt(2), BasicConstraintsValid: true,
		NotBefore: monday().AddDate(0, -1, 0), NotAfter: monday().AddDate(1, 0, 0),
		Subject: pkix.Name{Country: []string{"SE"}, Organization: []string{"Blue"},
			OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: "Blue One"},
		ExtraExtensions: []pkix.Extension{{Id: modelExtension(), Value: append([]byte{4, 16}, model...)}},
	}
}

func TestAttestationCertificateMustKeepEveryRule(t *testing.T) {
	t.Parallel()
	root := newAuthority(t)
	judge := func(template *x509.Certificate, at time.Time) error {
		made := factors.Registration{
			AAGUID: blue, Attestation: factors.AttestationUnverified, Format: "packed", Certificates: [][]byte{root.sign(t, template)},
		}
		return trust(made, rooted(root.pem()), at)
	}
	if err := judge(attestationTemplate(t), monday()); err != nil {
		t.Fatalf("a good certificate: %v", err)
	}
	// WebAuthn Level 3 §8.2.1, rule by rule.
	for name, change := range map[string]func(*x509.Certificate){
		"no country":       func(c *x509.Certificate) { c.Subject.Country = nil },
		"country in words": func(c *x509.Certificate) { c.Subject.Country = []string{"Sweden"} },
		"no organisation":  func(c *x509.Certificate) { c.Subject.Organization = nil },
		"another unit":     func(c *x509.Certificate) { c.Subject.OrganizationalUnit = []string{"Sales"} },
		"a second unit": func(c *x509.Certificate) {
			c.Subject.OrganizationalUnit = []string{"Authenticator Attestation", "Sales"}
		},
		"no common name":            func(c *x509.Certificate) { c.Subject.CommonName = "" },
		"a certification authority": func(c *x509.Certificate) { c.IsCA = true },
		"does not say what it is":   func(c *x509.Certificate) { c.BasicConstraintsValid = false },
		"no model":                  func(c *x509.Certificate) { c.ExtraExtensions = nil },
		"model marked critical":     func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = true },
		"another model":             func(c *x509.Certificate) { c.ExtraExtensions[0].Value[5] ^= 1 },
		"model of zeros":            func(c *x509.Certificate) { clear(c.ExtraExtensions[0].Value[2:]) },
		"model not wrapped":         func(c *x509.Certificate) { c.ExtraExtensions[0].Value = c.ExtraExtensions[0].Value[2:] },
		"bytes after the model":     func(c *x509.Certificate) { c.ExtraExtensions[0].Value = append(c.ExtraExtensions[0].Value, 0) },
	} {
		template := attestationTemplate(t)
		change(template)
		if err := judge(template, monday()); err == nil {
			t.Errorf("%s: was trusted", name)
		}
	}
	for name, at := range map[string]time.Time{"not yet": monday().AddDate(0, -2, 0), "no more": monday().AddDate(1, 0, 1)} {
		if err := judge(attestationTemplate(t), at); err == nil {
			t.Errorf("%s valid: was trusted", name)
		}
	}
}

func TestChainMustBeWhole(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	made, err := c.ReadRegistration(register(t, c, newKey(t, vendor, blue), alice(), origin))
	if err != nil {
		t.Fatal(err)
	}
	leafOnly := made
	leafOnly.Certificates = made.Certificates[:1]
	want(t, c.Trust(leafOnly, rooted(vendor.RootPEM()), monday()), factors.AttestationInvalid)
	garbled := made
	garbled.Certificates = [][]byte{made.Certificates[0], {0x30, 0x00}}
	want(t, c.Trust(garbled, rooted(vendor.RootPEM()), monday()), factors.AttestationInvalid)

	// FIDO metadata may name the attestation certificate itself as the anchor.
	anchor := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificates[0]})
	if err := c.Trust(leafOnly, rooted(anchor), monday()); err != nil {
		t.Errorf("the certificate itself as anchor: %v", err)
	}
}

// rooted is the blue model with these roots.
func rooted(roots []byte) keys.Model { return keys.Model{AAGUID: blue, Roots: roots} }

// WebAuthn Level 3 §8.2.1: the extension is needed when a root serves several models.
func TestRootsOfOneModelProveItWithoutAName(t *testing.T) {
	t.Parallel()
	root := newAuthority(t)
	own := rooted(root.pem())
	own.OwnRoots = true
	judge := func(model keys.Model, claimed string, change func(*x509.Certificate)) error {
		template := attestationTemplate(t)
		change(template)
		made := factors.Registration{
			AAGUID: claimed, Attestation: factors.AttestationUnverified, Format: "packed", Certificates: [][]byte{root.sign(t, template)},
		}
		return trust(made, model, monday())
	}
	nameless := func(c *x509.Certificate) { c.ExtraExtensions = nil }
	if err := judge(own, blue, nameless); err != nil {
		t.Errorf("a certificate without a name, under roots of the model's own: %v", err)
	}
	if err := judge(own, blue, func(*x509.Certificate) {}); err != nil {
		t.Errorf("a certificate that names the model: %v", err)
	}
	if judge(rooted(root.pem()), blue, nameless) == nil {
		t.Error("a certificate without a name was trusted under roots that may sign other models")
	}
	if judge(own, green, nameless) == nil {
		t.Error("a key that says it is another model was trusted")
	}
	if judge(keys.Model{Roots: own.Roots, OwnRoots: true}, "", nameless) == nil {
		t.Error("a key that says no model was trusted")
	}
	// What the certificate does say must be right.
	for name, change := range map[string]func(*x509.Certificate){
		"names another model": func(c *x509.Certificate) { c.ExtraExtensions[0].Value[5] ^= 1 },
		"name is critical":    func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = true },
		"name is garbled":     func(c *x509.Certificate) { c.ExtraExtensions[0].Value = c.ExtraExtensions[0].Value[2:] },
		"another unit":        func(c *x509.Certificate) { nameless(c); c.Subject.OrganizationalUnit = []string{"Sales"} },
	} {
		if judge(own, blue, change) == nil {
			t.Errorf("%s: was trusted", name)
		}
	}
}
