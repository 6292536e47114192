package softkey

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

const noModel = "00000000-0000-0000-0000-000000000000"

// U2F makes a batch of keys that answer in the format of FIDO U2F: they name no model,
// nor does their certificate, which the root signs itself because only one
// certificate can be sent (WebAuthn Level 3 §8.6).
func (v *Vendor) U2F() (*Batch, error) {
	private, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	leaf, err := issue(&x509.Certificate{
		Subject:  pkix.Name{CommonName: v.name + " U2F Batch"},
		KeyUsage: x509.KeyUsageDigitalSignature,
	}, v.root, private, v.rootKey)
	if err != nil {
		return nil, fmt.Errorf("make U2F certificate: %w", err)
	}
	return &Batch{aaguid: noModel, root: v.root.Raw, chain: [][]byte{leaf.Raw}, private: private, statement: U2F}, nil
}

// TPM makes a batch of platform keys behind a TPM's attestation key, whose
// certificate names the maker of the TPM but, as real ones, not the model.
func (v *Vendor) TPM(aaguid string) (*Batch, error) {
	if _, err := parseAAGUID(aaguid); err != nil {
		return nil, err
	}
	private, err := newPrivateKey()
	if err != nil {
		return nil, err
	}
	maker, err := tpmMaker()
	if err != nil {
		return nil, err
	}
	// WebAuthn Level 3 §8.3.1: no subject, an alternative name, the use "AIK certificate".
	leaf, err := issue(&x509.Certificate{
		ExtraExtensions:    []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Critical: true, Value: maker}},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{2, 23, 133, 8, 3}},
		KeyUsage:           x509.KeyUsageDigitalSignature,
	}, v.issuing, private, v.private)
	if err != nil {
		return nil, fmt.Errorf("make TPM certificate: %w", err)
	}
	return &Batch{aaguid: strings.ToLower(aaguid), root: v.root.Raw, chain: [][]byte{leaf.Raw, v.issuing.Raw},
		private: private, statement: TPM}, nil
}

// tpmMaker is the alternative name of TPMv2-EK-Profile §3.2.9: a directory name with the
// TPM's maker (here the one that FIDO reserves for tests), model and version.
func tpmMaker() ([]byte, error) {
	var names pkix.RDNSequence
	for number, value := range []string{"id:FFFFF1D0", "Software", "id:00000001"} {
		names = append(names, pkix.RelativeDistinguishedNameSET{
			{Type: asn1.ObjectIdentifier{2, 23, 133, 2, number + 1}, Value: value}})
	}
	directory, err := asn1.Marshal(names)
	if err != nil {
		return nil, fmt.Errorf("encode TPM name: %w", err)
	}
	// GeneralName ::= [4] directoryName, explicit (RFC 5280 §4.2.1.6)
	return asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: directory}})
}

// u2fStatement signs what a U2F key signs (WebAuthn Level 3 §8.6).
func (k *Key) u2fStatement(made credential, authData, clientData []byte) (map[string]any, error) {
	point, err := made.Private.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	hash := sha256.Sum256(clientData)
	signature, err := signBytes(k.batch.private, slices.Concat([]byte{0}, authData[:32], hash[:], made.ID, point))
	if err != nil {
		return nil, err
	}
	return map[string]any{"sig": signature, "x5c": k.batch.chain[:1]}, nil
}

// tpmStatement certifies the new key as a TPM would (WebAuthn Level 3 §8.3; the
// structures are those of the TPM 2.0 Library, part 2).
func (k *Key) tpmStatement(made credential, authData, clientData []byte) (map[string]any, error) {
	point, err := made.Private.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	// TPMT_PUBLIC: ECC key, named by SHA-256, no scheme, NIST P-256.
	public := []byte{0x00, 0x23, 0x00, 0x0b, 0x00, 0x06, 0x04, 0x72}
	public = sized(public, nil)
	public = append(public, 0x00, 0x10, 0x00, 0x10, 0x00, 0x03, 0x00, 0x10)
	public = sized(sized(public, point[1:33]), point[33:65])
	hash := sha256.Sum256(clientData)
	asked := sha256.Sum256(slices.Concat(authData, hash[:]))
	name := sha256.Sum256(public)
	// TPMS_ATTEST: made by a TPM, a certification of a key, in answer to this.
	info := sized([]byte{0xff, 'T', 'C', 'G', 0x80, 0x17}, nil)
	info = sized(info, asked[:])
	info = append(info, make([]byte, 8+4+4+1+8)...) // clock and firmware
	info = sized(info, append([]byte{0x00, 0x0b}, name[:]...))
	info = sized(info, nil)
	signature, err := signBytes(k.batch.private, info)
	if err != nil {
		return nil, err
	}
	return map[string]any{"ver": "2.0", "alg": algorithmES256, "x5c": k.batch.chain, "sig": signature,
		"certInfo": info, "pubArea": public}, nil
}

// sized appends a value with its length before it (TPM2B).
func sized(data, value []byte) []byte {
	return append(binary.BigEndian.AppendUint16(data, uint16(len(value))), value...)
}
