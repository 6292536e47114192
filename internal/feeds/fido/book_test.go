package fido_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/access/decision/decisiontest"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/recall"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/fido"
	"github.com/warder-project/warder/internal/feeds/fido/fidodb"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// house is a department with one listed model, blue, and a book.
type house struct {
	*decisiontest.House
	*fido.Book
	service *fidotest.Service
}

func open(t *testing.T, d *db.DB) house {
	t.Helper()
	h := decisiontest.Open(t, d)
	h.Service(t, "payroll")
	h.Publish(t, decisiontest.Everybody("1"))
	desk := recall.New(recall.Deps{Models: h.Models, Factors: h.Factors, Sessions: h.Sessions, Tx: d, Now: h.Clock.Now})
	return house{h, fido.New(fido.Deps{Store: fidodb.New(d), Models: h.Models, Recall: desk, Tx: d, Audit: h.Audit, Now: h.Clock.Now}), fidotest.NewService(t)}
}

func (h house) list(t *testing.T, number int, entries ...any) *fido.List {
	t.Helper()
	return h.service.List(t, h.Clock.Now(), fidotest.Payload(t, number, entries...))
}

func (h house) bring(t *testing.T, number int, entries ...any) fido.Plan {
	t.Helper()
	plan, err := h.Import(t.Context(), decisiontest.Desk(), h.list(t, number, entries...))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestRevokedModelIsStoppedWithItsImportAndForeseenBefore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		amira := h.Somebody(t, "amira.khan")
		_, token := h.SignIn(t, amira, decisiontest.Best())
		h.bring(t, 1, fidotest.About(blue, "FIDO_CERTIFIED_L2"))
		bad := h.list(t, 2, fidotest.About(blue, "FIDO_CERTIFIED_L2", "REVOKED", "FIDO_CERTIFIED_L9"), fidotest.About(green, "REVOKED"))
		foreseen, err := h.Foresee(t.Context(), bad)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Ask(t, "payroll", token).Verdict; got.Effect != policy.Allow {
			t.Fatalf("looking has changed something: %s", got.ReasonCodes())
		}
		done, err := h.Import(t.Context(), decisiontest.Desk(), bad)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(foreseen, done); diff != "" {
			t.Error("what was foreseen is not what happened:", diff)
		}
		model := done.Models[0]
		if len(done.Models) != 1 || model.Credentials != 1 || model.People != 1 || model.Sessions != 1 || model.Stranded != 1 || !model.Stops() ||
			len(model.Now) != 1 || len(model.Then) != 3 || done.Before.Number != 1 {
			t.Errorf("%+v", done)
		}
		if diff := cmp.Diff([]string{"FIDO_CERTIFIED_L9"}, done.Unknown); diff != "" {
			t.Error(diff)
		}
		if got := h.Ask(t, "payroll", token).Verdict; got.Effect == policy.Allow {
			t.Error("a revoked key still opens payroll")
		}
		held, err := h.Factors.OfPerson(t.Context(), amira.Person.ID)
		if err != nil || held[0].State != factors.Suspended {
			t.Errorf("%+v, %v", held, err)
		}
		for action, wanted := range map[string]int{"fido.metadata_imported": 2, "key.models_warned": 2, "factor.suspended": 1, "session.ended": 1} {
			if entries, err := h.Audit.List(t.Context(), audit.Filter{Action: action}); err != nil || len(entries) != wanted {
				t.Errorf("%s: %d entries, %v", action, len(entries), err)
			}
		}
		// A list that says nothing bad any more lets the model be registered again, and gives nothing back.
		h.bring(t, 3, fidotest.About(blue, "FIDO_CERTIFIED_L2"))
		standings, err := h.Standings(t.Context())
		if err != nil || !standings[0].Worth.Register || !standings[0].Worth.SignIn || !standings[0].Listed {
			t.Errorf("%+v, %v", standings, err)
		}
		if held, _ = h.Factors.OfPerson(t.Context(), amira.Person.ID); held[0].State != factors.Suspended {
			t.Error("a suspended credential came back by itself")
		}
	})
}

func TestOlderListNeverComesBack(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	plan := h.bring(t, 7, fidotest.About(blue, "RETIRED"))
	if plan.Before != nil || plan.Same {
		t.Errorf("%+v", plan)
	}
	for number, wanted := range map[int]problem.Definition{6: fido.RolledBack, 0: fido.RolledBack, 7: fido.NumberReused} {
		list := h.list(t, number)
		if _, err := h.Foresee(t.Context(), list); !problem.Is(err, wanted) {
			t.Errorf("foresee %d: %v", number, err)
		}
		if _, err := h.Import(t.Context(), decisiontest.Desk(), list); !problem.Is(err, wanted) {
			t.Errorf("import %d: %v", number, err)
		}
	}
	if again := h.bring(t, 7, fidotest.About(blue, "RETIRED")); !again.Same {
		t.Errorf("the same list again: %+v", again)
	}
	entries, err := h.Audit.List(t.Context(), audit.Filter{Action: "fido.metadata_imported"})
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	model, _, err := h.Models.Get(t.Context(), blue)
	if err != nil || len(model.Warnings) != 1 {
		t.Errorf("%+v, %v", model, err)
	}
}

func TestListsBroughtAtOnceLeaveTheNewest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		var lists []*fido.List
		for number := range 6 {
			lists = append(lists, h.list(t, number, fidotest.About(blue, []string{"RETIRED", "FIDO_CERTIFIED"}[number%2])))
		}
		var all sync.WaitGroup
		for _, list := range lists {
			all.Go(func() {
				if _, err := h.Import(t.Context(), decisiontest.Desk(), list); err != nil && !problem.Is(err, fido.RolledBack) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		kept, _, err := h.Current(t.Context())
		standings, failed := h.Standings(t.Context())
		if err != nil || failed != nil || kept.Number != 5 || standings[0].Reports[0].Status != "FIDO_CERTIFIED" || len(standings[0].Model.Warnings) != 0 {
			t.Errorf("%d %+v, %v, %v", kept.Number, standings, err, failed)
		}
	})
}

// What the list says never allows a model, and what it does not know stays unknown.
func TestListNeverMakesAModelFine(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	denied := decisiontest.Make()
	denied.Allowed = false
	if _, err := h.Models.Put(t.Context(), decisiontest.Desk(), denied); err != nil {
		t.Fatal(err)
	}
	for number, entries := range [][]any{{}, {fidotest.About(blue, "FIDO_CERTIFIED_L3plus"), fidotest.About(green, "FIDO_CERTIFIED_L3plus")}} {
		h.bring(t, number, entries...)
		standings, err := h.Standings(t.Context())
		if err != nil || len(standings) != 1 {
			t.Fatalf("%+v, %v", standings, err)
		}
		if one := standings[0]; one.Worth.Register || one.Worth.Attested || one.Worth.HardwareBound || one.Listed != (number == 1) {
			t.Errorf("list %d: %+v", number, one)
		}
		if _, found, err := h.Models.Get(t.Context(), green); found || err != nil {
			t.Errorf("a model came from the list: %v, %v", found, err)
		}
	}
}

// A model that is listed after the warning is warned of all the same, by its certificates too.
func TestWarningWaitsForAModelThatIsNotListedYet(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	h.bring(t, 1, fidotest.About(green, "REVOKED"),
		map[string]any{"attestationCertificateKeyIdentifiers": []string{batch}, "statusReports": []any{map[string]any{"status": "ATTESTATION_KEY_COMPROMISE"}}})
	roots := string(fidotest.NewAuthority(t, "Vendor").PEM())
	for _, model := range []keys.Model{
		{AAGUID: green, Vendor: "Green", Name: "One", Allowed: true},
		{AAGUID: "57a2de30-0000-4000-8000-000000000021", Vendor: "U2F", Name: "Two", Allowed: true, Roots: []byte(roots), CertificateKeys: []string{strings.ToUpper(batch)}},
	} {
		put, err := h.Models.Put(t.Context(), decisiontest.Desk(), model)
		if err != nil || put.Worth(h.Clock.Now()).Register || put.Worth(h.Clock.Now()).Attested {
			t.Errorf("%+v, %v", put, err)
		}
		got, found, err := h.Models.Get(t.Context(), model.AAGUID)
		if err != nil || !found || got.Worth(h.Clock.Now()) != put.Worth(h.Clock.Now()) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	byCertificate, found, err := h.Models.ByCertificateKeys(t.Context(), []string{batch})
	if err != nil || !found || len(byCertificate.Warnings) != 1 {
		t.Errorf("%+v, %v, %v", byCertificate, found, err)
	}
}

func TestRootsAreCopiedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	h := open(t, dbtest.SQLite(t))
	root := fidotest.NewAuthority(t, "Vendor")
	text := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(root.PEM())), "-----BEGIN CERTIFICATE-----"), "-----END CERTIFICATE-----"), "\n", "\n ")
	entry := fidotest.About(blue, "FIDO_CERTIFIED")
	entry["metadataStatement"].(map[string]any)["attestationRootCertificates"] = []string{text}
	broken := fidotest.About(green)
	broken["metadataStatement"].(map[string]any)["attestationRootCertificates"] = []string{"?"}
	h.bring(t, 1, entry, broken)
	model, _, err := h.Models.Get(t.Context(), blue)
	if err != nil || len(model.Roots) != 0 {
		t.Errorf("the import gave roots to a model: %+v, %v", model, err)
	}
	pem, err := h.Roots(t.Context(), model)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := keys.ParseRoots(pem); err != nil || len(found) != 1 || !found[0].Equal(root.Certificate) {
		t.Errorf("%d roots, %v", len(found), err)
	}
	for _, aaguid := range []string{green, "57a2de30-0000-4000-8000-000000000021"} {
		if _, err := h.Roots(context.Background(), keys.Model{AAGUID: aaguid}); !problem.Is(err, fido.NotListed) {
			t.Error(aaguid, err)
		}
	}
}
