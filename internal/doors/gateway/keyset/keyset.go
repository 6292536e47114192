// Package keyset holds the keys with which Warder signs what it tells
// applications about a person. The private halves are sealed in the database,
// the public halves are published as a JWK Set (RFC 7517 §5), and a key is
// followed by the next one long before it stops being published, so that a
// signature can always be checked.
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
	signsFor     = 90 * 24 * time.Hour // a key signs for this long
	publishedFor = signsFor + 48*time.Hour
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

// Keyset signs with its newest key and publishes all that are not too old.
type Keyset struct {
	deps    Deps
	current atomic.Pointer[loaded]
}

type loaded struct {
	signer    jose.Signer
	public    jose.JSONWebKeySet
	createdAt time.Time
}

// New returns a Keyset that has not been loaded yet and signs nothing.
func New(deps Deps) *Keyset { return &Keyset{deps: deps} }

// Ensure loads the keys and makes a new one when there is none or the newest
// has signed long enough. Call it at start and once a day. Two nodes may each
// make a key at the same time; both are published, so both are good.
func (k *Keyset) Ensure(ctx context.Context) error {
	now := k.deps.Now()
	kept, err := k.deps.Store.SigningKeys(ctx, now.Add(-publishedFor))
	if err != nil {
		return fmt.Errorf("read signing keys: %w", err)
	}
	if len(kept) == 0 || now.Sub(kept[len(kept)-1].CreatedAt) >= signsFor {
		fresh, err := k.add(ctx, now)
		if err != nil {
			return err
		}
		kept = append(kept, fresh)
	}
	return k.load(kept)
}

func (k *Keyset) add(ctx context.Context, now time.Time) (Sealed, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Sealed{}, fmt.Errorf("make signing key: %w", err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Sealed{}, fmt.Errorf("encode signing key: %w", err)
	}
	var name [8]byte
	rand.Read(name[:])
	fresh := Sealed{ID: hex.EncodeToString(name[:]), CreatedAt: now}
	fresh.Sealed, err = k.deps.Seal.Seal(plain, row(fresh.ID))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal signing key: %w", err)
	}
	err = k.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		if err := k.deps.Store.AddSigningKey(ctx, fresh); err != nil {
			return err
		}
		return k.deps.Audit.Record(ctx, audit.Event{Actor: audit.System("keyset"), Action: "signing_key.made", Subject: fresh.ID})
	})
	if err != nil {
		return Sealed{}, fmt.Errorf("keep signing key: %w", err)
	}
	return fresh, nil
}

func (k *Keyset) load(kept []Sealed) error {
	var next loaded
	for i, sealed := range kept {
		plain, err := k.deps.Seal.Open(sealed.Sealed, row(sealed.ID))
		if err != nil {
			return fmt.Errorf("open signing key %s: %w", sealed.ID, err)
		}
		parsed, err := x509.ParsePKCS8PrivateKey(plain)
		if err != nil {
			return fmt.Errorf("decode signing key %s: %w", sealed.ID, err)
		}
		private, ok := parsed.(*ecdsa.PrivateKey)
		if !ok {
			return fmt.Errorf("signing key %s is not an ECDSA key", sealed.ID)
		}
		next.public.Keys = append(next.public.Keys, jose.JSONWebKey{
			Key: private.Public(), KeyID: sealed.ID, Algorithm: string(jose.ES256), Use: "sig"})
		if i < len(kept)-1 {
			continue
		}
		options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", sealed.ID)
		next.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, options)
		if err != nil {
			return fmt.Errorf("use signing key %s: %w", sealed.ID, err)
		}
		next.createdAt = sealed.CreatedAt
	}
	k.current.Store(&next)
	return nil
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
