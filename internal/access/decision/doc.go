// Package decision answers each request to each service: may this session enter
// here, now? It gathers the facts from the live view, asks policy, and records
// the answer with its reasons, so that anybody can be told later why they were
// let in, asked for more, or turned away.
//
//	Question ──▶ Desk.Ask ──▶ Decision      (no SQL when it allows)
//	                │
//	                ├─ allow: gathered in memory, written in batches by Run
//	                ├─ deny or step up, of a known person: written before answering
//	                └─ nobody signed in: counted only
//
// What can be lost when a node is killed is the last unwritten batch of allowed
// requests, about a second of them; never a refusal or a step-up. When the
// batches cannot be written and are full, a request waits a moment for room and
// is then refused with decision.not_recorded: a service that must show who came
// in does not let people in unseen.
//
// Explain answers "what would happen if", with the same policy code and a trace
// rule by rule, from the store. The room owns the table decision. It leaves to
// others: the verdict (access/policy) and what the browser sees of it (doors).
package decision
