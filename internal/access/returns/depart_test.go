package returns_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/returns"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func house(t *testing.T) *signintest.House {
	t.Helper()
	return signintest.Open(t, dbtest.SQLite(t))
}

func refusedWith(t *testing.T, what string, err error, want problem.Definition) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func TestOnlyAServicesOwnAddressIsReturnedTo(t *testing.T) {
	t.Parallel()
	h := house(t)
	to, service, err := h.Returns.Service(signintest.ServicePage, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(returns.Address{Scheme: "https", Host: signintest.ServiceHost, Path: "/payslips?month=11"}, to); diff != "" || service.ID != h.Service.ID {
		t.Errorf("the service’s page is %+v of %s\n%s", to, service.ID, diff)
	}
	for _, address := range []string{
		"https://evil.example/", "https://payroll.example.evil.example/", "https://payroll.example@evil.example/",
		"http://payroll.example/", "https://payroll.example:8443/", "//payroll.example/", "/payslips", "",
		"https://payroll.example/a/../../b%2f..", "https://warder.example/",
	} {
		_, _, err := h.Returns.Service(address, "")
		refusedWith(t, address, err, returns.Refused)
	}
	if _, err := h.Services.Retire(t.Context(), signintest.Desk(), h.Service.ID, "closed"); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Returns.Service(signintest.ServicePage, "")
	refusedWith(t, "a retired service", err, returns.Refused)
}

func TestTicketOpensTheServiceOnce(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	to, _, err := h.Returns.Service(signintest.ServicePage, "")
	if err != nil {
		t.Fatal(err)
	}
	address, err := h.Returns.Depart(t.Context(), session.ID, to)
	if err != nil {
		t.Fatal(err)
	}
	leads, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if leads.Scheme != "https" || leads.Host != signintest.ServiceHost || leads.Path != returns.CallbackPath || leads.Query().Get("next") != "/payslips?month=11" {
		t.Errorf("the browser is sent to %s", address)
	}
	ticket := secret.New(leads.Query().Get("ticket"))
	gate, _, err := h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost)
	if err != nil {
		t.Fatal(err)
	}
	if gate.Parent != session.ID || gate.Assurance != session.Assurance {
		t.Errorf("the ticket opened %+v", gate)
	}
	_, _, err = h.Sessions.Redeem(t.Context(), ticket, signintest.ServiceHost)
	refusedWith(t, "the ticket used again", err, sessions.TicketRefused)
}

func TestBrowserGoingInCirclesIsStopped(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	to, _, err := h.Returns.Service(signintest.ServicePage, "")
	if err != nil {
		t.Fatal(err)
	}
	rounds := 0
	for ; rounds < 10; rounds++ {
		address, err := h.Returns.Depart(t.Context(), session.ID, to)
		if err != nil {
			refusedWith(t, "round and round", err, returns.Circles)
			break
		}
		leads, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Sessions.Redeem(t.Context(), secret.New(leads.Query().Get("ticket")), signintest.ServiceHost); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Second)
	}
	if rounds != 3 {
		t.Errorf("the browser went round %d times, want 3", rounds)
	}
	h.Clock.Advance(time.Minute)
	if _, err := h.Returns.Depart(t.Context(), session.ID, to); err != nil {
		t.Errorf("a minute later the service is still closed: %v", err)
	}
}

func TestRetiredServiceGetsNoTicket(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	to, _, err := h.Returns.Service(signintest.ServicePage, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Services.Retire(t.Context(), signintest.Desk(), h.Service.ID, "closed"); err != nil {
		t.Fatal(err)
	}
	_, err = h.Returns.Depart(t.Context(), session.ID, to)
	refusedWith(t, "a service retired in between", err, returns.Refused)
	_, err = h.Returns.Depart(t.Context(), session.ID, returns.Address{Scheme: "https", Host: "evil.example", Path: "/"})
	refusedWith(t, "an address that nobody checked", err, returns.Refused)
}

// FuzzServiceReturn: whatever address is accepted leads to the one service we protect.
func FuzzServiceReturn(f *testing.F) {
	for _, seed := range []string{signintest.ServicePage, "https://payroll.example", "https://PAYROLL.example:443/a", "http://payroll.example/",
		"https://payroll.example.evil.example/", "https://evil.example/https://payroll.example/", "https://payroll.example\\@evil.example/"} {
		f.Add(seed)
	}
	table := services.NewTable([]services.Service{{ID: "svc_1", State: services.Admitted,
		Routes: []services.Route{{Host: signintest.ServiceHost, PathPrefix: "/"}}}})
	desk := returns.New(returns.Deps{Services: func() *services.Table { return table }, Portal: &url.URL{Scheme: "https", Host: "warder.example"}})
	f.Fuzz(func(t *testing.T, address string) {
		to, service, err := desk.Service(address, "")
		if err != nil {
			return
		}
		leads, err := url.Parse(to.Scheme + "://" + to.Host + to.Path)
		if err != nil || leads.Scheme != "https" || leads.Hostname() != signintest.ServiceHost || leads.Port() != "" || leads.User != nil || service.ID != "svc_1" {
			t.Fatalf("%q leads to %+v", address, to)
		}
	})
}

func TestServiceGetsItsStateBackUnchanged(t *testing.T) {
	t.Parallel()
	h := house(t)
	_, key := h.Holder(t, "amira.khan")
	session, _ := h.SignedIn(t, key)
	to, _, err := h.Returns.Service(signintest.ServicePage, "Zm9v-_9")
	if err != nil {
		t.Fatal(err)
	}
	address, err := h.Returns.Depart(t.Context(), session.ID, to)
	if err != nil {
		t.Fatal(err)
	}
	callback, err := url.Parse(address)
	if err != nil || callback.Query().Get("state") != "Zm9v-_9" {
		t.Errorf("the callback is %s (%v)", address, err)
	}
	for _, odd := range []string{"a b", "ä", "a&ticket=x", strings.Repeat("a", 129)} {
		_, _, err := h.Returns.Service(signintest.ServicePage, odd)
		refusedWith(t, "state "+odd, err, returns.Refused)
	}
}
