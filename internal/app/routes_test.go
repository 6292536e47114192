package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/breakglass/breakglassdb"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/stepup"
	"github.com/warder-project/warder/internal/access/stepup/stepupdb"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/secret"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/journey/retirement"
	"github.com/warder-project/warder/internal/journey/retirement/retirementdb"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
	"github.com/warder-project/warder/internal/registry/services"
)

const portal = "http://localhost:8420"

// department is a whole Warder with its site, and a few people in it.
type department struct {
	*App
	t        *testing.T
	handler  http.Handler
	routes   []web.Route
	batch    *softkey.Batch
	operator audit.Actor
	service  services.Service
	inStock  keys.Key
	retired  retirement.Retired
	draft    versions.Version
	kept     member         // a key for emergencies
	use      breakglass.Use // of the emergency access, waiting for a review
	exempted map[ids.Person]exceptional
}

// member is somebody who holds a key that is registered.
type member struct {
	person     people.Person
	credential factors.Credential
}

func openDepartment(t *testing.T) *department {
	t.Helper()
	return openDepartmentAt(t, time.Now)
}

// openDepartmentAt opens it with a clock of one's own.
func openDepartmentAt(t *testing.T, now func() time.Time) *department {
	t.Helper()
	return openDepartmentOn(t, "sqlite:"+filepath.Join(t.TempDir(), "warder.db"), now)
}

func openDepartmentOn(t *testing.T, database string, now func() time.Time) *department {
	t.Helper()
	text := fmt.Sprintf("public_url: %s\ndatabase: %q\nmaster_key: %q\nsecurity_contact: security@department.example\n", portal, database, filepath.Join(t.TempDir(), "warder.key"))
	checked, err := config.Parse("warder.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(t.Context(), Settings{Config: checked, Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &department{App: opened, t: t, operator: audit.Command("test")}
	if err := d.goLive(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	site, err := d.newSite(webtest.Assets(t), ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.handler, d.routes = site.Handler(), site.Routes()
	d.furnish(t.Context())
	return d
}

func (d *department) furnish(ctx context.Context) {
	d.t.Helper()
	vendor, err := softkey.NewVendor("Test")
	if err == nil {
		d.batch, err = vendor.Batch("57042900-0000-4000-8000-000000000002")
	}
	if err == nil {
		_, err = d.Models.Put(ctx, d.operator, keys.Model{AAGUID: d.batch.AAGUID(), Vendor: "Test", Name: "Key", Allowed: true, HardwareBound: true, Roots: d.batch.RootPEM()})
	}
	if err == nil {
		d.service, err = d.Services.Add(ctx, d.operator, services.NewService{Slug: "payroll", Name: "Payroll", Routes: []services.NewRoute{{Host: "payroll.example", PathPrefix: "/"}}})
	}
	if err == nil {
		d.inStock, err = d.Keys.Add(ctx, d.operator, keys.NewKey{Serial: "100", Model: d.batch.AAGUID()})
	}
	if err == nil {
		d.draft, err = d.Policies.Import(ctx, d.operator, versions.Text{Name: "draft", Body: []byte("version: draft\nrules: []\n")})
	}
	if err == nil {
		err = d.retireOne(ctx)
	}
	if err == nil {
		d.kept = d.joinAs("emergency", people.KindBreakGlass)
		d.use = breakglass.Use{ID: ids.New[ids.Use](), Purpose: breakglass.Recovery, State: breakglass.Closed, Reason: "All keys are gone.",
			First: breakglass.Touch{Person: d.kept.person.ID, Holder: "root"}, BegunAt: d.Now(), OpenedAt: d.Now(), EndedAt: d.Now(), Ending: breakglass.Recovered}
		err = d.DB.InTx(ctx, func(ctx context.Context) error { return breakglassdb.New(d.DB).Add(ctx, d.use) })
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// retireOne leaves a password of somebody who is gone, disabled and not yet removed.
func (d *department) retireOne(ctx context.Context) error {
	secret := sharedsecret.Secret{ID: ids.New[ids.Credential](), Person: ids.New[ids.Person](), Method: assurance.Password, State: factors.Active, CreatedAt: d.Now()}
	d.retired = retirement.Retired{ID: ids.New[ids.Retirement](), Secret: secret.ID, Person: secret.Person, Method: secret.Method, State: retirement.Disabled,
		By: d.operator, At: d.Now(), Until: d.Now().Add(24 * time.Hour)}
	return d.DB.InTx(ctx, func(ctx context.Context) error {
		if err := sharedsecretdb.New(d.DB).Add(ctx, sharedsecret.Kept{Secret: secret, Sealed: []byte{1}}, nil); err != nil {
			return err
		}
		if err := d.Secrets.Disable(ctx, d.operator, secret.ID, "retired"); err != nil {
			return err
		}
		return retirementdb.New(d.DB).Add(ctx, d.retired)
	})
}

// join adds somebody with a registered key and roles.
func (d *department) join(userName string, held ...roles.Role) member {
	d.t.Helper()
	return d.joinAs(userName, people.KindPerson, held...)
}

func (d *department) joinAs(userName string, kind people.Kind, held ...roles.Role) member {
	d.t.Helper()
	ctx := d.t.Context()
	wanted := people.NewPerson{UserName: userName, Name: userName, Kind: kind}
	if kind == people.KindPerson {
		wanted.Email = userName + "@department.example"
	}
	person, err := d.People.Add(ctx, d.operator, wanted)
	if err != nil {
		d.t.Fatal(err)
	}
	holder := factors.Holder{ID: person.ID, UserName: person.UserName, Name: person.Name}
	options, state, err := d.Factors.BeginRegistration(ctx, holder)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := d.batch.NewKey().Create(options, portal)
	if err != nil {
		d.t.Fatal(err)
	}
	credential, err := d.Factors.FinishRegistration(ctx, audit.Person(person.ID), holder, state, answer, factors.NewKey{Label: "Blue"})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, role := range held {
		if err := d.Roles.Grant(ctx, d.operator, person.ID, role); err != nil {
			d.t.Fatal(err)
		}
	}
	return member{person, credential}
}

// What somebody may have shown when they signed in.
var strengths = map[int]assurance.Observation{
	1: {},
	2: {UserVerified: true},
	3: {UserVerified: true, Attested: true, HardwareBound: true},
}

// signIn begins a session of a level and gives its cookie.
func (d *department) signIn(who member, level int) (*http.Cookie, sessions.Session) {
	d.t.Helper()
	session, token, err := d.Sessions.Start(d.t.Context(), audit.Person(who.person.ID), sessions.NewSession{Person: who.person.ID,
		Credential: who.credential.ID, Key: who.credential.Key, Assurance: assurance.Of(strengths[level]), AMR: []string{"hwk"}})
	if err != nil {
		d.t.Fatal(err)
	}
	if int(session.Assurance.AAL) != level {
		d.t.Fatalf("a session of level %d was wanted, and is of level %d", level, session.Assurance.AAL)
	}
	return &http.Cookie{Name: "warder_session", Value: token.Reveal()}, session
}

// signInWithCode gives somebody a password and an app, and begins a session with both.
func (d *department) signInWithCode(who member) *http.Cookie {
	d.t.Helper()
	ctx, id := d.t.Context(), who.person.ID
	d.acceptAll()
	_, err := d.Secrets.SetPassword(ctx, d.operator, id, secret.New("seven wrens under a copper roof"))
	if err != nil {
		d.t.Fatal(err)
	}
	offer, err := d.Secrets.BeginTOTP(ctx, factors.Holder{ID: id, UserName: who.person.UserName})
	if err != nil {
		d.t.Fatal(err)
	}
	app, err := totp.Parse("totp$SHA1$6$" + strings.ReplaceAll(offer.Secret, " ", ""))
	if err != nil {
		d.t.Fatal(err)
	}
	kept, err := d.Secrets.FinishTOTP(ctx, d.operator, id, offer.State, app.Code(totp.Step(d.Now())), "Phone")
	if err != nil {
		d.t.Fatal(err)
	}
	have := assurance.OfSecrets(assurance.Password, assurance.TOTP)
	_, token, err := d.Sessions.Start(ctx, audit.Person(id), sessions.NewSession{Person: id, Credential: kept.ID, Assurance: have, AMR: have.AMR()})
	if err != nil {
		d.t.Fatal(err)
	}
	return &http.Cookie{Name: "warder_session", Value: token.Reveal()}
}

// asked is one request as a page's own script sends it; change makes it worse.
func (d *department) ask(method, path string, cookie *http.Cookie, change func(*http.Request)) (status int, code string, header http.Header) {
	d.t.Helper()
	var body io.Reader
	if method != http.MethodGet && method != http.MethodHead {
		body = strings.NewReader(url.Values{"reason": {"lost"}, "user-name": {"alice"}, "answer": {"{}"}, "confirm": {"yes"}}.Encode())
	}
	r := httptest.NewRequest(method, portal+path, body)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Mode", "cors")
	if cookie != nil {
		r.AddCookie(cookie)
	}
	if change != nil {
		change(r)
	}
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, r)
	var answer struct {
		Code string `json:"code"`
	}
	if strings.HasPrefix(recorder.Header().Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			d.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return recorder.Code, answer.Code, recorder.Header()
}

// waitingOf is a request that waits for a touch of their key.
func (d *department) waitingOf(path string, whose member, session sessions.Session) ids.StepUp {
	d.t.Helper()
	if !strings.Contains(path, "{step}") || whose.person.ID == "" {
		return "stp_00000000000000000000000000"
	}
	now := d.Now().UTC().Truncate(time.Millisecond)
	held := stepup.Held{ID: ids.New[ids.StepUp](), State: stepup.Waiting, AskedAt: now, Until: now.Add(stepup.WaitsFor), Request: stepup.Request{Session: session.ID, Portal: session.ID,
		Person: whose.person.ID, Service: d.service.ID, Action: "export", Title: "Export", Where: "Payroll", Method: "GET", Origin: "https://payroll.example", Address: "/export"}}
	// In the store: of what is asked for there is a word in the record.
	err := d.DB.InTx(d.t.Context(), func(ctx context.Context) error { return stepupdb.New(d.DB, d.Seal).Add(ctx, held) })
	if err != nil {
		d.t.Fatal(err)
	}
	return held.ID
}

// address fills the wildcards of a path with things that exist and are somebody's.
func (d *department) address(path string, whose member, session sessions.Session) string {
	key := whose.credential.Key
	if strings.HasPrefix(path, "/admin/break-glass/") {
		key, whose = d.kept.credential.Key, d.kept
	}
	if strings.HasSuffix(path, "/issue") {
		key = d.inStock.ID
	}
	path = d.exceptionIn(path, whose)
	return strings.NewReplacer("{$}", "", "{key}", string(key), "{session}", string(session.ID), "{person}", string(whose.person.ID),
		"{service}", string(d.service.ID), "{use}", string(d.use.ID), "{attempt}", "att_00000000000000000000000000", "{token}", strings.Repeat("a", 43), "{role}", string(roles.Auditor),
		"{case}", "rec_00000000000000000000000000", "{decision}", "dec_00000000000000000000000000", "{method}", "password", "{version}", strconv.FormatInt(d.draft.Number, 10), "{act}", "report-only", "{retirement}", string(d.retired.ID), "{override}", "ovr_00000000000000000000000000", "{id}", "L3.G1", "{step}", string(d.waitingOf(path, whose, session)), "{name}", "app-1.css", "{secret}", string(d.secretOf(whose))).Replace(path)
}

// secretOf is something of theirs that can be removed, if they have any.
func (d *department) secretOf(whose member) ids.Credential {
	held, err := d.Secrets.OfPerson(d.t.Context(), whose.person.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(held) == 0 {
		return "crd_00000000000000000000000000"
	}
	return held[0].ID
}

// acceptAll puts a policy in force that accepts every kind of shared secret.
func (d *department) acceptAll() {
	d.t.Helper()
	text := "version: all\nmethods: {password: {}, totp: {}, recovery_code: {}}\nrules: []\n"
	if _, err := d.Policies.Publish(d.t.Context(), d.operator, versions.Text{Name: "test", Body: []byte(text)}, versions.EnforceOptions{}); err != nil {
		d.t.Fatal(err)
	}
}

func TestRouteTableIsAsItWasAgreed(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	var got strings.Builder
	table := tabwriter.NewWriter(&got, 0, 4, 2, ' ', 0)
	for _, route := range d.routes {
		title := cmp.Or(route.Title, "NO TITLE")
		if route.Need.Phishable {
			title += " (also for sessions that could be phished)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tAAL %d\t%s\n", route.Method, route.Path, route.Need.Permission, route.Need.AAL, title)
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "routes.golden")
	if os.Getenv("WARDER_UPDATE") == "1" {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the route table changed; WARDER_UPDATE=1 writes it, and a reviewer reads it (-want +got):\n%s", diff)
	}
	for _, route := range d.routes {
		if address := d.address(route.Path, member{}, sessions.Session{}); strings.Contains(address, "{") {
			t.Errorf("%s: the refusal test does not know this wildcard", route)
		}
	}
}

// TestEveryRouteRefusesWhoeverMayNotUseIt tries each line of the route table in
// every way it must refuse, and then looks whether anything has changed.
func TestEveryRouteRefusesWhoeverMayNotUseIt(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin := d.join("admin", roles.Administrator)
	alice := d.join("alice")
	staff := map[roles.Role]*http.Cookie{}
	for _, role := range roles.All() {
		staff[role], _ = d.signIn(d.join(strings.ReplaceAll(string(role), "_", "-"), role), 3)
	}
	strong, adminSession := d.signIn(admin, 3)
	weak, _ := d.signIn(admin, 1)
	middling, _ := d.signIn(admin, 2)
	ordinary, _ := d.signIn(alice, 3)
	phished := d.signInWithCode(admin)
	before := d.changes()

	for _, route := range d.routes {
		path := d.address(route.Path, admin, adminSession)
		expect := func(what string, cookie *http.Cookie, change func(*http.Request), status int, code string) {
			t.Helper()
			if gotStatus, gotCode, _ := d.ask(route.Method, path, cookie, change); gotStatus != status || gotCode != code {
				t.Errorf("%s, %s: got %d %q, want %d %q", route, what, gotStatus, gotCode, status, code)
			}
		}
		if route.Need.Permission != web.Public {
			expect("nobody", nil, nil, http.StatusUnauthorized, "web.sign_in_needed")
			expect("a made-up session", &http.Cookie{Name: "warder_session", Value: strings.Repeat("A", 43)}, nil, http.StatusUnauthorized, "web.sign_in_needed")
			d.expectSignInPage(route, path)
		}
		if route.Need.Permission != web.Public && route.Need.Permission != web.Self {
			expect("somebody without a role", ordinary, nil, http.StatusForbidden, "web.not_allowed")
			for role, cookie := range staff {
				if !roles.Allows([]roles.Role{role}, string(route.Need.Permission)) {
					expect("as "+string(role), cookie, nil, http.StatusForbidden, "web.not_allowed")
				}
			}
		}
		if route.Need.Permission != web.Public && !route.Need.Phishable {
			expect("signed in with a password and a code", phished, nil, http.StatusUnauthorized, "web.step_up_needed")
		}
		if route.Need.AAL > 1 {
			expect("signed in too weakly", weak, nil, http.StatusUnauthorized, "web.step_up_needed")
		}
		if route.Need.AAL > 2 {
			expect("signed in nearly strongly enough", middling, nil, http.StatusUnauthorized, "web.step_up_needed")
		}
		if route.Method != http.MethodGet {
			expect("from another site", strong, fromElsewhere, http.StatusForbidden, "web.cross_site")
			expect("from another site by an old browser", strong, fromElsewhereOld, http.StatusForbidden, "web.cross_site")
		}
	}
	if after := d.changes(); after != before {
		t.Errorf("what was refused left %d entries in the record", after-before)
	}
}

// changes counts what the record says has been done.
func (d *department) changes() (count int) {
	d.t.Helper()
	err := d.Audit.Export(d.t.Context(), time.Time{}, time.Time{}, func(audit.Entry) error { count++; return nil })
	if err != nil {
		d.t.Fatal(err)
	}
	return count
}

func fromElsewhere(r *http.Request) {
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://attacker.example")
}

func fromElsewhereOld(r *http.Request) {
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set("Origin", "https://attacker.example")
}

// expectSignInPage: a person who is not signed in is sent to sign in.
func (d *department) expectSignInPage(route web.Route, path string) {
	d.t.Helper()
	status, _, header := d.ask(route.Method, path, nil, func(r *http.Request) {
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Sec-Fetch-Mode", "navigate")
	})
	if status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), web.SignInPath+"?next=") {
		d.t.Errorf("%s: a person who is not signed in got %d, Location %q", route, status, header.Get("Location"))
	}
}

// TestWhoMayUseARouteReachesIt keeps the test above from passing because
// everything is refused.
func TestWhoMayUseARouteReachesIt(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin := d.join("admin", roles.Administrator)
	colleague := d.join("colleague", roles.Administrator)
	strong, own := d.signIn(admin, 3)
	_, other := d.signIn(colleague, 3)
	d.acceptAll()
	if _, err := d.Secrets.NewRecoveryCodes(t.Context(), d.operator, admin.person.ID); err != nil {
		t.Fatal(err)
	}
	for _, route := range d.routes {
		whose, session := admin, own
		if strings.HasPrefix(route.Path, "/admin/") { // what is administered is somebody else's
			whose, session = colleague, other
		}
		if route.Method != http.MethodGet || strings.Contains(route.Path, "{attempt}") || strings.Contains(route.Path, "{token}") || strings.Contains(route.Path, "{decision}") || strings.Contains(route.Path, "{case}") ||
			strings.HasPrefix(route.Path, "/break-glass/") {
			continue // those need a thing of their own; the stories use them
		}
		status, code, _ := d.ask(route.Method, d.address(route.Path, whose, session), strong, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
		if status != http.StatusOK && status != http.StatusSeeOther {
			t.Errorf("%s: an administrator got %d %s", route, status, code)
		}
	}
}

// TestAuditorSeesEverythingAndChangesNothing walks the route table: whatever is
// administered can be looked at by an auditor, and nothing can be changed.
func TestAuditorSeesEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin := d.join("admin", roles.Administrator)
	_, session := d.signIn(admin, 3)
	auditor, _ := d.signIn(d.join("auditor", roles.Auditor), 3)
	before := d.changes()
	seen, refused := 0, 0
	for _, route := range d.routes {
		if route.Need.Permission == web.Public || route.Need.Permission == web.Self || strings.Contains(route.Path, "{decision}") || route.Method == http.MethodGet && strings.Contains(route.Path, "{case}") {
			continue // their own things, and a decision or a case that is not there
		}
		status, code, _ := d.ask(route.Method, d.address(route.Path, admin, session), auditor, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
		switch reads := strings.HasSuffix(string(route.Need.Permission), ".read"); {
		case reads && route.Method == http.MethodGet:
			seen++
			if status != http.StatusOK {
				t.Errorf("%s: an auditor got %d %s", route, status, code)
			}
		case reads:
			t.Errorf("%s changes something, and needs no more than %s", route, route.Need.Permission)
		default:
			refused++
			if status != http.StatusForbidden {
				t.Errorf("%s: an auditor got %d %s", route, status, code)
			}
		}
	}
	if after := d.changes(); after != before || seen < 10 || refused < 20 {
		t.Errorf("%d changes were made; %d pages seen, %d refused", after-before, seen, refused)
	}
}

// TestRoleChangeHoldsOnTheNextRequest: a session carries no permissions of its own.
func TestRoleChangeHoldsOnTheNextRequest(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin, clerk := d.join("admin", roles.Administrator), d.join("clerk")
	boss, _ := d.signIn(admin, 3)
	cookie, _ := d.signIn(clerk, 3)
	roleOf := func(how string) string { return "/admin/roles/" + string(clerk.person.ID) + "/key_custodian/" + how }
	for _, step := range []struct {
		how  string
		want int
	}{{"grant", http.StatusOK}, {"revoke", http.StatusForbidden}} {
		if status, code, _ := d.ask(http.MethodPost, roleOf(step.how), boss, nil); status != http.StatusSeeOther {
			t.Fatalf("%s: got %d %s", step.how, status, code)
		}
		for _, page := range []string{"/admin/keys", "/admin/keys/add"} {
			if status, _, _ := d.ask(http.MethodGet, page, cookie, nil); status != step.want {
				t.Errorf("after %s, %s answered %d, want %d", step.how, page, status, step.want)
			}
		}
	}
}

// TestDestructiveActsAreSaidBeforeTheyAreDone: what takes something away has a page at
// the same address that says what will happen. What is done without asking takes
// nothing away that its owner would miss.
func TestDestructiveActsAreSaidBeforeTheyAreDone(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	direct := map[string]string{
		"/me/sessions/{session}/end": "their own browser, in which they sign in again",
		"/me/sessions/end-others":    "their own browsers, in which they sign in again",
		"/signout":                   "their own browser, in which they sign in again",
		"/admin/keys/{key}/link":     "adds a link; the form is on the page of the key",

		"/desk/cases":                                       "the form says beside each key that it is blocked at once",
		"/desk/cases/{case}/identity":                       "adds to the case; the form is on its page",
		"/desk/cases/{case}/approve":                        "adds to the case; its page says what comes next",
		"/desk/cases/{case}/pass":                           "adds a pass; the page of the case says that an earlier one stops working",
		"/desk/cases/{case}/refuse":                         "another case can be opened",
		"/desk/cases/{case}/withdraw":                       "another case can be opened",
		"/desk/cases/{case}/stop":                           "another case can be opened; it must be quick",
		"/me/recovery/stop":                                 "another case can be opened; it must be quick",
		"/me/recovery/{case}/vouch":                         "the page above the button says what it means",
		"/me/recovery/{case}/disown":                        "another case can be opened; it must be quick",
		"/admin/policy/forecast/privileged-first":           "adds a draft, which decides nothing",
		"/admin/policy/forecast/against":                    "asks another administrator; the page of the forecast says what it means",
		"/admin/policy/forecast/against/{override}/approve": "enforces nothing itself; the page of the forecast says what it lets through",
		"/admin/policy/forecast/against/{override}/refuse":  "it can be asked for again",
		"/step-up/{step}/no":                                "nothing has been done; the application asks again",
		"/admin/break-glass/link/{person}":                  "adds a link; the form is on the page of the emergency access",
	}
	pages := map[string]bool{}
	for _, route := range d.routes {
		if route.Method == http.MethodGet {
			pages[route.Path] = true
		}
	}
	for _, route := range d.routes {
		if route.Method == http.MethodGet || route.Need.Permission == web.Public || pages[route.Path] {
			continue
		}
		if direct[route.Path] == "" {
			t.Errorf("%s is done without a page that says what it will do", route)
		}
		delete(direct, route.Path)
	}
	for path := range direct {
		t.Errorf("%s needs no excuse any more", path)
	}
}

func TestWrongMethodsAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin := d.join("admin", roles.Administrator)
	strong, session := d.signIn(admin, 3)
	allowed := map[string][]string{}
	for _, route := range d.routes {
		allowed[route.Path] = append(allowed[route.Path], route.Method)
	}
	for path, methods := range allowed {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "TRACE", "ANYTHING"} {
			if slices.Contains(methods, method) {
				continue
			}
			status, code, header := d.ask(method, d.address(path, admin, session), strong, nil)
			if status != http.StatusMethodNotAllowed || code != "web.wrong_method" || header.Get("Allow") == "" {
				t.Errorf("%s %s: got %d %q, Allow %q", method, path, status, code, header.Get("Allow"))
			}
		}
	}
}

func TestSomebodyElsesThingsAreNotFound(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	bob, mallory := d.join("bob"), d.join("mallory")
	bobs, bobSession := d.signIn(bob, 3)
	attacker, _ := d.signIn(mallory, 3)
	_, _, begun := d.ask(http.MethodPost, "/signin", nil, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
	attempt := begun.Get("Location")
	if !strings.HasPrefix(attempt, "/signin/att_") {
		t.Fatalf("no attempt to steal: %v", begun)
	}
	before := d.changes()
	for _, one := range []struct{ method, path string }{
		{http.MethodGet, "/me/keys/" + string(bob.credential.Key) + "/lost"},
		{http.MethodPost, "/me/keys/" + string(bob.credential.Key) + "/lost"},
		{http.MethodPost, "/me/sessions/" + string(bobSession.ID) + "/end"},
		{http.MethodGet, "/me/keys/key_00000000000000000000000000/lost"},
		{http.MethodPost, "/me/sessions/ses_00000000000000000000000000/end"},
		{http.MethodGet, "/me/keys/%2e%2e/lost"},
		{http.MethodGet, attempt},
		{http.MethodPost, attempt},
	} {
		status, code, _ := d.ask(one.method, one.path, attacker, nil)
		if status != http.StatusNotFound && status != http.StatusForbidden || code == "" {
			t.Errorf("%s %s by somebody else: got %d %q", one.method, one.path, status, code)
		}
	}
	if after := d.changes(); after != before {
		t.Errorf("%d changes were made to somebody else's things", after-before)
	}
	if status, _, _ := d.ask(http.MethodGet, "/me", bobs, nil); status != http.StatusOK {
		t.Errorf("bob's session was ended by somebody else: %d", status)
	}
}
