package sharedsecret

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
)

const (
	// CodesInSet is how many recovery codes a person gets at a time.
	CodesInSet = 10
	codeBytes  = 15 // 120 bits: NIST SP 800-63B-4 §3.1.2.2 lets 112 and more be kept under a plain hash
	codeLength = codeBytes * 8 / 5
)

// alphabet is Crockford's base 32: no letter in it looks like another or like a digit.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var codeEncoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// NewRecoveryCodes makes ten codes, each to be used once. The codes that the person
// had before stop working. They are shown once: only their hashes are kept.
func (b *Book) NewRecoveryCodes(ctx context.Context, actor audit.Actor, person ids.Person) ([]secret.Value, error) {
	if person == "" {
		return nil, errors.New("make recovery codes: for nobody")
	}
	codes := make([]secret.Value, CodesInSet)
	hashes := make([][32]byte, CodesInSet)
	for i := range codes {
		var random [codeBytes]byte
		rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
		text := codeEncoding.EncodeToString(random[:])
		codes[i], hashes[i] = secret.New(grouped(text)), sha256.Sum256([]byte(text))
	}
	fresh := b.fresh(person, assurance.RecoveryCode)
	fresh.Left = len(codes)
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		held, err := b.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return err
		}
		for _, old := range live(held, assurance.RecoveryCode) {
			if err := b.replace(ctx, actor, old); err != nil {
				return err
			}
		}
		if err := b.deps.Store.Add(ctx, fresh, hashes); err != nil {
			return err
		}
		return b.tell(ctx, actor, "secret.codes_made", fresh.Secret, map[string]string{"left": strconv.Itoa(fresh.Left)})
	})
	if err != nil {
		return nil, fmt.Errorf("make recovery codes of %s: %w", person, err)
	}
	return codes, nil
}

// replace ends what a newer one of its kind takes the place of. The newer one's
// audit entry tells of it; a message about each would only confuse.
func (b *Book) replace(ctx context.Context, actor audit.Actor, old Kept) error {
	changed, err := b.deps.Store.Change(ctx, factors.Change{ID: old.ID, From: old.State, To: factors.Revoked, Reason: "replaced", At: b.deps.Now()})
	if err != nil {
		return err
	}
	if !changed {
		return Changed.New()
	}
	return b.tell(ctx, actor, "secret.replaced", old.Secret, nil)
}

// grouped writes a code in fours, so that nobody loses their place.
func grouped(text string) string {
	var groups []string
	for ; text != ""; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, "-")
}

// cleanCode reads a code as people copy it: case, spaces and dashes do not matter,
// and the letters that the alphabet leaves out are the digits they look like.
func cleanCode(typed string) (string, bool) {
	if len(typed) > 100 {
		return "", false
	}
	var code strings.Builder
	for _, c := range strings.ToLower(typed) {
		switch c {
		case ' ', '-', '\u00a0', '\u2010', '\u2011', '\u2013', '\t':
			continue
		case 'o':
			c = '0'
		case 'i', 'l':
			c = '1'
		}
		if !strings.ContainsRune(alphabet, c) {
			return "", false
		}
		code.WriteRune(c)
	}
	return code.String(), code.Len() == codeLength
}

// UseRecoveryCode uses up one code of the person's newest set. The Secret says how
// many are left. Problem: WrongRecoveryCode.
func (b *Book) UseRecoveryCode(ctx context.Context, person ids.Person, typed string) (Secret, error) {
	code, ok := cleanCode(typed)
	if !ok || person == "" {
		return Secret{}, WrongRecoveryCode.New()
	}
	hash := sha256.Sum256([]byte(code))
	var used Secret
	err := b.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		used = Secret{}
		held, err := b.deps.Store.OfPerson(ctx, person)
		if err != nil {
			return err
		}
		for _, set := range usable(held, assurance.RecoveryCode) {
			left, spent, err := b.deps.Store.Spend(ctx, set.ID, hash, b.deps.Now())
			if err != nil {
				return err
			}
			if spent {
				used = set.Secret
				used.Left, used.LastUsedAt = left, b.deps.Now()
				return b.tell(ctx, audit.Person(person), "secret.recovery_code_used", used, map[string]string{"left": strconv.Itoa(left)})
			}
		}
		return nil
	})
	if err != nil {
		return Secret{}, fmt.Errorf("use recovery code of %s: %w", person, err)
	}
	if used.ID == "" {
		// Said here, so that it does not spoil a unit of work of the caller's.
		return Secret{}, WrongRecoveryCode.New()
	}
	return used, nil
}
