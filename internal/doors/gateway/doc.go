// Package gateway is the door to applications that know nothing of modern
// sign-in. It stands in front of them as a reverse proxy, or beside another
// proxy that asks about each request: Traefik and Caddy (/authz/forward-auth),
// nginx (/authz/auth-request) and Envoy (/authz/ext-authz).
//
// Every request is decided by access/decision from the live view: no session,
// no assurance or no route means no entry, and a fault on the way means no
// entry either. An allowed request carries the person's identity to the
// application as a signed token and as plain headers; whatever copies of those
// headers the client sent are removed first.
//
// A browser signs in on the portal and comes back with a ticket:
//
//	application host                      portal host
//	GET /payroll
//	  303 /.warder/signin?next=/payroll   (sets the state cookie)
//	GET /.warder/signin
//	  303 ──────────────────────────────▶ /signin?service-url=…&state=…
//	                                      … key …
//	GET /.warder/callback?ticket&state ◀─ 303
//	  (redeems the ticket, sets the gate cookie)
//	  303 /payroll
//
// The room owns no sessions, no policy and no routes: access/sessions,
// access/policy and registry/services do.
package gateway
