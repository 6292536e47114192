package sharedsecret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
)

const (
	// offerTime is how long somebody may take to set up an app.
	offerTime = 30 * time.Minute
	appsMost  = 5  // of one person
	labelMost = 60 // characters
)

// TOTPOffer is an authenticator app that is being set up. All of it is secret.
type TOTPOffer struct {
	State  []byte // to give to FinishTOTP; sealed, so it may go through the browser
	Secret string // to type into the app, in groups of four
	URI    string // for a QR code
}

// offer is what State holds.
type offer struct {
	ID      ids.Credential
	Secret  string
	Expires time.Time
}

// BeginTOTP makes the secret of a new authenticator app. Nothing is kept until
// FinishTOTP has seen a code of it.
func (b *Book) BeginTOTP(_ context.Context, holder factors.Holder) (TOTPOffer, error) {
	if holder.ID == "" {
		return TOTPOffer{}, errors.New("set up an authenticator app: for nobody")
	}
	generator, err := totp.New(b.deps.Codes)
	if err != nil {
		return TOTPOffer{}, err
	}
	record, err := generator.Record()
	if err != nil {
		return TOTPOffer{}, err
	}
	plain, err := json.Marshal(offer{ID: ids.New[ids.Credential](), Secret: record, Expires: b.deps.Now().Add(offerTime)})
	if err != nil {
		return TOTPOffer{}, errors.New("set up an authenticator app: its state cannot be written down")
	}
	state, err := b.deps.Seal.Seal(plain, offerRow(holder.ID))
	if err != nil {
		return TOTPOffer{}, fmt.Errorf("seal the offer of an authenticator app: %w", err)
	}
	return b.shown(generator, holder, state), nil
}

// ResumeTOTP shows again what BeginTOTP has made, for somebody whose code was wrong.
// Problem: OfferGone.
func (b *Book) ResumeTOTP(_ context.Context, holder factors.Holder, state []byte) (TOTPOffer, error) {
	_, generator, err := b.openOffer(holder.ID, state)
	if err != nil {
		return TOTPOffer{}, err
	}
	return b.shown(generator, holder, state), nil
}

func (b *Book) shown(generator totp.Generator, holder factors.Holder, state []byte) TOTPOffer {
	return TOTPOffer{State: state, Secret: generator.Text(), URI: generator.URI(b.deps.Issuer, holder.UserName)}
}

func offerRow(person ids.Person) string { return "shared_secret_offer:" + string(person) }

// openOffer reads a state that BeginTOTP made for the same person not long ago.
func (b *Book) openOffer(person ids.Person, state []byte) (offer, totp.Generator, error) {
	plain, err := b.deps.Seal.Open(state, offerRow(person))
	if err != nil {
		return offer{}, totp.Generator{}, OfferGone.Because(err)
	}
	var made offer
	if json.Unmarshal(plain, &made) != nil {
		return offer{}, totp.Generator{}, OfferGone.Because(errors.New("the state of an offer cannot be read"))
	}
	generator, err := totp.Parse(made.Secret)
	if err != nil {
		return offer{}, totp.Generator{}, OfferGone.Because(err)
	}
	if left := made.Expires.Sub(b.deps.Now()); left <= 0 || left > offerTime {
		return offer{}, totp.Generator{}, OfferGone.New()
	}
	return made, generator, nil
}

// FinishTOTP keeps the app once it shows a code that is right. That code is used
// up. Problems: OfferGone, WrongCode, LabelTooLong, TooManyApps, Changed.
func (b *Book) FinishTOTP(ctx context.Context, actor audit.Actor, person ids.Person, state []byte, code, label string) (Secret, error) {
	made, generator, err := b.openOffer(person, state)
	if err != nil {
		return Secret{}, err
	}
	if label, err = cleanLabel(label); err != nil {
		return Secret{}, err
	}
	step, good := generator.Match(code, b.deps.Now())
	if !good {
		return Secret{}, WrongCode.New()
	}
	fresh := b.fresh(person, assurance.TOTP)
	fresh.ID, fresh.Label, fresh.Step = made.ID, label, step
	if fresh.Sealed, err = b.seal([]byte(made.Secret), fresh.Secret); err != nil {
		return Secret{}, err
	}
	err = b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := b.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return err
		}
		if len(live(held, assurance.TOTP)) >= appsMost {
			return TooManyApps.New()
		}
		if err := b.deps.Store.Add(ctx, fresh, nil); err != nil {
			return err
		}
		return b.tell(ctx, actor, "secret.app_added", fresh.Secret, nil)
	})
	if err != nil {
		return Secret{}, fmt.Errorf("add authenticator app of %s: %w", person, err)
	}
	return fresh.Secret, nil
}

func cleanLabel(label string) (string, error) {
	label = strings.TrimSpace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(label, "")))
	if utf8.RuneCountInString(label) > labelMost {
		return "", LabelTooLong.New()
	}
	if label == "" {
		return "Authenticator app", nil
	}
	return label, nil
}

// CheckTOTP says whether a code is one that an app of the person shows now, in the
// half minute before or in the one after. Each code works once, for whoever comes
// first (NIST SP 800-63B-4 §3.1.4.2). Problems: WrongCode, CodeUsed.
func (b *Book) CheckTOTP(ctx context.Context, person ids.Person, code string) (Secret, error) {
	if person == "" {
		return Secret{}, WrongCode.New()
	}
	held, err := b.deps.Store.OfPerson(ctx, person)
	if err != nil {
		return Secret{}, fmt.Errorf("check code of %s: %w", person, err)
	}
	now, used := b.deps.Now(), false
	for _, app := range usable(held, assurance.TOTP) {
		generator, err := b.generator(app)
		if err != nil {
			return Secret{}, err
		}
		step, good := generator.Match(code, now)
		if !good {
			continue
		}
		done, err := b.used(ctx, app.ID, step, now)
		if err != nil {
			return Secret{}, fmt.Errorf("use code of %s: %w", person, err)
		}
		if done {
			app.LastUsedAt = now
			return app.Secret, nil
		}
		used = true
	}
	if used {
		return Secret{}, CodeUsed.New()
	}
	return Secret{}, WrongCode.New()
}

func (b *Book) generator(app Kept) (totp.Generator, error) {
	record, err := b.open(app)
	if err != nil {
		return totp.Generator{}, err
	}
	generator, err := totp.Parse(string(record))
	if err != nil {
		return totp.Generator{}, fmt.Errorf("read shared secret %s: %w", app.ID, err)
	}
	return generator, nil
}

func (b *Book) used(ctx context.Context, id ids.Credential, step int64, at time.Time) (bool, error) {
	var done bool
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		done, err = b.deps.Store.Used(ctx, id, step, at)
		return err
	})
	return done, err
}
