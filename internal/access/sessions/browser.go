package sessions

import "strings"

// Browser is what a person may recognise of the session's browser: "Firefox on
// Linux". It is only ever shown; anybody can send any header.
func (s *Session) Browser() string {
	browser := firstFound(s.UserAgent, [][2]string{
		{"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := firstFound(s.UserAgent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "Unknown browser"
	case browser == "":
		return "Unknown browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// firstFound returns the name of the first mark that is in the text.
func firstFound(text string, marks [][2]string) string {
	for _, mark := range marks {
		if strings.Contains(text, mark[0]) {
			return mark[1]
		}
	}
	return ""
}

// Place is what the session is for, in a word or two: the host of a gate
// session, or Warder itself.
func (s *Session) Place() string {
	if s.Host == "" {
		return "Warder"
	}
	return s.Host
}

// Method says with what it was begun, as a person would: "Security key, with PIN
// or fingerprint".
func (s *Session) Method() string {
	method := "Passkey that may be copied"
	switch {
	case Keyless(s.Assurance.Method):
		return "Password and a code from an app"
	case s.Assurance.HardwareBound && s.Assurance.Attested:
		method = "Security key, proven to be hardware"
	case s.Assurance.HardwareBound:
		method = "Security key"
	}
	if s.Assurance.UserVerified {
		return method + ", with PIN or fingerprint"
	}
	return method
}
