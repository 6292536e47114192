// Package entra reads what Microsoft Entra ID exports through Graph: user
// registration details (in pages), conditional access policies, and the
// authentication methods policy, as Graph writes them or as PowerShell tools do
// (capitalised names, /Date(…)/, UTF-16). It turns them into accounts and a
// system of proof/coverage.
//
// Reading is one thing (registrations.go, policies.go, methods.go), judging what
// a policy really demands is another (demand.go): a report-only policy demands
// nothing, "MFA or a compliant device" does not demand MFA, and a policy with a
// hole in it demands MFA only of those who do not walk through the hole.
package entra
