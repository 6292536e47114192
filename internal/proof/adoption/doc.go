// Package adoption counts, from Warder's own registrations, how far people are on
// the way to hardware keys: who has nothing, who has codes, who has two attested
// keys, and who hangs from a single one.
//
// An account is worth what the weakest way into it is worth: whoever has a key and
// may also come in with a password and a code can be phished. So each account has a
// rung, which is the best it has, and a strength, which is the worst that is still
// accepted.
//
// Counted are people of the directory who may sign in at that moment; whoever is
// left out is named with the reason. What is only set up, and does not work or is
// not accepted any more, does not count.
//
// The room keeps nothing. It reads the directory, the credentials and the roles
// each time, so that a number and the list behind it are the same. What is found
// in exports of other systems is proof/coverage.
package adoption
