package fido

import "github.com/warder-project/warder/internal/base/problem"

// What can go wrong with a list.
var (
	Malformed = problem.Define(problem.Invalid, "mds.malformed",
		"This file is not a list of the FIDO Metadata Service that can be read, so nothing was taken from it.",
		"Get the file again, as the service gives it, and do not edit it. If it happens again, tell whoever looks after Warder.")
	TooLarge = problem.Define(problem.Invalid, "mds.too_large",
		"This file is larger than a list of the FIDO Metadata Service can be.",
		"Check that it is the right file.")
	Unreadable = problem.Define(problem.Unavailable, "mds.unreadable",
		"This file could not be read to the end.",
		"Check the disk and the file, then try again.")
	Algorithm = problem.Define(problem.Forbidden, "mds.algorithm",
		"This list is signed in a way that Warder does not accept, so nothing was taken from it.",
		"Get the file again from the FIDO Alliance. It signs with RS256 or ES256.")
	Untrusted = problem.Define(problem.Forbidden, "mds.untrusted",
		"The certificates in this list do not lead to the root that you trust, so nothing was taken from it.",
		"Check the file and metadata_root in warder.yaml. The FIDO Alliance says on its site which root it uses.")
	WrongSigner = problem.Define(problem.Forbidden, "mds.wrong_signer",
		"This list is signed by somebody else than the FIDO Metadata Service, so nothing was taken from it.",
		"Do not use this file. Get it from the FIDO Alliance itself, and tell the security team where this one came from.")
	SignatureInvalid = problem.Define(problem.Forbidden, "mds.signature_invalid",
		"The signature of this list is wrong: it was changed or cut off after it was signed.",
		"Do not use this file. Get it again from the FIDO Alliance.")
	RolledBack = problem.Define(problem.Conflict, "mds.rolled_back",
		"This list is older than the one that is in use, so it was not taken.",
		"Get the newest one from the FIDO Alliance. An old list hides warnings that came later.")
	NumberReused = problem.Define(problem.Conflict, "mds.number_reused",
		"This list has the number of the one that is in use, and says something else.",
		"Do not use this file. Get the list again, and tell the security team where this one came from.")
	RootMissing = problem.Define(problem.Invalid, "mds.root_missing",
		"It is not said which root certificate signs the FIDO Metadata Service.",
		"Put the file of that certificate (today GlobalSign Root CA R3, which the FIDO Alliance names on its site) as metadata_root into warder.yaml.")
	RootMalformed = problem.Define(problem.Invalid, "mds.root_malformed",
		"The root certificate of the FIDO Metadata Service cannot be read.",
		"Check the file that metadata_root names in warder.yaml: one or more certificates, as PEM.")
	NotListed = problem.Define(problem.NotFound, "mds.not_listed",
		"The FIDO metadata that was imported has no roots for this model.",
		"Import a newer list with `warder mds import`, or give the roots of the maker with --roots.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{Malformed, TooLarge, Unreadable, Algorithm, Untrusted, WrongSigner, SignatureInvalid,
		RolledBack, NumberReused, RootMissing, RootMalformed, NotListed}
}
