package keys

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Model is one make of security key, by its AAGUID. The zero value is not
// allowed, not hardware-bound and has no roots, so nothing can be proven with it.
type Model struct {
	AAGUID        string // lower-case UUID
	Vendor        string
	Name          string
	Allowed       bool   // people may register it
	HardwareBound bool   // the vendor states that private keys cannot leave it
	Roots         []byte // PEM certificates its attestation must chain to; may be empty
	// OwnRoots says that the roots sign this model and no other, so that a
	// certificate under them proves the model without naming it. Without it,
	// every attestation certificate must name its model (WebAuthn Level 3 §8.2.1).
	OwnRoots bool
	// CertificateKeys are certificates that were made for this model alone, its attestation
	// certificates or an authority below the roots, each as CertificateKey writes
	// it. A chain through one of them proves the model without naming it. Keys whose
	// format leaves the AAGUID at zero (fido-u2f, apple) are known by these only.
	CertificateKeys []string
	ChangedAt       time.Time
	// Warnings are what others warn of about it, in force or not, worst first. Reading
	// a model fills them in; Put leaves them as they are (see Warn).
	Warnings []Warning
}

// ModelDeps is what Models needs.
type ModelDeps struct {
	Store ModelStore
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
}

// Models is the list of models this organisation knows.
type Models struct{ deps ModelDeps }

// NewModels builds the list.
func NewModels(deps ModelDeps) *Models { return &Models{deps: deps} }

// Put adds a model or replaces the one with the same AAGUID. Problem:
// ModelMalformed, with every fault.
func (m *Models) Put(ctx context.Context, actor audit.Actor, model Model) (Model, error) {
	model, err := model.check()
	if err != nil {
		return Model{}, err
	}
	err = m.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := m.checkShared(ctx, model); err != nil {
			return err
		}
		if model, err = m.warned(ctx, model); err != nil {
			return err
		}
		model.ChangedAt = m.deps.Now()
		if err := m.deps.Store.Put(ctx, model); err != nil {
			return err
		}
		return m.deps.Audit.Record(ctx, audit.Event{
			Actor: actor, Action: "key.model_put", Subject: model.AAGUID,
			Details: map[string]string{
				"vendor": model.Vendor, "name": model.Name,
				"allowed":          strconv.FormatBool(model.Allowed),
				"hardware_bound":   strconv.FormatBool(model.HardwareBound),
				"own_roots":        strconv.FormatBool(model.OwnRoots),
				"certificate_keys": strings.Join(model.CertificateKeys, " "),
				"roots":            strconv.Itoa(bytes.Count(model.Roots, []byte("-----BEGIN CERTIFICATE-----"))),
			},
		})
	})
	if err != nil {
		return Model{}, fmt.Errorf("put model %s: %w", model.AAGUID, err)
	}
	return model, nil
}

// Try returns the model as Put would keep it and, when there is one already, what is
// kept now. It changes nothing. Problem: ModelMalformed, with every fault.
func (m *Models) Try(ctx context.Context, model Model) (next, now Model, err error) {
	if next, err = model.check(); err != nil {
		return Model{}, Model{}, err
	}
	if err := m.checkShared(ctx, next); err != nil {
		return Model{}, Model{}, err
	}
	if next, err = m.warned(ctx, next); err != nil {
		return Model{}, Model{}, err
	}
	now, _, err = m.Get(ctx, next.AAGUID)
	return next, now, err
}

// Get returns the model with an AAGUID, and whether there is one.
func (m *Models) Get(ctx context.Context, aaguid string) (Model, bool, error) {
	normal, fault := NormalAAGUID(aaguid)
	if fault != nil || normal == "" {
		return Model{}, false, nil
	}
	model, found, err := m.deps.Store.Get(ctx, normal)
	if err != nil || !found {
		return Model{}, false, err
	}
	model, err = m.warned(ctx, model)
	return model, err == nil, err
}

// ByCertificateKeys returns the model that one of the certificates, attestation
// certificate first, was made for alone, and whether there is one.
func (m *Models) ByCertificateKeys(ctx context.Context, identifiers []string) (Model, bool, error) {
	if len(identifiers) == 0 {
		return Model{}, false, nil
	}
	known, err := m.deps.Store.List(ctx)
	if err != nil {
		return Model{}, false, err
	}
	for _, identifier := range identifiers {
		for _, model := range known {
			if slices.Contains(model.CertificateKeys, identifier) {
				model, err = m.warned(ctx, model)
				return model, err == nil, err
			}
		}
	}
	return Model{}, false, nil
}

// CertificateKey identifies the key of a certificate as FIDO metadata does
// (attestationCertificateKeyIdentifiers; RFC 5280 §4.2.1.2, method 1): the SHA-1 of
// the subject public key, in lower-case hexadecimal. It finds a certificate and never
// proves one: the chain does.
func CertificateKey(certificate *x509.Certificate) string {
	var subject struct {
		Algorithm pkix.AlgorithmIdentifier
		PublicKey asn1.BitString
	}
	if _, err := asn1.Unmarshal(certificate.RawSubjectPublicKeyInfo, &subject); err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha1.Sum(subject.PublicKey.Bytes))
}

// List returns all models in order of vendor and name.
func (m *Models) List(ctx context.Context) ([]Model, error) {
	listed, err := m.deps.Store.List(ctx)
	if err != nil {
		return nil, err
	}
	warnings, err := m.deps.Store.Warnings(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read warnings about models: %w", err)
	}
	for i := range listed {
		listed[i] = listed[i].With(warnings)
	}
	return listed, nil
}

// NameOf is the make and model of a key in words. It never shows a claim as if it
// were proven.
func (m *Models) NameOf(ctx context.Context, key Key) (string, error) {
	if key.Model == "" {
		return "Not known", nil
	}
	model, found, err := m.Get(ctx, key.Model)
	if err != nil {
		return "", err
	}
	name := "Unknown model " + key.Model
	if found {
		name = model.Vendor + " " + model.Name
	}
	if key.ModelGrade != ModelVerified {
		name += " (not proven)"
	}
	return name, nil
}

func (m Model) check() (Model, error) {
	var faults []problem.Field
	fault := func(name, message string) { faults = append(faults, problem.Field{Name: name, Message: message}) }

	aaguid, wrong := NormalAAGUID(m.AAGUID)
	if wrong != nil {
		faults = append(faults, *wrong)
	} else if aaguid == "" {
		fault("aaguid", "A model needs an AAGUID that is not all zeros.")
	}
	m.AAGUID = aaguid
	m.Vendor, m.Name = strings.TrimSpace(m.Vendor), strings.TrimSpace(m.Name)
	if !nameable(m.Vendor) {
		fault("vendor", "Write the name of the vendor, at most 100 letters.")
	}
	if !nameable(m.Name) {
		fault("name", "Write the name of the model, at most 100 letters.")
	}
	if _, err := ParseRoots(m.Roots); err != nil {
		found, _ := problem.Of(err)
		faults = append(faults, found.Fields...)
	}
	if m.OwnRoots && len(bytes.TrimSpace(m.Roots)) == 0 {
		fault("own_roots", "There are no roots that could sign this model alone.")
	}
	identifiers, wrongKeys := normalCertificateKeys(m.CertificateKeys)
	if wrongKeys != nil {
		faults = append(faults, *wrongKeys)
	} else if len(identifiers) > 0 && len(bytes.TrimSpace(m.Roots)) == 0 {
		fault("certificate_keys", "There are no roots that these certificates could lead to.")
	}
	m.CertificateKeys = identifiers
	if len(faults) > 0 {
		return Model{}, ModelMalformed.New().At(faults...)
	}
	return m, nil
}

const mostCertificateKeys = 500 // FIDO metadata lists a few per model

// normalCertificateKeys writes identifiers as CertificateKey does, each once.
func normalCertificateKeys(listed []string) ([]string, *problem.Field) {
	if len(listed) > mostCertificateKeys {
		return nil, &problem.Field{Name: "certificate_keys", Message: fmt.Sprintf("Give at most %d certificates.", mostCertificateKeys)}
	}
	var normal []string
	for _, text := range listed {
		raw, err := hex.DecodeString(strings.TrimSpace(text))
		if err != nil || len(raw) != sha1.Size {
			return nil, &problem.Field{Name: "certificate_keys",
				Message: "Write each as 40 hexadecimal digits, the SHA-1 of the certificate’s public key."}
		}
		normal = append(normal, hex.EncodeToString(raw))
	}
	slices.Sort(normal)
	return slices.Compact(normal), nil
}

// checkShared refuses roots and certificates that are said to be for one model alone
// and are given for another one too: a certificate under them would prove both.
func (m *Models) checkShared(ctx context.Context, model Model) error {
	known, err := m.deps.Store.List(ctx)
	if err != nil {
		return err
	}
	for _, other := range known {
		if other.AAGUID == model.AAGUID {
			continue
		}
		if slices.ContainsFunc(model.CertificateKeys, func(one string) bool { return slices.Contains(other.CertificateKeys, one) }) {
			return ModelMalformed.New().At(problem.Field{Name: "certificate_keys",
				Message: "One of these certificates is also listed for " + other.Vendor + " " + other.Name + ". It would prove both."})
		}
		if !model.OwnRoots && !other.OwnRoots {
			continue
		}
		shared, err := shareRoot(model, other)
		if err != nil {
			return err
		}
		if shared {
			return ModelMalformed.New().At(problem.Field{Name: "own_roots",
				Message: "One of these roots is also a root of " + other.Vendor + " " + other.Name + ". Roots of one model's own can be given for that model only."})
		}
	}
	return nil
}

func shareRoot(one, other Model) (bool, error) {
	mine, err := ParseRoots(one.Roots)
	if err != nil {
		return false, err
	}
	theirs, err := ParseRoots(other.Roots)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(mine, func(root *x509.Certificate) bool {
		return slices.ContainsFunc(theirs, func(their *x509.Certificate) bool {
			// The same key under another certificate signs the same things.
			return bytes.Equal(root.RawSubjectPublicKeyInfo, their.RawSubjectPublicKeyInfo)
		})
	}), nil
}

func nameable(text string) bool {
	_, fault := normalLabel(text)
	return fault == nil && text != "" && !strings.ContainsFunc(text, unicode.IsControl)
}

const mostRoots = 1 << 16 // bytes of PEM; real models have one to four roots of about 1 kB

// ParseRoots reads PEM certificates; empty text gives none. Anything else between
// or after them is a fault: a root that is silently left out would only be
// noticed by the people who cannot register. Problem: ModelMalformed, with the line.
func ParseRoots(text []byte) ([]*x509.Certificate, error) {
	if len(text) > mostRoots {
		return nil, rootFault(0, "This is longer than 64 kB; expected a few certificates.")
	}
	var roots []*x509.Certificate
	rest := text
	for len(bytes.TrimSpace(rest)) > 0 {
		line := 1 + bytes.Count(text[:len(text)-len(rest)], []byte("\n"))
		skipped := len(rest) - len(bytes.TrimLeft(rest, " \t\r\n"))
		line += bytes.Count(rest[:skipped], []byte("\n"))
		rest = rest[skipped:]
		if !bytes.HasPrefix(rest, []byte("-----BEGIN CERTIFICATE-----")) {
			return nil, rootFault(line, "Expected -----BEGIN CERTIFICATE-----.")
		}
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" || len(block.Headers) > 0 || !single(rest, after) {
			return nil, rootFault(line, "This certificate is cut off or not written as PEM.")
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, rootFault(line, "This is PEM, but not a certificate that can be read.")
		}
		roots, rest = append(roots, root), after
	}
	return roots, nil
}

// single reports whether only one block was read: pem.Decode passes over a broken
// block in silence and returns the next good one.
func single(rest, after []byte) bool {
	return bytes.Count(rest[:len(rest)-len(after)], []byte("-----BEGIN")) == 1
}

func rootFault(line int, message string) error {
	return ModelMalformed.New().At(problem.Field{Name: "roots", Line: line, Message: message})
}
