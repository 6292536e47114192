// Package coverage says who is protected by what. It takes facts about
// accounts in many systems, joins the accounts to the people of the staff list,
// and counts people and services: how many, out of how many, and who was left
// out under which named rule. Every number opens to the list behind it.
//
// A fact has three values: yes, no and not known. Four facts about an account
// are never mixed, because mixing them is the usual false "we have MFA":
// registered (a method is set up), capable (and policy lets it be used),
// required (policy demands it at every sign-in) and used (a sign-in log shows it).
//
// The room is pure: it reads no file and no clock. Reading exports is the work
// of feeds/cloud; judging levels is the work of proof/maturity.
package coverage
