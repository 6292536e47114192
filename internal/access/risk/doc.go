// Package risk says what is unusual about where and when somebody signs in, or goes
// on: a network, country or device that is new for them, a journey nobody can have
// made, an hour they never work at, a burst of wrong tries, a network on a list, a
// key of theirs that was used after it was reported lost.
//
// A signal is yes, no or not known, and never a score: what it comes from is said
// with it. Not known is never "no"; a policy says what it means. A signal only
// raises what is asked (access/policy adds rules up; it has none that takes away),
// and named networks only stop signals from being raised.
//
// What is usual for somebody, their baseline, is bounded and forgotten:
//
//   - A network, country or device is known once it was confirmed by re-validation,
//     or three days after it was first seen, if nobody objected. The first ones of
//     somebody about whom nothing is known are taken as they are.
//   - Re-validation is a fresh answer of a key with PIN or fingerprint, whose counter
//     and model are checked (registry/factors does that), and the word that the key is
//     in the person's hand. It confirms where they are, so that one journey asks once.
//   - "This was not me" ends the session, forgets what it has taught, blocks its device
//     and network for that person for a week, and opens a case. "It was me, end it"
//     ends the session and nothing else.
//
// A sight is what was found about a session in one network. It is kept when the
// session begins and when it turns up in another network, and copied into memory on
// every node, so that requests are answered without SQL. A journey nobody can have
// made is held against the whole session: one of the two is not its holder.
//
// The room owns the tables risk_known, risk_sight and risk_case. It leaves to
// access/risk/places what files say about addresses, to access/policy what follows
// from a signal, and to access/signin how a key is asked for.
package risk
