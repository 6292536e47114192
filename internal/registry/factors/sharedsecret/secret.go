package sharedsecret

import (
	"slices"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/factors"
)

// Secret is one method of a person, without the secret itself.
type Secret struct {
	ID         ids.Credential
	Person     ids.Person
	Method     assurance.Method // Password, TOTP or RecoveryCode
	State      factors.State
	Reason     string // why it is not active; empty when it is
	Label      string // what the person calls it; empty but for an authenticator app
	CreatedAt  time.Time
	LastUsedAt time.Time // zero when never used
	Left       int       // recovery codes not used yet; 0 of other methods
}

// Kept is a Secret as a Store keeps it.
type Kept struct {
	Secret
	Sealed []byte // hash or seed, sealed to the row; empty of recovery codes and of what is revoked
	Step   int64  // the last time step of which a code was used; 0 of other methods
}

// Methods are the methods that are shared secrets.
func Methods() []assurance.Method {
	return []assurance.Method{assurance.Password, assurance.TOTP, assurance.RecoveryCode}
}

// Low is how many recovery codes are so few that their holder is told.
const Low = 3

// Active gives the active secrets of one method, in the order given.
func Active(held []Secret, method assurance.Method) []Secret {
	var active []Secret
	for _, one := range held {
		if one.Method == method && one.State == factors.Active {
			active = append(active, one)
		}
	}
	return active
}

// live are the secrets of one method that are not revoked.
func live(held []Kept, method assurance.Method) []Kept {
	return slices.DeleteFunc(slices.Clone(held), func(one Kept) bool {
		return one.Method != method || one.State == factors.Revoked
	})
}

// usable are the active secrets of one method.
func usable(held []Kept, method assurance.Method) []Kept {
	return slices.DeleteFunc(live(held, method), func(one Kept) bool { return one.State != factors.Active })
}
