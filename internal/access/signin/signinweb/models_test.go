package signinweb_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/access/signin/signintest"
	"github.com/warder-project/warder/internal/app/demo/softkey"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/registry/keys"
)

func isOpen(details webtest.Element) bool {
	_, open := details.Has("open")
	return open
}

func TestWhoseKeyIsRefusedIsToldWhichKeysAreTaken(t *testing.T) {
	t.Parallel()
	h, site := portal(t)
	const denied = "5b0e3c1e-0f1a-4c0e-9a55-7761726465bb"
	vendor, err := softkey.NewVendor("Withdrawn Keys")
	if err != nil {
		t.Fatal(err)
	}
	batch, err := vendor.Batch(denied)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Models.Put(t.Context(), signintest.Desk(), keys.Model{AAGUID: denied, Vendor: "Withdrawn Keys", Name: "Two", HardwareBound: true, Roots: vendor.RootPEM()})
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.Invitations.Invite(t.Context(), signintest.Desk(), h.Somebody(t, "amira.khan").ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	browser := signintest.NewBrowser(site)
	begun := browser.Post(t, "/enrol/"+link.Reveal(), nil)
	page := browser.Follow(t, begun)
	shows(t, page, http.StatusOK, "Which keys you can register here")
	if list := page.Document.All("details"); len(list) != 1 || isOpen(list[0]) {
		t.Error("before a key was refused the list stands open")
	}
	synced := h.Batch.NewKey()
	synced.Behaviour = softkey.Behaviour{BackupEligible: true}
	for advice, key := range map[string]*softkey.Key{
		"This model of security key is not one your organisation allows.":                             batch.NewKey(),
		"Insert your security key, and choose it instead of your phone, browser or password manager.": synced,
	} {
		got := browser.TouchKey(t, browser.Get(t, begun.Header.Get("Location")), key, nil)
		shows(t, got, http.StatusUnprocessableEntity, advice)
		list := got.Document.All("details")
		if len(list) != 1 || !isOpen(list[0]) || !strings.Contains(list[0].Text(), "Imaginary Keys One") || strings.Contains(list[0].Text(), "Withdrawn") {
			t.Errorf("the list of keys that are taken: %s", got.Document.Text())
		}
	}
}
