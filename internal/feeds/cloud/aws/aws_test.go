package aws_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud/aws"
	"github.com/warder-project/warder/internal/proof/coverage"
)

const header16 = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,cert_1_active,cert_2_active"

const small = `user,arn,password_enabled,mfa_active,access_key_1_active,password_last_used
<root_account>,arn:aws:iam::777788889999:root,not_supported,TRUE,false,no_information
nadia,arn:aws:iam::777788889999:user/nadia,true,true,true,2026-11-01T08:00:00Z
omar,arn:aws:iam::777788889999:user/team/omar,TRUE,False,false,2026-11-01T08:00:00+00:00
robot,arn:aws:iam::777788889999:user/robot,false,false,true,N/A
`

func read(text string) (users []aws.User, generated time.Time, err error) {
	_, err = aws.ReadReport("report.csv", strings.NewReader(text), aws.Sink{
		Begin: func(at time.Time) { generated = at },
		User:  func(user *aws.User) { users = append(users, *user) },
	})
	return users, generated, err
}

func TestCredentialReportIsReadInEveryWayItIsHandedOut(t *testing.T) {
	t.Parallel()
	want, _, err := read(small)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 4 || want[1].MFA != coverage.Yes || want[2].MFA != coverage.No || want[2].Password != coverage.Yes ||
		want[0].Password != coverage.Unknown || !want[0].Root || want[3].Password != coverage.No || want[3].Keys != 1 {
		t.Fatalf("read %+v", want)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(small))
	var utf16le strings.Builder
	utf16le.WriteString("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(small)) {
		utf16le.Write(binary.LittleEndian.AppendUint16(nil, unit))
	}
	folded := ""
	for rest := encoded; rest != ""; rest = rest[min(76, len(rest)):] {
		folded += rest[:min(76, len(rest))] + "\r\n"
	}
	for name, text := range map[string]string{
		"byte order mark": "\xef\xbb\xbf" + small, "CRLF": strings.ReplaceAll(small, "\n", "\r\n"),
		"no newline at the end": strings.TrimSuffix(small, "\n"), "UTF-16": utf16le.String(),
		"base64": encoded, "folded base64": folded, "base64 in quotation marks": `"` + encoded + "\"\n",
		"JSON with base64":  fmt.Sprintf(`{"Content":%q,"ReportFormat":"text/csv","GeneratedTime":"2026-11-20T06:00:00+00:00"}`, encoded),
		"JSON decoded":      fmt.Sprintf(`{"State":"COMPLETE","Content":%q}`, small),
		"one column more":   strings.NewReplacer("last_used\n", "last_used,additional_credentials_info\n", "no_information\n", "no_information,0\n", "Z\n", "Z,1\n", "00:00\n", "00:00,2\n", "N/A\n", "N/A,0\n").Replace(small),
		"upper-case header": strings.Replace(small, "mfa_active", " MFA_Active ", 1),
	} {
		got, generated, err := read(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if name == "JSON with base64" && !generated.Equal(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)) {
			t.Errorf("generated %s", generated)
		}
	}
}

func TestFaultyReportsAreRefusedWithThePlaceAndWhatWasExpected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, code, place, expected string }{
		{"doubled header", "user,arn,user,password_enabled,mfa_active\n", "table.bad_header", "report.csv:1:10:", "expected every name once"},
		{"missing column", "user,arn,password_enabled\nx,y,z\n", "table.bad_header", "report.csv:1:1:", `no column "mfa_active"`},
		{"not a flag", strings.Replace(small, "TRUE,False", "TRUE,2026-01-01", 1), "table.bad_rows", "report.csv:4:", "expected true, false or N/A"},
		{"not a name", strings.Replace(small, "arn:aws:iam::777788889999:user/nadia", "nadia", 1), "table.bad_rows", "report.csv:3:7:", "expected a name such as arn:aws"},
		{"cut off", small[:len(small)-20], "table.bad_rows", "report.csv:5:", "expected 6"},
		{"two accounts", strings.Replace(small, "777788889999:user/robot", "111111111111:user/robot", 1), "table.bad_rows", "report.csv:5:7:", "expected 777788889999"},
		{"the same user twice", small + "nadia,arn:aws:iam::777788889999:user/nadia,true,false,true,N/A\n", "table.bad_rows", "report.csv:6:1:", "expected every user once"},
		{"two reports one after the other", small + small, "table.bad_rows", "report.csv:6:", "expected"},
		{"empty", "", "export.truncated", "report.csv:1:1:", "empty"},
		{"header only", "user,arn,password_enabled,mfa_active\n", "export.truncated", "report.csv:2:1:", "at least one row"},
		{"staff list", "user_name,name,email\nnadia,Nadia,n@example.org\n", "export.wrong_kind", "report.csv:1:1:", "found a staff list"},
		{"Entra export", `{"value":[{"userPrincipalName":"a@b","methodsRegistered":[]}]}`, "export.wrong_kind", "report.csv:1:1:", "found an Entra export of user registration details, expected an AWS credential report"},
		{"devices", `{"MFADevices": []}`, "export.wrong_kind", "report.csv:1:1:", "found an AWS list of MFA devices"},
		{"gzip", "\x1f\x8b\x08\x00aaaa", "export.wrong_kind", "report.csv:1:1:", "compressed"},
		{"workbook", "PK\x03\x04aaaa", "export.wrong_kind", "report.csv:1:1:", "spreadsheet"},
		{"web page", "<html>please sign in</html>", "export.wrong_kind", "report.csv:1:1:", "web page"},
		{"cut off base64", base64.StdEncoding.EncodeToString([]byte(small))[:101], "export.truncated", "report.csv:1:1:", "cut off"},
		{"cut off JSON", `{"Content": "dXNlcixhcm4s`, "export.truncated", "report.csv:1:26:", "the file ends here"},
		{"JSON with a fault", "{\n \"Content\": \"dXNl\",\n ReportFormat: 1}", "export.malformed", "report.csv:3:2:", "expected JSON"},
	} {
		_, _, err := read(c.text)
		found, ok := problem.Of(err)
		if !ok {
			t.Errorf("%s: got %v, want a problem", c.name, err)
			continue
		}
		text := ""
		for _, field := range found.Fields {
			text += field.String() + "\n"
		}
		if found.Code != c.code || !strings.HasPrefix(text, c.place) || !strings.Contains(text, c.expected) || found.Next == "" {
			t.Errorf("%s: got %s\n%swant %s %q … %q", c.name, found.Code, text, c.code, c.place, c.expected)
		}
		if len(found.Fields) > 20 {
			t.Errorf("%s: %d places", c.name, len(found.Fields))
		}
	}
}

func TestSixteenColumnsAreEnoughAndOddWordsAreNotKnown(t *testing.T) {
	t.Parallel()
	users, _, err := read(header16 + "\nold,arn:aws-us-gov:iam::777788889999:user/old,2019-01-01T00:00:00Z,true,no_information,N/A,N/A,suspended,false,N/A,N/A,false,N/A,N/A,false,false\n")
	if err != nil {
		t.Fatal(err)
	}
	if users[0].MFA != coverage.Unknown || users[0].Odd != "suspended" || users[0].Password != coverage.Yes {
		t.Errorf("got %+v", users[0])
	}
}

func TestKindOfDeviceIsToldByItsSerialNumber(t *testing.T) {
	t.Parallel()
	for serial, want := range map[string]coverage.Method{
		"arn:aws:iam::777788889999:mfa/nadia":                   coverage.TOTP,
		"arn:aws:iam::777788889999:u2f/user/nadia/key-ABCDEFGH": coverage.WebAuthn,
		"arn:aws-cn:iam::777788889999:u2f/root-account/key":     coverage.WebAuthn,
		"arn:aws:iam::777788889999:sms-mfa/nadia":               coverage.Phone,
		"GAKT12345678":                          coverage.TOTPToken,
		"arn:aws:iam::777788889999:laser/nadia": coverage.Unrecognised,
		"arn:aws":                               coverage.Unrecognised,
	} {
		if got := aws.KindOf(serial); got != want {
			t.Errorf("%s is %v, want %v", serial, got.Words(), want.Words())
		}
	}
}

// Trap 1: a u2f device resists phishing and is no proof of hardware.
func TestU2FIsNoProofOfHardware(t *testing.T) {
	t.Parallel()
	devices, err := aws.ReadDevices("d.json", strings.NewReader(`{"MFADevices":[{"UserName":"nadia","SerialNumber":"arn:aws:iam::777788889999:u2f/user/nadia/k"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	virtual, err := aws.ReadVirtualDevices("v.json", strings.NewReader(`{"VirtualMFADevices":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	beside := aws.Supplement{Devices: devices, Virtual: virtual}
	account := beside.Account(&aws.User{Name: "Nadia", Password: coverage.Yes, MFA: coverage.Yes}, 0, true)
	if account.ResistantHeld != coverage.Yes || account.KeysOnly != coverage.Unknown || account.WeakFree != coverage.Yes {
		t.Errorf("got resistant %s, keys only %s, weak free %s", account.ResistantHeld, account.KeysOnly, account.WeakFree)
	}
	if account.Required != coverage.Unknown || account.Registered != coverage.Yes || account.Used != coverage.Unknown {
		t.Errorf("registered %s, required %s, used %s: they are different facts", account.Registered, account.Required, account.Used)
	}
}

// Trap 2: root's password_enabled may be TRUE, FALSE or not_supported.
func TestRootWithoutCredentialsNeedsNoFactor(t *testing.T) {
	t.Parallel()
	beside := aws.Supplement{Summary: &aws.Summary{RootMFA: coverage.No}}
	for value, want := range map[coverage.Fact]coverage.Fact{coverage.Yes: coverage.No, coverage.Unknown: coverage.No, coverage.No: coverage.Unknown} {
		account := beside.Account(&aws.User{Root: true, Password: value, MFA: coverage.Unknown}, 0, true)
		if account.SignsIn != value || account.Registered != want {
			t.Errorf("password %s: signs in %s, registered %s, want %s", value, account.SignsIn, account.Registered, want)
		}
	}
}

func TestDevicesAreReadFromALoopOverUsersAndAnArray(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"MFADevices":[{"UserName":"nadia","SerialNumber":"GAKT12345678"}]}` + "\n" + `{"MFADevices":[]}` + "\n" + `{"MFADevices":[{"UserName":"omar","SerialNumber":"arn:aws:iam::777788889999:mfa/omar"}]}`,
		`[{"UserName":"nadia","SerialNumber":"GAKT12345678"},{"UserArn":"arn:aws:iam::777788889999:user/team/omar","SerialNumber":"arn:aws:iam::777788889999:mfa/omar"}]`,
	} {
		devices, err := aws.ReadDevices("d.json", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if devices.Of("NADIA") != coverage.TOTPToken || devices.Of("omar") != coverage.TOTP || devices.Count != 2 {
			t.Errorf("got %+v", devices)
		}
	}
	if _, err := aws.ReadDevices("d.json", strings.NewReader(`{"MFADevices":[],"IsTruncated":true}`)); err == nil {
		t.Error("a list that says it goes on was accepted")
	}
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(small))))
	f.Add([]byte(`{"Content":"user,arn,password_enabled,mfa_active\na,arn:aws:iam::777788889999:user/a,true,true\n"}`))
	f.Add([]byte("\xff\xfeu\x00s\x00"))
	f.Fuzz(func(t *testing.T, input []byte) {
		names := map[string]bool{}
		rows, err := aws.ReadReport("f", strings.NewReader(string(input)), aws.Sink{Begin: func(time.Time) {}, User: func(user *aws.User) {
			if user.Name == "" || len(user.Account) != 12 || names[user.Name] {
				t.Fatalf("handed out %+v", user)
			}
			names[strings.Clone(user.Name)] = true
		}})
		refused(t, err)
		if err == nil && rows != len(names) {
			t.Fatalf("%d rows, %d users", rows, len(names))
		}
	})
}

func FuzzDevices(f *testing.F) {
	f.Add([]byte(`{"MFADevices":[{"UserName":"nadia","SerialNumber":"GAKT12345678","EnableDate":"2026-01-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"VirtualMFADevices":[{"SerialNumber":"arn:aws:iam::777788889999:mfa/x","User":{"Arn":"arn:aws:iam::777788889999:root"}}]}`))
	f.Add([]byte(`{"SummaryMap":{"AccountMFAEnabled":1}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		_, err := aws.ReadDevices("f", strings.NewReader(string(input)))
		refused(t, err)
		_, err = aws.ReadVirtualDevices("f", strings.NewReader(string(input)))
		refused(t, err)
		_, err = aws.ReadSummary("f", strings.NewReader(string(input)))
		refused(t, err)
	})
}

// refused holds every error to being a problem with a place and a next step.
func refused(t *testing.T, err error) {
	if err == nil {
		return
	}
	found, ok := problem.Of(err)
	if !ok || found.Next == "" || len(found.Fields) == 0 || len(found.Fields) > 20 || found.Fields[0].Line < 1 {
		t.Fatalf("refused without a place or a next step: %v", err)
	}
}
