package coverage

import "time"

// Kind says what an account is.
type Kind uint8

// The kinds. The zero value is an ordinary account of a person, which is the
// strict one: it is counted.
const (
	OfPerson Kind = iota
	OfService
	OfGuest
	OfRoot
)

// Account is one login in one system. A report may hold a million, so it is
// kept small: 56 bytes and its name.
type Account struct {
	Name       string // as the system writes it
	LastSignIn int64  // seconds since 1970; 0 is not known or never
	Methods    Method // what is set up, as far as known
	person     int32  // index+1 into Facts.People; 0 is unlinked
	System     int16  // index into Facts.Systems
	Kind       Kind
	Excluded   Rule // why the account is outside the count; 0 is inside
	Linked     Link // by which rule the account was joined to a person
	AccessKeys uint8

	SignsIn       Fact // can be signed in to by a person with a password of its own
	Privileged    Fact
	Registered    Fact // a second factor is set up
	Capable       Fact // and may be used
	Required      Fact // policy demands a second factor at every sign-in
	Resistant     Fact // policy demands a phishing-resistant one at every sign-in
	Used          Fact // a sign-in log shows it
	MethodsKnown  Fact // Methods is the whole list
	KeysOnly      Fact // everything set up is an attested hardware key
	ResistantHeld Fact // at least one phishing-resistant method is set up
	WeakFree      Fact // a strong factor is set up, and none that level 4 forbids
}

// System is a place people sign in to. Clouds count as services.
type System struct {
	Name           string // "AWS account 123456789012", "Entra tenant"
	Cloud          string // "AWS", "Entra"
	PoliciesKnown  bool
	SomeEnforced   Fact     // at least one policy in force demands a second factor of somebody
	Enforced       Fact     // policy demands a second factor of everybody, everywhere; named exceptions apart
	Resistant      Fact     // the same with phishing-resistant methods only
	PhoneForbidden Fact     // text message, call and e-mail codes cannot be used
	KeysManaged    Fact     // only attested keys of chosen models can be registered
	StepUp         Fact     // a policy in force answers a risky sign-in
	DeviceChecked  Fact     // a policy in force asks for a managed device
	Exceptions     []string // each exclusion of a policy in force, in words
	Notes          []string // holes and traps found, in words
	NobodySignsIn  bool     // no account here can be signed in to directly: outside the count
}

// Person is one row of the staff list.
type Person struct {
	UserName, Name, Email, Department string
	Excluded                          Rule
}

// Source is one file that was read.
type Source struct {
	Kind        string    `json:"kind"` // see feeds/cloud
	Name        string    `json:"name"`
	SHA256      string    `json:"sha256"`
	Size        int64     `json:"bytes"`
	Rows        int       `json:"rows"`
	GeneratedAt time.Time `json:"generated_at,omitzero"`
	Basis       string    `json:"time_taken_from"` // how we know the time
	Stale       bool      `json:"stale"`
	AgeDays     int       `json:"age_days"`
	Note        string    `json:"note,omitempty"`
}

// Gap is evidence that is missing, so that a denominator cannot be known.
type Gap struct {
	Sentence   string `json:"sentence"`
	Next       string `json:"next"`
	PeopleOnly bool   `json:"people_only"` // accounts and services are all known
}

// Finding is something a person ought to look at.
type Finding struct {
	Code     string   `json:"code"`
	Sentence string   `json:"sentence"`
	Count    int      `json:"count"`
	Examples []string `json:"examples,omitempty"` // at most 20
}

// Settle works out what follows from the methods. attested says whether the
// system lets only attested keys be registered. What is found in an incomplete
// list can still disprove ("a phone is registered"), but cannot prove.
func (a *Account) Settle(attested Fact) {
	a.ResistantHeld = a.Methods.HasResistant()
	a.KeysOnly = And(a.Registered, a.Methods.OnlyKeys(attested))
	a.WeakFree = And(And(a.Registered, a.Methods.HasFactor()), Not(a.Methods.HasWeak()))
	if a.MethodsKnown == Yes {
		return
	}
	if a.ResistantHeld == No && a.Registered != No {
		a.ResistantHeld = Unknown
	}
	if a.Methods == 0 && a.Registered != No {
		a.KeysOnly, a.WeakFree = Unknown, Unknown
	}
	a.KeysOnly = And(a.KeysOnly, Unknown)
	a.WeakFree = And(a.WeakFree, Unknown)
}
