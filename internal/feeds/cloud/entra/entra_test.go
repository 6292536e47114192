package entra_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud/entra"
	"github.com/warder-project/warder/internal/proof/coverage"
)

const page = `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#reports/authenticationMethods/userRegistrationDetails","value":[
 {"id":"1","userPrincipalName":"nadia@example.org","isAdmin":true,"isMfaRegistered":true,"isMfaCapable":false,"methodsRegistered":["mobilePhone","fido2SecurityKey"],"userPreferredMethodForSecondaryAuthentication":"","userType":"member","lastUpdatedDateTime":"2026-11-20T19:15:41.6195833Z"},
 {"id":"2","userPrincipalName":"guest@elsewhere.example","isAdmin":false,"isMfaRegistered":null,"methodsRegistered":[],"userType":"guest"}]}`

func registrations(text string) (rows []entra.Registration, got entra.Page, err error) {
	got, err = entra.ReadRegistrations("r.json", strings.NewReader(text), func(row *entra.Registration) { rows = append(rows, *row) })
	return rows, got, err
}

// Traps 6, 7 and 8.
func TestRegisteredIsNotCapableAndNullIsNotKnown(t *testing.T) {
	t.Parallel()
	rows, _, err := registrations(page)
	if err != nil {
		t.Fatal(err)
	}
	nadia := rows[0].Account(0, true, nil, nil)
	if nadia.Registered != coverage.Yes || nadia.Capable != coverage.No || nadia.Required != coverage.Unknown || nadia.Privileged != coverage.Yes || nadia.WeakFree != coverage.No {
		t.Errorf("nadia: %+v", nadia)
	}
	guest := rows[1].Account(0, true, nil, nil)
	if guest.Registered != coverage.Unknown || guest.Kind != coverage.OfGuest {
		t.Errorf("guest: %+v", guest)
	}
	if old := rows[0].Account(0, false, nil, nil); old.Registered != coverage.Unknown || old.Privileged != coverage.Unknown || old.Methods != 0 {
		t.Errorf("evidence that is too old still says something: %+v", old)
	}
	if !rows[0].LastUpdated.Equal(time.Date(2026, 11, 20, 19, 15, 41, 619583300, time.UTC)) {
		t.Errorf("seven digits of a second: %s", rows[0].LastUpdated)
	}
	if entra.MethodOf("somethingNew") != coverage.Unrecognised || entra.MethodOf("PASSKEYSYNCED") != coverage.PasskeySynced {
		t.Error("the list of methods is open, and capitals do not matter")
	}
}

func TestPagesSayWhetherThereIsAnother(t *testing.T) {
	t.Parallel()
	_, got, err := registrations(strings.Replace(page, `"value"`, `"@odata.nextLink":"https://graph.example/next","value"`, 1))
	if err != nil || got.Next == "" || got.Rows != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	rows, got, err := registrations(`[{"UserPrincipalName":"a@example.org","IsMfaRegistered":"True","MethodsRegistered":"email, fido2","LastUpdatedDateTime":"\/Date(1767225600000)\/"}]`)
	if err != nil || got.Next != "" || len(rows) != 1 {
		t.Fatalf("a bare array with PowerShell's names: %v", err)
	}
	if account := rows[0].Account(0, true, nil, nil); account.Registered != coverage.Yes || account.Methods != coverage.Email|coverage.SecurityKey {
		t.Errorf("got %+v", account)
	}
	if rows[0].LastUpdated.Year() != 2026 {
		t.Errorf("/Date()/ was read as %s", rows[0].LastUpdated)
	}
}

// rule is a policy in the shape of Graph with parts replaced.
func rule(replace ...string) string {
	text := `{"id":"p","displayName":"Everyone","state":"enabled","conditions":{"clientAppTypes":["all"],"applications":{"includeApplications":["All"],"excludeApplications":[]},"users":{"includeUsers":["All"],"excludeUsers":[],"includeGroups":[],"excludeGroups":[],"includeRoles":[],"excludeRoles":[]},"locations":null,"platforms":null,"signInRiskLevels":[]},"grantControls":{"operator":"OR","builtInControls":["mfa"]},"sessionControls":null}`
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			panic("no " + replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	return text
}

func policies(t *testing.T, texts ...string) *entra.Policies {
	t.Helper()
	got, err := entra.ReadPolicies("p.json", strings.NewReader(`{"value":[`+strings.Join(texts, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const noLegacy = `{"displayName":"No legacy","state":"enabled","conditions":{"clientAppTypes":["exchangeActiveSync","other"],"applications":{"includeApplications":["All"]},"users":{"includeUsers":["All"]}},"grantControls":{"operator":"OR","builtInControls":["block"]}}`

func TestWhatAPolicyReallyDemands(t *testing.T) {
	t.Parallel()
	yes, no, unknown := coverage.Yes, coverage.No, coverage.Unknown
	strength := func(inner string) string {
		return rule(`"builtInControls":["mfa"]`, `"builtInControls":[],"authenticationStrength":{`+inner+`}`)
	}
	for _, c := range []struct {
		name                string
		texts               []string
		required, resistant coverage.Fact
	}{
		{"everyone", []string{rule()}, yes, no},
		{"nothing", nil, no, no},
		{"report-only", []string{rule(`"enabled"`, `"enabledForReportingButNotEnforced"`)}, no, no},
		{"disabled", []string{rule(`"enabled"`, `"disabled"`)}, no, no},
		{"a state nobody knows", []string{rule(`"enabled"`, `"perhaps"`)}, no, no},
		{"(a) OR compliant device", []string{rule(`["mfa"]`, `["mfa","compliantDevice"]`)}, no, no},
		{"AND compliant device", []string{rule(`["mfa"]`, `["mfa","compliantDevice"]`, `"OR"`, `"AND"`)}, yes, no},
		{"(b) this user excluded", []string{rule(`"excludeUsers":[]`, `"excludeUsers":["ID-1"]`)}, no, no},
		{"(b) another user excluded", []string{rule(`"excludeUsers":[]`, `"excludeUsers":["id-2"]`)}, yes, no},
		{"(b) a group excluded", []string{rule(`"excludeGroups":[]`, `"excludeGroups":["g"]`)}, unknown, no},
		{"(b) a role excluded, and this user holds none", []string{rule(`"excludeRoles":[]`, `"excludeRoles":["r"]`)}, yes, no},
		{"a group included only", []string{rule(`"includeUsers":["All"]`, `"includeUsers":[]`, `"includeGroups":[]`, `"includeGroups":["g"]`)}, unknown, no},
		{"a role included only", []string{rule(`"includeUsers":["All"]`, `"includeUsers":[]`, `"includeRoles":[]`, `"includeRoles":["r"]`)}, no, no},
		{"(c) trusted networks let off", []string{rule(`"locations":null`, `"locations":{"includeLocations":["All"],"excludeLocations":["AllTrusted"]}`)}, no, no},
		{"(d) modern clients only", []string{rule(`"clientAppTypes":["all"]`, `"clientAppTypes":["browser","mobileAppsAndDesktopClients"]`)}, no, no},
		{"(d) modern clients, legacy blocked", []string{rule(`"clientAppTypes":["all"]`, `"clientAppTypes":["browser","mobileAppsAndDesktopClients"]`), noLegacy}, yes, no},
		{"(e) session controls only", []string{rule(`{"operator":"OR","builtInControls":["mfa"]}`, `null`)}, no, no},
		{"(f) built-in phishing-resistant", []string{strength(`"id":"00000000-0000-0000-0000-000000000004"`)}, yes, yes},
		{"(f) multifactor by its combinations", []string{strength(`"id":"x","allowedCombinations":["fido2","password,sms"]`)}, yes, no},
		{"(f) a strength that is one factor", []string{strength(`"id":"x","allowedCombinations":["fido2","password"]`)}, no, no},
		{"(f) a strength nobody resolved", []string{strength(`"id":"x"`)}, unknown, unknown},
		{"one application", []string{rule(`"includeApplications":["All"]`, `"includeApplications":["Office365"]`)}, no, no},
		{"an application excluded", []string{rule(`"excludeApplications":[]`, `"excludeApplications":["a"]`)}, no, no},
		{"risky sign-ins only", []string{rule(`"signInRiskLevels":[]`, `"signInRiskLevels":["high"]`)}, no, no},
		{"block is not a second factor", []string{rule(`["mfa"]`, `["block"]`)}, no, no},
		{"terms of use instead", []string{rule(`"builtInControls":["mfa"]`, `"builtInControls":["mfa"],"termsOfUse":["t"]`)}, no, no},
		{"another company's check", []string{rule(`"builtInControls":["mfa"]`, `"builtInControls":[],"customAuthenticationFactors":["Duo"]`)}, unknown, unknown},
		{"one good policy among weak ones", []string{rule(`["mfa"]`, `["mfa","compliantDevice"]`), rule()}, yes, no},
	} {
		required, resistant := policies(t, c.texts...).Demands(entra.Subject{ID: "id-1", Admin: no})
		if required != c.required || resistant != c.resistant {
			t.Errorf("%s: required %s, phishing-resistant %s; want %s, %s", c.name, required, resistant, c.required, c.resistant)
		}
	}
}

func TestTenantListsExceptionsAndHoles(t *testing.T) {
	t.Parallel()
	system := entra.System(policies(t, rule(`"excludeUsers":[]`, `"excludeUsers":["glass"]`), rule(`"enabled"`, `"enabledForReportingButNotEnforced"`, "Everyone", "Trial")), nil)
	if system.Enforced != coverage.Yes || len(system.Exceptions) != 1 || !strings.Contains(system.Exceptions[0], "glass") {
		t.Errorf("got %+v", system)
	}
	if !strings.Contains(strings.Join(system.Notes, " "), "“Trial” is report-only") {
		t.Errorf("the report-only policy is not named: %q", system.Notes)
	}
	if known := entra.System(nil, nil); known.PoliciesKnown || known.Enforced != coverage.Unknown {
		t.Errorf("without policies something is known: %+v", known)
	}
}

// Trap 9: ScubaGear writes PascalCase, /Date()/ and a byte order mark.
func TestPoliciesOfPowerShellAreRead(t *testing.T) {
	t.Parallel()
	text := "\xef\xbb\xbf" + `[{"Id":"p","DisplayName":"All","State":"enabled","ModifiedDateTime":"\/Date(1769788627000)\/","Conditions":{"ClientAppTypes":["all"],"Applications":{"IncludeApplications":["All"],"ApplicationFilter":{"Mode":null,"Rule":null}},"Users":{"IncludeUsers":["All"],"ExcludeGuestsOrExternalUsers":{"ExternalTenants":{"MembershipKind":null},"GuestOrExternalUserTypes":null}},"Devices":{"DeviceFilter":{"Mode":null,"Rule":null}},"Platforms":{"ExcludePlatforms":null,"IncludePlatforms":null},"Locations":{"ExcludeLocations":null,"IncludeLocations":null}},"GrantControls":{"AuthenticationStrength":{"AllowedCombinations":null,"Id":null},"BuiltInControls":["mfa"],"Operator":"OR"}}]`
	got, err := entra.ReadPolicies("p.json", strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if required, _ := got.Demands(entra.Subject{ID: "x", Guest: true}); required != coverage.Yes {
		t.Errorf("required %s, want yes: empty PowerShell objects are no conditions", required)
	}
	if single, err := entra.ReadPolicies("p.json", strings.NewReader(rule())); err != nil || len(single.List) != 1 {
		t.Errorf("one policy alone: %v", err)
	}
}

func TestPhonesAreForbiddenOnlyAfterTheMigration(t *testing.T) {
	t.Parallel()
	policy := func(migration, sms string) string {
		return fmt.Sprintf(`{"id":"authenticationMethodsPolicy","policyMigrationState":%q,"authenticationMethodConfigurations":[{"id":"Sms","state":%q},{"id":"Voice","state":"disabled"},{"id":"Email","state":"disabled"},{"id":"Fido2","state":"enabled","isAttestationEnforced":true,"keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["01020304-0506-0708-0102-030405060708"]}}]}`, migration, sms)
	}
	for _, c := range []struct {
		text        string
		phone, keys coverage.Fact
	}{
		{policy("migrationComplete", "disabled"), coverage.Yes, coverage.Yes},
		{policy("migrationInProgress", "disabled"), coverage.Unknown, coverage.Yes},
		{policy("", "disabled"), coverage.Unknown, coverage.Yes},
		{policy("migrationComplete", "enabled"), coverage.No, coverage.Yes},
		{strings.Replace(policy("migrationComplete", "disabled"), `"isEnforced":true`, `"isEnforced":false`, 1), coverage.Yes, coverage.No},
		{strings.Replace(policy("migrationComplete", "disabled"), `"allow"`, `"block"`, 1), coverage.Yes, coverage.No},
		{strings.Replace(policy("migrationComplete", "disabled"), `"isAttestationEnforced":true`, `"passkeyProfiles":[{"attestationEnforcement":"registrationOnly","passkeyTypes":"deviceBound,synced","keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["x"]}}]`, 1), coverage.Yes, coverage.No},
		{`{"authentication_method_feature_settings":[{"id":"Sms","state":"disabled"},{"id":"Voice","state":"disabled"},{"id":"Email","state":"disabled"}],"authentication_method_policy":{"policyMigrationState":"migrationComplete"}}`, coverage.Yes, coverage.Unknown},
	} {
		tenant, err := entra.ReadMethods("m.json", strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if tenant.PhoneForbidden != c.phone || tenant.KeysManaged != c.keys {
			t.Errorf("%s: phones forbidden %s, keys managed %s; want %s, %s", c.text, tenant.PhoneForbidden, tenant.KeysManaged, c.phone, c.keys)
		}
	}
}

func TestFaultyEntraFilesAreRefusedWithThePlaceAndWhatWasExpected(t *testing.T) {
	t.Parallel()
	regs := func(text string) error { _, _, err := registrations(text); return err }
	pols := func(text string) error { _, err := entra.ReadPolicies("r.json", strings.NewReader(text)); return err }
	meth := func(text string) error { _, err := entra.ReadMethods("r.json", strings.NewReader(text)); return err }
	for _, c := range []struct {
		name        string
		read        func(string) error
		text        string
		code, place string
		expected    string
	}{
		{"cut off", regs, page[:len(page)-30], "export.truncated", "r.json:3:", "the file ends here"},
		{"comma missing", regs, strings.Replace(page, "},\n", "}\n", 1), "export.malformed", "r.json:3:2:", "expected JSON"},
		{"a number for a flag", regs, strings.Replace(page, `"isMfaRegistered":true`, `"isMfaRegistered":7`, 1), "export.malformed", "r.json:2:", "expected true, false or null"},
		{"a number for a name", regs, strings.Replace(page, `"nadia@example.org"`, `12`, 1), "export.malformed", "r.json:2:", "expected a string"},
		{"no name", regs, strings.Replace(page, `"guest@elsewhere.example"`, `""`, 1), "export.malformed", "r.json:3:2:", "expected one, such as"},
		{"policies instead", regs, `{"value":[` + rule() + `]}`, "export.wrong_kind", "r.json:1:1:", "found an Entra export of conditional access policies"},
		{"registrations instead", pols, page, "export.wrong_kind", "r.json:1:1:", "found an Entra export of user registration details"},
		{"policies for methods", meth, `{"value":[` + rule() + `]}`, "export.wrong_kind", "r.json:1:1:", "expected an Entra authentication methods policy"},
		{"methods for policies", pols, `{"authenticationMethodConfigurations":[]}`, "export.wrong_kind", "r.json:1:1:", "found an Entra authentication methods policy"},
		{"AWS report", regs, "user,arn,mfa_active\n", "export.wrong_kind", "r.json:1:1:", "found an AWS credential report"},
		{"not UTF-8", regs, "{\"value\":[\n\"\xff\"]}", "export.malformed", "r.json:2:2:", "UTF-8"},
		{"empty", meth, " \n", "export.truncated", "r.json:1:1:", "empty"},
	} {
		found, ok := problem.Of(c.read(c.text))
		if !ok {
			t.Errorf("%s: no problem", c.name)
			continue
		}
		text := ""
		for _, field := range found.Fields {
			text += field.String() + "\n"
		}
		if found.Code != c.code || !strings.HasPrefix(text, c.place) || !strings.Contains(text, c.expected) {
			t.Errorf("%s: got %s\n%swant %s %q … %q", c.name, found.Code, text, c.code, c.place, c.expected)
		}
	}
}

func TestAtMostTwentyFaultsAreTold(t *testing.T) {
	t.Parallel()
	_, _, err := registrations("[" + strings.TrimSuffix(strings.Repeat(`{"userPrincipalName":"a","isAdmin":9},`, 50), ",") + "]")
	if found, _ := problem.Of(err); found == nil || len(found.Fields) != 20 {
		t.Errorf("got %v", err)
	}
}

func FuzzEntra(f *testing.F) {
	for _, seed := range []string{page, rule(), noLegacy, "[" + rule() + "]", `{"authenticationMethodConfigurations":[{"id":"Sms","state":"enabled"}]}`, "\xff\xfe[\x00]\x00", `{"value":`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		errs := make([]error, 3)
		_, errs[0] = entra.ReadRegistrations("f", strings.NewReader(string(input)), func(row *entra.Registration) {
			row.Account(0, true, &entra.Policies{}, &entra.Tenant{})
		})
		var got *entra.Policies
		got, errs[1] = entra.ReadPolicies("f", strings.NewReader(string(input)))
		if errs[1] == nil {
			entra.System(got, nil)
		}
		_, errs[2] = entra.ReadMethods("f", strings.NewReader(string(input)))
		for _, err := range errs {
			if err == nil {
				continue
			}
			found, ok := problem.Of(err)
			if !ok || found.Next == "" || len(found.Fields) == 0 || len(found.Fields) > 20 || found.Fields[0].Line < 1 {
				t.Fatalf("refused without a place or a next step: %v", err)
			}
		}
	})
}
