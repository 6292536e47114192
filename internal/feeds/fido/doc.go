// Package fido reads the FIDO Metadata Service (version 3.1.1): a signed list, called
// a BLOB, in which the FIDO Alliance says of makes of authenticators what they are, and
// warns of those in which something bad was found.
//
// Warder calls nobody, so the operator brings the file. What is read from it is believed
// only when its signature leads to the root that the operator has named, through a
// certificate for the service's own name: the root alone signs for half the web. A list
// never replaces a newer one, and its number never stands for two contents. What it
// says is kept as a whole or not at all.
//
// The list can only take away. No model is allowed, and no key is trusted, because of
// it: administrators list models, and give them roots (which they may copy from here,
// see Roots). A list that is out of date, or missing, changes nothing by itself and
// stops nothing; it is shown, and it is never taken to mean that a model is fine.
//
// The room keeps the last list that was imported. It leaves to others: what a warning
// means (registry/keys), and what follows from it for people who are signed in
// (access/recall). Certificate revocation lists are not looked at: they are on the web.
package fido
