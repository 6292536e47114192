package policy

import (
	"slices"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Effect is what becomes of a request. The zero value is Deny.
type Effect int

// The effects.
const (
	Deny   Effect = iota // no, and signing in would not help
	StepUp               // not like this: see Verdict.Require for what would do
	Allow
)

// String is how the effect is kept and shown: "deny", "step_up", "allow".
func (e Effect) String() string {
	switch e {
	case Allow:
		return "allow"
	case StepUp:
		return "step_up"
	case Deny:
	}
	return "deny"
}

// Words is the effect for people.
func (e Effect) Words() string {
	switch e {
	case Allow:
		return "allowed"
	case StepUp:
		return "asked to sign in"
	case Deny:
	}
	return "refused"
}

// ParseEffect reads what String wrote; false for anything else.
func ParseEffect(text string) (Effect, bool) {
	for _, effect := range []Effect{Deny, StepUp, Allow} {
		if text == effect.String() {
			return effect, true
		}
	}
	return Deny, false
}

// Verdict is the answer to one request. The zero value denies.
type Verdict struct {
	Effect Effect
	// Reasons say why, in the order in which they were found. On Allow they name
	// the rules that are met. They may be shared: do not change them.
	Reasons []Reason
	// Require is what the service asks of this person; for somebody who is not
	// signed in, what it asks of everybody who may enter. On StepUp it is always
	// defined: it is what to sign in with.
	Require assurance.Requirement
	// PolicyVersion is the version text of the policy; "" when there is none.
	PolicyVersion string
	// Exception is set when the request is allowed only because of it.
	Exception ids.Exception
}

// Reason is one reason for a verdict.
type Reason struct {
	Code     Code
	Rule     string // id of the rule that asks for it; "" when no rule does
	Sentence string // for the person who made the request
}

// Code is stable: scripts, tests and stored decisions rely on it.
type Code string

// The codes, in the order in which they are checked.
const (
	CodeNotVouched          Code = "policy.view_in_doubt"
	CodeNoPolicy            Code = "policy.no_policy"
	CodeServiceUnsure       Code = "policy.service_unsure"
	CodeServiceUnknown      Code = "policy.service_unknown"
	CodeAdmissionUnsure     Code = "policy.service_admission_unsure"
	CodeServiceNotAdmitted  Code = "policy.service_not_admitted"
	CodeSessionUnsure       Code = "policy.session_unsure"
	CodeNoSession           Code = "policy.no_session"
	CodeSessionEnded        Code = "policy.session_ended"
	CodeSessionIdle         Code = "policy.session_idle"
	CodeSessionExpired      Code = "policy.session_expired"
	CodeSessionFromFuture   Code = "policy.session_from_future"
	CodePersonUnsure        Code = "policy.person_unsure"
	CodePersonUnknown       Code = "policy.person_unknown"
	CodePersonLeft          Code = "policy.person_left"
	CodePersonSuspended     Code = "policy.person_suspended"
	CodePersonNotEmployed   Code = "policy.person_not_employed"
	CodeKeyUnsure           Code = "policy.key_unsure"
	CodeKeyUnknown          Code = "policy.key_unknown"
	CodeKeyLost             Code = "policy.key_lost"
	CodeKeyStolen           Code = "policy.key_stolen"
	CodeKeyNotUsable        Code = "policy.key_not_usable"
	CodeCredentialUnsure    Code = "policy.credential_unsure"
	CodeCredentialNotActive Code = "policy.credential_not_active"
	CodeSecretNotActive     Code = "policy.secret_not_active"
	CodeMethodNotAccepted   Code = "policy.method_not_accepted"
	CodeNoRule              Code = "policy.no_rule"
	CodeRuleUnsure          Code = "policy.rule_unsure"
	CodeRuleDenies          Code = "policy.rule_denies"
	CodeUndefined           Code = "policy.requirement_undefined"
	CodeLevelTooLow         Code = "policy.level_too_low"
	CodePhishable           Code = "policy.not_phishing_resistant"
	CodeNotHardwareBound    Code = "policy.not_hardware_bound"
	CodeNotAttested         Code = "policy.not_attested"
	CodeNotUserVerified     Code = "policy.not_user_verified"
	CodeTooLongAgo          Code = "policy.signed_in_too_long_ago"
	CodeMethodPhishable     Code = "policy.method_phishable"
	CodeMethodSIMSwappable  Code = "policy.method_sim_swappable"
	CodeMethodExportable    Code = "policy.method_exportable"
	CodeMethodReplayable    Code = "policy.method_replayable"
	CodeMethodRestricted    Code = "policy.method_restricted"
	CodeDeviceNotManaged    Code = "policy.device_not_managed"
	CodeDeviceUnsure        Code = "policy.device_unsure"
	CodeNetworkElsewhere    Code = "policy.network_elsewhere"
	CodeNetworkUnsure       Code = "policy.network_unsure"
	CodeException           Code = "policy.exception"
	CodeMet                 Code = "policy.rule_met"
)

// sentences are for the person who made the request. British English, no codes,
// nothing about anybody else.
var sentences = map[Code]string{
	CodeNotVouched:          "We cannot be sure at the moment who may come in here, so nobody may. Try again in a few seconds.",
	CodeNoPolicy:            "Nobody has published a policy here yet, so nobody may come in.",
	CodeServiceUnsure:       "We cannot look up this service at the moment. Try again in a few seconds.",
	CodeServiceUnknown:      "There is no service at this address.",
	CodeAdmissionUnsure:     "We cannot tell at the moment whether this service is open. Try again in a few seconds.",
	CodeServiceNotAdmitted:  "This service is not open for use.",
	CodeSessionUnsure:       "We cannot look up your session at the moment. Try again in a few seconds.",
	CodeNoSession:           "You are not signed in.",
	CodeSessionEnded:        "Your session has been ended. Sign in again.",
	CodeSessionIdle:         "You were signed out because you had not used your session for a while. Sign in again.",
	CodeSessionExpired:      "You were signed out because you had been signed in for as long as is allowed. Sign in again.",
	CodeSessionFromFuture:   "Your session began later than our clock says it is now. Sign in again.",
	CodePersonUnsure:        "We cannot look you up at the moment. Try again in a few seconds.",
	CodePersonUnknown:       "We do not know you any more.",
	CodePersonLeft:          "Our records say that you have left, so you cannot sign in.",
	CodePersonSuspended:     "You have been suspended from signing in. Ask your line manager or the service desk.",
	CodePersonNotEmployed:   "Our records say that you do not work here today. Ask your line manager or the service desk.",
	CodeKeyUnsure:           "We cannot look up your security key at the moment. Try again in a few seconds.",
	CodeKeyUnknown:          "We do not know the security key you signed in with any more. Sign in with another key.",
	CodeKeyLost:             "The security key you signed in with was reported lost. Sign in with another key, or ask the service desk.",
	CodeKeyStolen:           "The security key you signed in with was reported stolen. Sign in with another key, or ask the service desk.",
	CodeKeyNotUsable:        "The security key you signed in with may not be used at present. Sign in with another key, or ask the service desk.",
	CodeCredentialUnsure:    "We cannot check your security key’s registration at the moment. Try again in a few seconds.",
	CodeCredentialNotActive: "Your security key’s registration here has been stopped. Sign in with another key, or ask the service desk.",
	CodeSecretNotActive:     "The password or the app you signed in with has been changed or removed. Sign in again.",
	CodeMethodNotAccepted:   "The way you signed in is not accepted any more. Sign in with your security key, or ask the service desk for one.",
	CodeNoRule:              "No rule lets you use this service. Ask whoever runs it.",
	CodeRuleUnsure:          "We cannot tell whether a rule lets you use this service. Ask whoever runs it.",
	CodeRuleDenies:          "A rule says that you may not use this service. Ask whoever runs it.",
	CodeUndefined:           assurance.RequirementUndefined.Sentence(),
	CodeLevelTooLow:         assurance.LevelTooLow.Sentence(),
	CodePhishable:           assurance.NotPhishingResistant.Sentence(),
	CodeNotHardwareBound:    assurance.NotHardwareBound.Sentence(),
	CodeNotAttested:         assurance.NotAttested.Sentence(),
	CodeNotUserVerified:     assurance.NotUserVerified.Sentence(),
	CodeTooLongAgo:          assurance.TooLongAgo.Sentence(),
	CodeMethodPhishable:     assurance.ForbiddenPhishable.Sentence(),
	CodeMethodSIMSwappable:  assurance.ForbiddenSIMSwappable.Sentence(),
	CodeMethodExportable:    assurance.ForbiddenExportable.Sentence(),
	CodeMethodReplayable:    assurance.ForbiddenReplayable.Sentence(),
	CodeMethodRestricted:    assurance.ForbiddenRestricted.Sentence(),
	CodeDeviceNotManaged:    "This can only be used from a device that your organisation manages.",
	CodeDeviceUnsure:        "We cannot tell whether your organisation manages this device. Use one that it does, or ask the service desk.",
	CodeNetworkElsewhere:    "This can only be used from certain networks, and you are on another.",
	CodeNetworkUnsure:       "We cannot tell which network you are on, and this can only be used from certain ones. Try again in a few seconds.",
	CodeException:           "You have less to sign in with than this service asks for, and were let in because an exception was agreed for a time.",
	CodeMet:                 "You have signed in as strongly as this rule asks.",
}

func shortfallCode(way assurance.Shortfall) Code {
	switch way {
	case assurance.LevelTooLow:
		return CodeLevelTooLow
	case assurance.NotPhishingResistant:
		return CodePhishable
	case assurance.NotHardwareBound:
		return CodeNotHardwareBound
	case assurance.NotAttested:
		return CodeNotAttested
	case assurance.NotUserVerified:
		return CodeNotUserVerified
	case assurance.TooLongAgo:
		return CodeTooLongAgo
	case assurance.ForbiddenPhishable:
		return CodeMethodPhishable
	case assurance.ForbiddenSIMSwappable:
		return CodeMethodSIMSwappable
	case assurance.ForbiddenExportable:
		return CodeMethodExportable
	case assurance.ForbiddenReplayable:
		return CodeMethodReplayable
	case assurance.ForbiddenRestricted:
		return CodeMethodRestricted
	case assurance.RequirementUndefined:
	}
	return CodeUndefined
}

// Sentence is what the code says to the person. Codes of other rooms, and of
// policies yet to be written, get a sentence that is true of every refusal.
func (c Code) Sentence() string {
	if sentence, ok := sentences[c]; ok {
		return sentence
	}
	return "You may not come in."
}

// Codes lists every code of this room, sorted: for documents and tests.
func Codes() []Code {
	codes := make([]Code, 0, len(sentences))
	for code := range sentences {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Has reports whether one of the reasons has this code.
func (v Verdict) Has(code Code) bool {
	for _, reason := range v.Reasons {
		if reason.Code == code {
			return true
		}
	}
	return false
}

// First is the reason to tell when there is room for one; the zero Reason when
// there is none.
func (v Verdict) First() Reason {
	if len(v.Reasons) == 0 {
		return Reason{}
	}
	return v.Reasons[0]
}

// ReasonCodes is the codes with their rules, as they are stored:
// "policy.level_too_low:payroll policy.not_attested:payroll".
func (v Verdict) ReasonCodes() string {
	var b strings.Builder
	for i, reason := range v.Reasons {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(reason.Code))
		if reason.Rule != "" {
			b.WriteString(":" + reason.Rule)
		}
	}
	return b.String()
}

// ParseReasons reads what ReasonCodes wrote and finds the sentences again.
func ParseReasons(text string) []Reason {
	var reasons []Reason
	for _, field := range strings.Fields(text) {
		code, rule, _ := strings.Cut(field, ":")
		reasons = append(reasons, Reason{Code: Code(code), Rule: rule, Sentence: Code(code).Sentence()})
	}
	return reasons
}

func reason(code Code, rule string) Reason {
	return Reason{Code: code, Rule: rule, Sentence: code.Sentence()}
}
