package webauthn

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

const (
	blue   = "57a2de30-0000-4000-8000-00000000d340"
	green  = "57a2de30-0000-4000-8000-0000000097ee"
	origin = "https://warder.example"
)

func monday() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) }

func site(t testing.TB) *Ceremonies {
	t.Helper()
	ceremonies, err := New(Deps{RPID: "warder.example", RPName: "Warder", Origins: []string{origin, "https://portal.warder.example:8443"}})
	if err != nil {
		t.Fatal(err)
	}
	return ceremonies
}

func newVendor(t testing.TB) *softkey.Vendor {
	t.Helper()
	vendor, err := softkey.NewVendor("Blue Keys")
	if err != nil {
		t.Fatal(err)
	}
	return vendor
}

func newKey(t testing.TB, vendor *softkey.Vendor, aaguid string) *softkey.Key {
	t.Helper()
	batch, err := vendor.Batch(aaguid)
	if err != nil {
		t.Fatal(err)
	}
	return batch.NewKey()
}

func alice() factors.Holder {
	return factors.Holder{ID: ids.New[ids.Person](), UserName: "alice", Name: "Alice"}
}

// register runs a registration with a key on a page and returns the answer unread.
func register(t testing.TB, c *Ceremonies, key *softkey.Key, holder factors.Holder, page string) factors.Answer {
	t.Helper()
	options, kept, err := c.BeginRegistration(factors.RegistrationAsk{Holder: holder, At: monday()})
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Create(options, page)
	if err != nil {
		t.Fatal(err)
	}
	return factors.Answer{State: kept, Response: response, At: monday().Add(time.Minute)}
}

// verify runs a verification with a key and returns the answer unread.
func verify(t testing.TB, c *Ceremonies, key *softkey.Key, ask factors.VerificationAsk) factors.Answer {
	t.Helper()
	ask.At = monday()
	options, kept, err := c.BeginVerification(ask)
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Get(options, origin)
	if err != nil {
		t.Fatal(err)
	}
	return factors.Answer{State: kept, Response: response, At: monday().Add(time.Minute)}
}

func want(t *testing.T, err error, definition problem.Definition) {
	t.Helper()
	if !problem.Is(err, definition) {
		t.Errorf("got error %v, want problem %s", err, definition.Code)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// spoil changes one value deep in a JSON response.
func spoil(t testing.TB, response []byte, change func(response map[string]any)) []byte {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(response, &whole); err != nil {
		t.Fatal(err)
	}
	change(whole)
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSiteThatNoBrowserWouldServeIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	good := Deps{RPID: "warder.example", RPName: "Warder", Origins: []string{origin}}
	for name, change := range map[string]func(*Deps){
		"no name":         func(d *Deps) { d.RPName = "" },
		"no origin":       func(d *Deps) { d.Origins = nil },
		"no id":           func(d *Deps) { d.RPID = "" },
		"foreign origin":  func(d *Deps) { d.Origins = []string{"https://warder.example.phish.test"} },
		"looks like ours": func(d *Deps) { d.Origins = []string{"https://notwarder.example"} },
		"without TLS":     func(d *Deps) { d.Origins = []string{"http://warder.example"} },
		"with a path":     func(d *Deps) { d.Origins = []string{origin + "/signin"} },
		"with a slash":    func(d *Deps) { d.Origins = []string{origin + "/"} },
		"only a host":     func(d *Deps) { d.Origins = []string{"warder.example"} },
		"an address":      func(d *Deps) { d.RPID, d.Origins = "192.0.2.1", []string{"https://192.0.2.1"} },
	} {
		deps := good
		change(&deps)
		if _, err := New(deps); err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
	for _, deps := range []Deps{good, {RPID: "localhost", RPName: "Warder", Origins: []string{"http://localhost:8080"}}} {
		if _, err := New(deps); err != nil {
			t.Errorf("%+v: %v", deps, err)
		}
	}
}

func TestOptionsAskForAttestedVerifiedDiscoverableCredentials(t *testing.T) {
	t.Parallel()
	c, holder := site(t), alice()
	options, _, err := c.BeginRegistration(factors.RegistrationAsk{
		Holder: holder, At: monday(), Exclude: []factors.Descriptor{{CredentialID: []byte{1, 2, 3}, Transports: []string{"usb", "nfc"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(options, &got); err != nil {
		t.Fatal(err)
	}
	if challenge, _ := got["challenge"].(string); len(challenge) != 43 {
		t.Errorf("challenge %q is not 32 bytes of base64url", challenge)
	}
	delete(got, "challenge")
	delete(got["user"].(map[string]any), "id")
	same(t, map[string]any{
		"rp":   map[string]any{"id": "warder.example", "name": "Warder"},
		"user": map[string]any{"name": "alice", "displayName": "Alice"},
		"pubKeyCredParams": []any{
			map[string]any{"type": "public-key", "alg": -7.0},
			map[string]any{"type": "public-key", "alg": -8.0},
			map[string]any{"type": "public-key", "alg": -257.0},
			map[string]any{"type": "public-key", "alg": -35.0},
			map[string]any{"type": "public-key", "alg": -36.0},
			map[string]any{"type": "public-key", "alg": -37.0},
		},
		"timeout":            300000.0,
		"excludeCredentials": []any{map[string]any{"type": "public-key", "id": "AQID", "transports": []any{"usb", "nfc"}}},
		"authenticatorSelection": map[string]any{
			"authenticatorAttachment": "cross-platform", "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
		},
		"hints": []any{"security-key"}, "attestation": "direct",
	}, got)
	if _, _, err := c.BeginRegistration(factors.RegistrationAsk{At: monday()}); err == nil {
		t.Error("a registration for nobody was begun")
	}
}

func TestGoodKeyIsReadAndTrustedByItsOwnRootOnly(t *testing.T) {
	t.Parallel()
	c, vendor, holder := site(t), newVendor(t), alice()
	key := newKey(t, vendor, blue)
	made, err := c.ReadRegistration(register(t, c, key, holder, origin))
	if err != nil {
		t.Fatal(err)
	}
	if len(made.PublicKey) == 0 || len(made.Certificates) != 2 {
		t.Errorf("public key of %d bytes, %d certificates", len(made.PublicKey), len(made.Certificates))
	}
	wanted := factors.Registration{
		Person: holder.ID, CredentialID: key.Credentials()[0], PublicKey: made.PublicKey, AAGUID: blue,
		Attestation: factors.AttestationUnverified, Format: "packed", Certificates: made.Certificates, SignCount: 1, Transports: []string{"usb"},
	}
	same(t, wanted, made)

	rogue := newVendor(t) // the same name, another root
	if err := c.Trust(made, rooted(vendor.RootPEM()), monday()); err != nil {
		t.Errorf("not trusted by its own root: %v", err)
	}
	both := append(rogue.RootPEM(), vendor.RootPEM()...)
	if err := c.Trust(made, rooted(both), monday()); err != nil {
		t.Errorf("not trusted by one of two roots: %v", err)
	}
	want(t, c.Trust(made, rooted(rogue.RootPEM()), monday()), factors.AttestationInvalid)
	want(t, c.Trust(made, rooted(nil), monday()), factors.AttestationInvalid)
	want(t, c.Trust(made, rooted([]byte("no root")), monday()), factors.AttestationInvalid)
	want(t, c.Trust(made, rooted(vendor.RootPEM()), time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)), factors.AttestationInvalid)
	for _, grade := range []factors.Attestation{"", factors.AttestationNone, factors.AttestationSelf, factors.AttestationVerified} {
		other := made
		other.Attestation = grade
		want(t, c.Trust(other, rooted(vendor.RootPEM()), monday()), factors.AttestationInvalid)
	}
	renamed := made
	renamed.AAGUID = green
	want(t, c.Trust(renamed, rooted(vendor.RootPEM()), monday()), factors.AttestationInvalid)
}

func TestWhatAKeySaysIsGradedByWhatItProves(t *testing.T) {
	t.Parallel()
	c := site(t)
	for statement, wanted := range map[softkey.Statement]factors.Attestation{
		softkey.None: factors.AttestationNone, softkey.Self: factors.AttestationSelf, softkey.Full: factors.AttestationUnverified,
	} {
		key := newKey(t, newVendor(t), blue)
		key.Behaviour.Statement = statement
		made, err := c.ReadRegistration(register(t, c, key, alice(), origin))
		if err != nil {
			t.Fatalf("%q: %v", statement, err)
		}
		if made.Attestation != wanted {
			t.Errorf("%q is graded %q, want %q", statement, made.Attestation, wanted)
		}
	}
}

func TestSerialNumberComesFromAnEnterpriseCertificate(t *testing.T) {
	t.Parallel()
	c := site(t)
	for presented, wanted := range map[string]string{"12345678": "12345678", "\x00\xbc\x61\x4e": "00BC614E", strings.Repeat("x", 33): ""} {
		batch, err := newVendor(t).Enterprise(blue, presented)
		if err != nil {
			t.Fatal(err)
		}
		made, err := c.ReadRegistration(register(t, c, batch.NewKey(), alice(), origin))
		if err != nil {
			t.Fatal(err)
		}
		same(t, wanted, made.Serial)
	}
}

func TestMisbehavingKeyIsRefusedWithItsOwnCode(t *testing.T) {
	t.Parallel()
	c := site(t)
	for name, c2 := range map[string]struct {
		behaviour softkey.Behaviour
		want      problem.Definition
	}{
		"certificate of another model": {softkey.Behaviour{ClaimedAAGUID: green}, factors.AttestationInvalid},
		"no PIN":                       {softkey.Behaviour{SkipUserVerification: true}, factors.UserVerificationMissing},
		"no touch":                     {softkey.Behaviour{SkipUserPresence: true}, factors.RegistrationInvalid},
		"backed up but not eligible":   {softkey.Behaviour{BackedUp: true}, factors.RegistrationInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := newKey(t, newVendor(t), blue)
			key.Behaviour = c2.behaviour
			_, err := c.ReadRegistration(register(t, c, key, alice(), origin))
			want(t, err, c2.want)
		})
	}
}

func TestRegistrationForAnotherPageOrQuestionIsRefused(t *testing.T) {
	t.Parallel()
	c, key := site(t), newKey(t, newVendor(t), blue)
	good := register(t, c, key, alice(), origin)
	if _, err := c.ReadRegistration(good); err != nil {
		t.Fatal(err)
	}
	elsewhere := register(t, c, key, alice(), "https://other.warder.example")
	_, err := c.ReadRegistration(elsewhere)
	want(t, err, factors.RegistrationOrigin)

	replayed := good
	replayed.State = register(t, c, key, alice(), origin).State // another challenge
	_, err = c.ReadRegistration(replayed)
	want(t, err, factors.RegistrationInvalid)

	for _, at := range []time.Time{monday().Add(Lifetime), monday().Add(time.Hour), monday().Add(-time.Hour)} {
		late := good
		late.At = at
		_, err = c.ReadRegistration(late)
		want(t, err, factors.RegistrationExpired)
	}
	for name, state := range map[string]string{
		"none": "", "not JSON": "{", "empty": "{}",
		"of a sign-in": string(verify(t, c, key, factors.VerificationAsk{}).State),
	} {
		broken := good
		broken.State = []byte(state)
		if _, err := c.ReadRegistration(broken); err == nil {
			t.Errorf("a state that is %s was accepted", name)
		}
	}
}

func TestRegistrationThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	c, key := site(t), newKey(t, newVendor(t), blue)
	good := register(t, c, key, alice(), origin)
	object := func(change func(string) string) []byte {
		return spoil(t, good.Response, func(r map[string]any) {
			inner := r["response"].(map[string]any)
			inner["attestationObject"] = change(inner["attestationObject"].(string))
		})
	}
	for name, response := range map[string][]byte{
		"nothing":          nil,
		"not JSON":         []byte("hello"),
		"two documents":    append(bytes.Clone(good.Response), good.Response...),
		"cut off":          good.Response[:len(good.Response)/2],
		"too long":         append(bytes.Clone(good.Response), bytes.Repeat([]byte(" "), largestResponse)...),
		"object cut off":   object(func(s string) string { return s[:len(s)/2] }),
		"object missing":   object(func(string) string { return "" }),
		"not a public key": spoil(t, good.Response, func(r map[string]any) { r["type"] = "password" }),
		"another id":       spoil(t, good.Response, func(r map[string]any) { r["id"] = "AAAA" }),
	} {
		broken := good
		broken.Response = response
		_, err := c.ReadRegistration(broken)
		if !problem.Is(err, factors.RegistrationMalformed) {
			t.Errorf("%s: got %v, want %s", name, err, factors.RegistrationMalformed.Code)
		}
	}
	renamed := good
	renamed.Response = spoil(t, good.Response, func(r map[string]any) { r["id"], r["rawId"] = "AAAA", "AAAA" })
	_, err := c.ReadRegistration(renamed)
	want(t, err, factors.RegistrationInvalid)
}

// Where keys need not prove their make, the one in the device is as good as another.
func TestBrowserIsNotHeldToSecurityKeysWhereAnyKindIsAccepted(t *testing.T) {
	t.Parallel()
	c := site(t)
	for _, anyKind := range []bool{false, true} {
		creation, _, err := c.BeginRegistration(factors.RegistrationAsk{Holder: alice(), AnyKind: anyKind, At: monday()})
		if err != nil {
			t.Fatal(err)
		}
		request, _, err := c.BeginVerification(factors.VerificationAsk{AnyKind: anyKind, At: monday()})
		if err != nil {
			t.Fatal(err)
		}
		for _, options := range [][]byte{creation, request} {
			held := bytes.Contains(options, []byte("security-key")) || bytes.Contains(options, []byte("cross-platform"))
			if held == anyKind {
				t.Errorf("any kind %t: %s", anyKind, options)
			}
		}
	}
}
