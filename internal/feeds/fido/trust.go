package fido

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/keys"
)

// ServiceName is the name in the certificate with which the FIDO Alliance signs.
const ServiceName = "mds.fidoalliance.org"

// productionRoot is the SHA-256 of GlobalSign Root CA – R3, from which the service's
// certificates come. It ends on 18 March 2029; the FIDO Alliance will name another.
const productionRoot = "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b"

// Trust is whose lists are believed. The zero value believes nobody.
type Trust struct {
	Roots  []*x509.Certificate
	Signer string // the name that the signing certificate must be for
}

// ReadTrust reads the roots, as PEM or one as DER. Problems: RootMissing,
// RootMalformed.
func ReadTrust(roots []byte, signer string) (Trust, error) {
	if len(bytes.TrimSpace(roots)) == 0 {
		return Trust{}, RootMissing.New()
	}
	if one, err := x509.ParseCertificate(roots); err == nil {
		return Trust{Roots: []*x509.Certificate{one}, Signer: signer}, nil
	}
	found, err := keys.ParseRoots(roots)
	if fault, ok := problem.Of(err); ok {
		return Trust{}, RootMalformed.Because(err).At(fault.Fields...)
	}
	if err != nil {
		return Trust{}, RootMalformed.Because(err)
	}
	return Trust{Roots: found, Signer: signer}, nil
}

// Root says which root a list leads to.
type Root struct {
	Name        string // its subject
	Fingerprint string // SHA-256 of the certificate, lower-case hexadecimal
	Until       time.Time
}

// Production reports whether it is the root that the FIDO Alliance uses today.
func (r Root) Production() bool { return r.Fingerprint == productionRoot }

func rootOf(certificate *x509.Certificate) Root {
	sum := sha256.Sum256(certificate.Raw)
	return Root{Name: certificate.Subject.String(), Fingerprint: hex.EncodeToString(sum[:]), Until: certificate.NotAfter}
}

// fits checks that a signing certificate is for the service. Everybody can buy one that
// leads to the same root.
func (t Trust) fits(leaf *x509.Certificate) error {
	switch {
	case t.Signer == "":
		return fmt.Errorf("no name is trusted")
	case leaf.IsCA:
		return fmt.Errorf("the signing certificate is a certification authority")
	case leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return fmt.Errorf("the signing certificate is not for signatures")
	}
	if leaf.VerifyHostname(t.Signer) == nil {
		return nil
	}
	names := len(leaf.DNSNames) + len(leaf.IPAddresses) + len(leaf.EmailAddresses) + len(leaf.URIs)
	if names == 0 && leaf.Subject.CommonName == t.Signer { // older certificates have the name here only
		return nil
	}
	return fmt.Errorf("the signing certificate is for %q %q, want %q", leaf.Subject.CommonName, leaf.DNSNames, t.Signer)
}
