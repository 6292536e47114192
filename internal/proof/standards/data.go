package standards

import a "github.com/warder-project/warder/internal/registry/assurance"

// The words of the NCSC's types. Its own list of recommended types could not be
// read (see the sources), so these are as near as what is known of it allows.
const (
	notDescribed     = "not described"
	fido2            = "phishing-resistant (FIDO2)"
	passkeyCautious  = "passkey: with caution"
	passkeyAdvised   = "passkey: recommended by default"
	appPrompt        = "app prompt: prompts can be sent until somebody gives in"
	oneTimeCode      = "one-time code"
	weakestCode      = "code by text message or call: the weakest"
	passwordOnly     = "password: not a second step"
	separateToken    = "physically separate token"
	trustedApp       = "app on a trusted device"
	managedDevice    = "managed device"
	regardedAsMFA    = "FIDO2: regarded as multi-factor"
	firstFactor      = "first factor only"
	smsNotVerified   = "not verified: sources conflict on codes by text message"
	noFactor         = "none"
	factorNotStated  = "not known: the export does not say what it is"
	nothingLeaves    = "That the key cannot leave the device is not proven, so it is no AAL3."
	besidePassword   = "Only beside a password. Phishable."
	telephoneNetwork = "Restricted by NIST: an unrestricted alternative, a notice of the risk and a plan to leave it are due. Cyber Essentials v3.3 on text messages is not verified."
)

// april2026 is the mapping in force. Spec: standards.md C.1 and C.2.
func april2026() Mapping {
	return Mapping{Version: "2026-04", Sources: []Source{
		{NIST, "SP 800-63B-4, Digital Identity Guidelines: Authentication and Authenticator Management", "July 2025", FirstHand},
		{NCSC, "Multi-factor authentication for your corporate online services", "updated October 2024", SecondHand},
		{NCSC, "Recommended types of MFA: the list itself could not be read", "not known", NotVerified},
		{NCSC, "Passkeys recommended as the default (CYBERUK)", "23 April 2026", SecondHand},
		{CyberEssentials, "Requirements v3.3: FIDO2 authenticators are regarded as MFA", "27 April 2026", SecondHand},
		{CyberEssentials, "Requirements v3.3 on codes by text message: one source says they are no longer accepted, others still list them", "27 April 2026", NotVerified},
	}, Rows: []Row{
		{a.Password, a.AAL1, passwordOnly, firstFactor, "One factor. Phishable."},
		{a.TOTP, a.AAL2, oneTimeCode, trustedApp, besidePassword},
		{a.PasskeySynced, a.AAL2, passkeyAdvised, regardedAsMFA, "Copied between devices: never AAL3 (Appendix B)."},
		{a.PasskeyDevice, a.AAL2, passkeyAdvised, regardedAsMFA, nothingLeaves},
		{a.SecurityKey, a.AAL2, fido2, regardedAsMFA, nothingLeaves},
		{a.SecurityKeyAttested, a.AAL3, fido2, regardedAsMFA, "FIPS 140 validation, which NIST asks of federal agencies, is not checked. Without PIN or finger it is AAL1."},
		{a.Smartcard, a.AAL3, notDescribed, separateToken, "Warder has no ceremony for it."},
		{a.Pass, a.None, notDescribed, noFactor, "A way to register a method, not one to sign in with."},
		{a.RecoveryCode, a.AAL2, notDescribed, noFactor, besidePassword + " Warder has no ceremony for it."},
		{a.SMS, a.AAL2, weakestCode, smsNotVerified, telephoneNetwork},
		{a.Voice, a.AAL2, weakestCode, smsNotVerified, telephoneNetwork},
		{a.Phone, a.AAL2, weakestCode, smsNotVerified, telephoneNetwork},
		{a.Email, a.None, notDescribed, noFactor, "NIST does not accept e-mail (§3.1.3.1)."},
		{a.SecretQuestion, a.None, notDescribed, noFactor, "Not an authenticator at NIST."},
		{a.AppPassword, a.AAL1, passwordOnly, firstFactor, "Goes round the second factor."},
		{a.PushPlain, a.None, appPrompt, trustedApp, "NIST asks that a secret is transferred; one tap transfers none."},
		{a.Push, a.AAL2, appPrompt, trustedApp, besidePassword + " Only if a number is matched."},
		{a.PushAlone, a.AAL2, appPrompt, trustedApp, "Phishable. Only if the app itself asks for a PIN or finger, which the export does not say."},
		{a.TOTPToken, a.AAL2, oneTimeCode, separateToken, besidePassword},
		{a.HOTP, a.AAL2, oneTimeCode, separateToken, besidePassword},
		{a.QRCode, a.None, notDescribed, noFactor, "Not an authenticator at NIST."},
		{a.External, a.None, notDescribed, factorNotStated, "What it is is not known, so nothing is granted."},
		{a.WebAuthn, a.AAL2, fido2, regardedAsMFA, "It may be copied between devices: nothing says otherwise."},
		{a.PasskeyApp, a.AAL2, passkeyAdvised, regardedAsMFA, nothingLeaves},
		{a.Platform, a.AAL2, fido2, managedDevice, nothingLeaves},
		{a.Certificate, a.AAL1, notDescribed, factorNotStated, "Whether it is on a card and takes a PIN is not known."},
		{a.UnnamedDevice, a.None, notDescribed, factorNotStated, "What it is is not known, so nothing is granted."},
	}}
}

// april2025 differs from its successor in what the newer texts say they changed,
// and in nothing else.
func april2025() Mapping {
	before := april2026()
	before.Version = "2025-04"
	before.Sources = []Source{
		{NIST, "SP 800-63B, revision 3, as far as revision 4 says what it changed: authenticators that are synced were not provided for", "June 2017", SecondHand},
		{NCSC, "Multi-factor authentication for your corporate online services", "updated October 2024", SecondHand},
		{NCSC, "Passkeys: not yet recommended for everybody", "January 2025", SecondHand},
		{CyberEssentials, "Requirements v3.2: managed device, app on a trusted device, physically separate token, trusted account", "April 2025", SecondHand},
	}
	for i := range before.Rows {
		row := &before.Rows[i]
		if row.NCSC == passkeyAdvised {
			row.NCSC = passkeyCautious
		}
		if row.CyberEssentials == regardedAsMFA {
			row.CyberEssentials = separateToken
		}
		if row.Method == a.PasskeySynced {
			row.AAL, row.CyberEssentials, row.NotMet = a.None, trustedApp, "Copied between devices: not provided for in revision 3."
		}
		if row.Method == a.PasskeyDevice || row.Method == a.PasskeyApp {
			row.CyberEssentials = trustedApp
		}
	}
	return before
}
