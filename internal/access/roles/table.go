package roles

import "slices"

// Role is a named set of permissions. The zero value and any unknown word may
// do nothing.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	SecurityLead  Role = "security_lead"
	ServiceDesk   Role = "service_desk"
	Auditor       Role = "auditor"
)

// permission is one line of the table: what may be done, and by whom.
type permission struct {
	name string
	held []Role
}

// permissions is all that administration consists of. A permission that is not
// in it is nobody's.
var permissions = [...]permission{
	{"people.read", []Role{Administrator, SecurityLead, ServiceDesk, Auditor}},
	{"people.write", []Role{Administrator}},
	{"keys.read", []Role{Administrator, SecurityLead, ServiceDesk, Auditor}},
	{"keys.block", []Role{Administrator, SecurityLead, ServiceDesk}},
	{"services.read", []Role{Administrator, SecurityLead, Auditor}},
	{"services.write", []Role{Administrator}},
	{"decisions.read", []Role{Administrator, SecurityLead, Auditor}},
	{"maturity.read", []Role{Administrator, SecurityLead, Auditor}},
	{"evidence.write", []Role{Administrator, SecurityLead}},
	{"audit.read", []Role{Administrator, SecurityLead, Auditor}},
	{mayGive, []Role{Administrator}},
}

// mayGive is the permission to give and take roles.
const mayGive = "roles.write"

// All lists every role, the one that may do most first.
func All() []Role { return []Role{Administrator, SecurityLead, ServiceDesk, Auditor} }

// Known reports whether r is one of the roles.
func (r Role) Known() bool { return slices.Contains(All(), r) }

// Label is the role in words.
func (r Role) Label() string {
	switch r {
	case Administrator:
		return "Administrator"
	case SecurityLead:
		return "Security lead"
	case ServiceDesk:
		return "Service desk"
	case Auditor:
		return "Auditor"
	}
	return "Unknown role"
}

// Allows reports whether any of the roles holds the permission. What is not in
// the table is refused.
func Allows(held []Role, name string) bool {
	for i := range permissions {
		if permissions[i].name == name {
			return slices.ContainsFunc(permissions[i].held, func(role Role) bool { return slices.Contains(held, role) })
		}
	}
	return false
}

// Permissions lists what the roles may do together.
func Permissions(held ...Role) []string {
	var names []string
	for i := range permissions {
		if Allows(held, permissions[i].name) {
			names = append(names, permissions[i].name)
		}
	}
	return names
}

// atLeast reports whether held may do everything that role may do.
func atLeast(held []Role, role Role) bool {
	for _, name := range Permissions(role) {
		if !Allows(held, name) {
			return false
		}
	}
	return true
}
