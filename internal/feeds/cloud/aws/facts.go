package aws

import (
	"strings"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// Cloud is the name of the cloud in coverage.System.
const Cloud = "AWS"

// Supplement is what stands beside the report. Nil is not given, or too old.
type Supplement struct {
	Devices *Devices
	Virtual *Devices
	Summary *Summary
}

// SystemName is what people call an account.
func SystemName(account string) string { return "AWS account " + account }

// Account turns a row into facts. fresh is false when the report is too old to
// prove anything: the account is then known to exist, and nothing more.
//
//   - registered: mfa_active. It says that some device is enabled, not which.
//   - capable: the same. AWS has no switch that forbids an enabled device.
//   - required: no when there is a password and no device, because the password
//     alone then opens the console. Otherwise not known: AWS asks for a device
//     while there is one, but whether policy demands to have one is not in the
//     report, and a user may remove the device.
//   - used: not known. Sign-ins stand in CloudTrail, not here.
//
// A user without a console password is a service account: mfa_active says
// nothing about access keys. Standards.md A.1.1.
func (s *Supplement) Account(user *User, system int16, fresh bool) coverage.Account {
	account := coverage.Account{Name: strings.Clone(user.Name), System: system, AccessKeys: user.Keys}
	if user.Root {
		account.Kind, account.Privileged = coverage.OfRoot, coverage.Yes
	}
	if !fresh {
		return account
	}
	account.SignsIn = user.Password
	if !user.LastUsed.IsZero() {
		account.LastSignIn = user.LastUsed.Unix()
	}
	account.Registered = user.MFA
	if user.Root {
		s.root(&account)
	} else {
		account.Methods = s.Devices.Of(user.Name) | s.Virtual.Of(user.Name)
	}
	account.Capable = account.Registered
	if account.Registered == coverage.No {
		account.Required, account.Resistant = coverage.No, coverage.No
	}
	s.strength(&account)
	return account
}

// root settles root. password_enabled is FALSE for member accounts whose root
// has no credentials at all: there is then nothing to protect (SignsIn is no).
// Older reports say not_supported, which stays not known and is counted.
func (s *Supplement) root(account *coverage.Account) {
	if s.Devices != nil {
		account.Methods |= s.Devices.Root
	}
	if s.Virtual != nil {
		account.Methods |= s.Virtual.Root
	}
	if s.Summary == nil || account.SignsIn == coverage.No {
		return
	}
	switch {
	case s.Summary.RootMFA == coverage.No:
		account.Registered = coverage.No // either file saying no is enough
	case s.Summary.RootMFA == coverage.Yes && account.Registered == coverage.Unknown:
		account.Registered = coverage.Yes
	}
	// Root with a device that is not virtual has a FIDO2 key or a hardware token.
	if account.Registered == coverage.Yes && s.Virtual != nil && s.Virtual.Root == 0 && account.Methods == 0 {
		account.Methods = coverage.UnnamedDevice
	}
}

// strength says how strong the devices are. Both lists are needed to know all
// of them; a user who has a device and is on neither list was not asked about.
func (s *Supplement) strength(account *coverage.Account) {
	switch {
	case account.Registered == coverage.No && account.Methods == 0:
		account.MethodsKnown = coverage.Yes
	case s.Devices != nil && s.Virtual != nil && account.Methods != 0:
		account.MethodsKnown = coverage.Yes
	}
	account.Settle(coverage.Unknown)
}
