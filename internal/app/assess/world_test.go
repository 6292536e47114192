package assess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/proof/maturity"
)

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// world is a made-up organisation that can be exported. Every export is what
// the clouds would write of it, so exports never contradict one another.
type world struct {
	staff    []string // user names; e-mail is name@example.org
	console  map[string]bool
	rootMFA  bool
	noRoot   bool // root has no credentials
	tenant   []member
	policies []map[string]any
	methods  map[string]any
	exported time.Time
}

type member struct {
	name       string
	admin      bool
	registered bool
	methods    []string
}

func people(n int, methods ...string) (staff []string, tenant []member) {
	for i := range n {
		name := fmt.Sprintf("person%02d", i)
		staff = append(staff, name)
		tenant = append(tenant, member{name: name, admin: i == 0, registered: len(methods) > 0, methods: methods})
	}
	return staff, tenant
}

func policy(name string, users map[string]any, grant map[string]any) map[string]any {
	return map[string]any{"id": name, "displayName": name, "state": "enabled",
		"conditions": map[string]any{"users": users, "clientAppTypes": []string{"all"},
			"applications": map[string]any{"includeApplications": []string{"All"}}},
		"grantControls": grant}
}

func mfa() map[string]any {
	return map[string]any{"operator": "OR", "builtInControls": []string{"mfa"}}
}

func everyone(except ...string) map[string]any {
	return map[string]any{"includeUsers": []string{"All"}, "excludeUsers": except}
}

// allow is an authentication methods policy in which the named methods are on.
func allow(migration string, attested bool, on ...string) map[string]any {
	list := []map[string]any{}
	for _, id := range []string{"Sms", "Voice", "Email", "Fido2", "SoftwareOath", "MicrosoftAuthenticator"} {
		one := map[string]any{"id": id, "state": "disabled"}
		for _, name := range on {
			if name == id {
				one["state"] = "enabled"
			}
		}
		if id == "Fido2" {
			one["isAttestationEnforced"] = attested
			one["keyRestrictions"] = map[string]any{"isEnforced": attested, "enforcementType": "allow", "aaGuids": []string{"01020304-0506-0708-0102-030405060708"}}
		}
		list = append(list, one)
	}
	return map[string]any{"id": "authenticationMethodsPolicy", "policyMigrationState": migration, "authenticationMethodConfigurations": list}
}

// golden are organisations that are exactly on a level.
func golden(level int) *world {
	w := &world{exported: today.AddDate(0, 0, -2), rootMFA: true, console: map[string]bool{}}
	switch level {
	case 1:
		w.staff, w.tenant = people(10)
		w.tenant[3].registered, w.tenant[3].methods = true, []string{"softwareOneTimePasscode"}
		w.methods = allow("preMigration", false, "Sms", "Voice", "SoftwareOath")
	case 2:
		w.staff, w.tenant = people(10, "mobilePhone")
		for i := 6; i < 10; i++ {
			w.tenant[i].registered, w.tenant[i].methods = false, []string{}
		}
		w.policies = []map[string]any{policy("Administrators", map[string]any{"includeRoles": []string{"62e90394-69f5-4237-9190-012177145e10"}}, mfa())}
		w.methods = allow("migrationInProgress", false, "Sms", "SoftwareOath")
	case 3:
		w.staff, w.tenant = people(20, "mobilePhone", "microsoftAuthenticatorPush")
		w.policies = []map[string]any{policy("Everyone", everyone("id-person07"), mfa())}
		w.methods = allow("migrationComplete", false, "Sms", "MicrosoftAuthenticator")
	case 4:
		w.staff, w.tenant = people(20, "microsoftAuthenticatorPush", "softwareOneTimePasscode")
		w.policies = []map[string]any{policy("Everyone", everyone(), mfa())}
		w.methods = allow("migrationComplete", false, "MicrosoftAuthenticator", "SoftwareOath")
	case 5:
		w.staff, w.tenant = people(20, "fido2SecurityKey")
		strong := map[string]any{"operator": "OR", "builtInControls": []string{}, "authenticationStrength": map[string]any{
			"id": "00000000-0000-0000-0000-000000000004", "allowedCombinations": []string{"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"}}}
		w.policies = []map[string]any{policy("Everyone", everyone(), strong)}
		w.methods = allow("migrationComplete", true, "Fido2")
		w.rootMFA, w.noRoot = false, true
	}
	return w
}

func (w *world) source(name, text string) *assess.Source {
	return &assess.Source{Name: name, Reader: strings.NewReader(text), ExportedAt: w.exported, Basis: "said by the person"}
}

func (w *world) json(name string, value any) *assess.Source {
	text, _ := json.MarshalIndent(value, "", " ")
	return w.source(name, string(text))
}

// export writes all files.
func (w *world) export() assess.Inputs {
	staff := "user_name,name,email,department\n"
	for i, name := range w.staff {
		staff += fmt.Sprintf("%s,Name of %s,%s@example.org,%s\n", name, name, name, []string{"Finance", "Legal"}[i%2])
	}
	report := "user,arn,password_enabled,password_last_used,mfa_active,access_key_1_active\n"
	report += fmt.Sprintf("<root_account>,arn:aws:iam::444455556666:root,%t,no_information,%t,false\n", !w.noRoot, w.rootMFA)
	report += "deploy,arn:aws:iam::444455556666:user/deploy,false,N/A,false,true\n"
	devices, virtual := []any{}, []any{}
	for name, has := range w.console {
		report += fmt.Sprintf("%s,arn:aws:iam::444455556666:user/%s,true,N/A,%t,false\n", name, name, has)
		if has {
			devices = append(devices, map[string]any{"UserName": name, "SerialNumber": "arn:aws:iam::444455556666:u2f/user/" + name + "/key-1"})
		}
	}
	rows := []any{}
	for _, m := range w.tenant {
		rows = append(rows, map[string]any{"id": "id-" + m.name, "userPrincipalName": m.name + "@example.org", "userType": "member", "isAdmin": m.admin,
			"isMfaRegistered": m.registered, "isMfaCapable": m.registered, "methodsRegistered": m.methods, "lastUpdatedDateTime": w.exported.Format("2006-01-02T15:04:05.0000000Z")})
	}
	half := len(rows) / 2
	first := w.json("registrations-1.json", map[string]any{"value": rows[:half], "@odata.nextLink": "https://graph.example/next"})
	second := w.json("registrations-2.json", map[string]any{"value": rows[half:]})
	policies := w.policies
	if policies == nil {
		policies = []map[string]any{}
	}
	root := 0
	if w.rootMFA {
		root = 1
	}
	return assess.Inputs{AsOf: today,
		Staff: w.source("staff.csv", staff), AWSCredentialReport: w.source("report.csv", report),
		AWSMFADevices:              w.json("devices.json", map[string]any{"MFADevices": devices}),
		AWSVirtualMFADevices:       w.json("virtual.json", map[string]any{"VirtualMFADevices": virtual}),
		AWSAccountSummary:          w.json("summary.json", map[string]any{"SummaryMap": map[string]any{"AccountMFAEnabled": root}}),
		EntraRegistrations:         []assess.Source{*second, *first},
		EntraConditionalAccess:     []assess.Source{*w.json("policies.json", map[string]any{"value": policies})},
		EntraAuthenticationMethods: w.json("methods.json", w.methods)}
}

func judge(t *testing.T, inputs assess.Inputs) *maturity.Assessment {
	t.Helper()
	assessment, err := assess.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	return assessment
}

func TestAnOrganisationOnEachLevelIsPutOnThatLevel(t *testing.T) {
	t.Parallel()
	for level := 1; level <= 5; level++ {
		assessment := judge(t, golden(level).export())
		if assessment.Level != level {
			t.Errorf("the golden organisation of level %d is put on %d", level, assessment.Level)
			for _, id := range assessment.HeldBy {
				criterion, _ := assessment.Find(id)
				t.Logf("  %s %s: %s %s", id, criterion.State, criterion.Sentence, criterion.Next)
			}
		}
		if level < 5 && len(assessment.HeldBy) == 0 {
			t.Errorf("nothing holds the golden organisation of level %d back", level)
		}
	}
}

// changes make an organisation, or what is shown of it, worse or less known.
var changes = map[string]func(*world) assess.Inputs{
	"one more person without an account": func(w *world) assess.Inputs { w.staff = append(w.staff, "newcomer"); return w.export() },
	"one more person without a factor": func(w *world) assess.Inputs {
		w.staff = append(w.staff, "newcomer")
		w.tenant = append(w.tenant, member{name: "newcomer", methods: []string{}})
		w.policies = append([]map[string]any{}, w.policies...)
		for _, p := range w.policies {
			users := p["conditions"].(map[string]any)["users"].(map[string]any)
			out, _ := users["excludeUsers"].([]string)
			users["excludeUsers"] = append(append([]string{}, out...), "id-newcomer")
		}
		return w.export()
	},
	"one more account nobody is named for": func(w *world) assess.Inputs {
		w.tenant = append(w.tenant, member{name: "stranger", methods: []string{}})
		return w.export()
	},
	"a console user with a password alone": func(w *world) assess.Inputs { w.console["person01"] = false; return w.export() },
	"a console user with a key":            func(w *world) assess.Inputs { w.console["person01"] = true; return w.export() },
	"policies only reported": func(w *world) assess.Inputs {
		return w.each(func(p map[string]any) { p["state"] = "enabledForReportingButNotEnforced" })
	},
	"policies with a trusted network": func(w *world) assess.Inputs {
		return w.each(func(p map[string]any) {
			p["conditions"].(map[string]any)["locations"] = map[string]any{"includeLocations": []string{"All"}, "excludeLocations": []string{"AllTrusted"}}
		})
	},
	"policies that a compliant device satisfies": func(w *world) assess.Inputs {
		return w.each(func(p map[string]any) {
			grant := p["grantControls"].(map[string]any)
			grant["builtInControls"] = append(grant["builtInControls"].([]string), "compliantDevice")
		})
	},
	"policies that leave legacy clients out": func(w *world) assess.Inputs {
		return w.each(func(p map[string]any) {
			p["conditions"].(map[string]any)["clientAppTypes"] = []string{"browser", "mobileAppsAndDesktopClients"}
		})
	},
	"policies that exclude a group": func(w *world) assess.Inputs {
		return w.each(func(p map[string]any) {
			p["conditions"].(map[string]any)["users"].(map[string]any)["excludeGroups"] = []string{"some-group"}
		})
	},
	"a method nobody knows": func(w *world) assess.Inputs {
		w.tenant[1].methods = append([]string{"carrierPigeon"}, w.tenant[1].methods...)
		return w.export()
	},
	"everything a hundred days older": func(w *world) assess.Inputs { w.exported = w.exported.AddDate(0, 0, -100); return w.export() },
	"only the staff list older": func(w *world) assess.Inputs {
		in := w.export()
		in.Staff.ExportedAt = today.AddDate(-1, 0, 0)
		return in
	},
	"only the policies older": func(w *world) assess.Inputs {
		in := w.export()
		in.EntraConditionalAccess[0].ExportedAt = today.AddDate(-1, 0, 0)
		return in
	},
	"dates nobody knows":         func(w *world) assess.Inputs { w.exported = time.Time{}; return w.export() },
	"without the staff list":     func(w *world) assess.Inputs { in := w.export(); in.Staff = nil; return in },
	"without the report":         func(w *world) assess.Inputs { in := w.export(); in.AWSCredentialReport = nil; return in },
	"without the devices":        func(w *world) assess.Inputs { in := w.export(); in.AWSMFADevices = nil; return in },
	"without virtual devices":    func(w *world) assess.Inputs { in := w.export(); in.AWSVirtualMFADevices = nil; return in },
	"without the summary":        func(w *world) assess.Inputs { in := w.export(); in.AWSAccountSummary = nil; return in },
	"without the policies":       func(w *world) assess.Inputs { in := w.export(); in.EntraConditionalAccess = nil; return in },
	"without the methods policy": func(w *world) assess.Inputs { in := w.export(); in.EntraAuthenticationMethods = nil; return in },
	"without registrations":      func(w *world) assess.Inputs { in := w.export(); in.EntraRegistrations = nil; return in },
	"without the last page": func(w *world) assess.Inputs {
		in := w.export()
		in.EntraRegistrations = in.EntraRegistrations[1:]
		return in
	},
	"without the first page": func(w *world) assess.Inputs {
		in := w.export()
		in.EntraRegistrations = in.EntraRegistrations[:1]
		return in
	},
	"without anything of AWS": func(w *world) assess.Inputs {
		in := w.export()
		in.AWSCredentialReport, in.AWSMFADevices, in.AWSVirtualMFADevices, in.AWSAccountSummary = nil, nil, nil, nil
		return in
	},
	"without anything of Entra": func(w *world) assess.Inputs {
		in := w.export()
		in.EntraRegistrations, in.EntraConditionalAccess, in.EntraAuthenticationMethods = nil, nil, nil
		return in
	},
}

func (w *world) each(change func(map[string]any)) assess.Inputs {
	for _, p := range w.policies {
		change(p)
	}
	return w.export()
}

func TestNothingWorseOrLessKnownEverRaisesTheLevel(t *testing.T) {
	t.Parallel()
	for level := 1; level <= 5; level++ {
		for name, change := range changes {
			if got := judge(t, change(golden(level))).Level; got > level {
				t.Errorf("level %d became %d: %s", level, got, name)
			}
		}
	}
}

func TestWhatMattersReallyLowersTheLevel(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{
		"everything a hundred days older": 0, "dates nobody knows": 0, "policies only reported": 1,
		"policies with a trusted network": 2, "policies that a compliant device satisfies": 1,
		"policies that leave legacy clients out": 2, "policies that exclude a group": 2,
		"a console user with a password alone": 2, "without the staff list": 1, "without the policies": 1,
		"without the methods policy": 3, "without registrations": 1, "without the last page": 1,
		"without anything of AWS": 1, "a method nobody knows": 3,
	} {
		assessment := judge(t, changes[name](golden(5)))
		if assessment.Level > most {
			t.Errorf("%s: level %d, want at most %d", name, assessment.Level, most)
		}
		if len(assessment.HeldBy) == 0 {
			t.Errorf("%s: nothing is named as holding the level back", name)
		}
	}
}

func TestACloudDeclaredUnusedIsNotMissedAndIsNamed(t *testing.T) {
	t.Parallel()
	inputs := changes["without anything of AWS"](golden(4))
	inputs.NotUsed = []string{"aws"}
	assessment := judge(t, inputs)
	if assessment.Level != 4 {
		t.Errorf("level %d, want 4", assessment.Level)
	}
	if len(assessment.Facts.Findings) == 0 || assessment.Facts.Findings[0].Code != "scope.not_used" {
		t.Errorf("the declaration is not told: %v", assessment.Facts.Findings)
	}
}

func TestNextStepSaysHowManyAndWhere(t *testing.T) {
	t.Parallel()
	w := golden(3)
	w.policies = []map[string]any{policy("Everyone", everyone("id-person01", "id-person03", "id-person05"), mfa())}
	criterion, err := judge(t, w.export()).Find("L3.G1")
	if err != nil {
		t.Fatal(err)
	}
	if want := "2 more people to be over 90%; most are in Legal (3 left)."; criterion.Next != want || criterion.State != maturity.NotMet {
		t.Errorf("got %s, %q, want %q", criterion.State, criterion.Next, want)
	}
}
