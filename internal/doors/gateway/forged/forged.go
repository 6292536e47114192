// Package forged knows the headers that a client must never send to an
// application: those by which other proxies say who is asking, from where and for
// what, and those by which a client asks for another method than was decided. It
// knows names only; what the gateway itself says to applications is not its concern.
package forged

import (
	"net/textproto"
	"strings"
)

// Headers that applications commonly believe about who is asking, from where and
// for what. A client must never set them.
var neverFromClients = set(
	"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Addr", "X-Remote-User", "X-Remote-Groups",
	"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Access-Token",
	"X-Authenticated-User", "X-Authenticated-Userid", "X-Authenticated-Groups", "X-Webauth-User", "X-Webauth-Email", "X-Webauth-Name",
	"X-Webauth-Groups", "X-User", "X-Username", "X-Email", "X-Groups", "X-Proxy-User", "Iv-User", "Iv-Groups", "Iv-Creds", "Sm-User",
	"Eppn", "X-Goog-Authenticated-User-Email", "X-Goog-Authenticated-User-Id", "X-Goog-Iap-Jwt-Assertion", "Cf-Access-Jwt-Assertion",
	"Cf-Access-Authenticated-User-Email", "X-Pomerium-Jwt-Assertion", "X-Pomerium-Claim-Email", "X-Ms-Client-Principal",
	"X-Ms-Client-Principal-Id", "X-Ms-Client-Principal-Name", "X-Authentik-Username", "X-Authentik-Email", "X-Authentik-Groups",
	"X-Authentik-Uid", "X-Authentik-Jwt", "X-Vouch-User", "X-Token-Subject", "Kong-Consumer-Username", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Accesstoken",
	"X-Client-Cert", "X-Client-Dn", "X-Client-Verify", "X-Ssl-Client-Cert", "X-Ssl-Client-Dn", "X-Ssl-Client-S-Dn", "X-Ssl-Client-Verify",
	"Ssl-Client-Cert", "Ssl-Client-S-Dn", "Ssl-Client-Verify", "Client-Cert", "Client-Cert-Chain",
	"X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-For", "X-Original-Host", "X-Original-Proto",
	"X-Original-Url", "X-Original-Uri", "X-Original-Method", "X-Rewrite-Url", "X-Host", "X-Http-Host-Override", "Forwarded",
	"Proxy", // CGI makes HTTP_PROXY of it, which libraries take for their own proxy
)

// Beginnings of header names that no client may use. What we say under
// X-Forwarded- is added afterwards.
var neverPrefixes = [...]string{"X-Forwarded-", "Warder-"}

// Headers by which a client asks for another method than the one that was decided.
var methodOverrides = set("X-Http-Method", "X-Http-Method-Override", "X-Method-Override")

// neverInitials are the first letters of all of these.
var neverInitials = func() (initials [256]bool) {
	for name := range neverFromClients {
		initials[name[0]] = true
	}
	for name := range methodOverrides {
		initials[name[0]] = true
	}
	for _, prefix := range neverPrefixes {
		initials[prefix[0]] = true
	}
	return initials
}()

func set(names ...string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// Header reports whether a client may not send a header that would be read under
// this name, which Canonical has spelt.
func Header(name string) bool {
	// Most headers of a browser begin with other letters, and are done with here.
	if name == "" || !neverInitials[name[0]] {
		return false
	}
	if neverFromClients[name] || methodOverrides[name] {
		return true
	}
	for _, prefix := range neverPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Canonical is the name under which an application may read a header. CGI, and
// everything built after it, writes Remote-User as HTTP_REMOTE_USER; so it does
// with Remote_User, and some servers with Remote.User. Names that Go's server
// hands us are in its own spelling already, unless they have such a character.
func Canonical(name string) string {
	for i := range len(name) {
		if isOdd(rune(name[i])) {
			return textproto.CanonicalMIMEHeaderKey(strings.Map(hyphen, name))
		}
	}
	return name
}

func hyphen(r rune) rune {
	if isOdd(r) {
		return '-'
	}
	return r
}

func isOdd(r rune) bool {
	return (r < 'a' || r > 'z') && r != '-' && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}
