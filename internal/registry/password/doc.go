// Package password is what NIST SP 800-63B-4 §3.1.1.2 says about passwords, and
// nothing else: how one is normalised and how long it must be, which ones everybody
// would guess, and how it is hashed. It keeps nothing; whose password it is and
// where its hash lies is of registry/factors/sharedsecret.
//
// A password has at least 15 characters, which is what the standard asks where a
// password stands alone. It would allow 8 beside a second factor. Warder does not
// use that: the second factor can be taken away after the password was set, and
// nobody then asks for a longer one. At most 256 characters are taken, none is cut
// off, and every character that can be printed, the space too, is as good as any
// other. There are no rules of composition and passwords do not expire.
//
// What is refused is what is guessed first (see Guessable): the words of a list that
// the operator may bring, and what is wholly made of very common words, keyboard
// rows, sequences, years, the person's own name or the organisation's.
//
// Hashing costs 64 MiB and some tenths of a second on purpose. A Hasher does only a
// few at once and lets only a few wait, so that whoever guesses can use up their own
// patience but not the machine's memory.
package password
