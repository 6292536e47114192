package roles

import "slices"

// Role is a named set of permissions. The zero value and any unknown word may
// do nothing.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	SecurityLead  Role = "security_lead"
	KeyCustodian  Role = "key_custodian"
	ServiceDesk   Role = "service_desk"
	Auditor       Role = "auditor"
	ExerciseLead  Role = "exercise_lead" // runs drills: reads who is there, and what became of what they tried
	RiskOwner     Role = "risk_owner"    // answers to the board for risks; approves exceptions that nobody else may
)

// permission is one line of the table: what may be done, in a stable word and
// for people, and by whom.
type permission struct {
	name  string
	label string
	held  []Role
}

// permissions is all that administration consists of. A permission that is not
// in it is nobody's. What ends in ".read" changes nothing, and nothing else is
// the auditor's.
var permissions = [...]permission{
	{"people.read", "see people", []Role{Administrator, SecurityLead, KeyCustodian, Auditor, ExerciseLead}},
	{"people.write", "add, suspend and reinstate people, record leavers, make one-time links", []Role{Administrator}},
	{"keys.read", "see keys", []Role{Administrator, SecurityLead, KeyCustodian, Auditor}},
	{"keys.write", "put keys into stock and issue them", []Role{Administrator, KeyCustodian}},
	{"keys.block", "report keys lost or stolen", []Role{Administrator, SecurityLead, KeyCustodian, ServiceDesk}},
	{"sessions.read", "see where people are signed in", []Role{Administrator, SecurityLead, Auditor}},
	{"sessions.end", "end sessions", []Role{Administrator, SecurityLead, ServiceDesk}},
	{"desk.use", "work at the service desk: look one person up, open recovery cases, check who somebody is, issue passes", []Role{Administrator, ServiceDesk}},
	{"recovery.read", "see recovery cases", []Role{Administrator, SecurityLead, ServiceDesk, Auditor}},
	{"recovery.approve", "approve or refuse recovery cases", []Role{Administrator, SecurityLead, ServiceDesk}},
	{"services.read", "see services", []Role{Administrator, SecurityLead, Auditor}},
	{"services.write", "add services and routes", []Role{Administrator}},
	{"decisions.read", "see decisions", []Role{Administrator, SecurityLead, Auditor, ExerciseLead}},
	{"policy.write", "write policies, try them, and put them in force", []Role{Administrator}},
	{"maturity.read", "see the maturity level and its evidence", []Role{Administrator, SecurityLead, Auditor}},
	{"evidence.write", "add evidence", []Role{Administrator, SecurityLead}},
	{"audit.read", "see the audit record", []Role{Administrator, SecurityLead, Auditor}},
	{"roles.read", "see who holds which role", []Role{Administrator, SecurityLead, Auditor}},
	{"exceptions.read", "see exceptions, their risks and their uses", []Role{Administrator, SecurityLead, RiskOwner, Auditor}},
	{"exceptions.write", "propose exceptions, end and shorten them, and ask for renewals", []Role{Administrator, SecurityLead}},
	{"exceptions.approve", "approve or refuse exceptions of medium risk", []Role{Administrator, SecurityLead, RiskOwner}},
	// Administrators do not hold it, so that they cannot give it either: a risk owner is
	// appointed on the host.
	{"exceptions.approve_high", "approve or refuse exceptions of high risk, and third renewals", []Role{RiskOwner}},
	{"breakglass.read", "see the emergency access, its keys and its uses", []Role{Administrator, SecurityLead, Auditor}},
	{"breakglass.write", "record where keys for emergencies are kept, end an emergency access, and review it", []Role{Administrator}},
	{mayGive, "give and take roles", []Role{Administrator}},
}

// mayGive is the permission to give and take roles.
const mayGive = "roles.write"

// All lists every role, the one that may do most first.
func All() []Role {
	return []Role{Administrator, SecurityLead, KeyCustodian, ServiceDesk, Auditor, ExerciseLead, RiskOwner}
}

// Known reports whether r is one of the roles.
func (r Role) Known() bool { return slices.Contains(All(), r) }

// Label is the role in words.
func (r Role) Label() string {
	switch r {
	case Administrator:
		return "Administrator"
	case SecurityLead:
		return "Security lead"
	case KeyCustodian:
		return "Key custodian"
	case ServiceDesk:
		return "Service desk"
	case Auditor:
		return "Auditor"
	case ExerciseLead:
		return "Exercise lead"
	case RiskOwner:
		return "Risk owner"
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

// InWords says what the roles may do together, one line for each permission.
func InWords(held ...Role) []string {
	var words []string
	for i := range permissions {
		if Allows(held, permissions[i].name) {
			words = append(words, permissions[i].label)
		}
	}
	return words
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
