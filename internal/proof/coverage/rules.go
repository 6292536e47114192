package coverage

// Rule is a named reason to leave an account or a person out of a count. The
// zero value leaves nothing out.
type Rule uint8

// The rules.
const (
	Counted Rule = iota
	RuleNoPassword
	RuleRoot
	RuleGuest
	RuleLeaver
	RuleNotStarted
	RuleNotAPerson
	RuleBreakGlass
	RuleNobodySignsIn
	RuleNotPrivileged
	RulePrivilegeNotKnown
)

var ruleTexts = [...]struct{ code, sentence string }{
	Counted:           {"counted", "Counted."},
	RuleNoPassword:    {"no_console_password", "Service account: it has no console password, so no person signs in with it."},
	RuleRoot:          {"root", "Root is not a person. It is judged with the privileged accounts (L1.D1)."},
	RuleGuest:         {"guest", "Guest: the second factor may be asked for at home, where we cannot see it."},
	RuleLeaver:        {"leaver", "Left on or before the date of the assessment, says the staff list."},
	RuleNotStarted:    {"not_started", "Starts after the date of the assessment, says the staff list."},
	RuleNotAPerson:    {"not_a_person", "The staff list says this is a service, shared or guest identity, not a person."},
	RuleBreakGlass:    {"break_glass", "Emergency identity, says the staff list. It is looked after under its own rules."},
	RuleNobodySignsIn: {"nobody_signs_in", "Nobody can sign in to this service directly: it has no account with a password of its own."},
	RuleNotPrivileged: {"not_privileged", "Not a privileged account, so not asked here."},

	RulePrivilegeNotKnown: {"privilege_not_known", "Nothing in the evidence says whether this account is privileged."},
}

// Code is the stable name of the rule.
func (r Rule) Code() string { return ruleTexts[r].code }

// Sentence explains the rule.
func (r Rule) Sentence() string { return ruleTexts[r].sentence }

// Link says by which rule an account was joined to a person. All compare
// without regard to capital letters; nothing is guessed from similar names.
type Link uint8

// The link rules.
const (
	Unlinked Link = iota
	LinkUserName
	LinkEmail
	LinkLocalPart
	LinkAmbiguous
)

var linkTexts = [...]struct{ code, sentence string }{
	Unlinked:      {"unlinked", "Nobody on the staff list has this user name or e-mail address."},
	LinkUserName:  {"user_name", "The account name is the user name on the staff list."},
	LinkEmail:     {"email", "The account name is the e-mail address on the staff list."},
	LinkLocalPart: {"local_part", "The part before the @ is the user name on the staff list, and the domain is one of the staff list's e-mail domains."},
	LinkAmbiguous: {"ambiguous", "Several people on the staff list fit, so the account is joined to none of them."},
}

// Code is the stable name of the link rule.
func (l Link) Code() string { return linkTexts[l].code }

// Sentence explains the link rule.
func (l Link) Sentence() string { return linkTexts[l].sentence }
