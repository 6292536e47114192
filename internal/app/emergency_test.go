package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/app/lockout"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/journey/forecast"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/exceptions"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/people"
)

// emergencyKeys adds two identities with keys that are kept apart, registered
// through the pages.
func emergencyKeys(t *testing.T, d *department) (north, south *softkey.Key) {
	t.Helper()
	var made []*softkey.Key
	for _, name := range []string{"north", "south"} {
		person, err := d.People.Add(t.Context(), d.operator, people.NewPerson{UserName: name, Name: "Key of the " + name, Kind: people.KindBreakGlass})
		fatal(t, err)
		link, err := d.Invite(t.Context(), d.operator, person.ID, 0)
		fatal(t, err)
		browser, key := d.browser(), d.batch.NewKey()
		page := browser.Follow(t, browser.Post(t, strings.TrimPrefix(link, portal), nil))
		page = browser.Follow(t, browser.TouchKey(t, page, key, nil))
		page = browser.Follow(t, browser.TouchKey(t, page, key, nil))
		if page.Status != http.StatusOK || page.Document.Heading() != "This key is ready for emergencies" {
			t.Fatalf("registering the key of %s led to %d %q", name, page.Status, page.Document.Heading())
		}
		if browser.Cookie("warder_session") != nil {
			t.Error("registering a key for emergencies began a session")
		}
		held, err := d.Keys.HeldBy(t.Context(), person.ID)
		fatal(t, err)
		fatal(t, d.BreakGlass.KeepAt(t.Context(), d.operator, held[0].ID, "Safe in the "+name))
		made = append(made, key)
	}
	return made[0], made[1]
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is one at the portal of the department.
func (d *department) browser() *signintest.Browser {
	return signintest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The kit's requests are for its own site; this one is elsewhere.
		r.Host, r.TLS = strings.TrimPrefix(portal, "http://"), nil
		if r.Header.Get("Origin") != "" {
			r.Header.Set("Origin", portal)
		}
		d.handler.ServeHTTP(w, r)
	}))
}

// twoKeys touches both keys, and gives the last answer.
func twoKeys(t *testing.T, browser *signintest.Browser, purpose breakglass.Purpose, first, second *softkey.Key) webtest.Response {
	t.Helper()
	page := browser.Post(t, "/break-glass", url.Values{"purpose": {string(purpose)}, "reason": {"Every administrator has lost their key."}, "holder": {"Nadia Holt"}})
	page = browser.Follow(t, browser.TouchKey(t, page, first, nil))
	return browser.TouchKey(t, page, second, url.Values{"holder": {"Sam Reed"}})
}

// TestTwoPeopleOpenWarderAndEverybodyIsTold goes all the way: keys through links, the
// pages, the session as an administrator, mails, the notice on every page, health.
func TestTwoPeopleOpenWarderAndEverybodyIsTold(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	admin := d.join("admin", roles.Administrator)
	d.join("lead", roles.SecurityLead, roles.Auditor)
	clerk := d.join("clerk", roles.ServiceDesk)
	north, south := emergencyKeys(t, d)
	before := d.subjects(t)

	browser := d.browser()
	inside := browser.Follow(t, twoKeys(t, browser, breakglass.Emergency, north, south))
	if inside.Status != http.StatusOK || !strings.Contains(inside.Document.Text(), "Signed in as emergency access: Nadia Holt and Sam Reed") {
		t.Fatalf("inside it says %d:\n%s", inside.Status, inside.Document.Text())
	}
	if got := browser.Get(t, "/admin/people"); got.Status != http.StatusOK || !strings.Contains(got.Document.Text(), "Warder is open in an emergency: Nadia Holt and Sam Reed are administrators until") {
		t.Errorf("an administrators' page says %d:\n%s", got.Status, got.Document.Text())
	}
	// What it is for: somebody becomes an administrator again.
	path := "/admin/roles/" + string(clerk.person.ID) + "/administrator/grant"
	if got := browser.Post(t, path, nil); got.Status != http.StatusSeeOther {
		t.Errorf("giving a role was answered %d:\n%s", got.Status, got.Document.Text())
	}
	if held, err := d.Roles.Of(t.Context(), clerk.person.ID); err != nil || !slices.Contains(held, roles.Administrator) {
		t.Errorf("the clerk holds %v, %v", held, err)
	}
	want := []string{
		"admin@department.example: Somebody has begun to open Warder in an emergency", "admin@department.example: Warder is open in an emergency",
		"lead@department.example: Somebody has begun to open Warder in an emergency", "lead@department.example: Warder is open in an emergency",
		"security@department.example: Somebody has begun to open Warder in an emergency", "security@department.example: Warder is open in an emergency",
	}
	var got []string
	for subject, count := range d.subjects(t) {
		if strings.Contains(subject, "emergency") && count > before[subject] {
			got = append(got, subject)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	made := d.emergencies(t, exceptions.Approved)
	if len(made) != 1 || made[0].Lasts() > time.Hour || made[0].Owner == made[0].ApprovedBy {
		t.Errorf("its exceptions: %+v", made)
	}
	_, err := d.Exceptions.Renew(t.Context(), exceptions.Command(audit.Command("op")), made[0].ID, made[0].End.Add(time.Hour), "more time")
	if !problem.Is(err, exceptions.Malformed) {
		t.Errorf("it was made longer: %v", err)
	}
	fatal(t, d.Alarm.Look(t.Context()))
	if !d.hasCondition("breakglass.in_use") || !d.hasCondition("breakglass.review_due") { // the department has one from before
		t.Errorf("the conditions are %+v", d.Health.List())
	}
	// The notice is for those who administer, and for nobody else.
	cookie, _ := d.signIn(d.join("amira.khan"), 3)
	if own := d.browser().With(cookie).Get(t, "/me"); own.Status != http.StatusOK || strings.Contains(own.Document.Text(), "Nadia Holt") {
		t.Errorf("somebody without a role is told: %s", own.Document.Text())
	}
	cookie, _ = d.signIn(admin, 3)
	if own := d.browser().With(cookie).Get(t, "/me"); !strings.Contains(own.Document.Text(), "Nadia Holt") {
		t.Error("an administrator is not told on their own page")
	}
}

// emergencies are the exceptions of emergency accesses.
func (d *department) emergencies(t *testing.T, state exceptions.State) []exceptions.Exception {
	t.Helper()
	all, err := d.Exceptions.List(t.Context(), exceptions.Filter{State: state})
	fatal(t, err)
	return slices.DeleteFunc(all, func(e exceptions.Exception) bool { return e.Reason != exceptions.Emergency })
}

// C50.2: it is an exception among the others, until it ends, and it lowers nothing.
func TestEmergencyAccessIsAnExceptionUntilItEnds(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	d.join("admin", roles.Administrator)
	north, south := emergencyKeys(t, d)
	browser := d.browser()
	browser.Follow(t, twoKeys(t, browser, breakglass.Emergency, north, south))
	made := d.emergencies(t, exceptions.Approved)
	if len(made) != 1 || !made[0].InForce(d.Now()) || made[0].Lasts() > time.Hour {
		t.Fatalf("while it is open: %+v", made)
	}
	strictest := assurance.Requirement{AAL: assurance.AAL3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}
	if made[0].Floor != strictest {
		t.Errorf("its floor is %v", made[0].Floor)
	}
	use, open, err := d.BreakGlass.OpenNow(t.Context())
	fatal(t, err)
	if !open {
		t.Fatal("it is not open")
	}
	fatal(t, d.Sessions.End(t.Context(), audit.Command("op"), use.Session, sessions.SignedOut))
	fatal(t, d.BreakGlass.Sweep(t.Context()))
	if left, over := d.emergencies(t, exceptions.Approved), d.emergencies(t, exceptions.Ended); len(left) != 0 || len(over) != 1 || over[0].ID != made[0].ID {
		t.Errorf("afterwards %d are in force and %d over", len(left), len(over))
	}
}

// subjects counts the messages in the outbox by address and subject.
func (d *department) subjects(t *testing.T) map[string]int {
	t.Helper()
	sent, err := d.Mail.List(t.Context(), "", 500)
	fatal(t, err)
	counted := map[string]int{}
	for _, message := range sent {
		counted[message.To+": "+message.Subject]++
	}
	return counted
}

func (d *department) hasCondition(code string) bool {
	for _, condition := range d.Health.List() {
		if condition.Code == code {
			return true
		}
	}
	return false
}

// TestEmergencySessionReachesNoServiceAndChangesNoKeyOfItsOwn: it is for
// administering Warder, and cannot be made to last.
func TestEmergencySessionReachesNoServiceAndChangesNoKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	north, south := emergencyKeys(t, d)
	browser := d.browser()
	browser.Follow(t, twoKeys(t, browser, breakglass.Emergency, north, south))
	use, open, err := d.BreakGlass.OpenNow(t.Context())
	if err != nil || !open {
		t.Fatal(open, err)
	}
	added := browser.Post(t, "/me/keys/add", nil)
	if added.Status != http.StatusForbidden {
		t.Errorf("adding a key was answered %d to %q", added.Status, added.Header.Get("Location"))
	}
	held, err := d.Factors.OfPerson(t.Context(), use.First.Person)
	if err != nil || len(held) != 1 || held[0].State != factors.Active {
		t.Errorf("its identity has %+v, %v", held, err)
	}
	person, err := d.People.Get(t.Context(), use.First.Person)
	if err != nil || person.MaySignIn(d.Now()) {
		t.Errorf("at the services it is somebody who may sign in: %+v, %v", person, err)
	}
	for _, role := range roles.All() {
		if got := browser.Post(t, "/admin/roles/"+string(use.First.Person)+"/"+string(role)+"/grant", nil); got.Status == http.StatusSeeOther {
			t.Errorf("it gave itself the role %s", role)
		}
	}
}

// TestStricterPolicyWaitsForATestedEmergencyAccess is C50.3 and C05.1: what is not
// tested, and an administrator who hangs from one key, block new enforcement.
func TestStricterPolicyWaitsForATestedEmergencyAccess(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	north, south := emergencyKeys(t, d)
	text := func(version, level string) versions.Text {
		return versions.Text{Name: "policy.yaml", Body: []byte("version: " + version + "\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: " + level + "}}\n")}
	}
	publish := func(version, level string) error {
		_, err := d.Policies.Publish(t.Context(), d.operator, text(version, level), versions.EnforceOptions{})
		return err
	}
	look := func() []forecast.Kind {
		made, _, err := d.Lockout.Make(t.Context(), d.operator, lockout.Question{Text: text("strict", "3")})
		fatal(t, err)
		var kinds []forecast.Kind
		for _, finding := range made.Blockers() {
			kinds = append(kinds, finding.Kind)
		}
		return kinds
	}
	fatal(t, publish("one", "2")) // the first opens what was shut
	if err := publish("strict", "3"); !problem.Is(err, gate.Missing) {
		t.Errorf("a stricter one without a forecast: %v", err)
	}
	if diff := cmp.Diff([]forecast.Kind{forecast.NoAdministrator, forecast.NoBreakGlass}, look()); diff != "" {
		t.Error(diff)
	}
	if err := publish("strict", "3"); !problem.Is(err, gate.Blocked) {
		t.Errorf("a stricter one that the forecast stops: %v", err)
	}
	fatal(t, publish("looser", "1"))
	d.furtherKey(d.join("second.admin", roles.Administrator))
	browser := d.browser()
	browser.Follow(t, twoKeys(t, browser, breakglass.Test, north, south))
	if diff := cmp.Diff([]forecast.Kind(nil), look()); diff != "" {
		t.Error(diff)
	}
	fatal(t, publish("strict", "3"))
}
