package coverage

// KindName says what an export is, in the words of those who fetch it. A kind
// that is not known here keeps its own name. The kinds are those of feeds/cloud.
func KindName(kind string) string {
	switch kind {
	case "aws-credential-report":
		return "AWS credential report"
	case "aws-mfa-devices":
		return "AWS MFA devices"
	case "aws-virtual-mfa-devices":
		return "AWS virtual MFA devices"
	case "aws-account-summary":
		return "AWS account summary"
	case "entra-registrations":
		return "Entra registration details"
	case "entra-conditional-access":
		return "Entra conditional access policies"
	case "entra-authentication-methods":
		return "Entra authentication methods"
	case "staff":
		return "Staff list"
	}
	return kind
}
