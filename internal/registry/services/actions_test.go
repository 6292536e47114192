package services_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/services"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func TestActionIsCleanedKeptRecordedAndTakenAway(t *testing.T) {
	t.Parallel()
	shelf := newShelf(t, dbtest.SQLite(t))
	service := shelf.add("payroll")
	got, err := shelf.SetAction(t.Context(), root, service.ID, services.Action{Name: "export", Title: " Export the payroll ", Methods: []string{"get"},
		Path: "/payroll/export/", RowsOver: 5000, ResponseOver: 10 << 20})
	if err != nil {
		t.Fatal(err)
	}
	want := services.Action{Name: "export", Title: "Export the payroll", Methods: []string{"GET"}, Path: "/payroll/export", RowsOver: 5000, ResponseOver: 10 << 20}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("action (-want +got):\n%s", diff)
	}
	kept, err := shelf.BySlug(t.Context(), "payroll")
	if err != nil || cmp.Diff([]services.Action{want}, kept.Actions) != "" {
		t.Errorf("kept %+v: %v", kept.Actions, err)
	}
	if err := shelf.RemoveAction(t.Context(), root, service.ID, "import"); !problem.Is(err, services.ActionNotFound) {
		t.Errorf("removing what is not there: %v", err)
	}
	if err := shelf.RemoveAction(t.Context(), root, service.ID, "export"); err != nil {
		t.Error(err)
	}
	if kept, err = shelf.Get(t.Context(), service.ID); err != nil || len(kept.Actions) != 0 {
		t.Errorf("after it was removed: %+v, %v", kept.Actions, err)
	}
	told := slices.DeleteFunc(shelf.told, func(change tx.Change) bool { return change.Topic != tx.Service })
	if len(told) != 3 { // added, set, removed
		t.Errorf("told of %d changes: %v", len(told), told)
	}
}

func TestActionThatCannotBeKeptIsRefusedFieldByField(t *testing.T) {
	t.Parallel()
	shelf := newShelf(t, dbtest.SQLite(t))
	service := shelf.add("payroll")
	for name, test := range map[string]struct {
		change func(*services.Action)
		field  string
	}{
		"no name":               {func(a *services.Action) { a.Name = "" }, "name"},
		"no title":              {func(a *services.Action) { a.Title = " " }, "title"},
		"title of two lines":    {func(a *services.Action) { a.Title = "a\nb" }, "title"},
		"path that is encoded":  {func(a *services.Action) { a.Path = "/a%2fb" }, "path"},
		"bad method":            {func(a *services.Action) { a.Methods = []string{"GE T"} }, "methods"},
		"two queries":           {func(a *services.Action) { a.Query = "a=1&b=2" }, "query"},
		"negative amount":       {func(a *services.Action) { a.BodyOver = -1 }, "body_over"},
		"answer too large":      {func(a *services.Action) { a.ResponseOver = services.MostHeld + 1 }, "response_over"},
		"answer of a change":    {func(a *services.Action) { a.Methods, a.RowsOver = []string{"POST"}, 5 }, "methods"},
		"answer of any request": {func(a *services.Action) { a.Methods, a.RowsOver = nil, 5 }, "methods"},
		"touch that holds long": {func(a *services.Action) { a.Keep = time.Hour }, "keep"},
	} {
		action := services.Action{Name: "export", Title: "Export", Methods: []string{"GET"}, Path: "/export"}
		test.change(&action)
		_, err := shelf.SetAction(t.Context(), root, service.ID, action)
		found, ok := problem.Of(err)
		if !ok || found.Code != services.Malformed.Code || len(found.Fields) != 1 || found.Fields[0].Name != test.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoWayOfWritingAPathGoesAroundAnAction(t *testing.T) {
	t.Parallel()
	export := services.Action{Methods: []string{"GET"}, Path: "/payroll/Export"}
	for path, want := range map[string]bool{
		"/payroll/Export": true, "/payroll/Export/": true, "/payroll/Export/2026": true, "/payroll/export": true, "/payroll/%45xport": true,
		"/payroll/export;v=1": true, "/payroll;x/export": true, "/payroll/export.": true, "/payroll/export%3fx": true,
		"/payroll/exports": false, "/payroll": false, "/": false, "/other/payroll/export": false,
	} {
		if got := export.Covers("GET", path); got != want {
			t.Errorf("%s is covered: %v, want %v", path, got, want)
		}
	}
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "get": true, "POST": false} {
		if got := export.Covers(method, "/payroll/Export"); got != want {
			t.Errorf("%s is covered: %v, want %v", method, got, want)
		}
	}
	if everything := (services.Action{Path: "/"}); !everything.Covers("PATCH", "/any/thing") {
		t.Error("an action of the whole service does not cover a page of it")
	}
}
