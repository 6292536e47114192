package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// secure sets the headers that every answer carries.
func (s *Site) secure(w http.ResponseWriter) {
	header := w.Header()
	policy, _ := s.contentSecurityPolicy(nil) // without extra origins it cannot fail
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	// A page's address may hold a one-time link; other sites never see it. Our own
	// need it to return somebody whose session ended to the page they were on.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Permissions-Policy",
		"publickey-credentials-get=(self), publickey-credentials-create=(self), "+
			"camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	header.Set("Cache-Control", "no-store")
	if s.deps.BaseURL.Scheme == "https" {
		// RFC 6797 §6.1: two years. Not for subdomains: they may be other people's.
		header.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// contentSecurityPolicy allows what we build ourselves, and nothing else.
// Chromium applies form-action to the redirects after a form as well, so a
// sign-in that ends at another host must name that host, and no page names
// more: strangers read these headers too.
func (s *Site) contentSecurityPolicy(extra []string) (string, error) {
	actions := []string{"'self'"}
	for _, origin := range extra {
		if !isOrigin(origin) {
			return "", fmt.Errorf("form action %q is not an origin (https://host)", origin)
		}
		actions = append(actions, origin)
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action " + strings.Join(actions, " ") + "; frame-ancestors 'none'; base-uri 'none'", nil
}

// isOrigin reports whether text is a scheme and a host and can stand in a
// header without ending the directive.
func isOrigin(text string) bool {
	if strings.ContainsAny(text, " \t\r\n;,'\"*") {
		return false
	}
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") &&
		parsed.Host != "" && parsed.User == nil && text == parsed.Scheme+"://"+parsed.Host
}
