// Package places says where an address is, as far as files of the administrator
// know: in which country, in which network (ASN), roughly at which coordinates, and
// whether it is on a list, of Tor exits for example.
//
// Warder ships no such data and asks nobody over the Internet. A file is either a
// MaxMind database (MMDB, of any maker) or a CSV file, and several complete each
// other. What no file says is not known, which is something else than "nothing
// unusual": whoever uses a Place must say what that means to them.
//
// The room reads bytes and keeps nothing. Who reads the files, and when again, is
// for internal/app; what follows from a place is for access/risk.
package places
