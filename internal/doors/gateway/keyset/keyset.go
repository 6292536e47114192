// Package keyset holds the keys with which Warder signs what it tells
// applications about a person. The private halves are sealed in the database,
// the public halves are published as a JWK Set (RFC 7517 §5).
//
// A key is published for a day before it signs, so that every node and every
// application that keeps a copy of the set knows it by then, and for a week after
// it has signed last:
//
//	made ──1 day──▶ signs ──about 89 days──▶ next one signs ──7 days──▶ gone
//
// Only the very first key signs at once, because there is no other.
package keyset

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

const (
	day          = 24 * time.Hour
	knownAfter   = day      // a key is published for this long before it signs
	followedBy   = 89 * day // at this age the next key is made
	publishedFor = 97 * day // at this age a key is forgotten; the next one has signed for a week
)

// Sealed is one signing key as it is kept.
type Sealed struct {
	ID        string // kid
	Sealed    []byte // PKCS #8, sealed to the row
	CreatedAt time.Time
}

// Store keeps sealed keys.
type Store interface {
	// SigningKeys lists the keys made at or after since, oldest first.
	SigningKeys(ctx context.Context, since time.Time) ([]Sealed, error)
	// AddSigningKey keeps a new key.
	AddSigningKey(ctx context.Context, key Sealed) error
}

// Sealer is the part of base/seal that is needed here.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Deps is what a Keyset needs.
type Deps struct {
	Store Store
	Tx    tx.Runner
	Audit *audit.Log
	Seal  Sealer
	Now   func() time.Time
}

// Keyset signs with one of its keys and publishes all of them. It is safe for
// concurrent use.
type Keyset struct {
	deps    Deps
	current atomic.Pointer[loaded]
}

type loaded struct {
	signer jose.Signer
	public jose.JSONWebKeySet
}

// New returns a Keyset that has not been loaded yet and signs nothing.
func New(deps Deps) *Keyset { return &Keyset{deps: deps} }

// Ensure loads the keys, and first makes one when there is none or the newest has
// come of age. Call it at start and at least every few hours, so that each node
// knows a new key before any node signs with it.
func (k *Keyset) Ensure(ctx context.Context) error {
	now := k.deps.Now()
	kept, err := k.keys(ctx, now)
	if err != nil {
		return err
	}
	if due(kept, now) {
		if kept, err = k.add(ctx, now); err != nil {
			return err
		}
	}
	return k.load(kept, now)
}

func (k *Keyset) keys(ctx context.Context, now time.Time) ([]Sealed, error) {
	kept, err := k.deps.Store.SigningKeys(ctx, now.Add(-publishedFor))
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return kept, nil
}

func due(kept []Sealed, now time.Time) bool {
	return len(kept) == 0 || now.Sub(kept[len(kept)-1].CreatedAt) >= followedBy
}

// add makes a key and returns them all. Whether one is due is asked again inside
// the transaction: of nodes that come here at once, one makes it.
func (k *Keyset) add(ctx context.Context, now time.Time) ([]Sealed, error) {
	fresh, err := k.newKey(now)
	if err != nil {
		return nil, err
	}
	var kept []Sealed
	err = k.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		if kept, err = k.keys(ctx, now); err != nil || !due(kept, now) {
			return err
		}
		if err := k.deps.Store.AddSigningKey(ctx, fresh); err != nil {
			return err
		}
		kept = append(kept, fresh)
		return k.deps.Audit.Record(ctx, audit.Event{Actor: audit.System("keyset"), Action: "signing_key.made", Subject: fresh.ID})
	})
	if err != nil {
		return nil, fmt.Errorf("keep signing key: %w", err)
	}
	return kept, nil
}

func (k *Keyset) newKey(now time.Time) (Sealed, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Sealed{}, fmt.Errorf("make signing key: %w", err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Sealed{}, fmt.Errorf("encode signing key: %w", err)
	}
	var name [8]byte
	rand.Read(name[:]) // never fails since Go 1.24
	fresh := Sealed{ID: hex.EncodeToString(name[:]), CreatedAt: now}
	fresh.Sealed, err = k.deps.Seal.Seal(plain, row(fresh.ID))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal signing key: %w", err)
	}
	return fresh, nil
}

// load opens the keys, oldest first, and chooses the one that signs.
func (k *Keyset) load(kept []Sealed, now time.Time) error {
	signing := signingKey(kept, now)
	var next loaded
	for _, sealed := range kept {
		private, err := k.open(sealed)
		if err != nil {
			return err
		}
		next.public.Keys = append(next.public.Keys, jose.JSONWebKey{
			Key: private.Public(), KeyID: sealed.ID, Algorithm: string(jose.ES256), Use: "sig"})
		if sealed.ID != signing {
			continue
		}
		options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", sealed.ID)
		next.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, options)
		if err != nil {
			return fmt.Errorf("use signing key %s: %w", sealed.ID, err)
		}
	}
	k.current.Store(&next)
	return nil
}

// signingKey is the newest key that everybody knows by now, or the oldest of all
// when none is that old.
func signingKey(kept []Sealed, now time.Time) string {
	for i := len(kept) - 1; i >= 0; i-- {
		if now.Sub(kept[i].CreatedAt) >= knownAfter {
			return kept[i].ID
		}
	}
	return kept[0].ID
}

func (k *Keyset) open(sealed Sealed) (*ecdsa.PrivateKey, error) {
	plain, err := k.deps.Seal.Open(sealed.Sealed, row(sealed.ID))
	if err != nil {
		return nil, fmt.Errorf("open signing key %s: %w", sealed.ID, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, fmt.Errorf("decode signing key %s: %w", sealed.ID, err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("signing key %s is not an ECDSA key", sealed.ID)
	}
	return private, nil
}

// Sign returns claims (JSON) as a compact JWS (RFC 7515 §7.1).
func (k *Keyset) Sign(claims []byte) (string, error) {
	now := k.current.Load()
	if now == nil {
		return "", fmt.Errorf("sign: no key has been loaded")
	}
	signed, err := now.signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// Public is the JWK Set to publish. It holds no private keys.
func (k *Keyset) Public() jose.JSONWebKeySet {
	now := k.current.Load()
	if now == nil {
		return jose.JSONWebKeySet{}
	}
	return now.public
}

func row(id string) string { return "signing_key:" + id + ":private_key" }
