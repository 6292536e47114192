// Package config is warder.yaml: the few facts that must be known before the
// database is open. What administrators change while Warder runs (people,
// services, policy) is in the database with its audit history, never here.
//
// The file is strict: an unknown key is an error with its line. Every field
// carries its own documentation, which `warder config describe` prints. Secrets
// are named by file, never written inline. A field that is left out has a
// default that is safe.
package config

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// Config is warder.yaml. The doc tag of each field is its only description.
type Config struct {
	PublicURL       string   `yaml:"public_url" doc:"The address people type to reach Warder. WebAuthn binds every key to its host name, so it cannot be changed later without registering all keys again. https, or http on localhost only." example:"https://warder.example.gov.uk"`
	Listen          string   `yaml:"listen" doc:"Address and port for the portal: sign-in, people's own pages, administration, and /authz for the questions of other proxies." default:"127.0.0.1:8420"`
	GatewayListen   string   `yaml:"gateway_listen" doc:"Address and port for the gateway, which passes requests on to applications. Empty: no gateway." default:"127.0.0.1:8421"`
	OperatorListen  string   `yaml:"operator_listen" doc:"Address and port for /health. Keep it away from people. Empty: none." default:"127.0.0.1:8422"`
	TLSCertificate  string   `yaml:"tls_certificate" doc:"PEM file with the certificate chain for portal and gateway. Empty: a proxy in front of Warder ends TLS."`
	TLSKey          string   `yaml:"tls_key" doc:"PEM file with the private key that belongs to tls_certificate."`
	Database        string   `yaml:"database" doc:"sqlite:PATH for the embedded database, or a postgres:// address. A password belongs in a PostgreSQL password file, not here." default:"sqlite:warder.db"`
	MasterKey       string   `yaml:"master_key" doc:"File with the master key that seals secrets in the database. Made with mode 0600 on the first start. Keep a copy in a safe place: without it the sealed secrets are lost." default:"warder.key"`
	TrustedProxies  []string `yaml:"trusted_proxies" doc:"Addresses (CIDR) of the proxies whose X-Forwarded-* headers are believed. Anybody else's are ignored." example:"[127.0.0.1/32]"`
	AttestedOnly    *bool    `yaml:"attested_only" doc:"Refuse to register a key whose make and model are not proven by attestation to a trusted root." default:"true"`
	LogLevel        string   `yaml:"log_level" doc:"debug, info, warn or error." default:"info"`
	EvidenceDays    int      `yaml:"evidence_days" doc:"Evidence older than this many days no longer supports a level: its criteria become not known." default:"35"`
	DecisionsKept   int      `yaml:"decisions_kept" doc:"For how many months the record of who was let in, asked or refused is kept. What is older is removed every hour, and the audit record says how many there were. 14 lets a policy be tried on a whole year." default:"14"`
	PasswordList    string   `yaml:"password_blocklist" doc:"File with passwords that are not taken, one a line, UTF-8, besides those that Warder knows by itself. Read at the start. Only of use where the policy accepts passwords. Empty: none."`
	TOTPDigits      int      `yaml:"totp_digits" doc:"How many digits the codes of new authenticator apps have: 6 or 8. Several well-known apps know only 6." default:"6"`
	TOTPAlgorithm   string   `yaml:"totp_algorithm" doc:"How the codes of new authenticator apps are made: SHA1, SHA256 or SHA512. Several well-known apps know only SHA1, whose weakness does not matter here." default:"SHA1"`
	MetadataRoot    string   `yaml:"metadata_root" doc:"File with the root certificate, PEM or DER, under which the FIDO Metadata Service signs its list of makes of keys; today that is GlobalSign Root CA R3. Read by warder mds import only. Empty: no list is believed."`
	MetadataSigner  string   `yaml:"metadata_signer" doc:"The name that the certificate must be for with which that list is signed." default:"mds.fidoalliance.org"`
	RiskPlaces      []string `yaml:"risk_places" doc:"Files that say where addresses are: MaxMind databases (.mmdb, of any maker) or CSV with the columns network, country, country_name, asn, organisation, latitude, longitude, radius_km. Several complete each other, the first one first. Read again when they change. Warder ships none; without one, countries and journeys are not known." example:"[/var/lib/warder/city.mmdb, /var/lib/warder/asn.mmdb]"`
	RiskLists       []string `yaml:"risk_lists" doc:"Lists of networks that hide where somebody is, as NAME=FILE: one address or network a line. Read again when they change." example:"[tor=/var/lib/warder/tor.txt]"`
	RiskNetworks    []string `yaml:"risk_networks" doc:"Named networks, each as NAME [known|egress|roaming] NETWORK. Rules can name them. known: an office, where no place is unusual; egress: where a VPN comes out, so that the address says nothing about where somebody is; roaming: a mobile operator, of which only the country counts. They stop signals and never lower what a service asks for." example:"[office 192.0.2.0/24, vpn egress 198.51.100.0/28]"`
	HelpContact     string   `yaml:"help_contact" doc:"How people reach the service desk. Shown on every refusal." example:"020 7946 0000"`
	SecurityContact string   `yaml:"security_contact" doc:"E-mail address that is told of every emergency access, besides everybody who administers Warder. Choose one that somebody reads at night. Empty: nobody else." example:"security@example.gov.uk"`
	SMTPHost        string   `yaml:"smtp_host" doc:"The mail server that takes Warder's messages to people. Empty: messages stay in the outbox, nobody is told by mail, and the health page says so." example:"smtp.example.gov.uk"`
	SMTPPort        int      `yaml:"smtp_port" doc:"Its port: 587 is usual, and 465 for smtp_tls: implicit." default:"587"`
	SMTPTLS         string   `yaml:"smtp_tls" doc:"How the connection is encrypted: starttls, implicit (from the first byte; the default where smtp_port is 465), or none, which is for a mail server on this machine only. Where encryption fails, nothing is sent." default:"starttls"`
	SMTPFrom        string   `yaml:"smtp_from" doc:"The sender's address. Choose one whose answers somebody reads." example:"warder@example.gov.uk"`
	SMTPUser        string   `yaml:"smtp_user" doc:"Whom Warder signs in as at the mail server. Empty: it does not sign in."`
	SMTPPassword    string   `yaml:"smtp_password_file" doc:"File with the password that belongs to smtp_user, on one line. Read anew for each message. Never write the password here."`
	SMTPCA          string   `yaml:"smtp_ca" doc:"PEM file with the authorities that the mail server's certificate may come from, instead of those of this machine: for a private mail server."`
}

// Problems of the configuration file.
var (
	Malformed = problem.Define(problem.Invalid, "config.malformed",
		"The configuration file cannot be used.",
		"Correct the places named. `warder config describe` lists every field.")
	Unreadable = problem.Define(problem.Invalid, "config.unreadable",
		"The configuration file cannot be read.",
		"Check the path given with --config and that this user may read it. If there is none yet: one line, public_url, is enough; `warder config describe` shows every field.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition { return []problem.Definition{Malformed, Unreadable} }

// Public is the public URL, parsed. Call it only on a checked Config.
func (c Config) Public() *url.URL {
	parsed, err := url.Parse(c.PublicURL)
	if err != nil {
		return &url.URL{}
	}
	return parsed
}

// Proxies are the trusted proxies, parsed. Call it only on a checked Config.
func (c Config) Proxies() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range c.TrustedProxies {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// withDefaults fills what was left out.
func (c Config) withDefaults() Config {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&c.Database, "sqlite:warder.db")
	fill(&c.MasterKey, "warder.key")
	fill(&c.LogLevel, "info")
	fill(&c.TOTPAlgorithm, "SHA1")
	fill(&c.MetadataSigner, "mds.fidoalliance.org")
	if c.SMTPPort == 0 {
		c.SMTPPort = 587
	}
	if c.SMTPPort == 465 {
		fill(&c.SMTPTLS, "implicit")
	}
	fill(&c.SMTPTLS, "starttls")
	if c.TOTPDigits == 0 {
		c.TOTPDigits = 6
	}
	if c.AttestedOnly == nil {
		yes := true
		c.AttestedOnly = &yes
	}
	if c.EvidenceDays == 0 {
		c.EvidenceDays = 35
	}
	if c.DecisionsKept == 0 {
		c.DecisionsKept = 14
	}
	return c
}

// check says everything that is wrong with the values, by field.
func (c Config) check() []problem.Field {
	var wrong []problem.Field
	say := func(name, message string) { wrong = append(wrong, problem.Field{Name: name, Message: message}) }

	public, err := url.Parse(c.PublicURL)
	switch {
	case c.PublicURL == "":
		say("public_url", "is needed: the address people type to reach Warder, such as https://warder.example.gov.uk")
	case err != nil || public.Host == "":
		say("public_url", "is not an address: expected https://HOST")
	case public.Path != "" && public.Path != "/" || public.RawQuery != "" || public.User != nil:
		say("public_url", "must be a scheme, a host and perhaps a port, with nothing after them")
	case public.Scheme == "http" && public.Hostname() != "localhost":
		say("public_url", "must be https: browsers allow security keys over http on localhost only")
	case public.Scheme != "https" && public.Scheme != "http":
		say("public_url", "must start with https://")
	case net.ParseIP(public.Hostname()) != nil:
		say("public_url", "must be a host name: browsers refuse security keys on a bare IP address")
	}
	for name, address := range map[string]string{"listen": c.Listen, "gateway_listen": c.GatewayListen, "operator_listen": c.OperatorListen} {
		if address == "" && name != "listen" {
			continue
		}
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			say(name, "must be ADDRESS:PORT, such as 127.0.0.1:8420")
		}
	}
	if (c.TLSCertificate == "") != (c.TLSKey == "") {
		say("tls_key", "tls_certificate and tls_key belong together: give both or neither")
	}
	if !strings.HasPrefix(c.Database, "sqlite:") && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		say("database", "must start with sqlite: or postgres://")
	}
	if database, err := url.Parse(c.Database); err == nil && database.User != nil {
		if _, inline := database.User.Password(); inline {
			say("database", "has a password in it: put it into a PostgreSQL password file (passfile) instead")
		}
	}
	for _, text := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(text); err != nil {
			say("trusted_proxies", text+" is not a CIDR: expected such as 10.0.0.0/8 or 127.0.0.1/32")
		}
	}
	c.checkRisk(say)
	if c.TOTPDigits != 6 && c.TOTPDigits != 8 {
		say("totp_digits", "must be 6 or 8")
	}
	switch c.TOTPAlgorithm {
	case "SHA1", "SHA256", "SHA512":
	default:
		say("totp_algorithm", "must be SHA1, SHA256 or SHA512")
	}
	if parsed, err := mail.ParseAddress(c.SecurityContact); c.SecurityContact != "" && (err != nil || parsed.Address != c.SecurityContact) {
		say("security_contact", "must be one plain e-mail address, such as security@example.gov.uk")
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		say("log_level", "must be debug, info, warn or error")
	}
	if c.EvidenceDays < 1 || c.EvidenceDays > 400 {
		say("evidence_days", "must be between 1 and 400")
	}
	if c.DecisionsKept < 1 || c.DecisionsKept > 120 {
		say("decisions_kept", "must be between 1 and 120 months")
	}
	c.checkMail(say)
	return wrong
}
