package webauthn

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/factors"
)

// enrolled is a key with one credential that we know.
func enrolled(t testing.TB, c *Ceremonies) (*softkey.Key, factors.Known) {
	t.Helper()
	key, holder := newKey(t, newVendor(t), blue), alice()
	made, err := c.ReadRegistration(register(t, c, key, holder, origin))
	if err != nil {
		t.Fatal(err)
	}
	return key, factors.Known{Person: holder.ID, CredentialID: made.CredentialID, PublicKey: made.PublicKey}
}

// is finds one credential, whatever is looked for.
func is(known factors.Known) func([]byte) (factors.Known, error) {
	return func([]byte) (factors.Known, error) { return known, nil }
}

func allow(known factors.Known) factors.VerificationAsk {
	return factors.VerificationAsk{Person: known.Person, Allow: []factors.Descriptor{{CredentialID: known.CredentialID}}}
}

func TestKnownAndDiscoverableSignInsAreChecked(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	for i, ask := range []factors.VerificationAsk{{}, {Person: known.Person}, allow(known)} {
		answer := verify(t, c, key, ask)
		use, err := c.CheckVerification(answer, func(id []byte) (factors.Known, error) {
			same(t, known.CredentialID, id)
			return known, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, factors.Use{UserVerified: true, SignCount: uint32(2 + i)}, use)
	}
}

func TestRequestAsksForTheUserToBeVerified(t *testing.T) {
	t.Parallel()
	options, _, err := site(t).BeginVerification(factors.VerificationAsk{
		Person: ids.New[ids.Person](), At: monday(), Allow: []factors.Descriptor{{CredentialID: []byte{1, 2, 3}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(options, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "challenge")
	same(t, map[string]any{
		"rpId": "warder.example", "timeout": 300000.0, "userVerification": "required", "hints": []any{"security-key"},
		"allowCredentials": []any{map[string]any{"type": "public-key", "id": "AQID"}},
	}, got)
}

func TestSomebodyElsesCredentialIsAnsweredLikeAnUnknownOne(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	_, other := enrolled(t, c)
	for name, check := range map[string]struct {
		ask   factors.VerificationAsk
		known factors.Known
		spoil func(inner map[string]any)
	}{
		"begun for another person":        {factors.VerificationAsk{Person: other.Person}, known, nil},
		"not known at all":                {factors.VerificationAsk{}, factors.Known{}, nil},
		"known under another id":          {factors.VerificationAsk{}, other, nil},
		"handle of another person":        {allow(known), known, func(r map[string]any) { r["userHandle"] = "cHJzX290aGVy" }},
		"discoverable without the handle": {factors.VerificationAsk{}, known, func(r map[string]any) { delete(r, "userHandle") }},
	} {
		t.Run(name, func(t *testing.T) {
			twin := key.Clone()
			answer := verify(t, c, twin, check.ask)
			if check.spoil != nil {
				answer.Response = spoil(t, answer.Response, func(r map[string]any) { check.spoil(r["response"].(map[string]any)) })
			}
			_, err := c.CheckVerification(answer, is(check.known))
			want(t, err, factors.UnknownCredential)
		})
	}
	// A credential that was not asked for: the key ignores the list, so ask openly
	// and keep a state that lists another one.
	answer := verify(t, c, key, factors.VerificationAsk{})
	var kept state
	if err := json.Unmarshal(answer.State, &kept); err != nil {
		t.Fatal(err)
	}
	kept.Allowed = [][]byte{other.CredentialID}
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	answer.State = text
	_, err = c.CheckVerification(answer, is(known))
	want(t, err, factors.UnknownCredential)
}

func TestAnswerThatDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	other, otherKnown := enrolled(t, c)
	swapped := known
	swapped.PublicKey = otherKnown.PublicKey
	for name, check := range map[string]struct {
		known     factors.Known
		behaviour softkey.Behaviour
		change    func(t *testing.T, answer *factors.Answer)
		want      problem.Definition
	}{
		"signed with another key": {swapped, softkey.Behaviour{}, nil, factors.VerificationInvalid},
		"no PIN":                  {known, softkey.Behaviour{SkipUserVerification: true}, nil, factors.VerificationMissing},
		"no touch":                {known, softkey.Behaviour{SkipUserPresence: true}, nil, factors.VerificationInvalid},
		"backed up, not eligible": {known, softkey.Behaviour{BackedUp: true}, nil, factors.VerificationInvalid},
		"too late": {known, softkey.Behaviour{}, func(_ *testing.T, a *factors.Answer) { a.At = monday().Add(Lifetime) },
			factors.VerificationExpired},
		"an older challenge": {known, softkey.Behaviour{}, func(t *testing.T, a *factors.Answer) {
			a.State = verify(t, c, other.Clone(), factors.VerificationAsk{}).State
		}, factors.VerificationInvalid},
		"signature cut off": {known, softkey.Behaviour{}, func(t *testing.T, a *factors.Answer) {
			a.Response = spoil(t, a.Response, func(r map[string]any) { r["response"].(map[string]any)["signature"] = "MEUC" })
		}, factors.VerificationInvalid},
		"cut off": {known, softkey.Behaviour{}, func(_ *testing.T, a *factors.Answer) { a.Response = a.Response[:40] },
			factors.VerificationMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twin := key.Clone()
			twin.Behaviour = check.behaviour
			answer := verify(t, c, twin, factors.VerificationAsk{})
			if check.change != nil {
				check.change(t, &answer)
			}
			_, err := c.CheckVerification(answer, is(check.known))
			want(t, err, check.want)
		})
	}
}

func TestAnswerFromAnotherPageIsRefused(t *testing.T) {
	t.Parallel()
	c := site(t)
	key, known := enrolled(t, c)
	options, kept, err := c.BeginVerification(factors.VerificationAsk{At: monday()})
	if err != nil {
		t.Fatal(err)
	}
	response, err := key.Get(options, "https://wiki.warder.example") // a neighbour that browsers allow
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CheckVerification(factors.Answer{State: kept, Response: response, At: monday().Add(time.Second)}, is(known))
	want(t, err, factors.VerificationOrigin)
}
