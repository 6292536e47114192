package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web/webtest"

	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorsdb"
)

// page opens a page, or posts a form to it, and must end with the status.
func (d *department) page(path string, cookie *http.Cookie, form url.Values, status int) string {
	d.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, portal+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	r.AddCookie(cookie)
	response := webtest.Do(d.t, d.handler, r)
	if response.Body != "" && form == nil {
		webtest.Structure(d.t, response.Document)
	}
	if response.Status != status {
		d.t.Fatalf("%s %s was answered %d, want %d: %s", method, path, response.Status, status, response.Document.Text())
	}
	return response.Document.Text()
}

// Capability C28 on its pages: what is planned is what is then done, the person is
// told, and another administrator gives it back.
func TestMethodIsRetiredAndGivenBackOnThePages(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	first, second, amira := d.join("first", roles.Administrator), d.join("second", roles.Administrator), d.join("amira")
	password := secret.New("the ferry leaves Heysham at dawn")
	if _, err := d.Secrets.SetPassword(t.Context(), audit.Person(amira.person.ID), amira.person.ID, password); err != nil {
		t.Fatal(err)
	}
	if text := d.page("/admin/retire/password", d.cookie(first), nil, http.StatusOK); !strings.Contains(text, "Sign in with it on two different days.") || strings.Contains(text, "Disable it for") {
		t.Errorf("before the key was used: %s", text)
	}
	for days := range 2 {
		err := d.DB.InTx(t.Context(), func(ctx context.Context) error {
			_, err := factorsdb.New(d.DB).Used(ctx, amira.credential.ID, factors.Use{SignCount: uint32(days + 2)}, d.Now().Add(time.Duration(days-2)*24*time.Hour))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if text := d.page("/admin/retire/password/apply", d.cookie(first), nil, http.StatusOK); !strings.Contains(text, "amira (amira)") || !strings.Contains(text, "at once for 1 person") {
		t.Errorf("the preview: %s", text)
	}
	if text := d.page("/admin/retire/password/apply", d.cookie(first), url.Values{"days": {"many"}}, http.StatusUnprocessableEntity); !strings.Contains(text, "Give a number of days from 1 to 90.") {
		t.Errorf("a wrong number of days: %s", text)
	}
	d.page("/admin/retire/password/apply", d.cookie(first), url.Values{"days": {"7"}}, http.StatusSeeOther)
	if _, err := d.Secrets.CheckPassword(t.Context(), amira.person.ID, password); err == nil {
		t.Error("the password still works")
	}
	done, err := d.Retirement.List(t.Context(), assurance.Password, amira.person.ID)
	if err != nil || len(done) != 1 {
		t.Fatalf("%d disabled, %v", len(done), err)
	}
	undo := "/admin/retired/" + string(done[0].ID) + "/undo"
	d.page(undo, d.cookie(first), nil, http.StatusForbidden)
	if text := d.page(undo, d.cookie(second), nil, http.StatusOK); !strings.Contains(text, "it is phishable") {
		t.Errorf("the page before it is given back: %s", text)
	}
	d.page(undo, d.cookie(second), url.Values{"reason": {""}}, http.StatusUnprocessableEntity)
	d.page(undo, d.cookie(second), url.Values{"reason": {"Their key does not fit."}}, http.StatusSeeOther)
	if _, err := d.Secrets.CheckPassword(t.Context(), amira.person.ID, password); err != nil {
		t.Errorf("the password does not work again: %v", err)
	}
	text := d.page("/admin/retire/password", d.cookie(second), nil, http.StatusOK)
	if !strings.Contains(text, "Given back: Their key does not fit.") {
		t.Errorf("the list: %s", text)
	}
	d.wasTold(amira, "Your password no longer works", "Your password works again")
}

func (d *department) cookie(who member) *http.Cookie {
	d.t.Helper()
	cookie, _ := d.signIn(who, 3)
	return cookie
}

// wasTold looks for messages to somebody.
func (d *department) wasTold(who member, subjects ...string) {
	d.t.Helper()
	sent, err := d.Mail.List(d.t.Context(), "", 50)
	if err != nil {
		d.t.Fatal(err)
	}
	var found []string
	for _, message := range sent {
		if message.Person == who.person.ID {
			found = append(found, message.Subject)
		}
	}
	for _, subject := range subjects {
		if !strings.Contains(strings.Join(found, "\n"), subject) {
			d.t.Errorf("they were not told %q: %q", subject, found)
		}
	}
}
