package maturity

// Rule is one sentence of the guide and how Warder reads it.
type Rule struct {
	ID       string // L3.G1
	Level    int
	Role     Role
	Title    string   // the guide's heading
	Wording  string   // the guide's words
	Reading  string   // what Warder checks; our reading, not the guide's
	Evidence []string // kinds of files it rests on; see feeds/cloud.Kind

	judge func(*bench) Criterion
}

// Kinds of evidence, as feeds/cloud names them.
const (
	credentialReport = "aws-credential-report"
	mfaDevices       = "aws-mfa-devices"
	virtualDevices   = "aws-virtual-mfa-devices"
	accountSummary   = "aws-account-summary"
	registrations    = "entra-registrations"
	conditional      = "entra-conditional-access"
	methods          = "entra-authentication-methods"
	staff            = "staff"
)

// levelNames are the guide's names, word for word.
var levelNames = [...]string{
	"No level is shown by the evidence",
	"Encouraged but Not Enforced",
	"Mandated but Inconsistently Enforced",
	"Uniform Enforcement with Some Exceptions",
	"Prohibition of Vulnerable 2FA/MFA Methods",
	"Stringent 2FA/MFA with Hardware Key Management",
}

// LevelName is the guide's name of a level.
func LevelName(level int) string {
	if level < 0 || level >= len(levelNames) {
		level = 0
	}
	return levelNames[level]
}

// Rules are all criteria, in the order of the guide. Wording is quoted from
// co-cddo/cloudmaturity, Open Government Licence v3.0.
func Rules() []Rule {
	return []Rule{
		// Level 1
		{ID: "L1.T", Level: 1, Role: Gate, Title: levelNames[1],
			Wording:  "2FA/MFA is broadly recommended in organizational guidelines, but it is not mandatory or consistently enforced across services and users.",
			Reading:  "Somebody can and does set up a second factor: at least one account has one.",
			Evidence: []string{credentialReport, accountSummary, registrations}, judge: someoneHasIt},
		{ID: "L1.G1", Level: 1, Role: Proportion, Title: "Minimal Risk Appetite",
			Wording: "You have low-value, non-sensitive services, so the impact of compromised accounts is relatively small.",
			Reading: "Says whether level 1 is enough for you. Exports cannot show what a service is worth.",
			judge:   human("Confirm that every service here is of low value and holds nothing sensitive.")},
		{ID: "L1.G2", Level: 1, Role: Proportion, Title: "Testing or Early Rollout",
			Wording: "You’re in a pilot phase before formalizing a universal requirement.",
			Reading: "Says whether level 1 is enough for now. Exports cannot show a plan.",
			judge:   human("Confirm that this is a pilot, and until when.")},
		{ID: "L1.G3", Level: 1, Role: Proportion, Title: "No High-Stakes Obligations",
			Wording: "You don’t face stringent regulatory demands or public sector security mandates.",
			Reading: "Says whether level 1 is enough for you. Cyber Essentials v3.3 fails a cloud service without a second factor.",
			judge:   human("Confirm that no law, contract or mandate asks for more.")},
		{ID: "L1.D1", Level: 1, Role: Advice, Title: "Identify Privileged Accounts First",
			Wording:  "Immediately enforce MFA for admin or root-level users.",
			Reading:  "Every account known to be privileged (AWS root, Entra administrators) has a second factor it may use. A root without any credentials needs none.",
			Evidence: []string{credentialReport, accountSummary, registrations}, judge: privilegedHaveIt},
		// Level 2
		{ID: "L2.T", Level: 2, Role: Gate, Title: levelNames[2],
			Wording:  "2FA/MFA is a requirement for all services and users, but enforcement is inconsistent and may have gaps.",
			Reading:  "In at least one service a policy in force (not report-only) demands a second factor of somebody. The written mandate itself is L2.G1.",
			Evidence: []string{conditional}, judge: somewhereEnforced},
		{ID: "L2.G1", Level: 2, Role: Gate, Title: "Broad Organizational Recognition",
			Wording: "Everyone knows MFA is required, reducing the risk from total single-factor usage.",
			Reading: "A published mandate is a human fact. It is listed for signature.",
			judge:   human("Confirm that a mandate is published and that staff know of it.")},
		{ID: "L2.G2", Level: 2, Role: Gate, Title: "Partial Gains",
			Wording:  "Many staff and services do indeed use MFA, reducing the chance of mass credential compromise.",
			Reading:  "At least half of the people, and at least half of the services, have a second factor set up that they may use (“many” is a threshold you can set). Use itself stands in sign-in logs, which are not among these files; registered and allowed is the nearest fact.",
			Evidence: []string{staff, credentialReport, registrations}, judge: manyHaveIt},
		{ID: "L2.G3", Level: 2, Role: Proportion, Title: "Resource Constraints",
			Wording: "Full enforcement or zero exceptions aren’t yet achieved due to time, legacy systems, or user objections.",
			Reading: "Says why level 2 may be enough for now; no obstacle to a higher level.",
			judge:   human("Say what holds full enforcement back, and until when.")},
		{ID: "L2.D1", Level: 2, Role: Advice, Title: "Enable Enforcement in Cloud IAM",
			Wording:  "AWS IAM or AWS SSO policy to force MFA, Azure AD conditional access “MFA always required”.",
			Reading:  "In every service a policy in force demands a second factor of somebody.",
			Evidence: []string{conditional, credentialReport}, judge: enforcementOn},
		// Level 3
		{ID: "L3.T", Level: 3, Role: Gate, Title: levelNames[3],
			Wording:  "2FA/MFA is uniformly enforced across all services and users, with only a few exceptions based on specific use cases or risk assessments.",
			Reading:  "No service is left where nothing is enforced, and no privileged account is an exception: each has a second factor it may use.",
			Evidence: []string{conditional, credentialReport, accountSummary, registrations}, judge: uniform},
		{ID: "L3.G1", Level: 3, Role: Gate, Title: "High MFA Coverage",
			Wording:  "Over 90% of your users and services require multi-factor login, drastically minimizing account compromise risk.",
			Reading:  "More than 90% of the people, and more than 90% of the services. A person counts when policy demands a second factor at every sign-in to every account of theirs. A service counts when policy in force demands it of everybody, for everything, from everywhere; excluded people are counted with the people. Registered is not required. An AWS credential report cannot show that MFA is required, only that it is not: console users with a device stay not known.",
			Evidence: []string{staff, credentialReport, registrations, conditional}, judge: highCoverage},
		{ID: "L3.G2", Level: 3, Role: Gate, Title: "Well-Documented Exceptions",
			Wording:  "Each exception is risk-assessed and typically short-term. The organization knows precisely which systems lack enforced MFA.",
			Reading:  "Warder lists each user, group and role that a policy excludes. Without any it is met; with some, a human confirms that each has an owner, a risk assessment and an end.",
			Evidence: []string{conditional, credentialReport}, judge: exceptions},
		{ID: "L3.G3", Level: 3, Role: Gate, Title: "Strong Culture & Processes",
			Wording: "Staff generally accept MFA as standard, and you rarely experience pushback or confusion.",
			Reading: "Culture is a human fact. It is listed for signature.",
			judge:   human("Confirm that staff accept MFA as standard.")},
		{ID: "L3.D2", Level: 3, Role: Advice, Title: "Risk-Base or Step-Up",
			Wording:  "If certain actions are higher risk (e.g., large data exports), require a second factor again or hardware key.",
			Reading:  "Some service has a policy in force that answers a risky sign-in with a second factor or a refusal.",
			Evidence: []string{conditional}, judge: stepUp},
		{ID: "L3.D3", Level: 3, Role: Advice, Title: "Consider Device-Focused Security",
			Wording:  "For known lower-risk cases, confirm devices meet compliance (updated OS, MDM) as a mitigating factor.",
			Reading:  "Some service has a policy in force that asks for a managed device.",
			Evidence: []string{conditional}, judge: deviceChecked},
		// Level 4
		{ID: "L4.T", Level: 4, Role: Gate, Title: levelNames[4],
			Wording:  "Stronger 2FA/MFA methods are enforced, explicitly excluding forms vulnerable to attacks like SIM swapping (e.g., SMS/phone-based methods).",
			Reading:  "In every service codes by text message, call and e-mail are switched off. In Entra that holds only once the move to the authentication methods policy is complete, because older settings count until then.",
			Evidence: []string{methods, mfaDevices, virtualDevices}, judge: phoneForbidden},
		{ID: "L4.G1", Level: 4, Role: Proportion, Title: "High-Security Requirements",
			Wording: "Handling sensitive citizen data or critical infrastructure, so you need robust protection from phishing and SIM-swap attacks.",
			Reading: "Says why you may need level 4; no obstacle to it.",
			judge:   human("Say whether you handle sensitive citizen data or critical infrastructure.")},
		{ID: "L4.G2", Level: 4, Role: Gate, Title: "Firm Policy",
			Wording:  "You publish a stance that phone-based authentication is disallowed, ensuring staff adopt recommended alternatives.",
			Reading:  "The settings must forbid it (as L4.T), and a human confirms that the stance is published.",
			Evidence: []string{methods, mfaDevices, virtualDevices}, judge: firmPolicy},
		{ID: "L4.G3", Level: 4, Role: Gate, Title: "Consistent Implementation",
			Wording:  "Everyone’s using TOTP, FIDO2 tokens, or other strong factors. Rarely do exceptions exist.",
			Reading:  "At least 99% of the people have a strong factor on every account and no phone number, e-mail code, secret question or app password left on any, for recovery neither.",
			Evidence: []string{staff, registrations, credentialReport, mfaDevices, virtualDevices}, judge: strongOnly},
		{ID: "L4.D1", Level: 4, Role: Advice, Title: "Adopt FIDO2 or Hardware Security Keys",
			Wording:  "For highly privileged accounts, consider YubiKey, Feitian, or other FIDO2-based solutions offering strong phishing resistance.",
			Reading:  "Every account known to be privileged has a phishing-resistant method.",
			Evidence: []string{registrations, credentialReport, mfaDevices, virtualDevices}, judge: privilegedResistant},
		{ID: "L4.D3", Level: 4, Role: Advice, Title: "Integrate Risk-Based Policies",
			Wording:  "If an account attempts to log in from an unusual location, require a higher assurance factor.",
			Reading:  "Some service has a policy in force that answers a risky sign-in with a second factor or a refusal.",
			Evidence: []string{conditional}, judge: stepUp},
		// Level 5
		{ID: "L5.T", Level: 5, Role: Gate, Title: levelNames[5],
			Wording:  "Only services supporting robust 2FA/MFA are used. Hardware-based MFA keys are centrally managed and distributed, ensuring high-security standards for authentication.",
			Reading:  "In every service policy demands a phishing-resistant method of everybody, and only attested keys of chosen models can be registered.",
			Evidence: []string{conditional, methods}, judge: robustOnly},
		{ID: "L5.G1", Level: 5, Role: Gate, Title: "Full Hardware Token Adoption",
			Wording:  "Everyone uses hardware keys for login, including privileged or admin accounts.",
			Reading:  "Every person, and every privileged account, has attested hardware keys and nothing else. A key is believed to be hardware only where attestation is enforced; AWS names synced passkeys and keys alike, so there it stays not known.",
			Evidence: []string{staff, registrations, methods, credentialReport, mfaDevices, virtualDevices}, judge: keysForAll},
		{ID: "L5.G2", Level: 5, Role: Gate, Title: "Central Key Lifecycle Management",
			Wording:  "The organization issues, tracks, and revokes hardware tokens systematically.",
			Reading:  "Only attested keys of chosen models can be registered; a human confirms that issue, loss and return are recorded and that lost keys are blocked.",
			Evidence: []string{methods}, judge: keyLifecycle},
		{ID: "L5.G3", Level: 5, Role: Gate, Title: "High Assurance",
			Wording:  "This approach meets or exceeds NIST SP 800-63B AAL3 standards and offers strong resilience against phishing or SIM-swap exploits.",
			Reading:  "Of every person policy demands a phishing-resistant method at every sign-in, and everything they can use is an attested hardware key (non-exportable).",
			Evidence: []string{staff, registrations, conditional, methods}, judge: highAssurance},
		{ID: "L5.D1", Level: 5, Role: Advice, Title: "Embrace Risk-Based Authentication",
			Wording:  "If unusual attempts occur, force an additional step or token re-validation.",
			Reading:  "Some service has a policy in force that answers a risky sign-in with a second factor or a refusal.",
			Evidence: []string{conditional}, judge: stepUp},
	}
}
