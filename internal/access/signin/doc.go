// Package signin is how a person gets from “nobody” to a session, and the only
// way there: one attempt, kept in the database, led by one dispatcher.
//
// An attempt remembers what is asked (a sign-in, a stronger sign-in, the
// registration of a key), by which browser, for which place, how strongly, and
// how far it has come. Flow.Next reads it and says what the person must do now;
// Identify, Choose, UseKey, GivePassword, GiveCode, GiveRecoveryCode and Register
// are the answers a person can give. Every answer
// is one conditional update of the attempt, in the same unit of work as what it
// causes, so that two tabs or an impatient double click finish once, and a
// process that is killed leaves a whole answer or none.
//
// How far an attempt may come by which answer is drawn in attempts/doc.go.
//
// A password and a code are a way only while policy accepts them. A password alone
// is none: nothing leads from it but to the code. Whoever proves all they have, and
// needs a key for where they are going, is led into registering one in the same
// attempt – by a password and a code only if they never had a key, by a recovery
// code only if they have none left, by another key if it is not strong enough and
// they have no better one. There is no session until the new key has been used.
//
// An attempt is bound to the browser that began it by a secret in a cookie; its
// id alone opens nothing. A challenge is used once, whatever came of it. An
// invitation (a one-time link, or a pass) opens a registration and nothing else:
// there is no session until the new key itself has been used.
//
// An identity that is kept for emergencies can register its key here with a link,
// and use it once to see that it works; that begins no session, and nothing else
// here is open to it. See access/breakglass.
//
// The room leaves to its room attempts what is kept of an attempt and which moves it
// may make, to its room decoys what a stranger is shown in place of keys, to
// registry/factors what a WebAuthn answer is worth, to its room sharedsecret what a
// password or a code is, to access/throttle how often somebody may guess, to registry/keys and
// registry/people whether that key and that person may be used, to
// access/sessions what a session is, and to access/decision whether a person
// may use a service. Who may invite whom is for the caller to decide.
package signin
