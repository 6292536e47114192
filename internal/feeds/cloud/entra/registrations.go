package entra

import (
	"io"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/coverage"
)

// Cloud is the name of the cloud in coverage.System.
const Cloud = "Entra"

// Registration is one row of userRegistrationDetails. Standards.md A.2.1.
type Registration struct {
	ID                string       `json:"id"`
	UserPrincipalName string       `json:"userPrincipalName"`
	UserType          string       `json:"userType"`
	IsAdmin           cloud.Flag   `json:"isAdmin"`
	IsMFARegistered   cloud.Flag   `json:"isMfaRegistered"`
	IsMFACapable      cloud.Flag   `json:"isMfaCapable"`
	MethodsRegistered *cloud.Words `json:"methodsRegistered"`
	LastUpdated       cloud.Moment `json:"lastUpdatedDateTime"`
}

// Guest reports whether the row is about a guest.
func (r *Registration) Guest() bool { return strings.EqualFold(r.UserType, "guest") }

// Page is what is known of a page besides its rows.
type Page struct {
	Rows int
	Next string // @odata.nextLink; empty on the last page
}

// ReadRegistrations reads one page: Graph's answer with its value, or an array.
// yield sees every row, also those before a fault.
func ReadRegistrations(name string, r io.Reader, yield func(*Registration)) (Page, error) {
	document, parts, err := cloud.Read(name, r, cloud.EntraRegistrations)
	if err != nil {
		return Page{}, err
	}
	var page Page
	var faults []problem.Field
	for _, part := range parts {
		list, next := valueOf(document, part)
		rows, ok := document.Elements(list)
		if !ok {
			return Page{}, document.Wrong()
		}
		page.Next = next
		for _, row := range rows {
			registration, field, ok := readRegistration(document, row)
			switch {
			case !ok && strings.HasPrefix(field.Message, "WRONG"):
				return Page{}, document.Wrong()
			case !ok:
				faults = append(faults, field)
			default:
				page.Rows++
				yield(&registration)
			}
		}
	}
	if len(faults) > 0 {
		return Page{}, cloud.Malformed(faults...)
	}
	return page, nil
}

func readRegistration(document *cloud.Document, row cloud.Part) (Registration, problem.Field, bool) {
	var registration Registration
	if len(row.Raw) == 0 || row.Raw[0] != '{' {
		return registration, document.At(row, "found no object; expected one user"), false
	}
	if field, ok := document.Decode(row, &registration); !ok {
		return registration, field, false
	}
	if registration.UserPrincipalName == "" {
		if _, isPolicy := firstMember(document, row, "conditions", "grantcontrols", "serialnumber", "state"); isPolicy {
			return registration, problem.Field{Message: "WRONG"}, false
		}
		return registration, document.At(row, "this user has no userPrincipalName; expected one, such as alice@example.org"), false
	}
	return registration, problem.Field{}, true
}

func firstMember(document *cloud.Document, part cloud.Part, names ...string) (cloud.Part, bool) {
	members, _ := document.Members(part)
	for _, name := range names {
		if found, ok := members[name]; ok {
			return found, true
		}
	}
	return cloud.Part{}, false
}

// valueOf takes the list out of Graph's answer; a bare part stays as it is.
func valueOf(document *cloud.Document, part cloud.Part) (cloud.Part, string) {
	members, ok := document.Members(part)
	if !ok {
		return part, ""
	}
	var next string
	if link, ok := members["@odata.nextlink"]; ok {
		document.Decode(link, &next) // a link that is no text is no link
	}
	return members["value"], next
}

// words maps methodsRegistered to methods. The set is open: what is not here is
// Unrecognised and told as a finding. Standards.md A.2.1.
var words = map[string]coverage.Method{
	"email":                              coverage.Email,
	"mobilephone":                        coverage.Phone,
	"alternatemobilephone":               coverage.Phone,
	"officephone":                        coverage.Phone,
	"securityquestion":                   coverage.SecretQuestion,
	"apppassword":                        coverage.AppPassword,
	"microsoftauthenticatorpush":         coverage.Push,
	"microsoftauthenticatorpasswordless": coverage.PushAlone,
	"softwareonetimepasscode":            coverage.TOTP,
	"hardwareonetimepasscode":            coverage.TOTPToken,
	"temporaryaccesspass":                coverage.Pass,
	"qrcode":                             coverage.QRCode,
	"externalauthmethod":                 coverage.External,
	"fido2securitykey":                   coverage.SecurityKey,
	"fido2":                              coverage.SecurityKey,
	"passkeydevicebound":                 coverage.PasskeyDevice,
	"passkeydeviceboundauthenticator":    coverage.PasskeyApp,
	"passkeydeviceboundwindowshello":     coverage.Platform,
	"passkeysynced":                      coverage.PasskeySynced,
	"windowshelloforbusiness":            coverage.Platform,
	"macossecureenclavekey":              coverage.Platform,
	"platformcredential":                 coverage.Platform,
	"certificatebasedauthentication":     coverage.Certificate,
}

// MethodOf is the method a word of methodsRegistered stands for.
func MethodOf(word string) coverage.Method {
	if method, ok := words[strings.ToLower(word)]; ok {
		return method
	}
	return coverage.Unrecognised
}

// Account turns a row into facts. fresh is false when the row is too old to
// prove anything. Policies and tenant may be nil: not given, or too old.
//
//   - registered: isMfaRegistered. The method may be one that policy forbids.
//   - capable: isMfaCapable, registered and allowed.
//   - required: from the conditional access policies, see Demands.
//   - used: not known. Sign-in logs are another export.
func (r *Registration) Account(system int16, fresh bool, policies *Policies, tenant *Tenant) coverage.Account {
	account := coverage.Account{Name: strings.Clone(r.UserPrincipalName), System: system}
	if r.Guest() {
		account.Kind = coverage.OfGuest
	}
	if !fresh {
		return account
	}
	account.SignsIn = coverage.Yes
	account.Privileged = r.IsAdmin.Fact
	account.Registered, account.Capable = r.IsMFARegistered.Fact, r.IsMFACapable.Fact
	if r.MethodsRegistered != nil {
		account.MethodsKnown = coverage.Yes
		for _, word := range *r.MethodsRegistered {
			account.Methods |= MethodOf(word)
		}
	}
	attested := coverage.Unknown
	if tenant != nil {
		attested = tenant.KeysManaged
	}
	account.Settle(attested)
	if policies != nil {
		who := Subject{ID: r.ID, Guest: r.Guest(), Admin: r.IsAdmin.Fact}
		account.Required, account.Resistant = policies.Demands(who)
	}
	return account
}
