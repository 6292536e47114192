// Package aws reads what AWS Identity and Access Management exports: the
// credential report (CSV, its base64 text, or the answer of the command line
// with the report in its Content), the lists of MFA devices and of virtual MFA
// devices, and the account summary. It turns them into accounts of
// proof/coverage.
//
// What these files can and cannot show is written beside the code that decides
// it, in facts.go. They do not know Identity Center users, roles or federated
// people.
package aws
