// Package recall is what happens when a model of security key loses its good name:
// an administrator no longer allows it, or says no longer that it keeps its keys in
// hardware, or somebody who knows warns of it. A car maker calls such cars back to
// the garage; here, what was proven with such keys stops counting.
//
// The change of the model and everything that follows from it are one unit of work:
// credentials on keys that may not be used at all are suspended and their sessions
// end; sessions of the others count for less, on their next request. Each has its
// audit entry there. What it would mean can be asked first (Foresee…), and is found
// out by the same code.
//
// Nothing comes back by itself. When a model is allowed again, people sign in again;
// a suspended credential stays suspended, and its key is set up anew.
//
// A warning may begin or end on a day to come. Enforce, called now and then, stops
// what a warning stops from that day on; whoever signs in meets it at once.
//
// The room owns no tables. It leaves to others: what a model is worth
// (registry/keys), credentials (registry/factors), sessions (access/sessions), and
// where warnings come from (feeds/fido).
package recall
