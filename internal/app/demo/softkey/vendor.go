package softkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Certificates are valid between two fixed dates, so that neither the demo nor a
// test depends on the day it runs. The end is the "no well-defined expiration"
// of RFC 5280 §4.1.2.5.
var (
	validFrom  = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
	validUntil = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

var (
	// WebAuthn Level 3 §8.2.1: id-fido-gen-ce-aaguid, the model in the certificate.
	modelExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}
	// WebAuthn Level 3 §8.2.2: id-fido-gen-ce-sernum, enterprise attestation only.
	serialExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 2}
	// Where Yubico writes the version of a key's firmware, as three bytes.
	firmwareExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 41482, 13, 1}
)

// Vendor is an imaginary maker of keys with a certification authority of its own:
// a root and one intermediate, as real vendors have them.
type Vendor struct {
	name    string
	root    *x509.Certificate
	issuing *x509.Certificate
	private *ecdsa.PrivateKey // of the issuing certificate
	rootKey *ecdsa.PrivateKey
}

// NewVendor makes a vendor with a fresh root. Two vendors of the same name do not
// trust each other: the second is the rogue one.
func NewVendor(name string) (*Vendor, error) {
	rootKey, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	root, err := issue(&x509.Certificate{
		Subject:  pkix.Name{Country: []string{"GB"}, Organization: []string{name}, CommonName: name + " Root"},
		IsCA:     true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, rootKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("make root certificate: %w", err)
	}
	issuingKey, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	issuing, err := issue(&x509.Certificate{
		Subject:        pkix.Name{Country: []string{"GB"}, Organization: []string{name}, CommonName: name + " Attestation CA"},
		IsCA:           true,
		MaxPathLenZero: true,
		KeyUsage:       x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, root, issuingKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("make issuing certificate: %w", err)
	}
	return &Vendor{name: name, root: root, issuing: issuing, private: issuingKey, rootKey: rootKey}, nil
}

// RootPEM is the certificate that must stand in the list of models for the
// vendor's keys to be believed.
func (v *Vendor) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: v.root.Raw})
}

// Batch makes the attestation certificate that all keys of one production run of
// a model share, as the FIDO rules ask for privacy's sake (at least 100,000 keys
// with one certificate). aaguid is the model, as a UUID.
func (v *Vendor) Batch(aaguid string) (*Batch, error) {
	return v.batch(aaguid, "")
}

// EnterpriseFirmware is the firmware version in the certificates of Enterprise.
const EnterpriseFirmware = "5.7.1"

// Enterprise makes a batch of one key whose certificate carries the serial number
// (enterprise attestation) and the version of its firmware.
func (v *Vendor) Enterprise(aaguid, serial string) (*Batch, error) {
	if serial == "" {
		return nil, fmt.Errorf("an enterprise certificate needs a serial number")
	}
	return v.batch(aaguid, serial)
}

func (v *Vendor) batch(aaguid, serial string) (*Batch, error) {
	model, err := parseAAGUID(aaguid)
	if err != nil {
		return nil, err
	}
	private, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	extensions, err := attestationExtensions(model, serial)
	if err != nil {
		return nil, err
	}
	// WebAuthn Level 3 §8.2.1: subject C, O, OU "Authenticator Attestation" and CN;
	// version 3; basic constraints with CA false; the model's extension not critical.
	leaf, err := issue(&x509.Certificate{
		Subject: pkix.Name{
			Country:            []string{"GB"},
			Organization:       []string{v.name},
			OrganizationalUnit: []string{"Authenticator Attestation"},
			CommonName:         v.name + " Software Key " + aaguid[:8],
		},
		ExtraExtensions: extensions,
		KeyUsage:        x509.KeyUsageDigitalSignature,
	}, v.issuing, private, v.private)
	if err != nil {
		return nil, fmt.Errorf("make attestation certificate: %w", err)
	}
	return &Batch{
		aaguid:  strings.ToLower(aaguid),
		root:    v.root.Raw,
		chain:   [][]byte{leaf.Raw, v.issuing.Raw},
		private: private,
	}, nil
}

func attestationExtensions(model [16]byte, serial string) ([]pkix.Extension, error) {
	value, err := asn1.Marshal(model[:]) // an OCTET STRING inside the extension's OCTET STRING
	if err != nil {
		return nil, fmt.Errorf("encode model extension: %w", err)
	}
	extensions := []pkix.Extension{{Id: modelExtension, Value: value}}
	if serial == "" {
		return extensions, nil
	}
	value, err = asn1.Marshal([]byte(serial))
	if err != nil {
		return nil, fmt.Errorf("encode serial extension: %w", err)
	}
	return append(extensions, pkix.Extension{Id: serialExtension, Value: value},
		pkix.Extension{Id: firmwareExtension, Value: []byte{4, 3, 5, 7, 1}}), nil
}

// Batch is one production run: keys of one model behind one attestation
// certificate.
type Batch struct {
	aaguid  string
	root    []byte   // DER
	chain   [][]byte // DER, attestation certificate first, without the root
	private *ecdsa.PrivateKey

	statement Statement // what its keys tell, unless they misbehave
}

// Certificate is the attestation certificate, as DER.
func (b *Batch) Certificate() []byte { return b.chain[0] }

// AAGUID is the model of the batch, as a lower-case UUID.
func (b *Batch) AAGUID() string { return b.aaguid }

// RootPEM is the root of the batch's vendor.
func (b *Batch) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.root})
}

// NewKey takes a fresh key out of the batch.
func (b *Batch) NewKey() *Key {
	return &Key{Behaviour: Behaviour{CounterStep: 1, Statement: b.statement}, batch: b}
}

func newPrivateKey() (*ecdsa.PrivateKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make private key: %w", err)
	}
	return private, nil
}

// issue signs a certificate for subject's public half; without a parent it signs itself.
func issue(template, parent *x509.Certificate, subject, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make certificate number: %w", err)
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1)) // RFC 5280 §4.1.2.2: positive
	template.NotBefore, template.NotAfter = validFrom, validUntil
	template.BasicConstraintsValid = true
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &subject.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

func parseAAGUID(text string) ([16]byte, error) {
	var model [16]byte
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(raw) != len(model) || len(text) != 36 {
		return model, fmt.Errorf("model %q is not a UUID", text)
	}
	copy(model[:], raw)
	return model, nil
}
