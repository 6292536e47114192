// Package mailsmtp hands messages to a mail server by SMTP (RFC 5321), encrypted:
// after STARTTLS (RFC 3207) or from the first byte (RFC 8314). In clear it speaks
// to this machine only.
//
// It makes one connection for each message. When a message is tried again, and how
// often, is for base/mail.
package mailsmtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/secret"
)

// Encryption is how the connection is protected. The zero value is the strict one
// that mail servers offer on their usual port.
type Encryption int

// The closed set of encryptions.
const (
	StartTLS Encryption = iota // begun in clear, encrypted before anything is said; refused where that is not offered
	Implicit                   // encrypted from the first byte
	None                       // in clear; to this machine only
)

// Server is the mail server, and who Warder is to it.
type Server struct {
	Host       string
	Port       int
	Encryption Encryption
	Roots      *x509.CertPool // nil is the machine's
	User       string         // "" does not sign in
	Password   secret.Value
	From       string // the sender's address
	Name       string // Warder's host name, for EHLO and Message-ID
}

// Deps is what the post needs.
type Deps struct {
	// Server gives the server to speak to, each time anew, so that a changed password
	// or certificate is taken up.
	Server func() (Server, error)
	// Patience is how long one message may take. It must be well below mail.Hold; 0 is a minute.
	Patience time.Duration
}

// Post is a mail.Post on SMTP.
type Post struct{ deps Deps }

// New returns the post.
func New(deps Deps) *Post {
	if deps.Patience == 0 {
		deps.Patience = time.Minute
	}
	return &Post{deps: deps}
}

var _ mail.Post = (*Post)(nil)

// Deliver hands over one message.
func (p *Post) Deliver(ctx context.Context, message mail.Message) (string, error) {
	server, err := p.deps.Server()
	if err != nil {
		return "", &mail.Refusal{Answer: err.Error(), Way: true}
	}
	letter, err := write(server, message)
	if err != nil {
		return "", &mail.Refusal{Answer: "Warder cannot write it as a mail: " + err.Error(), Final: true}
	}
	ctx, cancel := context.WithTimeout(ctx, p.deps.Patience)
	defer cancel()
	line := &line{server: server}
	defer line.hangUp()
	// Whatever waits for the server ends with ctx.
	defer context.AfterFunc(ctx, line.hangUp)()
	client, err := p.connect(ctx, line)
	if err != nil {
		return "", refused(ctx, "before any message", err, true)
	}
	return hand(ctx, client, server, letter, message.To)
}

func (p *Post) connect(ctx context.Context, line *line) (*smtp.Client, error) {
	server := line.server
	if server.Encryption == None && !Loopback(server.Host) {
		return nil, errors.New("nothing is sent in clear to another machine")
	}
	options := []gomail.Option{
		gomail.WithPort(server.Port), gomail.WithTimeout(p.deps.Patience), gomail.WithHELO(server.Name),
		gomail.WithTLSConfig(server.tls()), gomail.WithDialContextFunc(line.dial),
	}
	switch server.Encryption {
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case Implicit:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		return nil, fmt.Errorf("unknown encryption %d", server.Encryption)
	}
	if server.User != "" {
		options = append(options, gomail.WithUsername(server.User), gomail.WithPassword(server.Password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(server.Host, options...)
	if err != nil {
		return nil, err
	}
	return client.DialToSMTPClientWithContext(ctx)
}

// hand speaks RFC 5321 §3.3: sender, recipient, text. Only an answer about the
// recipient or the text is about this message.
func hand(ctx context.Context, client *smtp.Client, server Server, letter *gomail.Msg, to string) (string, error) {
	if err := client.Mail(server.From); err != nil {
		return "", refused(ctx, "to the sender's address", err, true)
	}
	if err := client.Rcpt(to); err != nil {
		return "", refused(ctx, "to the recipient's address", err, false)
	}
	data, err := client.Data()
	if err != nil {
		return "", refused(ctx, "to the message", err, false)
	}
	if _, err := letter.WriteTo(data); err != nil {
		return "", refused(ctx, "while the message was sent", err, true)
	}
	if err := data.Close(); err != nil {
		return "", refused(ctx, "to the message", err, false)
	}
	answer := "taken"
	if closer, ok := data.(*smtp.DataCloser); ok {
		answer = closer.ServerResponse()
	}
	_ = client.Quit() // it has taken the message; how it says goodbye changes nothing
	return answer, nil
}

// refused says what happened, and whether it is about this message. A server that
// does not take our password is no reason to give messages up.
func refused(ctx context.Context, where string, err error, way bool) error {
	if ctx.Err() != nil {
		return &mail.Refusal{Answer: "no answer in time " + where, Way: true}
	}
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return &mail.Refusal{Answer: "no answer " + where + ": " + err.Error(), Way: true}
	}
	return &mail.Refusal{Answer: fmt.Sprintf("answered %s: %d %s", where, answer.Code, answer.Msg), Way: way, Final: !way && answer.Code >= 500}
}

// write makes the mail: plain text in UTF-8, one sender, one recipient.
func write(server Server, message mail.Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := letter.From(server.From); err != nil {
		return nil, errors.New("smtp_from is not an address")
	}
	if err := letter.To(message.To); err != nil {
		return nil, errors.New("its address is none")
	}
	letter.Subject(message.Subject)
	letter.SetDateWithValue(message.CreatedAt)
	letter.SetMessageIDWithValue(string(message.ID) + "@" + server.Name)
	// RFC 3834 §5: automatic answers (out of office) are not sent to this.
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetBodyString(gomail.TypeTextPlain, message.Text)
	return letter, nil
}

func (s Server) tls() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }
