package webauthn

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
)

// modelExtension is id-fido-gen-ce-aaguid (WebAuthn Level 3 §8.2.1).
func modelExtension() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}
}

// serialExtension is id-fido-gen-ce-sernum (WebAuthn Level 3 §8.2.2), present with
// enterprise attestation only.
func serialExtension() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 2}
}

// firmwareExtension is the version of the firmware in certificates by Yubico.
func firmwareExtension() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 13, 1}
}

// mostCertificates in a chain; real ones have one to three.
const mostCertificates = 8

// grade says what the statement can prove at most before its chain is verified.
// The signature of the statement has been verified already.
func grade(object protocol.AttestationObject, chain [][]byte) factors.Attestation {
	switch {
	case protocol.AttestationFormat(object.Format) == protocol.AttestationFormatNone:
		return factors.AttestationNone
	case len(chain) == 0:
		return factors.AttestationSelf // §8.2: packed without x5c
	}
	return factors.AttestationUnverified
}

// readable says that a statement format is one we read. Android SafetyNet is withdrawn
// by its maker, and nobody sends compound statements yet.
func readable(format string) bool {
	switch protocol.AttestationFormat(format) {
	case protocol.AttestationFormatPacked, protocol.AttestationFormatTPM, protocol.AttestationFormatAndroidKey,
		protocol.AttestationFormatApple, protocol.AttestationFormatFIDOUniversalSecondFactor, protocol.AttestationFormatNone:
		return true
	}
	return false
}

// anonymous says that a format leaves the AAGUID at zero by its nature (WebAuthn Level 3
// §8.6, §8.8), so that only certificates can say which model it is.
func anonymous(format string) bool {
	switch protocol.AttestationFormat(format) {
	case protocol.AttestationFormatApple, protocol.AttestationFormatFIDOUniversalSecondFactor:
		return true
	}
	return false
}

// certificates returns x5c, attestation certificate first.
func certificates(object protocol.AttestationObject) ([][]byte, error) {
	presented, there := object.AttStatement["x5c"]
	if !there {
		return nil, nil
	}
	list, ok := presented.([]any)
	if !ok || len(list) == 0 || len(list) > mostCertificates {
		return nil, factors.AttestationInvalid.Because(fmt.Errorf("x5c is not a list of 1 to %d certificates", mostCertificates))
	}
	chain := make([][]byte, 0, len(list))
	for _, entry := range list {
		der, ok := entry.([]byte)
		if !ok {
			return nil, factors.AttestationInvalid.Because(errors.New("x5c holds something else than bytes"))
		}
		chain = append(chain, der)
	}
	return chain, nil
}

// Trust is WebAuthn Level 3 §7.1, steps 23 and 24: the chain must lead to a root of
// the very model that the key says it is, at that time, and without any network.
func (c *Ceremonies) Trust(made factors.Registration, model keys.Model, at time.Time) error {
	if err := trust(made, model, at); err != nil {
		return factors.AttestationInvalid.Because(err)
	}
	return nil
}

func trust(made factors.Registration, model keys.Model, at time.Time) error {
	if made.Attestation != factors.AttestationUnverified || len(made.Certificates) == 0 {
		return fmt.Errorf("attestation %q has no chain to verify", made.Attestation)
	}
	if model.AAGUID == "" || made.AAGUID != model.AAGUID && (made.AAGUID != "" || len(made.CertificateKeys) == 0) {
		return fmt.Errorf("the key says it is model %q, the roots are those of %q", made.AAGUID, model.AAGUID)
	}
	chain := make([]*x509.Certificate, 0, len(made.Certificates))
	for i, der := range made.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("parse certificate %d of the chain: %w", i, err)
		}
		chain = append(chain, certificate)
	}
	if err := fitsFormat(chain[0], made.Format); err != nil {
		return err
	}
	paths, err := verifyChain(chain, model, at)
	if err != nil {
		return err
	}
	return provesModel(made, model, chain[0], paths)
}

// verifyChain finds every way from the attestation certificate to a root of the model.
func verifyChain(chain []*x509.Certificate, model keys.Model, at time.Time) ([][]*x509.Certificate, error) {
	trusted, err := keys.ParseRoots(model.Roots)
	if err != nil {
		return nil, fmt.Errorf("read roots of the model: %w", err)
	}
	if len(trusted) == 0 {
		return nil, errors.New("the model has no roots")
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // what §8 asks for is checked by format
	}
	for _, root := range trusted {
		options.Roots.AddCert(root)
	}
	for _, intermediate := range chain[1:] {
		options.Intermediates.AddCert(intermediate)
	}
	paths, err := chain[0].Verify(options)
	if err != nil {
		return nil, fmt.Errorf("verify chain: %w", err)
	}
	return paths, nil
}

// fitsFormat checks the attestation certificate against what its format asks for.
func fitsFormat(leaf *x509.Certificate, format string) error {
	if leaf.Version != 3 {
		return fmt.Errorf("attestation certificate has version %d, want 3", leaf.Version)
	}
	if leaf.IsCA {
		return errors.New("attestation certificate is a certification authority")
	}
	switch protocol.AttestationFormat(format) {
	case protocol.AttestationFormatPacked:
		return fitsPacked(leaf)
	case protocol.AttestationFormatTPM:
		// §8.3.1: no subject; the alternative name, which the library has checked, is
		// then critical (RFC 5280 §4.2.1.6) and unknown to crypto/x509.
		leaf.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.UnhandledCriticalExtensions, func(id asn1.ObjectIdentifier) bool {
			return id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17})
		})
		if !leaf.BasicConstraintsValid {
			return errors.New("attestation certificate does not say that it is no certification authority")
		}
		return nil
	case protocol.AttestationFormatAndroidKey, protocol.AttestationFormatApple, protocol.AttestationFormatFIDOUniversalSecondFactor:
		return nil // §8.4.1, §8.6, §8.8 ask nothing more of the certificate
	}
	return fmt.Errorf("attestation format %q has no certificates", format)
}

// fitsPacked is WebAuthn Level 3 §8.2.1.
func fitsPacked(leaf *x509.Certificate) error {
	subject := leaf.Subject
	if len(subject.Country) != 1 || len(subject.Country[0]) != 2 {
		return errors.New("attestation certificate has no country")
	}
	if strings.Join(subject.Organization, "") == "" {
		return errors.New("attestation certificate has no organisation")
	}
	if len(subject.OrganizationalUnit) != 1 || subject.OrganizationalUnit[0] != "Authenticator Attestation" {
		return errors.New("attestation certificate is not for authenticator attestation")
	}
	if subject.CommonName == "" {
		return errors.New("attestation certificate has no common name")
	}
	if !leaf.BasicConstraintsValid {
		return errors.New("attestation certificate does not say that it is no certification authority")
	}
	return nil
}

// provesModel checks that the verified chain proves this model and no other.
// §8.2.1 wants the model's extension only where a root serves several models. That
// cannot be seen from the certificates, and without the extension the model would be a
// mere claim. So it must be there, unless an administrator has said that the roots
// are this model's own, or that a certificate on the way to them is. What is there must
// always be right. A key that names no model is never proven by roots alone.
func provesModel(made factors.Registration, model keys.Model, leaf *x509.Certificate, paths [][]*x509.Certificate) error {
	if names(leaf, modelExtension()) {
		value, critical, found := octets(leaf, modelExtension())
		if !found || critical {
			return errors.New("attestation certificate does not name its model in an extension that is not critical")
		}
		if named := modelName(value); named == "" || named != model.AAGUID {
			return fmt.Errorf("attestation certificate is for model %q, want %q", named, model.AAGUID)
		}
		return nil
	}
	if made.AAGUID != "" && model.OwnRoots {
		return nil
	}
	for _, path := range paths {
		for _, certificate := range path {
			if slices.Contains(model.CertificateKeys, keys.CertificateKey(certificate)) {
				return nil
			}
		}
	}
	return errors.New("no certificate says which model this is")
}

// certificateKeys identifies the certificates of a chain, attestation certificate first.
func certificateKeys(chain [][]byte) []string {
	var found []string
	for _, der := range chain {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			found = append(found, keys.CertificateKey(certificate))
		}
	}
	return found
}

// modelName writes an AAGUID as a UUID. Zeros, which name no model, and a wrong
// length are empty.
func modelName(aaguid []byte) string {
	if len(aaguid) != 16 || bytes.Equal(aaguid, make([]byte, 16)) {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", aaguid[:4], aaguid[4:6], aaguid[6:8], aaguid[8:10], aaguid[10:])
}

// named is the model that the attestation certificate names, empty when it names none.
func named(chain [][]byte) string {
	return modelName(ofLeaf(chain, modelExtension()))
}

// serial is the serial number in the attestation certificate, empty when there is
// none. The standard only says that it is a string of bytes: text stays text,
// other bytes are written in hexadecimal.
func serial(chain [][]byte) string {
	raw := ofLeaf(chain, serialExtension())
	if len(raw) == 0 || len(raw) > 32 {
		return ""
	}
	if normal, fault := keys.NormalSerial(string(raw)); fault == nil && normal != "" {
		return normal
	}
	return strings.ToUpper(hex.EncodeToString(raw))
}

// firmware is the version of the key's firmware, such as "5.4.2": three bytes in the
// attestation certificate of keys by Yubico. Empty when it is not there.
func firmware(chain [][]byte) string {
	raw := ofLeaf(chain, firmwareExtension())
	if len(raw) != 3 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", raw[0], raw[1], raw[2])
}

// ofLeaf reads an extension of the attestation certificate, none when there is none.
func ofLeaf(chain [][]byte, id asn1.ObjectIdentifier) []byte {
	if len(chain) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return nil
	}
	value, _, _ := octets(leaf, id)
	return value
}

// names says that a certificate has an extension, readable or not.
func names(certificate *x509.Certificate, id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(certificate.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(id) })
}

// octets reads an extension whose value is an OCTET STRING.
func octets(certificate *x509.Certificate, id asn1.ObjectIdentifier) (value []byte, critical, found bool) {
	for _, extension := range certificate.Extensions {
		if !extension.Id.Equal(id) {
			continue
		}
		rest, err := asn1.Unmarshal(extension.Value, &value)
		if err != nil || len(rest) > 0 {
			return nil, extension.Critical, false
		}
		return value, extension.Critical, true
	}
	return nil, false, false
}
