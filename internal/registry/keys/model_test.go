package keys_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/keys/keystest"
)

func root(t testing.TB) []byte {
	t.Helper()
	vendor, err := softkey.NewVendor("Blue Keys")
	if err != nil {
		t.Fatal(err)
	}
	return vendor.RootPEM()
}

func TestModelIsPutAndReplaced(t *testing.T) {
	t.Parallel()
	h := open(t)
	roots := append(root(t), root(t)...)
	put, err := h.models.Put(t.Context(), desk(), keys.Model{
		AAGUID: " " + strings.ToUpper(blue), Vendor: " Blue Keys ", Name: "One", Allowed: true, HardwareBound: true, Roots: roots,
	})
	if err != nil {
		t.Fatal(err)
	}
	wanted := keys.Model{AAGUID: blue, Vendor: "Blue Keys", Name: "One", Allowed: true, HardwareBound: true, Roots: roots, ChangedAt: keystest.Monday()}
	same(t, wanted, put)
	wanted.Allowed = false
	if _, err := h.models.Put(t.Context(), desk(), wanted); err != nil {
		t.Fatal(err)
	}
	got, found, err := h.models.Get(t.Context(), strings.ToUpper(blue))
	if err != nil || !found {
		t.Fatalf("get: %v, %v", found, err)
	}
	same(t, wanted, got)
	entries, err := h.audit.List(t.Context(), audit.Filter{Subject: blue})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Details["allowed"] != "false" || entries[0].Details["roots"] != "2" {
		t.Errorf("audit entries: %+v", entries)
	}
}

func TestModelThatCannotBeTrustedIsRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, err := h.models.Put(t.Context(), desk(), keys.Model{AAGUID: "00000000-0000-0000-0000-000000000000", Roots: []byte("hello")})
	want(t, err, keys.ModelMalformed)
	found, _ := problem.Of(err)
	var names []string
	for _, field := range found.Fields {
		names = append(names, field.Name)
	}
	same(t, []string{"aaguid", "vendor", "name", "roots"}, names)
}

func TestRootsNameTheLineThatIsWrong(t *testing.T) {
	t.Parallel()
	good := root(t)
	lines := 1 + bytes.Count(good, []byte("\n"))
	cut := good[:len(good)-40]
	for name, c := range map[string]struct {
		text []byte
		line int
		want int // certificates; -1 is refused
	}{
		"nothing":                   {nil, 0, 0},
		"one":                       {good, 0, 1},
		"two with blank lines":      {bytes.Join([][]byte{good, good}, []byte("\r\n\n")), 0, 2},
		"words in front":            {append([]byte("our root:\n"), good...), 1, -1},
		"words behind":              {append(bytes.Clone(good), "\n\nthe end"...), lines + 2, -1},
		"cut off":                   {cut, 1, -1},
		"cut off before a good one": {append(append(bytes.Clone(cut), '\n'), good...), 1, -1},
		"a private key":             {[]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 1, -1},
		"no certificate inside":     {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 1, -1},
		"too long":                  {bytes.Repeat([]byte("\n"), 1<<17), 0, -1},
	} {
		roots, err := keys.ParseRoots(c.text)
		if c.want >= 0 {
			if err != nil || len(roots) != c.want {
				t.Errorf("%s: %d certificates, %v; want %d", name, len(roots), err, c.want)
			}
			continue
		}
		want(t, err, keys.ModelMalformed)
		if found, ok := problem.Of(err); !ok || len(found.Fields) != 1 || found.Fields[0].Line != c.line {
			t.Errorf("%s: %v, want line %d", name, err, c.line)
		}
	}
}

func FuzzRoots(f *testing.F) {
	good := root(f)
	f.Add([]byte(nil))
	f.Add(good)
	f.Add(append(bytes.Clone(good), good...))
	f.Add(good[:100])
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nA: b\n\nAAAA\n-----END CERTIFICATE-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		roots, err := keys.ParseRoots(text)
		if err != nil {
			if _, ok := problem.Of(err); !ok {
				t.Fatalf("not a problem: %v", err)
			}
			return
		}
		if begins := bytes.Count(text, []byte("-----BEGIN")); len(roots) != begins {
			t.Fatalf("%d certificates out of %d blocks: one was left out in silence", len(roots), begins)
		}
	})
}

func TestRootsOfOneModelsOwnBelongToNoOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	shared := root(t)
	put := func(model keys.Model) error {
		model.Vendor, model.Name = "Blue Keys", "One"
		_, err := h.models.Put(t.Context(), desk(), model)
		return err
	}
	if err := put(keys.Model{AAGUID: blue, Roots: shared, OwnRoots: true}); err != nil {
		t.Fatal(err)
	}
	kept, _, err := h.models.Get(t.Context(), blue)
	if err != nil || !kept.OwnRoots {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	// Neither way round may the roots be given for a second model.
	want(t, put(keys.Model{AAGUID: green, Roots: append(root(t), shared...)}), keys.ModelMalformed)
	want(t, put(keys.Model{AAGUID: green, Roots: shared, OwnRoots: true}), keys.ModelMalformed)
	want(t, put(keys.Model{AAGUID: green, OwnRoots: true}), keys.ModelMalformed)
	for _, fine := range []keys.Model{
		{AAGUID: green, Roots: root(t), OwnRoots: true},
		{AAGUID: blue, Roots: shared}, // said again without
		{AAGUID: green, Roots: shared},
	} {
		if err := put(fine); err != nil {
			t.Errorf("%+v: %v", fine, err)
		}
	}
	want(t, put(keys.Model{AAGUID: blue, Roots: shared, OwnRoots: true}), keys.ModelMalformed)
}

func TestCertificatesOfOneModelBelongToNoOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	put := func(aaguid string, roots []byte, certificates ...string) error {
		_, err := h.models.Put(t.Context(), desk(), keys.Model{AAGUID: aaguid, Vendor: "Blue Keys", Name: "One",
			Allowed: true, Roots: roots, CertificateKeys: certificates})
		return err
	}
	pems := root(t)
	one, other := strings.Repeat("1a", 20), strings.Repeat("2b", 20)
	if err := put(blue, pems, " "+strings.ToUpper(one)+" ", one); err != nil {
		t.Fatal(err)
	}
	for identifiers, wanted := range map[string]string{one: blue, other: "", other + " " + one: blue, "": ""} {
		model, found, err := h.models.ByCertificateKeys(t.Context(), strings.Fields(identifiers))
		if err != nil || found != (wanted != "") || model.AAGUID != wanted {
			t.Errorf("%q: %+v, %v, %v", identifiers, model, found, err)
		}
	}
	want(t, put(green, pems, one), keys.ModelMalformed)
	want(t, put(green, nil, other), keys.ModelMalformed)
	want(t, put(green, pems, "not hexadecimal"), keys.ModelMalformed)
	want(t, put(green, pems, one[:38]), keys.ModelMalformed)
	if err := put(green, pems, other); err != nil {
		t.Error(err)
	}
}
