package gateway

import "github.com/warder-project/warder/internal/base/problem"

var (
	noUpstream = problem.Define(problem.NotFound, "gateway.no_upstream",
		"There is nothing behind this address.",
		"Check the address. If it should work, ask the service desk to add an upstream to the route.")
	unknownHost = problem.Define(problem.NotFound, "gateway.unknown_host",
		"No service is known under this address.",
		"Check the address, or go to the staff portal and start from there.")
	untrustedProxy = problem.Define(problem.Forbidden, "gateway.untrusted_proxy",
		"This address may not ask Warder for a decision.",
		"Add the proxy’s address to trusted_proxies in warder.yaml and start Warder again.")
	incompleteForward = problem.Define(problem.Invalid, "gateway.incomplete_forward",
		"The proxy did not say which request it is asking about.",
		"Make the proxy send method, scheme, host and path of the request, each exactly once. See docs/operate/gateway.md.")
	unknownDialect = problem.Define(problem.NotFound, "gateway.unknown_dialect",
		"There is nothing to ask at this address.",
		"Use /authz/forward-auth, /authz/auth-request or /authz/ext-authz. See docs/operate/gateway.md.")
	methodRefused = problem.Define(problem.Invalid, "gateway.method_refused",
		"This address is for opening in a browser.",
		"Open the application again from its usual address.")
	brokenReturn = problem.Define(problem.Invalid, "gateway.broken_return",
		"The address to go back to is not usable.",
		"Open the application again from its usual address.")
	otherBrowser = problem.Define(problem.Forbidden, "gateway.other_browser",
		"This sign-in was started in another browser or too long ago.",
		"Open the application again from its usual address and sign in there.")
	ticketRefused = problem.Define(problem.Forbidden, "gateway.ticket_refused",
		"This sign-in link has already been used or is too old.",
		"Open the application again. If you are still signed in to the portal, nothing more is asked of you.")
	upgradeRefused = problem.Define(problem.Invalid, "gateway.upgrade_refused",
		"Only WebSocket connections can pass through here.",
		"Let the program use ordinary requests or WebSockets.")
	upstreamDown = problem.Define(problem.Unavailable, "gateway.upstream_down",
		"The application does not answer.",
		"Try again in a few minutes. If it goes on, tell the service desk which application it is.")
	notNow = problem.Define(problem.Unavailable, "gateway.not_now",
		"That could not be done just now.",
		"Try again in a few minutes.")
	refused = problem.Define(problem.Forbidden, "gateway.refused",
		"You may not use this application.",
		"If you need it for your work, ask the service desk.")
	keyNeeded = problem.Define(problem.StepUp, "gateway.key_needed",
		"This asks for a touch of your security key.",
		"Open the address in a browser, touch your key there, and try again.")
	bodyUnread = problem.Define(problem.Invalid, "gateway.content_unread",
		"What you sent did not arrive whole.",
		"Send it again.")
	signInNeeded = problem.Define(problem.Unauthenticated, "gateway.sign_in_needed",
		"You need to sign in to use this application.",
		"Open the sign-in address in a browser, then try again.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return []problem.Definition{noUpstream, unknownHost, untrustedProxy, incompleteForward, unknownDialect,
		methodRefused, brokenReturn,
		otherBrowser, ticketRefused, upgradeRefused, upstreamDown, notNow, refused, keyNeeded, bodyUnread, signInNeeded}
}
