package fido_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit"
)

const (
	blue  = "57a2de30-0000-4000-8000-00000000d340"
	green = "57a2de30-0000-4000-8000-0000000097ee"
	batch = "abababababababababababababababababababab"
)

func monday() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func refused(t *testing.T, err error, definition problem.Definition, place string) {
	t.Helper()
	found, ok := problem.Of(err)
	if !ok || found.Code != definition.Code {
		t.Errorf("got %v, want problem %s", err, definition.Code)
		return
	}
	if len(found.Fields) == 0 || found.Fields[0].File != "blob.jwt" || found.Fields[0].Name != place || found.Fields[0].Message == "" || found.Next == "" {
		t.Errorf("%s: %+v, want the file, place %q and what to do", definition.Code, found.Fields, place)
	}
}

func read(trust fido.Trust, text []byte) (*fido.List, error) {
	return fido.Read("blob.jwt", bytes.NewReader(text), trust, monday())
}

func TestSignedListIsRead(t *testing.T) {
	t.Parallel()
	service := fidotest.NewService(t)
	report := func(status, from, until string) map[string]any {
		return map[string]any{"status": status, "effectiveDate": from, "sunsetDate": until, "url": "https://vendor.example", "somethingNew": []any{1}}
	}
	payload := fidotest.Payload(t, 15,
		map[string]any{"aaguid": strings.ToUpper(blue), "metadataStatement": map[string]any{"description": "Blue\u0000 Key " + strings.Repeat("ü", 200),
			"keyProtection": []string{"hardware"}, "attestationRootCertificates": []string{"AAAA"}},
			"statusReports": []any{report("FIDO_CERTIFIED_L1plus", "2024-01-02", ""), report("REVOKED", "2026-02-03", "2027-02-03")}},
		map[string]any{"attestationCertificateKeyIdentifiers": []string{strings.ToUpper(batch)}, "statusReports": []any{report("RETIRED", "", "")}},
		map[string]any{"aaid": "1234#5678", "statusReports": []any{}})
	list, err := read(service.Trust(), append(service.Sign(t, payload), '\r', '\n'))
	if err != nil {
		t.Fatal(err)
	}
	if list.Number != 15 || list.Ignored != 1 || len(list.Entries) != 2 || list.LegalHeader != "For tests only." || list.Root.Production() ||
		list.Root.Name != "CN=Imaginary Root" || list.Signer != "CN="+fidotest.Name {
		t.Errorf("%+v", list)
	}
	entry := list.Entries[0]
	if entry.AAGUID != blue || !strings.HasPrefix(entry.Description, "Blue  Key ü") || len(entry.Description) > 200 || entry.Roots[0] != "AAAA" {
		t.Errorf("%+v", entry)
	}
	day := func(text string) time.Time { at, _ := time.Parse(time.DateOnly, text); return at }
	want := []keys.Warned{
		{Make: blue, Warning: keys.Warning{Kind: keys.WarnRevoked, From: day("2026-02-03"), Until: day("2027-02-03")}},
		{Make: batch, Warning: keys.Warning{Kind: keys.WarnRetired}},
	}
	if diff := cmp.Diff(want, list.Warnings()); diff != "" {
		t.Error(diff)
	}
	if list.Stale(day("2026-12-24").Add(23*time.Hour)) || !list.Stale(day("2026-12-25")) {
		t.Error("a list is out of date from the day after its last on")
	}
}

// Certification does not mend, an update cannot be seen, and of two reports the wider counts.
func TestLaterReportsDoNotTakeAWarningBack(t *testing.T) {
	t.Parallel()
	service := fidotest.NewService(t)
	again := func(from, until string) map[string]any {
		return map[string]any{"status": "USER_KEY_PHYSICAL_COMPROMISE", "effectiveDate": from, "sunsetDate": until}
	}
	entry := fidotest.About(blue, "FIDO_CERTIFIED")
	entry["statusReports"] = append(entry["statusReports"].([]any), again("2024-05-05", "2025-05-05"), again("2024-04-04", "2024-06-06"),
		map[string]any{"status": "UPDATE_AVAILABLE", "authenticatorVersion": 7}, map[string]any{"status": "FIDO_CERTIFIED_L2"})
	list := service.List(t, monday(), fidotest.Payload(t, 1, entry, fidotest.About(blue, "REVOKED"), fidotest.About(blue, "REVOKED")))
	warnings := list.Warnings()
	if len(warnings) != 2 || warnings[0].Kind != keys.WarnPhysical || warnings[1].Kind != keys.WarnRevoked {
		t.Fatalf("%+v", warnings)
	}
	if got := warnings[0]; got.From.Format(time.DateOnly) != "2024-04-04" || got.Until.Format(time.DateOnly) != "2025-05-05" {
		t.Errorf("%+v", got)
	}
}

func TestOnlyTheServiceSignsLists(t *testing.T) {
	t.Parallel()
	service, payload := fidotest.NewService(t), fidotest.Payload(t, 1)
	x5c := func(all ...*fidotest.Authority) map[jose.HeaderKey]any {
		var chain []string
		for _, one := range all {
			chain = append(chain, base64.StdEncoding.EncodeToString(one.Certificate.Raw))
		}
		return map[jose.HeaderKey]any{"x5c": chain}
	}
	by := func(leaf *fidotest.Authority) *fidotest.Service { return &fidotest.Service{Leaf: leaf} }
	ended := service.Middle.Sub(t, fidotest.Certificate{Name: fidotest.Name, Until: monday().Add(-time.Second)})
	early := service.Middle.Sub(t, fidotest.Certificate{Name: fidotest.Name, From: monday().Add(time.Second)})
	shop := service.Middle.Sub(t, fidotest.Certificate{Name: "shop.example.org"})
	forged := shop.Sub(t, fidotest.Certificate{Name: fidotest.Name}) // by a certificate that may not sign others
	other := fidotest.NewService(t)
	good := service.Sign(t, payload)
	parts := strings.Split(string(good), ".")
	changed := base64.RawURLEncoding.EncodeToString(fidotest.Payload(t, 2))
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		text  []byte
		trust fido.Trust
		want  problem.Definition
		place string
	}{
		"another service":             {other.Sign(t, payload), service.Trust(), fido.Untrusted, ""},
		"a signature of somebody":     {by(other.Leaf).SignWith(t, payload, x5c(service.Leaf, service.Middle)), service.Trust(), fido.SignatureInvalid, ""},
		"another payload":             {[]byte(parts[0] + "." + changed + "." + parts[2]), service.Trust(), fido.SignatureInvalid, ""},
		"cut off at its end":          {good[:len(good)-10], service.Trust(), fido.SignatureInvalid, ""},
		"a certificate that ended":    {by(ended).SignWith(t, payload, x5c(ended, service.Middle)), service.Trust(), fido.Untrusted, ""},
		"a certificate to come":       {by(early).SignWith(t, payload, x5c(early, service.Middle)), service.Trust(), fido.Untrusted, ""},
		"somebody under that root":    {by(shop).SignWith(t, payload, x5c(shop, service.Middle)), service.Trust(), fido.WrongSigner, ""},
		"who signs what he may not":   {by(forged).SignWith(t, payload, x5c(forged, shop, service.Middle)), service.Trust(), fido.Untrusted, ""},
		"the authority itself":        {by(service.Middle).SignWith(t, payload, x5c(service.Middle)), service.Trust(), fido.WrongSigner, ""},
		"no middle certificate":       {service.SignWith(t, payload, x5c(service.Leaf)), service.Trust(), fido.Untrusted, ""},
		"no certificates":             {service.SignWith(t, payload, nil), service.Trust(), fido.Malformed, "header.x5c"},
		"certificates on the web":     {service.SignWith(t, payload, map[jose.HeaderKey]any{"x5u": "https://mds.example.org/x"}), service.Trust(), fido.Malformed, "header.x5u"},
		"nobody is trusted":           {good, fido.Trust{Signer: fidotest.Name}, fido.Untrusted, ""},
		"no name is trusted":          {good, fido.Trust{Roots: service.Trust().Roots}, fido.WrongSigner, ""},
		"alg none":                    {[]byte(header(`{"alg":"none"}`) + "." + parts[1] + "."), service.Trust(), fido.Algorithm, ""},
		"alg HS256":                   {[]byte(header(`{"alg":"HS256"}`) + "." + parts[1] + "." + parts[2]), service.Trust(), fido.Algorithm, ""},
		"a header that is no JSON":    {[]byte(header(`{"alg":`) + "." + parts[1] + "." + parts[2]), service.Trust(), fido.Malformed, "header"},
		"x5c of a wrong kind":         {[]byte(header(`{"alg":"ES256","x5c":7}`) + "." + parts[1] + "." + parts[2]), service.Trust(), fido.Malformed, "header"},
		"a critical header not known": {service.SignWith(t, payload, map[jose.HeaderKey]any{"crit": []string{"x"}, "x": 1, "x5c": x5c(service.Leaf, service.Middle)["x5c"]}), service.Trust(), fido.SignatureInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(c.trust, c.text)
			refused(t, err, c.want, c.place)
		})
	}
	_, err := read(service.Trust(), by(ended).SignWith(t, payload, x5c(ended, service.Middle)))
	if found, _ := problem.Of(err); !strings.Contains(found.Detail, "2026-11-23") {
		t.Errorf("it does not say when the certificate ended: %q", found.Detail)
	}
	root := fidotest.NewAuthority(t, "EXAMPLE SIGNING CERTIFICATE") // a name that is no DNS name, as in the specification's example
	named := root.Sub(t, fidotest.Certificate{Name: "THE SIGNING CERTIFICATE"})
	trust := fido.Trust{Roots: fidotest.NewService(t).Trust().Roots, Signer: "THE SIGNING CERTIFICATE"}
	trust.Roots[0] = root.Certificate
	if _, err := read(trust, by(named).SignWith(t, payload, x5c(named))); err != nil {
		t.Error("a common name alone:", err)
	}
}

func TestDamagedListsAreRefusedWithPlaceAndNextStep(t *testing.T) {
	t.Parallel()
	service := fidotest.NewService(t)
	for name, c := range map[string]struct{ payload, place string }{
		"a list":                 {`[]`, ""},
		"nothing":                {`null`, ""},
		"cut off":                {`{"no":1`, ""},
		"two values":             {`{}{}`, ""},
		"deeply nested":          {`{"extra":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, ""},
		"no number":              {`{"legalHeader":"x","nextUpdate":"2026-12-24","entries":[]}`, "no"},
		"number as text":         {`{"legalHeader":"x","no":"1","nextUpdate":"2026-12-24","entries":[]}`, "no"},
		"half a number":          {`{"legalHeader":"x","no":1.5,"nextUpdate":"2026-12-24","entries":[]}`, "no"},
		"huge number":            {`{"legalHeader":"x","no":99999999999999999999,"nextUpdate":"2026-12-24","entries":[]}`, "no"},
		"negative number":        {`{"legalHeader":"x","no":-1,"nextUpdate":"2026-12-24","entries":[]}`, "no"},
		"no next day":            {`{"legalHeader":"x","no":1,"entries":[]}`, "nextUpdate"},
		"no day":                 {`{"legalHeader":"x","no":1,"nextUpdate":"soon","entries":[]}`, "nextUpdate"},
		"no legal header":        {`{"no":1,"nextUpdate":"2026-12-24","entries":[]}`, "legalHeader"},
		"empty legal header":     {`{"legalHeader":" ","no":1,"nextUpdate":"2026-12-24","entries":[]}`, "legalHeader"},
		"no entries":             {`{"legalHeader":"x","no":1,"nextUpdate":"2026-12-24"}`, "entries"},
		"entries of wrong kind":  {`{"legalHeader":"x","no":1,"nextUpdate":"2026-12-24","entries":{}}`, "entries"},
		"an entry is a number":   {entry(`7`), "entries[1]"},
		"an entry about nothing": {entry(`{"statusReports":[]}`), "entries[1]"},
		"no AAGUID":              {entry(`{"aaguid":"blue"}`), "entries[1].aaguid"},
		"zero AAGUID":            {entry(`{"aaguid":"00000000-0000-0000-0000-000000000000"}`), "entries[1].aaguid"},
		"AAGUID is a list":       {entry(`{"aaguid":[]}`), "entries[1].aaguid"},
		"no identifier":          {entry(`{"attestationCertificateKeyIdentifiers":["ab"]}`), "entries[1].attestationCertificateKeyIdentifiers[0]"},
		"statuses are a text":    {entry(`{"aaguid":"` + blue + `","statusReports":"REVOKED"}`), "entries[1].statusReports"},
		"a status is a number":   {entry(`{"aaguid":"` + blue + `","statusReports":[{"status":7}]}`), "entries[1].statusReports[0].status"},
		"a status is missing":    {entry(`{"aaguid":"` + blue + `","statusReports":[{}]}`), "entries[1].statusReports[0].status"},
		"a status has a break":   {entry(`{"aaguid":"` + blue + `","statusReports":[{"status":"A\nB"}]}`), "entries[1].statusReports[0].status"},
		"a day that is none":     {entry(`{"aaguid":"` + blue + `","statusReports":[{"status":"REVOKED","effectiveDate":"2026-13-01"}]}`), "entries[1].statusReports[0].effectiveDate"},
		"a description too many": {entry(`{"aaguid":"` + blue + `","metadataStatement":{"description":{}}}`), "entries[1].metadataStatement.description"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(service.Trust(), service.Sign(t, []byte(c.payload)))
			refused(t, err, fido.Malformed, c.place)
		})
	}
	for name, text := range map[string]string{
		"empty": " \n", "JSON": `{"no":1}`, "a page": "<html>", "one dot": "a.b", "text": "Zwölf.a.b", "UTF-16": "\xff\xfea.b.c", "a mark": "\ufeffa.b.c",
	} {
		_, err := read(service.Trust(), []byte(text))
		t.Run(name, func(t *testing.T) { refused(t, err, fido.Malformed, "") })
	}
	_, err := fido.Read("blob.jwt", io.LimitReader(zeros{}, 65<<20), service.Trust(), monday())
	refused(t, err, fido.TooLarge, "")
	_, err = fido.Read("blob.jwt", broken{}, service.Trust(), monday())
	refused(t, err, fido.Unreadable, "")
}

func entry(second string) string {
	return `{"legalHeader":"x","no":1,"nextUpdate":"2026-12-24","entries":[{"aaid":"1234#5678"},` + second + `]}`
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { clear(into); return len(into), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestRootIsReadAsItIsHandedOut(t *testing.T) {
	t.Parallel()
	root := fidotest.NewAuthority(t, "Imaginary Root")
	for name, text := range map[string][]byte{"PEM": root.PEM(), "DER": root.Certificate.Raw} {
		trust, err := fido.ReadTrust(text, fido.ServiceName)
		if err != nil || len(trust.Roots) != 1 || !trust.Roots[0].Equal(root.Certificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := fido.ReadTrust(nil, ""); !problem.Is(err, fido.RootMissing) {
		t.Error(err)
	}
	_, err := fido.ReadTrust([]byte("hello"), "")
	if found, _ := problem.Of(err); found.Code != fido.RootMalformed.Code || found.Fields[0].Line != 1 {
		t.Error(err)
	}
}

// The example of the specification is signed in DER, which RFC 7518 §3.4 does not allow,
// so it is refused at its signature and nowhere before. Its payload is read.
func TestExampleOfTheSpecification(t *testing.T) {
	t.Parallel()
	folder := testkit.Shared(t, "samples", "fido")
	file := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	trust, err := fido.ReadTrust(file("mds3-spec-example-root.pem"), "EXAMPLE MDS3 SIGNING CERTIFICATE")
	if err != nil {
		t.Fatal(err)
	}
	_, err = read(trust, file("mds3-spec-example-blob.jwt"))
	refused(t, err, fido.SignatureInvalid, "")
	_, err = read(fido.Trust{Roots: trust.Roots, Signer: fido.ServiceName}, file("mds3-spec-example-blob.jwt"))
	refused(t, err, fido.WrongSigner, "")
	production, err := fido.ReadTrust(file("mds3-production-root-GlobalSign-R3.pem"), fido.ServiceName)
	if err != nil {
		t.Fatal(err)
	}
	_, err = read(production, file("mds3-spec-example-blob.jwt"))
	refused(t, err, fido.Untrusted, "")

	parts := strings.Split(strings.TrimSpace(string(file("mds3-spec-example-blob.jwt"))), ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	list := fidotest.NewService(t).List(t, monday(), payload)
	if list.Number != 15 || list.Ignored != 1 || len(list.Entries) != 1 || !list.Stale(monday()) || len(list.Warnings()) != 0 {
		t.Errorf("%+v", list)
	}
	example := list.Entries[0]
	if example.AAGUID != "0132d110-bf4e-4208-a403-ab4f5f12efe5" || example.Reports[1].Status != "FIDO_CERTIFIED_L1" || len(example.Roots) != 1 {
		t.Errorf("%+v", example)
	}
	if pem, err := example.RootsPEM(); err != nil {
		t.Error(err)
	} else if roots, err := keys.ParseRoots(pem); err != nil || len(roots) != 1 {
		t.Errorf("%d roots, %v", len(roots), err)
	}
}

// FuzzRead: whatever stands in a file, reading ends with a list or a problem that names
// the file, and never with a list whose payload was not signed.
func FuzzRead(f *testing.F) {
	service := fidotest.NewService(f)
	good := service.Sign(f, fidotest.Payload(f, 1, fidotest.About(blue, "REVOKED")))
	f.Add(good, true)
	f.Add([]byte(`{"legalHeader":"x","no":1,"nextUpdate":"2026-12-24","entries":[{"aaguid":"`+blue+`","statusReports":[{"status":"REVOKED","effectiveDate":""}]}]}`), false)
	f.Add([]byte(entry(`{"aaguid":[]}`)), false)
	f.Add([]byte("a.b.c"), true)
	f.Fuzz(func(t *testing.T, text []byte, whole bool) {
		if !whole {
			text = service.Sign(t, text)
		}
		list, err := read(service.Trust(), text)
		if err != nil {
			if found, ok := problem.Of(err); !ok || len(found.Fields) == 0 || found.Fields[0].File != "blob.jwt" {
				t.Errorf("not a problem with its file: %v", err)
			}
			return
		}
		if whole && !bytes.Equal(bytes.TrimSpace(text), good) && !bytes.Contains(text, good[:20]) {
			t.Error("a list that nobody signed was read")
		}
		for _, one := range list.Warnings() {
			if one.Make == "" {
				t.Error("a warning about nothing")
			}
		}
	})
}
