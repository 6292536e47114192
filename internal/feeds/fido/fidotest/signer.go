// Package fidotest makes lists of the FIDO Metadata Service for tests, signed by a
// service of its own, and holds the contract that every store of them must keep. Only
// tests import it.
package fidotest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/warder-project/warder/internal/feeds/fido"
)

// Name is the name in the certificate with which a Service signs.
const Name = "mds.example.org"

// Authority makes certificates.
type Authority struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Certificate is what a certificate is made with.
type Certificate struct {
	Name        string    // common name, and DNS name unless it has a space in it
	From, Until time.Time // zero: from 2020 to 2040
	CA          bool
}

// NewAuthority makes a root.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	key := newKey(t)
	made := sign(t, nil, Certificate{Name: name, CA: true}, key)
	return &Authority{Certificate: made, key: key}
}

// Sub makes an authority below another.
func (a *Authority) Sub(t testing.TB, what Certificate) *Authority {
	t.Helper()
	key := newKey(t)
	return &Authority{Certificate: sign(t, a, what, key), key: key}
}

// PEM is the authority's certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate.Raw})
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, by *Authority, what Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	if what.From.IsZero() {
		what.From = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if what.Until.IsZero() {
		what.Until = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: what.Name}, NotBefore: what.From, NotAfter: what.Until,
		IsCA: what.CA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature}
	if what.CA {
		template.KeyUsage = x509.KeyUsageCertSign
	} else if !strings.Contains(what.Name, " ") {
		template.DNSNames = []string{what.Name}
	}
	parent, private := template, crypto.Signer(key)
	if by != nil {
		parent, private = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// Service signs lists: a root, an authority below it, and a certificate for Name.
type Service struct {
	Root, Middle, Leaf *Authority
}

// NewService makes a service.
func NewService(t testing.TB) *Service {
	t.Helper()
	root := NewAuthority(t, "Imaginary Root")
	middle := root.Sub(t, Certificate{Name: "Imaginary Authority", CA: true})
	return &Service{Root: root, Middle: middle, Leaf: middle.Sub(t, Certificate{Name: Name})}
}

// Trust believes the service.
func (s *Service) Trust() fido.Trust {
	return fido.Trust{Roots: []*x509.Certificate{s.Root.Certificate}, Signer: Name}
}

// Sign signs a payload, whatever it is.
func (s *Service) Sign(t testing.TB, payload []byte) []byte {
	t.Helper()
	chain := []string{base64.StdEncoding.EncodeToString(s.Leaf.Certificate.Raw), base64.StdEncoding.EncodeToString(s.Middle.Certificate.Raw)}
	return s.SignWith(t, payload, map[jose.HeaderKey]any{"x5c": chain, "typ": "JWT"})
}

// SignWith signs a payload under a header of one's own.
func (s *Service) SignWith(t testing.TB, payload []byte, header map[jose.HeaderKey]any) []byte {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.Leaf.key}, &jose.SignerOptions{ExtraHeaders: header})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

// Payload writes a payload with entries as they are given, up to 24 December 2026.
func Payload(t testing.TB, number int, entries ...any) []byte {
	t.Helper()
	if entries == nil {
		entries = []any{}
	}
	text, err := json.Marshal(map[string]any{"legalHeader": "For tests only.", "no": number, "nextUpdate": "2026-12-24", "entries": entries})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// About is an entry about a make, with its statuses in order.
func About(aaguid string, statuses ...string) map[string]any {
	reports := []any{}
	for _, status := range statuses {
		reports = append(reports, map[string]any{"status": status})
	}
	return map[string]any{"aaguid": aaguid, "statusReports": reports, "timeOfLastStatusChange": "2026-01-01",
		"metadataStatement": map[string]any{"description": "Imaginary Key", "keyProtection": []string{"hardware", "secure_element"}}}
}

// List signs a payload and reads it back.
func (s *Service) List(t testing.TB, at time.Time, payload []byte) *fido.List {
	t.Helper()
	list, err := fido.Read("blob.jwt", strings.NewReader(string(s.Sign(t, payload))), s.Trust(), at)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
