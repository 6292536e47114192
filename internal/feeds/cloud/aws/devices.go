package aws

import (
	"io"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/proof/coverage"
)

// Devices are MFA devices by user.
type Devices struct {
	byUser map[string]coverage.Method // lower-case user name → kinds
	Root   coverage.Method
	Count  int // assigned to somebody
	Spare  int // virtual devices assigned to nobody
}

// Of is what a user has. AWS treats user names that differ in capitals only as
// the same.
func (d *Devices) Of(user string) coverage.Method {
	if d == nil {
		return 0
	}
	return d.byUser[strings.ToLower(user)]
}

// device is one entry of list-mfa-devices or list-virtual-mfa-devices.
type device struct {
	UserName     string
	UserArn      string
	SerialNumber string
	EnableDate   cloud.Moment
	User         *struct{ UserName, Arn string }
}

// KindOf tells the kind of a device by the form of its serial number.
// Standards.md A.1.2: u2f is used for every FIDO2 credential, synced passkeys
// included, so it is no proof of hardware.
func KindOf(serial string) coverage.Method {
	if !strings.HasPrefix(serial, "arn:") {
		return coverage.TOTPToken
	}
	pieces := strings.SplitN(serial, ":", 6)
	if len(pieces) < 6 {
		return coverage.Unrecognised
	}
	kind, _, _ := strings.Cut(pieces[5], "/")
	switch kind {
	case "mfa":
		return coverage.TOTP
	case "u2f":
		return coverage.WebAuthn
	case "sms-mfa":
		return coverage.Phone
	}
	return coverage.Unrecognised
}

// ReadDevices reads list-mfa-devices, once or for many users one after the
// other, or an array of devices.
func ReadDevices(name string, r io.Reader) (*Devices, error) {
	return readDevices(name, r, cloud.AWSMFADevices, "mfadevices")
}

// ReadVirtualDevices reads list-virtual-mfa-devices.
func ReadVirtualDevices(name string, r io.Reader) (*Devices, error) {
	return readDevices(name, r, cloud.AWSVirtualMFADevices, "virtualmfadevices")
}

func readDevices(name string, r io.Reader, kind cloud.Kind, member string) (*Devices, error) {
	document, parts, err := cloud.Read(name, r, kind)
	if err != nil {
		return nil, err
	}
	devices := &Devices{byUser: map[string]coverage.Method{}}
	var faults []problem.Field
	for _, part := range parts {
		list := part
		if members, ok := document.Members(part); ok {
			list = members[member]
			if token := members["istruncated"]; string(token.Raw) == "true" {
				return nil, cloud.Truncated(document.At(token, "IsTruncated is true: the list goes on; expected all pages"))
			}
		}
		elements, ok := document.Elements(list)
		if !ok {
			return nil, document.Wrong()
		}
		for _, element := range elements {
			faults = append(faults, devices.add(document, element)...)
		}
	}
	if len(faults) > 0 {
		return nil, cloud.Malformed(faults...)
	}
	return devices, nil
}

func (d *Devices) add(document *cloud.Document, element cloud.Part) []problem.Field {
	var one device
	if field, ok := document.Decode(element, &one); !ok {
		return []problem.Field{field}
	}
	if len(one.SerialNumber) < 9 || len(one.SerialNumber) > 256 {
		return []problem.Field{document.At(element, "this device has no serial number of 9 to 256 characters; expected SerialNumber")}
	}
	arn, user := one.UserArn, one.UserName
	if one.User != nil {
		arn, user = one.User.Arn, one.User.UserName
	}
	if user == "" {
		_, user, _ = strings.Cut(arn, ":user/")
		user = user[strings.LastIndexByte(user, '/')+1:]
	}
	kind := KindOf(one.SerialNumber)
	switch {
	case strings.HasSuffix(arn, ":root") || strings.HasSuffix(one.SerialNumber, ":mfa/root-account-mfa-device"):
		d.Root |= kind
	case user == "":
		d.Spare++
		return nil
	default:
		d.byUser[strings.ToLower(user)] |= kind
	}
	d.Count++
	return nil
}

// Summary is what we read of an account summary.
type Summary struct {
	RootMFA   coverage.Fact // AccountMFAEnabled speaks of root
	RootKeys  coverage.Fact // AccountAccessKeysPresent
	InUse     int           // MFADevicesInUse
	UserCount int
}

// ReadSummary reads get-account-summary.
func ReadSummary(name string, r io.Reader) (*Summary, error) {
	document, parts, err := cloud.Read(name, r, cloud.AWSAccountSummary)
	if err != nil {
		return nil, err
	}
	members, _ := document.Members(parts[0])
	inner, ok := document.Members(members["summarymap"])
	if !ok || len(parts) != 1 {
		return nil, document.Wrong()
	}
	summary := &Summary{}
	numbers := map[string]int{}
	var faults []problem.Field
	for _, key := range []string{"accountmfaenabled", "accountaccesskeyspresent", "mfadevicesinuse", "users"} {
		part, there := inner[key]
		if !there || part.Null() {
			continue
		}
		var number int
		if field, ok := document.Decode(part, &number); !ok {
			faults = append(faults, field)
			continue
		}
		numbers[key] = number
		switch key {
		case "accountmfaenabled":
			summary.RootMFA = coverage.FactOf(number > 0)
		case "accountaccesskeyspresent":
			summary.RootKeys = coverage.FactOf(number > 0)
		}
	}
	if len(faults) > 0 {
		return nil, cloud.Malformed(faults...)
	}
	summary.InUse, summary.UserCount = numbers["mfadevicesinuse"], numbers["users"]
	return summary, nil
}
