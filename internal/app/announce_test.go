package app

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/web/webtest"
)

// announced is what a start prints, and whether it goes on.
func (d *department) announced() (string, error) {
	d.t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	defer socket.Close()
	var terminal strings.Builder
	err = d.announce(d.t.Context(), &Server{app: d.App, opened: []net.Listener{socket}}, d.operator, &terminal)
	return terminal.String(), err
}

// The first account has long been closed, as it should be. Then the last
// administrator's key is lost, or the service desk reports it, and Warder is
// started again: everything behind it must not stay shut.
func TestWarderStartsWhenNobodyCanBeMadeAdministrator(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	first := d.join(FirstAdministrator)
	if _, err := d.People.Leave(t.Context(), d.operator, first.person.ID, time.Time{}, "no longer needed"); err != nil {
		t.Fatal(err)
	}
	text, err := d.announced()
	if err != nil {
		t.Fatalf("Warder does not start: %v", err)
	}
	for _, part := range []string{"no administrator who can sign in", "warder person role", "warder person invite"} {
		if !strings.Contains(text, part) {
			t.Errorf("the operator is not told %q:\n%s", part, text)
		}
	}
	if strings.Contains(text, "/enrol/") {
		t.Errorf("somebody who has left was sent a link:\n%s", text)
	}
}

// Somebody who merely has that user name, and a key, must not find themselves
// an administrator one morning.
func TestOrdinaryPersonIsNotMadeAdministratorByTheirName(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	ordinary := d.join(FirstAdministrator)
	text, err := d.announced()
	if err != nil {
		t.Fatalf("Warder does not start: %v", err)
	}
	held, err := d.Roles.Of(t.Context(), ordinary.person.ID)
	if err != nil || len(held) != 0 {
		t.Errorf("they hold %v, %v", held, err)
	}
	if !strings.Contains(text, "warder person role") || strings.Contains(text, "/enrol/") {
		t.Errorf("the operator is told:\n%s", text)
	}
}

func TestFirstLinkIsPrintedUntilSomebodyCanAdminister(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	for range 2 {
		if text, err := d.announced(); err != nil || !strings.Contains(text, portal+"/enrol/") {
			t.Fatalf("no link: %v\n%s", err, text)
		}
	}
	d.join("george.ellis", roles.Administrator)
	if text, err := d.announced(); err != nil || strings.Contains(text, "/enrol/") || strings.Contains(text, "no administrator") {
		t.Errorf("there is an administrator: %v\n%s", err, text)
	}
}

// Somebody sends a form to the portal, a byte a minute, from a thousand connections.
func TestSlowSendersHoldThePortalNoLongerThanMinutes(t *testing.T) {
	t.Parallel()
	s := &Server{app: &App{Log: slog.New(slog.DiscardHandler)}}
	for _, name := range []string{"portal", "operator", gatewayName} {
		s.add(name, "127.0.0.1:0", nil)
	}
	for _, l := range s.listens {
		bounded := l.server.ReadTimeout > 0 && l.server.ReadTimeout <= 10*time.Minute && l.server.WriteTimeout > 0
		if streams := l.name == gatewayName; bounded == streams {
			t.Errorf("%s: a request may take %s and its answer %s", l.name, l.server.ReadTimeout, l.server.WriteTimeout)
		}
		if l.server.ReadHeaderTimeout <= 0 || l.server.MaxHeaderBytes <= 0 {
			t.Errorf("%s: headers may take for ever", l.name)
		}
	}
}

// A stranger reads the headers of the sign-in page. What services there are, and
// under which names, is nothing to them.
func TestSignInPageTellsNobodyWhatServicesThereAre(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	for _, path := range []string{"/signin", "/help", "/nowhere", "/me"} {
		got := webtest.Get(t, d.handler, portal+path)
		for name, values := range got.Header {
			if text := strings.Join(values, " "); strings.Contains(text, "payroll.example") {
				t.Errorf("%s names a service in %s: %s", path, name, text)
			}
		}
		if strings.Contains(got.Body, "payroll.example") {
			t.Errorf("%s names a service", path)
		}
	}
}
