package webauthn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

// liar signs whatever it is told to: what a browser or a key must not say, with
// a signature that is good. It shows that each check stands by itself and not
// only behind the signature.
type liar struct {
	private *ecdsa.PrivateKey
	known   factors.Known
}

func newLiar(t testing.TB) liar {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		t.Fatal(err)
	}
	return liar{private, factors.Known{Person: ids.New[ids.Person](), CredentialID: []byte("the id of a credential"), PublicKey: public}}
}

// claim is what goes into an answer.
type claim struct {
	rpID   string
	flags  byte
	count  uint32
	client map[string]any // clientDataJSON
	tail   []byte         // after the counter
}

const (
	present, verified, eligible, backedUp byte = 0x01, 0x04, 0x08, 0x10
	attested, extended                    byte = 0x40, 0x80
)

func honest(challenge string) claim {
	return claim{rpID: "warder.example", flags: present | verified, count: 7,
		client: map[string]any{"type": "webauthn.get", "challenge": challenge, "origin": origin, "crossOrigin": false}}
}

func (l liar) answer(t testing.TB, said claim) []byte {
	t.Helper()
	hash := sha256.Sum256([]byte(said.rpID))
	data := binary.BigEndian.AppendUint32(append(hash[:], said.flags), said.count)
	data = append(data, said.tail...)
	client, err := json.Marshal(said.client)
	if err != nil {
		t.Fatal(err)
	}
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, l.private, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	response, err := json.Marshal(map[string]any{"id": text(l.known.CredentialID), "rawId": text(l.known.CredentialID), "type": "public-key",
		"response": map[string]any{"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature),
			"userHandle": text([]byte(l.known.Person))}})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// asked begins a verification and returns its challenge and state.
func asked(t testing.TB, c *Ceremonies, ask factors.VerificationAsk) (challenge string, kept []byte) {
	t.Helper()
	ask.At = monday()
	_, kept, err := c.BeginVerification(ask)
	if err != nil {
		t.Fatal(err)
	}
	var begun state
	if err := json.Unmarshal(kept, &begun); err != nil {
		t.Fatal(err)
	}
	return begun.Challenge, kept
}

func TestEachLieOfAWellSignedAnswerIsRefusedByItself(t *testing.T) {
	t.Parallel()
	c, l := site(t), newLiar(t)
	other, _ := asked(t, c, factors.VerificationAsk{})
	for name, check := range map[string]struct {
		lie  func(said *claim)
		want problem.Definition // zero: it is accepted
	}{
		"the truth":                            {func(*claim) {}, problem.Definition{}},
		"cross-session challenge":              {func(s *claim) { s.client["challenge"] = other }, factors.VerificationInvalid},
		"swapped challenge: empty":             {func(s *claim) { s.client["challenge"] = "" }, factors.VerificationInvalid},
		"swapped challenge: a letter more":     {func(s *claim) { s.client["challenge"] = s.client["challenge"].(string) + "A" }, factors.VerificationInvalid},
		"type of a registration":               {func(s *claim) { s.client["type"] = "webauthn.create" }, factors.VerificationInvalid},
		"type of a payment":                    {func(s *claim) { s.client["type"] = "payment.get" }, factors.VerificationInvalid},
		"cross-origin: another site":           {func(s *claim) { s.client["origin"] = "https://evil.example" }, factors.VerificationOrigin},
		"cross-origin: a neighbour":            {func(s *claim) { s.client["origin"] = "https://wiki.warder.example" }, factors.VerificationOrigin},
		"cross-origin: without encryption":     {func(s *claim) { s.client["origin"] = "http://warder.example" }, factors.VerificationOrigin},
		"cross-origin: another port":           {func(s *claim) { s.client["origin"] = origin + ":444" }, factors.VerificationOrigin},
		"cross-origin: in capitals":            {func(s *claim) { s.client["origin"] = "https://WARDER.example" }, factors.VerificationOrigin},
		"cross-origin: a slash more":           {func(s *claim) { s.client["origin"] = origin + "/" }, factors.VerificationOrigin},
		"cross-origin: none":                   {func(s *claim) { delete(s.client, "origin") }, factors.VerificationOrigin},
		"cross-origin: in a frame":             {func(s *claim) { s.client["crossOrigin"] = true }, factors.VerificationInvalid},
		"cross-origin: in a frame of a site":   {func(s *claim) { s.client["crossOrigin"], s.client["topOrigin"] = true, "https://evil.example" }, factors.VerificationInvalid},
		"cross-RP: another site’s credential":  {func(s *claim) { s.rpID = "evil.example" }, factors.VerificationInvalid},
		"cross-RP: a name below ours":          {func(s *claim) { s.rpID = "portal.warder.example" }, factors.VerificationInvalid},
		"cross-RP: in capitals":                {func(s *claim) { s.rpID = "WARDER.example" }, factors.VerificationInvalid},
		"UP missing":                           {func(s *claim) { s.flags &^= present }, factors.VerificationInvalid},
		"UV missing":                           {func(s *claim) { s.flags &^= verified }, factors.VerificationMissing},
		"UP and UV missing":                    {func(s *claim) { s.flags = 0 }, factors.VerificationInvalid},
		"backed up and not eligible":           {func(s *claim) { s.flags |= backedUp }, factors.VerificationInvalid},
		"a credential announced and not there": {func(s *claim) { s.flags |= attested }, factors.VerificationMalformed},
		"extensions announced and not there":   {func(s *claim) { s.flags |= extended }, factors.VerificationMalformed},
		"bytes left over":                      {func(s *claim) { s.tail = []byte{0} }, factors.VerificationMalformed},
		"extensions that are no CBOR":          {func(s *claim) { s.flags |= extended; s.tail = []byte{0xff} }, factors.VerificationMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			challenge, kept := asked(t, c, factors.VerificationAsk{})
			said := honest(challenge)
			check.lie(&said)
			_, err := c.CheckVerification(factors.Answer{State: kept, Response: l.answer(t, said), At: monday().Add(time.Minute)}, is(l.known))
			if check.want.Code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			want(t, err, check.want)
		})
	}
}

func TestReplayedAnswerIsRefusedByTheNextChallenge(t *testing.T) {
	t.Parallel()
	c, l := site(t), newLiar(t)
	challenge, kept := asked(t, c, factors.VerificationAsk{})
	answer := factors.Answer{State: kept, Response: l.answer(t, honest(challenge)), At: monday().Add(time.Minute)}
	if _, err := c.CheckVerification(answer, is(l.known)); err != nil {
		t.Fatal(err)
	}
	_, answer.State = asked(t, c, factors.VerificationAsk{})
	_, err := c.CheckVerification(answer, is(l.known))
	want(t, err, factors.VerificationInvalid)
}

func TestChallengeExpiresAndClockJumpsDoNotProlongIt(t *testing.T) {
	t.Parallel()
	c, l := site(t), newLiar(t)
	challenge, kept := asked(t, c, factors.VerificationAsk{})
	for name, check := range map[string]struct {
		at   time.Duration
		good bool
	}{
		"at once": {0, true}, "in time": {Lifetime - time.Millisecond, true}, "a moment back, between two nodes": {-30 * time.Second, true},
		"too late": {Lifetime, false}, "a year ahead": {365 * 24 * time.Hour, false}, "an hour back": {-time.Hour, false}, "to 1970": {-monday().Sub(time.UnixMilli(0)), false},
	} {
		_, err := c.CheckVerification(factors.Answer{State: kept, Response: l.answer(t, honest(challenge)), At: monday().Add(check.at)}, is(l.known))
		if check.good && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !check.good && !problem.Is(err, factors.VerificationExpired) {
			t.Errorf("%s: %v, want %s", name, err, factors.VerificationExpired.Code)
		}
	}
}

// refusals are the codes with which tampering is answered.
func refusals(definitions ...problem.Definition) []string {
	codes := make([]string, len(definitions))
	for i, definition := range definitions {
		codes[i] = definition.Code
	}
	return codes
}

// flipped gives a copy of data for each bit, with that bit turned over.
func flipped(data []byte, each func(bit int, changed []byte)) {
	for bit := range 8 * len(data) {
		changed := bytes.Clone(data)
		changed[bit/8] ^= 0x80 >> (bit % 8)
		each(bit, changed)
	}
}

func inner(t testing.TB, response []byte, field string) []byte {
	t.Helper()
	var whole struct {
		Response map[string]json.RawMessage `json:"response"`
	}
	if err := json.Unmarshal(response, &whole); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := json.Unmarshal(whole.Response[field], &text); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func withInner(t testing.TB, response []byte, field string, value []byte) []byte {
	t.Helper()
	return spoil(t, response, func(whole map[string]any) {
		whole["response"].(map[string]any)[field] = base64.RawURLEncoding.EncodeToString(value)
	})
}

// No bit of what a key or a browser has said may change: of the authenticator's
// data, of the client's data, of the signature and of the names beside them.
func TestEachTamperedBitOfAnAssertionIsRefused(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	good := verify(t, c, key, factors.VerificationAsk{})
	if _, err := c.CheckVerification(good, is(known)); err != nil {
		t.Fatal(err)
	}
	for field, allowed := range map[string][]string{
		"authenticatorData": refusals(factors.VerificationInvalid, factors.VerificationMissing, factors.VerificationMalformed),
		"clientDataJSON":    refusals(factors.VerificationInvalid, factors.VerificationOrigin, factors.VerificationMalformed),
		"signature":         refusals(factors.VerificationInvalid),
		"userHandle":        refusals(factors.UnknownCredential),
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			flipped(inner(t, good.Response, field), func(bit int, changed []byte) {
				answer := good
				answer.Response = withInner(t, good.Response, field, changed)
				_, err := c.CheckVerification(answer, is(known))
				if found, ok := problem.Of(err); !ok || !slices.Contains(allowed, found.Code) {
					t.Errorf("bit %d: %v, want one of %v", bit, err, allowed)
				}
			})
		})
	}
	// Each flag by its name, so that it is known which refusal comes from which.
	for flag, code := range map[byte]problem.Definition{
		present: factors.VerificationInvalid, 0x02: factors.VerificationInvalid, verified: factors.VerificationMissing, eligible: factors.VerificationInvalid,
		backedUp: factors.VerificationInvalid, 0x20: factors.VerificationInvalid, attested: factors.VerificationMalformed, extended: factors.VerificationMalformed,
	} {
		data := inner(t, good.Response, "authenticatorData")
		data[32] ^= flag
		answer := good
		answer.Response = withInner(t, good.Response, "authenticatorData", data)
		_, err := c.CheckVerification(answer, is(known))
		if !problem.Is(err, code) {
			t.Errorf("flag %#02x: %v, want %s", flag, err, code.Code)
		}
	}
}

func TestEachTamperedMemberOfTheClientDataIsRefused(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	good := verify(t, c, key, factors.VerificationAsk{})
	var said map[string]any
	if err := json.Unmarshal(inner(t, good.Response, "clientDataJSON"), &said); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]struct {
		change func(map[string]any)
		want   problem.Definition
	}{
		"type":                      {func(m map[string]any) { m["type"] = "webauthn.create" }, factors.VerificationInvalid},
		"type missing":              {func(m map[string]any) { delete(m, "type") }, factors.VerificationInvalid},
		"challenge":                 {func(m map[string]any) { m["challenge"] = "AAAA" }, factors.VerificationInvalid},
		"challenge missing":         {func(m map[string]any) { delete(m, "challenge") }, factors.VerificationInvalid},
		"origin":                    {func(m map[string]any) { m["origin"] = "https://evil.example" }, factors.VerificationOrigin},
		"origin, to another of us":  {func(m map[string]any) { m["origin"] = "https://portal.warder.example:8443" }, factors.VerificationInvalid},
		"crossOrigin":               {func(m map[string]any) { m["crossOrigin"] = true }, factors.VerificationInvalid},
		"topOrigin":                 {func(m map[string]any) { m["topOrigin"] = "https://evil.example" }, factors.VerificationInvalid},
		"tokenBinding":              {func(m map[string]any) { m["tokenBinding"] = map[string]any{"status": "present", "id": "AAAA"} }, factors.VerificationInvalid},
		"a member nobody has named": {func(m map[string]any) { m["warder"] = 1 }, factors.VerificationInvalid},
		"origin is a list":          {func(m map[string]any) { m["origin"] = []string{origin} }, factors.VerificationMalformed},
		"challenge is a number":     {func(m map[string]any) { m["challenge"] = 1 }, factors.VerificationMalformed},
	} {
		changed := maps.Clone(said)
		check.change(changed)
		text, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		answer := good
		answer.Response = withInner(t, good.Response, "clientDataJSON", text)
		if _, err := c.CheckVerification(answer, is(known)); !problem.Is(err, check.want) {
			t.Errorf("%s: %v, want %s", name, err, check.want.Code)
		}
	}
}

// Whatever bit of a registration changes, either the answer is refused or the
// model is not proven: the statement covers all the key has said, and the chain
// covers the statement.
func TestEachTamperedBitOfARegistrationIsRefused(t *testing.T) {
	t.Parallel()
	c, vendor := site(t), newVendor(t)
	good := register(t, c, newKey(t, vendor, blue), alice(), origin)
	made, err := c.ReadRegistration(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Trust(made, rooted(vendor.RootPEM()), monday()); err != nil {
		t.Fatal(err)
	}
	allowed := refusals(factors.AttestationInvalid, factors.AttestationFormat, factors.RegistrationInvalid, factors.RegistrationMalformed,
		factors.RegistrationOrigin, factors.UserVerificationMissing)
	judge := func(t *testing.T, what string, response []byte) {
		t.Helper()
		answer := good
		answer.Response = response
		read, err := c.ReadRegistration(answer)
		if err == nil {
			err = c.Trust(read, rooted(vendor.RootPEM()), monday())
		}
		if found, ok := problem.Of(err); !ok || !slices.Contains(allowed, found.Code) {
			t.Errorf("%s: %v, want one of %v", what, err, allowed)
		}
	}
	t.Run("client data", func(t *testing.T) {
		t.Parallel()
		flipped(inner(t, good.Response, "clientDataJSON"), func(bit int, changed []byte) {
			judge(t, fmt.Sprint("bit ", bit), withInner(t, good.Response, "clientDataJSON", changed))
		})
	})
	t.Run("authenticator data", func(t *testing.T) {
		t.Parallel()
		var object map[string]any
		if err := cbor.Unmarshal(inner(t, good.Response, "attestationObject"), &object); err != nil {
			t.Fatal(err)
		}
		flipped(object["authData"].([]byte), func(bit int, data []byte) {
			answer := changed(t, good, func(object map[string]any) { object["authData"] = data })
			judge(t, fmt.Sprint("bit ", bit), answer.Response)
		})
	})
	t.Run("attestation", func(t *testing.T) {
		t.Parallel()
		for _, part := range []string{"sig", "leaf"} {
			var object map[string]any
			if err := cbor.Unmarshal(inner(t, good.Response, "attestationObject"), &object); err != nil {
				t.Fatal(err)
			}
			statement := object["attStmt"].(map[any]any)
			value, _ := statement["sig"].([]byte)
			if part == "leaf" {
				value = statement["x5c"].([]any)[0].([]byte)
			}
			flipped(value, func(bit int, value []byte) {
				answer := changed(t, good, func(object map[string]any) {
					statement := object["attStmt"].(map[any]any)
					if part == "leaf" {
						statement["x5c"].([]any)[0] = value
						return
					}
					statement["sig"] = value
				})
				judge(t, fmt.Sprint(part, " bit ", bit), answer.Response)
			})
		}
	})
	for name, change := range map[string]func(map[string]any){
		"algorithm": func(s map[string]any) { s["attStmt"].(map[any]any)["alg"] = -257 }, "no signature": func(s map[string]any) { delete(s["attStmt"].(map[any]any), "sig") },
		"another format": func(s map[string]any) { s["fmt"] = "tpm" }, "no certificate": func(s map[string]any) { s["attStmt"].(map[any]any)["x5c"] = []any{} },
		"statement taken out": func(s map[string]any) { s["fmt"], s["attStmt"] = "none", map[string]any{} },
	} {
		judge(t, name, changed(t, good, change).Response)
	}
}

// bomb is CBOR or JSON that would cost much if it were believed.
func bombs() map[string][]byte {
	return map[string][]byte{
		"arrays in arrays":             bytes.Repeat([]byte{0x81}, 40_000),
		"maps in maps":                 bytes.Repeat([]byte{0xa1, 0x61, 'a'}, 13_000),
		"tags in tags":                 bytes.Repeat([]byte{0xc1}, 40_000),
		"arrays without an end":        bytes.Repeat([]byte{0x9f}, 40_000),
		"strings without an end":       append([]byte{0x5f}, bytes.Repeat([]byte{0x41, 'a'}, 20_000)...),
		"an array of 2^63 elements":    {0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a map of 2^32 pairs":          {0xba, 0xff, 0xff, 0xff, 0xff},
		"a string of 2^62 bytes":       {0x5b, 0x40, 0, 0, 0, 0, 0, 0, 0},
		"a map with the same key":      append([]byte{0xba, 0, 0, 0x20, 0}, bytes.Repeat([]byte{0x61, 'a', 0}, 0x2000)...),
		"a statement nested in itself": append(append([]byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67, 'a', 't', 't', 'S', 't', 'm', 't'}, bytes.Repeat([]byte{0xa1, 0x61, 'a'}, 10_000)...), 0xa0),
		"nothing":                      {},
	}
}

// costs runs work and says how many bytes it took from the heap. The tests of
// this package run beside each other, so the least of several runs counts.
func costs(work func()) uint64 {
	least := uint64(1 << 62)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// Not parallel: it measures what the process takes from the heap.
func TestOversizedAndNestedCBORIsRefusedAtLittleCost(t *testing.T) {
	const most = 4 << 20
	c, l := site(t), newLiar(t)
	holder := alice()
	good := register(t, c, newKey(t, newVendor(t), blue), holder, origin)
	challenge, kept := asked(t, c, factors.VerificationAsk{})
	for name, bomb := range bombs() {
		cost := costs(func() {
			answer := good
			answer.Response = withInner(t, good.Response, "attestationObject", bomb)
			_, err := c.ReadRegistration(answer)
			if !problem.Is(err, factors.RegistrationMalformed) {
				t.Errorf("%s as an attestation: %v, want %s", name, err, factors.RegistrationMalformed.Code)
			}
		})
		if cost > most {
			t.Errorf("%s as an attestation took %d bytes", name, cost)
		}
		if len(bomb) == 0 {
			continue
		}
		cost = costs(func() {
			said := honest(challenge)
			said.flags |= extended
			said.tail = bomb
			_, err := c.CheckVerification(factors.Answer{State: kept, Response: l.answer(t, said), At: monday()}, is(l.known))
			if !problem.Is(err, factors.VerificationMalformed) {
				t.Errorf("%s as extensions: %v, want %s", name, err, factors.VerificationMalformed.Code)
			}
		})
		if cost > most {
			t.Errorf("%s as extensions took %d bytes", name, cost)
		}
	}
}

func TestOversizedAnswerIsRefusedUnread(t *testing.T) {
	t.Parallel()
	c := site(t)
	long := []byte(`{"id":"` + strings.Repeat("A", largestResponse) + `"}`)
	_, err := c.CheckVerification(factors.Answer{Response: long}, is(factors.Known{}))
	want(t, err, factors.VerificationMalformed)
	good := register(t, c, newKey(t, newVendor(t), blue), alice(), origin)
	good.Response = long
	_, err = c.ReadRegistration(good)
	want(t, err, factors.RegistrationMalformed)
}
