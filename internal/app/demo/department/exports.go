package department

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/registry/people"
)

// Months is how much history the department has.
const Months = 14

// Exports is what the department's clouds and its HR system would have given on
// one day, in their own formats.
type Exports struct {
	At                  time.Time
	CredentialReport    []byte // AWS IAM credential report, CSV
	AccountSummary      []byte // aws iam get-account-summary, JSON
	Registrations       []byte // Entra userRegistrationDetails, JSON
	ConditionalAccess   []byte // Entra conditional access policies, JSON
	AuthenticationRules []byte // Entra authentication methods policy, JSON
	Staff               []byte // staff CSV
}

// ExportsOf makes up the exports of one day. month counts from 0, the oldest,
// to Months-1, the newest: the department gets better slowly.
func ExportsOf(rows []people.Row, month int, at time.Time) (Exports, error) {
	exports := Exports{At: at}
	var err error
	if exports.Registrations, err = registrations(rows, month, at); err != nil {
		return Exports{}, err
	}
	if exports.ConditionalAccess, err = conditionalAccess(rows, month, at); err != nil {
		return Exports{}, err
	}
	if exports.AuthenticationRules, err = json.MarshalIndent(methodsPolicy(at), "", " "); err != nil {
		return Exports{}, err
	}
	if exports.CredentialReport, err = credentialReport(rows, month, at); err != nil {
		return Exports{}, err
	}
	exports.AccountSummary = []byte(`{"SummaryMap": {"Users": 24, "AccountMFAEnabled": 1, "MFADevices": 22, "MFADevicesInUse": 22, "AccountAccessKeysPresent": 0}}` + "\n")
	if exports.Staff, err = staff(rows, at); err != nil {
		return Exports{}, err
	}
	return exports, nil
}

// luck is a number from 0 to 99 that stays the same for a person and a purpose.
func luck(userName, purpose string) int {
	sum := fnv.New32a()
	sum.Write([]byte(purpose + ":" + userName))
	return int(sum.Sum32() % 100)
}

// methodsOf says what a person has registered in a month. More people have
// something every month, and what they have gets better.
func methodsOf(row people.Row, month int) []string {
	if row.Department == "Digital" && month >= 9 { // one directorate is done
		return []string{"passKeyDeviceBound", "microsoftAuthenticatorPush"}
	}
	if luck(row.UserName, "registers") >= 34+4*month {
		return []string{}
	}
	switch kind := luck(row.UserName, "method") + 2*month; {
	case kind < 45:
		return []string{"mobilePhone"}
	case kind < 70:
		return []string{"mobilePhone", "microsoftAuthenticatorPush"}
	case kind < 105:
		return []string{"microsoftAuthenticatorPush", "softwareOneTimePasscode"}
	default:
		return []string{"passKeyDeviceBound"}
	}
}

type registration struct {
	ID           string   `json:"id"`
	UPN          string   `json:"userPrincipalName"`
	Name         string   `json:"userDisplayName"`
	UserType     string   `json:"userType"`
	Admin        bool     `json:"isAdmin"`
	Registered   bool     `json:"isMfaRegistered"`
	Capable      bool     `json:"isMfaCapable"`
	Passwordless bool     `json:"isPasswordlessCapable"`
	Preferred    string   `json:"userPreferredMethodForSecondaryAuthentication"`
	Methods      []string `json:"methodsRegistered"`
	Updated      string   `json:"lastUpdatedDateTime"`
}

func registrations(rows []people.Row, month int, at time.Time) ([]byte, error) {
	var value []registration
	for i, row := range rows {
		methods := methodsOf(row, month)
		preferred := ""
		switch {
		case len(methods) == 0:
		case methods[0] == "mobilePhone":
			preferred = "sms"
		case methods[0] == "microsoftAuthenticatorPush":
			preferred = "push"
		}
		value = append(value, registration{
			ID: objectID(i), UPN: row.Email, Name: row.Name, UserType: "member",
			Admin: row.UserName == Administrator || luck(row.UserName, "admin") == 7, Registered: len(methods) > 0, Capable: len(methods) > 0,
			Passwordless: len(methods) > 0 && methods[0] == "passKeyDeviceBound", Preferred: preferred, Methods: methods,
			Updated: at.UTC().Format("2006-01-02T15:04:05.0000000Z"),
		})
	}
	return json.MarshalIndent(map[string]any{
		"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#reports/authenticationMethods/userRegistrationDetails", "value": value}, "", " ")
}

// objectID is what Entra calls the person in row i.
func objectID(i int) string { return fmt.Sprintf("0f2c%04x-5b1e-4c63-9a57-0d8e5a1c%04x", i, i) }

// forgotten are the people the policy leaves out: they once had trouble with a
// scanner.
func forgotten(rows []people.Row) []string {
	var left []string
	for i, row := range rows {
		if row.UserName != Administrator && row.UserName != Staff && luck(row.UserName, "scanner") < 4 {
			left = append(left, objectID(i))
		}
	}
	return left
}

// conditionalAccess is report-only at first; from the seventh month it is on,
// with people left out whom nobody remembers.
func conditionalAccess(rows []people.Row, month int, at time.Time) ([]byte, error) {
	state := "enabledForReportingButNotEnforced"
	if month >= 6 {
		state = "enabled"
	}
	policy := func(id, name, state string, users map[string]any, grant map[string]any) map[string]any {
		return map[string]any{
			"id": id, "displayName": name, "state": state, "createdDateTime": "2025-07-01T09:00:00Z", "modifiedDateTime": at.UTC().Format(time.RFC3339),
			"conditions": map[string]any{
				"clientAppTypes": []string{"all"}, "users": users, "locations": nil, "platforms": nil,
				"applications":     map[string]any{"includeApplications": []string{"All"}, "excludeApplications": []string{}, "includeUserActions": []string{}},
				"signInRiskLevels": []string{}, "userRiskLevels": []string{},
			},
			"grantControls": grant, "sessionControls": nil,
		}
	}
	everybody := map[string]any{"includeUsers": []string{"All"}, "excludeUsers": forgotten(rows), "includeGroups": []string{}, "excludeGroups": []string{}, "includeRoles": []string{}, "excludeRoles": []string{}}
	mfa := map[string]any{"operator": "OR", "builtInControls": []string{"mfa"}, "customAuthenticationFactors": []string{}, "termsOfUse": []string{}}
	return json.MarshalIndent(map[string]any{"value": []any{
		policy("5c0e2b1a-0001-4e57-9f10-000000000001", "All staff: multifactor authentication", state, everybody, mfa),
	}}, "", " ")
}

func methodsPolicy(at time.Time) map[string]any {
	method := func(kind, id, state string) map[string]any {
		return map[string]any{"@odata.type": "#microsoft.graph." + kind + "AuthenticationMethodConfiguration", "id": id, "state": state,
			"includeTargets": []any{map[string]any{"targetType": "group", "id": "all_users"}}, "excludeTargets": []any{}}
	}
	return map[string]any{
		"id": "authenticationMethodsPolicy", "displayName": "Authentication Methods Policy", "lastModifiedDateTime": at.UTC().Format(time.RFC3339),
		"policyMigrationState": "migrationComplete",
		"authenticationMethodConfigurations": []any{
			method("fido2", "Fido2", "enabled"), method("microsoftAuthenticator", "MicrosoftAuthenticator", "enabled"),
			method("softwareOath", "SoftwareOath", "enabled"), method("sms", "Sms", "enabled"), method("voice", "Voice", "disabled"),
		},
	}
}

var reportColumns = strings.Split("user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated", ",")

// credentialReport has the root account, two dozen people of the directorate
// Digital, and two machine users without a password.
func credentialReport(rows []people.Row, month int, at time.Time) ([]byte, error) {
	const account = "210987654321"
	record := func(user, arn, password, mfa string, keys bool) []string {
		used := at.AddDate(0, 0, -1-luck(user, "used")%20).UTC().Format(time.RFC3339)
		line := []string{user, arn, "2023-02-01T09:00:00+00:00", password, used, "2025-01-10T09:00:00+00:00", "N/A", mfa, "false", "N/A", "N/A", "N/A", "N/A"}
		if password == "false" {
			line[4], line[5] = "N/A", "N/A"
		}
		if keys {
			line[8], line[9], line[10], line[11], line[12] = "true", "2025-11-03T09:00:00+00:00", used, "eu-west-2", "s3"
		}
		return append(line, "false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "false", "N/A")
	}
	records := [][]string{reportColumns, record("<root_account>", "arn:aws:iam::"+account+":root", "not_supported", "true", false)}
	count := 0
	for _, row := range rows {
		if row.Department != "Digital" || count == 24 {
			continue
		}
		mfa := "false"
		if luck(row.UserName, "aws") < 55+3*month {
			mfa = "true"
		}
		records = append(records, record(row.UserName, "arn:aws:iam::"+account+":user/"+row.UserName, "true", mfa, false))
		count++
	}
	for _, machine := range []string{"ci-deploy", "nightly-export"} {
		records = append(records, record(machine, "arn:aws:iam::"+account+":user/"+machine, "false", "false", true))
	}
	return table(records)
}

func staff(rows []people.Row, at time.Time) ([]byte, error) {
	records := [][]string{{"user_name", "name", "email", "employee_id", "department", "job_title", "manager", "starts", "ends", "kind", "groups"}}
	for _, row := range rows {
		if row.Starts.After(at) {
			continue
		}
		records = append(records, []string{row.UserName, row.Name, row.Email, row.EmployeeID, row.Department, row.JobTitle, row.Manager,
			row.Starts.Format(time.DateOnly), "", string(row.Kind), strings.Join(row.Groups, ";")})
	}
	return table(records)
}

func table(records [][]string) ([]byte, error) {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	if err := writer.WriteAll(records); err != nil {
		return nil, err
	}
	return []byte(out.String()), nil
}
