package exceptions

import "slices"

// ReasonCode says why less must do. The zero value is refused.
type ReasonCode string

// The reasons.
const (
	LegacyProtocol    ReasonCode = "legacy_protocol"
	VendorPending     ReasonCode = "vendor_pending"
	KeyImpossible     ReasonCode = "key_impossible"
	KeySupply         ReasonCode = "key_supply"
	SharedWorkstation ReasonCode = "shared_workstation"
	NoPort            ReasonCode = "no_port"
	Migration         ReasonCode = "migration"
	OutsidePartner    ReasonCode = "outside_partner"
	Emergency         ReasonCode = "emergency" // made by Warder itself, see access/breakglass
)

// Reasons lists those that people may give, in the order of a form.
func Reasons() []ReasonCode {
	return []ReasonCode{LegacyProtocol, VendorPending, KeyImpossible, KeySupply, SharedWorkstation, NoPort, Migration, OutsidePartner}
}

// Sentence is the reason for people.
func (r ReasonCode) Sentence() string {
	switch r {
	case LegacyProtocol:
		return "The service speaks a protocol in which nobody can be asked for more."
	case VendorPending:
		return "The supplier has promised what is missing, and has not delivered it yet."
	case KeyImpossible:
		return "These people cannot use a security key, for reasons of health or of where they work."
	case KeySupply:
		return "Keys are ordered for these people and have not arrived yet."
	case SharedWorkstation:
		return "Several people work at one place, in a way that does not allow a key for each sign-in."
	case NoPort:
		return "The devices in use there have no way to connect a security key."
	case Migration:
		return "The service is being moved, and gains the stronger way of signing in with that."
	case OutsidePartner:
		return "The people belong to another organisation, which decides what they sign in with."
	case Emergency:
		return "Two people have opened Warder in an emergency."
	}
	return "The reason is not known."
}

// known reports whether people may give the reason.
func (r ReasonCode) known() bool { return slices.Contains(Reasons(), r) }

// Path is how an exception stops being needed. The zero value is refused.
type Path string

// The paths.
const (
	PathGate     Path = "gate"
	PathUpgrade  Path = "upgrade"
	PathReplace  Path = "replace"
	PathRetire   Path = "retire"
	PathHardware Path = "hardware"
	PathOther    Path = "other"
)

// Paths lists them in the order of a form.
func Paths() []Path {
	return []Path{PathGate, PathUpgrade, PathReplace, PathRetire, PathHardware, PathOther}
}

// Label is the path in words.
func (p Path) Label() string {
	switch p {
	case PathGate:
		return "Put the service behind the gateway"
	case PathUpgrade:
		return "Upgrade the service"
	case PathReplace:
		return "Replace the service"
	case PathRetire:
		return "Retire the service"
	case PathHardware:
		return "Get other hardware"
	case PathOther:
		return "Something else"
	}
	return "Unknown"
}
