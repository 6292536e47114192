package fido

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/registry/keys"
)

const (
	mostReports = 200
	longestText = 200 // of a description, in bytes
)

// Entry is what the list says of one make.
type Entry struct {
	AAGUID          string   // lower-case UUID; "" for U2F
	CertificateKeys []string // as keys.CertificateKey writes them
	Description     string
	Protection      []string // where private keys are: hardware, secure_element, tee, software, remote_handle
	Roots           []string // attestation roots as they stand there, base64 of DER
	Reports         []Report // oldest first
}

// Report is one thing that was said of a make.
type Report struct {
	Status string    // as the FIDO Alliance writes it
	From   time.Time // zero: not said
	Until  time.Time // zero: not said
}

// warning is the kind of warning that a status is; false for those that warn of
// nothing. FIDO MDS 3.1.1 §3.1.4, AuthenticatorStatus.
func warning(status string) (keys.WarningKind, bool) {
	switch status {
	case "REVOKED":
		return keys.WarnRevoked, true
	case "USER_KEY_REMOTE_COMPROMISE":
		return keys.WarnRemote, true
	case "USER_KEY_PHYSICAL_COMPROMISE":
		return keys.WarnPhysical, true
	case "USER_VERIFICATION_BYPASS":
		return keys.WarnBypass, true
	case "ATTESTATION_KEY_COMPROMISE":
		return keys.WarnAttestation, true
	case "RETIRED":
		return keys.WarnRetired, true
	}
	return "", false
}

// understood reports whether Warder knows what a status means.
func understood(status string) bool {
	if _, warns := warning(status); warns {
		return true
	}
	for _, family := range []string{"FIDO_CERTIFIED_L", "FIPS140_CERTIFIED_L"} {
		if rest, of := strings.CutPrefix(status, family); of {
			level := strings.TrimSuffix(rest, "plus")
			return len(level) == 1 && level[0] >= '1' && level[0] <= '4'
		}
	}
	return slices.Contains([]string{"NOT_FIDO_CERTIFIED", "FIDO_CERTIFIED", "SELF_ASSERTION_SUBMITTED", "UPDATE_AVAILABLE"}, status)
}

// Warnings are what the list warns of, each make and kind once: every report counts
// while it is in the list and has not reached its end, whatever was reported after it.
// Certification does not mend a weakness, and whether an update has reached a key
// cannot be seen from here.
func (l *List) Warnings() []keys.Warned {
	found := []keys.Warned{}
	index := map[[2]string]int{}
	for _, entry := range l.Entries {
		for _, report := range entry.Reports {
			kind, warns := warning(report.Status)
			if !warns {
				continue
			}
			for _, one := range entry.makes() {
				at, known := index[[2]string{one, string(kind)}]
				if !known {
					index[[2]string{one, string(kind)}] = len(found)
					found = append(found, keys.Warned{Make: one, Warning: keys.Warning{Kind: kind, From: report.From, Until: report.Until}})
					continue
				}
				found[at].Warning = widest(found[at].Warning, report)
			}
		}
	}
	return found
}

// widest is in force whenever one of both is.
func widest(warning keys.Warning, report Report) keys.Warning {
	if report.From.Before(warning.From) {
		warning.From = report.From
	}
	if report.Until.IsZero() || !warning.Until.IsZero() && report.Until.After(warning.Until) {
		warning.Until = report.Until
	}
	return warning
}

// makes are the names by which the entry's make is known.
func (e *Entry) makes() []string {
	if e.AAGUID == "" {
		return e.CertificateKeys
	}
	return append([]string{e.AAGUID}, e.CertificateKeys...)
}

// About reports whether the entry is about a listed model.
func (e *Entry) About(model keys.Model) bool {
	return slices.ContainsFunc(model.Makes(), func(one string) bool { return slices.Contains(e.makes(), one) })
}

// RootsPEM writes the attestation roots as PEM.
func (e *Entry) RootsPEM() ([]byte, error) {
	var text []byte
	for i, root := range e.Roots {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(root), ""))
		if err != nil {
			return nil, fmt.Errorf("root %d of %s: %w", i, e.Description, err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return text, nil
}

// readEntry reads a MetadataBLOBPayloadEntry, §3.1.1.
func readEntry(text []byte) (Entry, *fault) {
	var raw struct {
		AAID            string   `json:"aaid"`
		AAGUID          string   `json:"aaguid"`
		CertificateKeys []string `json:"attestationCertificateKeyIdentifiers"`
		Statement       *struct {
			Description string   `json:"description"`
			Protection  []string `json:"keyProtection"`
			Roots       []string `json:"attestationRootCertificates"`
		} `json:"metadataStatement"`
		Reports []json.RawMessage `json:"statusReports"`
	}
	if wrong := decode(text, &raw); wrong != nil {
		return Entry{}, wrong
	}
	if raw.AAID == "" && raw.AAGUID == "" && len(raw.CertificateKeys) == 0 {
		return Entry{}, &fault{"", "It does not say which make it is about."}
	}
	entry := Entry{AAGUID: strings.ToLower(raw.AAGUID)}
	if normal, wrong := keys.NormalAAGUID(raw.AAGUID); wrong != nil || normal != entry.AAGUID {
		return Entry{}, &fault{"aaguid", "It is not an AAGUID."}
	}
	for i, one := range raw.CertificateKeys {
		identifier, err := hex.DecodeString(one)
		if err != nil || len(identifier) != 20 {
			return Entry{}, &fault{fmt.Sprintf("attestationCertificateKeyIdentifiers[%d]", i), "It is not 40 hexadecimal digits."}
		}
		entry.CertificateKeys = append(entry.CertificateKeys, hex.EncodeToString(identifier))
	}
	if raw.Statement != nil {
		entry.Description, entry.Protection, entry.Roots = shorten(raw.Statement.Description), raw.Statement.Protection, raw.Statement.Roots
	}
	if len(raw.Reports) > mostReports {
		return Entry{}, &fault{"statusReports", fmt.Sprintf("There are more than %d.", mostReports)}
	}
	for i, one := range raw.Reports {
		report, wrong := readReport(one)
		if wrong != nil {
			return Entry{}, &fault{strings.TrimSuffix(fmt.Sprintf("statusReports[%d].%s", i, wrong.place), "."), wrong.message}
		}
		entry.Reports = append(entry.Reports, report)
	}
	return entry, nil
}

// readReport reads a StatusReport, §3.1.3.
func readReport(text []byte) (Report, *fault) {
	var raw struct {
		Status string `json:"status"`
		From   string `json:"effectiveDate"`
		Until  string `json:"sunsetDate"`
	}
	if wrong := decode(text, &raw); wrong != nil {
		return Report{}, wrong
	}
	if raw.Status == "" || len(raw.Status) > 100 || strings.ContainsFunc(raw.Status, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Report{}, &fault{"status", "There is no status that can be read."}
	}
	report := Report{Status: raw.Status}
	for place, one := range map[string]struct {
		text string
		into *time.Time
	}{"effectiveDate": {raw.From, &report.From}, "sunsetDate": {raw.Until, &report.Until}} {
		if one.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, one.text)
		if err != nil {
			return Report{}, &fault{place, "It is not a day written as YYYY-MM-DD."}
		}
		*one.into = day
	}
	return report, nil
}

// shorten makes a text fit to be shown.
func shorten(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	return strings.TrimSpace(text)
}

// Words writes a report for people: the status, and the days that are known.
func (r Report) Words() string {
	words := r.Status
	if !r.From.IsZero() {
		words += " from " + r.From.Format(time.DateOnly)
	}
	if !r.Until.IsZero() {
		words += " until " + r.Until.Format(time.DateOnly)
	}
	return words
}
