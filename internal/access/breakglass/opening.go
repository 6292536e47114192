package breakglass

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/people"
)

// Ask is what the first person enters.
type Ask struct {
	Purpose Purpose // Emergency or Test
	Reason  string
	Holder  string // their name
}

// Challenge is what the next key is asked.
type Challenge struct {
	Options []byte // for navigator.credentials.get, JSON
	Sealed  string // what the browser brings back with the answer; it opens nothing by itself
}

// opening is what is inside Challenge.Sealed.
type opening struct {
	Ask     Ask
	Use     ids.Use   // of the second touch
	Browser [32]byte  // SHA-256 of the browser's secret
	At      time.Time // when the first person entered it
	State   []byte    // what registry/factors must remember
}

// sealedAs is the row for which an opening is sealed, so that nothing else that is
// sealed passes for one.
const sealedAs = "breakglass:opening:state"

// Begin checks what the first person has entered and asks for the first key.
// Nothing is kept. Problems: Malformed, NoKeys.
func (d *Desk) Begin(ctx context.Context, ask Ask, browser secret.Value) (Challenge, error) {
	ask.Reason, ask.Holder = strings.TrimSpace(ask.Reason), strings.TrimSpace(ask.Holder)
	if faults := ask.check(); len(faults) > 0 {
		return Challenge{}, Malformed.New().At(faults...)
	}
	return d.challenge(ctx, opening{Ask: ask, Browser: browser.Hash(), At: d.now()}, "")
}

// Again asks for the first key anew, when its answer was no good.
func (d *Desk) Again(ctx context.Context, sealed string, browser secret.Value) (Challenge, error) {
	kept, err := d.unseal(sealed, browser)
	if err != nil {
		return Challenge{}, err
	}
	return d.challenge(ctx, kept, "")
}

// Next returns the use that a browser has begun, and what the second key is asked
// while it waits for one. Problems: NotFound, OtherBrowser, TooLate.
func (d *Desk) Next(ctx context.Context, id ids.Use, browser secret.Value) (Use, Challenge, error) {
	use, err := d.mine(ctx, id, browser)
	if err != nil || use.State != Waiting {
		return use, Challenge{}, err
	}
	if use.over(d.now()) {
		return Use{}, Challenge{}, TooLate.New()
	}
	ask, err := d.challenge(ctx, opening{Use: id, Browser: browser.Hash(), At: d.now()}, use.First.Person)
	return use, ask, err
}

// mine returns a use to the browser that began it, and to no other.
func (d *Desk) mine(ctx context.Context, id ids.Use, browser secret.Value) (Use, error) {
	use, err := d.deps.Store.ByID(ctx, id)
	if err != nil {
		return Use{}, err
	}
	// Both are SHA-256 of 256 random bits, so the time of a comparison tells nothing.
	if browser.Empty() || use.Browser != browser.Hash() {
		return Use{}, OtherBrowser.New()
	}
	return use, nil
}

// challenge asks for any key for emergencies, but those of one identity.
func (d *Desk) challenge(ctx context.Context, kept opening, but ids.Person) (Challenge, error) {
	identities, err := d.people(ctx)
	if err != nil {
		return Challenge{}, err
	}
	var asked []ids.Person
	for _, identity := range identities {
		if identity.MayBreakGlass(d.now()) && identity.ID != but {
			asked = append(asked, identity.ID)
		}
	}
	options, state, err := d.deps.Factors.BeginVerificationAmong(ctx, asked)
	if problemIsNoKey(err) {
		return Challenge{}, NoKeys.Because(err)
	}
	if err != nil {
		return Challenge{}, fmt.Errorf("ask for a key for emergencies: %w", err)
	}
	kept.State = state
	plain, err := json.Marshal(kept)
	if err != nil {
		return Challenge{}, fmt.Errorf("write an opening: %w", err)
	}
	sealed, err := d.deps.Seal.Seal(plain, sealedAs)
	if err != nil {
		return Challenge{}, fmt.Errorf("seal an opening: %w", err)
	}
	return Challenge{Options: options, Sealed: base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// unseal reads what a browser brings back. Problems: OtherBrowser, TooLate.
func (d *Desk) unseal(text string, browser secret.Value) (opening, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return opening{}, OtherBrowser.Because(err)
	}
	plain, err := d.deps.Seal.Open(sealed, sealedAs)
	if err != nil {
		return opening{}, OtherBrowser.Because(err)
	}
	var kept opening
	if err := json.Unmarshal(plain, &kept); err != nil {
		return opening{}, fmt.Errorf("read an opening: %w", err)
	}
	if browser.Empty() || kept.Browser != browser.Hash() {
		return opening{}, OtherBrowser.New()
	}
	// A clock that jumped back does not make an old page young.
	if now := d.now(); now.Sub(kept.At) >= ToTouch || now.Before(kept.At.Add(-skew)) {
		return opening{}, TooLate.New()
	}
	return kept, nil
}

func (o opening) hash() [32]byte { return sha256.Sum256(o.State) }

// The limits of what is entered.
const (
	reasonLeast, reasonMost = 10, 1000
	holderLeast, holderMost = 2, 100
)

func (a Ask) check() []problem.Field {
	var faults []problem.Field
	if a.Purpose != Emergency && a.Purpose != Test {
		faults = append(faults, problem.Field{Name: "purpose", Message: "Choose whether this is an emergency or a test."})
	}
	if !fits(a.Reason, reasonLeast, reasonMost) {
		faults = append(faults, problem.Field{Name: "reason", Message: "Say what has happened, in 10 to 1,000 characters. It is kept for good."})
	}
	return append(faults, checkHolder(a.Holder)...)
}

func checkHolder(name string) []problem.Field {
	if fits(name, holderLeast, holderMost) {
		return nil
	}
	return []problem.Field{{Name: "holder", Message: "Give your own name, in 2 to 100 characters: who is holding the key."}}
}

// fits reports whether text is readable and of a length between least and most.
func fits(text string, least, most int) bool {
	count := utf8.RuneCountInString(text)
	bad := func(c rune) bool {
		return c == utf8.RuneError || !unicode.IsPrint(c) && c != '\n' && c != '\r' && c != '\t'
	}
	return count >= least && count <= most && !strings.ContainsFunc(text, bad)
}

// people lists the identities, at work or not.
func (d *Desk) people(ctx context.Context) ([]people.Person, error) {
	found, _, err := d.deps.People.List(ctx, people.Filter{Kind: people.KindBreakGlass, Limit: 500})
	if err != nil {
		return nil, fmt.Errorf("list identities for emergencies: %w", err)
	}
	return found, nil
}
