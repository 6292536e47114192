package standardsweb

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/factors/factorstest"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	t.Parallel()
	webtest.Check(t, files, map[string]any{"standards.html": standardsView{}})
}

func TestStandardsAreShownWithTheirVersionAndWhatIsNotMet(t *testing.T) {
	t.Parallel()
	pages, err := New(counter(t))
	if err != nil {
		t.Fatal(err)
	}
	got := webtest.Get(t, webtest.Site(t, webtest.Viewer("Auditor", 2, web.MaturityRead), pages.Routes()...), Path)
	webtest.Structure(t, got.Document)
	text := got.Document.Text()
	for _, words := range []string{"version 2026-04", "attested security key", "AAL3", "SP 800-63B-4", "July 2025", "FIPS 140 validation",
		"Whether Cyber Essentials v3.3 still accepts codes by text message is not verified", "What changed class from 2025-04 to 2026-04", "SIM-swappable",
		"What forbidding a property would take away here"} {
		if got.Status != http.StatusOK || !strings.Contains(text, words) {
			t.Errorf("answered %d without %q", got.Status, words)
		}
	}
	refused := webtest.Get(t, webtest.Site(t, webtest.Viewer("Desk", 2, web.KeysRead), pages.Routes()...), Path)
	if refused.Status != http.StatusForbidden {
		t.Errorf("somebody without the permission was answered %d", refused.Status)
	}
}

// Capabilities C49.3 and C27.1: a change of a standard, and a property that a policy
// could forbid, are told with the number of people they concern.
func TestChangesAndPropertiesNameThePeopleTheyConcern(t *testing.T) {
	t.Parallel()
	pages, err := New(counter(t))
	if err != nil {
		t.Fatal(err)
	}
	got := webtest.Get(t, webtest.Site(t, webtest.Viewer("Auditor", 2, web.MaturityRead), pages.Routes()...), Path)
	var rows []string
	for _, row := range got.Document.WithClass("govuk-table__row") {
		rows = append(rows, strings.Join(strings.Fields(row.Text()), " "))
	}
	text := strings.Join(rows, "\n")
	for _, row := range []string{
		"synced passkey NIST SP 800-63B no assurance AAL2 1",
		"attested security key Cyber Essentials physically separate token FIDO2: regarded as multi-factor 1",
		"synced passkey (1), passkey bound to a device (0), security key (0) 1 1",
		"SIM-swappable none 0 0",
	} {
		if !strings.Contains(text, row) {
			t.Errorf("no row %q in\n%s", row, text)
		}
	}
	opens := map[string]bool{}
	for _, link := range got.Document.All("a") {
		opens[link.Attribute("href")] = true
	}
	for _, address := range []string{adoption.ListPage + "?have=passkey_synced", adoption.ListPage + "?only=exportable"} {
		if !opens[address] {
			t.Errorf("no number opens %s", address)
		}
	}
}

// counter counts a department in which alice has a passkey that is copied between
// her devices, and bob has an attested key.
func counter(t *testing.T) *adoption.Counter {
	t.Helper()
	h := signintest.Open(t, dbtest.SQLite(t))
	h.Holder(t, "bob")
	alice, key := h.Somebody(t, "alice"), h.Batch.NewKey()
	key.Behaviour.BackupEligible, key.Behaviour.Statement = true, softkey.None
	factorstest.Enrol(t, h.Factors, key, factors.Holder{ID: alice.ID, UserName: "alice", Name: "Alice"}, signintest.Origin)
	return adoption.New(adoption.Deps{People: h.People, Factors: h.Factors, Roles: h.Roster, Now: h.Clock.Now,
		Secrets: func(context.Context, ids.Person, func(ids.Person, adoption.Holding) error) error { return nil }})
}
