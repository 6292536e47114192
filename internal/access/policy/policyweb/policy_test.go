package policyweb

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/policy/versions/versionsdb"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/assurance"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"policy.html": policyView{}})
}

func TestPolicyPageSaysWhatEachForbiddenPropertyRemoves(t *testing.T) {
	t.Parallel()
	d, now := dbtest.SQLite(t), testkit.NewClock().Now
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	library := versions.New(versions.Deps{Store: versionsdb.New(d), Tx: d, Audit: log, Now: now})
	pages, err := New(Deps{Policies: library, Standing: func(_ context.Context, accepted assurance.Accepted, method assurance.Method) (string, string, error) {
		return fmt.Sprint(accepted.LastDay(method).Format(time.DateOnly), " is the last day"), "7 people", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Site(t, webtest.Viewer("Auditor", 2, web.DecisionsRead), pages.Routes()...)
	if got := webtest.Get(t, site, Path); got.Status != http.StatusOK || !strings.Contains(got.Document.Text(), "No policy has been published yet") {
		t.Errorf("before: %d, %s", got.Status, got.Document.Text())
	}
	for _, text := range []string{
		"version: old\nrules: []\n",
		"version: new\nmethods: {password: {until: 2027-03-31}}\nrules:\n  - {id: no-copies, title: \"<b>None</b>\", services: [\"*\"], require: {aal: 2}, forbid: [exportable]}\n",
	} {
		if _, err := library.Publish(t.Context(), audit.Command("root"), versions.Text{Name: "policy.yaml", Body: []byte(text)}, versions.EnforceOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got := webtest.Get(t, site, Path)
	webtest.Structure(t, got.Document)
	text := got.Document.Text()
	for _, words := range []string{"Version new is in force", `title: "<b>None</b>"`, "Being written: 0 drafts, and 0 in report-only.", "Drafts and versions", "password 2027-03-31 is the last day 7 people"} {
		if got.Status != http.StatusOK || !strings.Contains(text, words) {
			t.Errorf("answered %d without %q", got.Status, words)
		}
	}
	rows := map[string]string{}
	for _, row := range got.Document.WithClass("govuk-table__row") {
		words := strings.Join(strings.Fields(row.Text()), " ")
		rows[strings.SplitN(words+" ", " ", 2)[0]] = words
	}
	for property, want := range map[string]string{
		"exportable":    "exportable no-copies code from an app, synced passkey, passkey bound to a device, security key",
		"sim_swappable": "sim_swappable none none code by text message, code by voice call, text message or call, another company's second factor",
	} {
		if !strings.HasPrefix(rows[property], want) {
			t.Errorf("%s: %q, want %q…", property, rows[property], want)
		}
	}
}
