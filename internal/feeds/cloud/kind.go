package cloud

import (
	"bytes"
	"strings"
)

// Kind says what a file is.
type Kind string

// The kinds of files Warder can tell apart.
const (
	NotKnown              Kind = ""
	AWSCredentialReport   Kind = "aws-credential-report"
	AWSMFADevices         Kind = "aws-mfa-devices"
	AWSVirtualMFADevices  Kind = "aws-virtual-mfa-devices"
	AWSAccountSummary     Kind = "aws-account-summary"
	EntraRegistrations    Kind = "entra-registrations"
	EntraConditional      Kind = "entra-conditional-access"
	EntraMethods          Kind = "entra-authentication-methods"
	Staff                 Kind = "staff"
	compressed            Kind = "compressed"
	spreadsheet           Kind = "spreadsheet"
	webPage               Kind = "web-page"
	notText               Kind = "binary"
	unrelatedJSON         Kind = "json"
	unrelatedText         Kind = "text"
	entraSomething        Kind = "entra"
	differentAWSStructure Kind = "aws"
)

// Name is what a person calls the kind, with its article.
func (k Kind) Name() string {
	switch k {
	case AWSCredentialReport:
		return "an AWS credential report"
	case AWSMFADevices:
		return "an AWS list of MFA devices"
	case AWSVirtualMFADevices:
		return "an AWS list of virtual MFA devices"
	case AWSAccountSummary:
		return "an AWS account summary"
	case EntraRegistrations:
		return "an Entra export of user registration details"
	case EntraConditional:
		return "an Entra export of conditional access policies"
	case EntraMethods:
		return "an Entra authentication methods policy"
	case Staff:
		return "a staff list"
	case compressed:
		return "a compressed file"
	case spreadsheet:
		return "a zip archive or spreadsheet"
	case notText:
		return "a binary file"
	case webPage:
		return "a web page"
	case unrelatedJSON:
		return "JSON of another kind"
	case entraSomething:
		return "an Entra export of another kind"
	case differentAWSStructure:
		return "an AWS answer of another kind"
	case NotKnown, unrelatedText:
	}
	return "a text file of another kind"
}

// Sniff says what a file looks like from its beginning (the first 64 KiB are
// plenty) or from all of it. It never fails: what it does not know is NotKnown
// or an unrelated kind.
func Sniff(start []byte) Kind {
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}), bytes.HasPrefix(start, []byte("BZh")), bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return compressed
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return spreadsheet
	}
	text := strings.TrimSpace(string(plain(start)))
	switch {
	case text == "":
		return NotKnown
	case strings.Contains(text, "\x00"):
		return notText
	case strings.HasPrefix(text, "<"):
		return webPage
	case text[0] == '{' || text[0] == '[':
		return sniffJSON(text)
	}
	return sniffHeader(text)
}

// sniffJSON looks at the names of members. The earliest telling name wins, so a
// file that is cut off is still recognised.
func sniffJSON(text string) Kind {
	lower := strings.ToLower(text)
	marks := []struct {
		mark string
		kind Kind
	}{
		{`"virtualmfadevices"`, AWSVirtualMFADevices}, {`"mfadevices":[`, AWSMFADevices},
		{`"summarymap"`, AWSAccountSummary}, {`"reportformat"`, AWSCredentialReport}, {`"generatedtime"`, AWSCredentialReport},
		{`"methodsregistered"`, EntraRegistrations}, {`"ismfaregistered"`, EntraRegistrations},
		{`"authenticationmethodconfigurations"`, EntraMethods}, {`"authentication_method_feature_settings"`, EntraMethods},
		{`"grantcontrols"`, EntraConditional}, {`"clientapptypes"`, EntraConditional}, {`"includeusers"`, EntraConditional},
		{`#identity/conditionalaccess/policies`, EntraConditional},
		{`#reports/authenticationmethods/userregistrationdetails`, EntraRegistrations},
	}
	squeezed := strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "").Replace(lower)
	best, at := NotKnown, len(squeezed)
	for _, one := range marks {
		if i := strings.Index(squeezed, one.mark); i >= 0 && i < at {
			best, at = one.kind, i
		}
	}
	switch {
	case best != NotKnown:
		return best
	case strings.Contains(squeezed, `"content":"`):
		return AWSCredentialReport
	case strings.Contains(squeezed, `"serialnumber":`):
		return AWSMFADevices
	case strings.Contains(squeezed, "graph.microsoft.com"):
		return entraSomething
	case strings.Contains(squeezed, "arn:aws"):
		return differentAWSStructure
	}
	return unrelatedJSON
}

func sniffHeader(text string) Kind {
	line, _, _ := strings.Cut(strings.ToLower(text), "\n")
	switch {
	case strings.Contains(line, "mfa_active") && strings.Contains(line, "user"),
		strings.Contains(line, "user_creation_time"):
		return AWSCredentialReport
	case strings.HasPrefix(strings.TrimLeft(text, `"'`), "dXNlc"): // base64 of "user"
		return AWSCredentialReport
	case strings.Contains(line, "user_name") && strings.Contains(line, ",") || strings.Contains(line, "employee"):
		return Staff
	}
	return unrelatedText
}
