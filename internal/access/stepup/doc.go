// Package stepup lets a request that is allowed wait for a touch of the key, because
// of what it does: an export, a payment. The application needs to know nothing of it.
//
//	            a key of the person, on the page that names the action
//	Waiting ───────────────────────────────────────────────────────────▶ Granted ──▶ Used
//	   │ ├── the person says no ─────────▶ Declined                         │  (or again, while Keep lasts)
//	   │ └── nothing for ten minutes ──▶ Abandoned                        └── Expired, when its time is up
//
// What is granted is one action: the hash of the service, the action, the method,
// the whole address and the content, which is also part of the challenge that the key
// signs. It holds for the session that asked, and for nothing else: another content,
// another address or another browser asks anew. Only a key that verified its user and
// cannot be phished will do; no password, code, recovery code or pass ever does, and
// the key of somebody else does not either.
//
// A request with a content of up to a mebibyte is kept sealed until the key has
// been touched. A larger one is not kept, nor is it part of the hash; the person
// sends it again.
//
// The room owns the table step_up. It leaves to registry/services which requests
// are actions, to the gateway to recognise and to hold them, and to access/decision
// whether the person may be there at all.
package stepup
