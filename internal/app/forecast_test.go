package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/access/roles"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/journey/forecast/gate"
)

// TestTwoAdministratorsGoAgainstAForecastOnItsPage is issue 4 point 4 on the pages: each
// number opens to its list, and only a second administrator with a key lets a draft through.
func TestTwoAdministratorsGoAgainstAForecastOnItsPage(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	first, second := d.join("first.admin", roles.Administrator), d.join("second.admin", roles.Administrator)
	text := func(version, level string) versions.Text {
		return versions.Text{Name: "p.yaml", Body: fmt.Appendf(nil, "version: %s\nrules:\n- {id: all, title: All, services: ['*'], require: {aal: %s}}\n", version, level)}
	}
	_, err := d.Policies.Publish(t.Context(), d.operator, text("mild", "1"), versions.EnforceOptions{})
	fatal(t, err)
	draft, err := d.Policies.Import(t.Context(), d.operator, text("strict", "3"))
	fatal(t, err)
	path, version := fmt.Sprint("/admin/policy/forecast?version=", draft.Number), fmt.Sprint(draft.Number)
	one, two := d.cookie(first), d.cookie(second)

	page := d.page(path, one, nil, http.StatusOK)
	for _, says := range []string{"2 findings stop this version", "Have a single key 2 Note", "second.admin Holds a role.", "Nobody has made the forecast yet"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	enforce := func() error {
		_, err := d.Policies.Enforce(t.Context(), d.operator, draft.Number, versions.EnforceOptions{})
		return err
	}
	if err := enforce(); !problem.Is(err, gate.Missing) {
		t.Errorf("looking is not making: %v", err)
	}
	d.page("/admin/policy/forecast", one, url.Values{"version": {version}}, http.StatusSeeOther)
	if err := enforce(); !problem.Is(err, gate.Blocked) {
		t.Errorf("against the forecast: %v", err)
	}
	d.page("/admin/policy/forecast/against", one, url.Values{"version": {version}, "reason": {"An attack is under way."}}, http.StatusSeeOther)
	if strings.Contains(d.page(path, one, nil, http.StatusOK), "Approve,") {
		t.Error("who asked is offered to approve")
	}
	if page := d.page(path, two, nil, http.StatusOK); !strings.Contains(page, "Approve,") || !strings.Contains(page, "An attack is under way.") {
		t.Errorf("the second administrator is not asked: %s", page)
	}
	standing, err := d.Lockout.Gate.Standing(t.Context(), gate.Draft{Text: draft.Text, Against: "mild"})
	fatal(t, err)
	approve := "/admin/policy/forecast/against/" + string(standing.Override.ID) + "/approve"
	d.page(approve, one, url.Values{"version": {version}}, http.StatusForbidden)
	if err := enforce(); !problem.Is(err, gate.Blocked) {
		t.Errorf("before the second word: %v", err)
	}
	d.page(approve, two, url.Values{"version": {version}}, http.StatusSeeOther)
	fatal(t, enforce())
}
