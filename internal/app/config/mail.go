package config

import (
	"net"
	"net/mail"
	"strings"
)

// SendsMail reports whether there is a mail server for messages to people.
func (c Config) SendsMail() bool { return c.SMTPHost != "" }

// checkMail says what is wrong with the fields about the mail server.
func (c Config) checkMail(say func(name, message string)) {
	if parsed, err := mail.ParseAddress(c.SMTPFrom); c.SMTPFrom != "" && (err != nil || parsed.Address != c.SMTPFrom) {
		say("smtp_from", "must be one plain e-mail address, such as warder@example.gov.uk")
	}
	if c.SendsMail() && c.SMTPFrom == "" {
		say("smtp_from", "is needed with smtp_host: the sender's address")
	}
	if strings.ContainsAny(c.SMTPHost, "/@ ") || strings.HasSuffix(c.SMTPHost, "]") || strings.Count(c.SMTPHost, ":") == 1 {
		say("smtp_host", "must be a host name or an address alone; the port belongs in smtp_port")
	}
	if c.SMTPPort < 1 || c.SMTPPort > 65535 {
		say("smtp_port", "must be between 1 and 65535")
	}
	switch ip := net.ParseIP(c.SMTPHost); c.SMTPTLS {
	case "starttls", "implicit":
	case "none":
		if c.SendsMail() && c.SMTPHost != "localhost" && (ip == nil || !ip.IsLoopback()) {
			say("smtp_tls", "none is for a mail server on this machine only (localhost, 127.0.0.1 or ::1)")
		}
	default:
		say("smtp_tls", "must be starttls, implicit or none")
	}
	if (c.SMTPUser == "") != (c.SMTPPassword == "") {
		say("smtp_password_file", "smtp_user and smtp_password_file belong together: give both or neither")
	}
}
