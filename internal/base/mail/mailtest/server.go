// Package mailtest is a mail server on loopback for tests, with a certificate of its
// own making. It takes what it is given, and misbehaves where it is told to.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mail is what the server has taken.
type Mail struct {
	From, To, Data string
	Encrypted      bool
	SignedIn       string // the argument of AUTH
}

// Ways to misbehave, besides answers of its own.
const (
	HangUp  = "hang up"  // end the connection instead of answering
	Silence = "silence"  // never answer
	TakeCut = "take cut" // take the message, and end the connection instead of saying so
)

// Options is how the server behaves.
type Options struct {
	Implicit   bool // TLS from the first byte
	NoStartTLS bool // never offers to encrypt
	// Say decides what is said to a command (EHLO, AUTH, MAIL, RCPT, DATA, TEXT, or HELLO
	// for the first line) that comes for the nth time, from 1: an answer such as "451 later",
	// one of the ways above, or "" to behave.
	Say func(command string, nth int) string
}

// Server is the mail server.
type Server struct {
	Port  int
	Roots *x509.CertPool
	PEM   []byte
	Asked chan string // commands that were met with Silence

	options  Options
	tls      *tls.Config
	listener net.Listener

	mu       sync.Mutex
	mails    []Mail         // guarded by mu
	commands []string       // guarded by mu; each line as it came
	seen     map[string]int // guarded by mu
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	s := &Server{options: options, seen: map[string]int{}, Asked: make(chan string, 100)}
	s.certify(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	s.listener = listener
	if options.Implicit {
		s.listener = tls.NewListener(listener, s.tls)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = s.listener.Close()
		open.Wait()
	})
	return s
}

func (s *Server) certify(t testing.TB) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(s.PEM)
	s.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// Mails gives what was taken.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.mails...)
}

// Commands gives each line that was said to the server, the text of messages aside.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.commands...)
}

// conversation is one connection.
type conversation struct {
	server    *Server
	conn      net.Conn
	lines     *bufio.Reader
	mail      Mail
	encrypted bool
}

func (s *Server) serve(conn net.Conn) {
	c := &conversation{server: s, conn: conn, lines: bufio.NewReader(conn), encrypted: s.options.Implicit}
	defer func() { _ = c.conn.Close() }()
	if !c.say("HELLO", "220 mail.test ready") {
		return
	}
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return
		}
		s.mu.Lock()
		s.commands = append(s.commands, strings.TrimSpace(line))
		s.mu.Unlock()
		if !c.answer(strings.TrimSpace(line)) {
			return
		}
	}
}

func (c *conversation) answer(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO":
		extensions := "250-mail.test\r\n250-8BITMIME\r\n"
		if !c.encrypted && !c.server.options.NoStartTLS {
			extensions += "250-STARTTLS\r\n"
		}
		return c.say(verb, extensions+"250 AUTH PLAIN")
	case "STARTTLS":
		if !c.say(verb, "220 go on") {
			return false
		}
		encrypted := tls.Server(c.conn, c.server.tls)
		c.conn, c.lines, c.encrypted = encrypted, bufio.NewReader(encrypted), true
		return encrypted.Handshake() == nil
	case "AUTH":
		c.mail.SignedIn = rest
		return c.say(verb, "235 welcome")
	case "MAIL":
		c.mail.From = rest
		return c.say(verb, "250 ok")
	case "RCPT":
		c.mail.To = rest
		return c.say(verb, "250 ok")
	case "DATA":
		return c.say(verb, "354 go on") && c.text()
	case "QUIT":
		c.say(verb, "221 bye")
		return false
	}
	return c.say(verb, "250 ok")
}

// text reads a message, unless DATA was refused.
func (c *conversation) text() bool {
	if c.mail.Data == "refused" {
		c.mail.Data = ""
		return true
	}
	var data strings.Builder
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		data.WriteString(line)
	}
	c.mail.Data, c.mail.Encrypted = data.String(), c.encrypted
	return c.say("TEXT", "250 2.0.0 queued as 42")
}

// say answers as the options want it, or well.
func (c *conversation) say(command, well string) bool {
	s := c.server
	s.mu.Lock()
	s.seen[command]++
	nth := s.seen[command]
	s.mu.Unlock()
	answer := ""
	if s.options.Say != nil {
		answer = s.options.Say(command, nth)
	}
	if command == "TEXT" && (answer == "" || answer == TakeCut) {
		s.mu.Lock()
		s.mails = append(s.mails, c.mail)
		s.mu.Unlock()
	}
	switch answer {
	case HangUp, TakeCut:
		return false
	case Silence:
		s.Asked <- command
		_, _ = c.lines.ReadByte() // until the other side has had enough
		return false
	case "":
		answer = well
	default:
		if command == "DATA" {
			c.mail.Data = "refused"
		}
	}
	_, err := fmt.Fprintf(c.conn, "%s\r\n", answer)
	return err == nil
}
