package assess_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/webtest"
	"github.com/warder-project/warder/internal/proof/evidence"
	"github.com/warder-project/warder/internal/proof/evidence/evidencedb"
	"github.com/warder-project/warder/internal/proof/maturity/maturityweb"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/audit/auditdb"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

func newDesk(t *testing.T) *assess.Desk {
	t.Helper()
	d := dbtest.SQLite(t)
	sealer, err := seal.OpenKeyFile(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	at := today
	now := func() time.Time { at = at.Add(time.Second); return at }
	log := audit.New(audit.Deps{Store: auditdb.New(d), Tx: d, Now: now})
	archive := evidence.New(evidence.Deps{Store: evidencedb.New(d), Tx: d, Audit: log, Sealer: sealer, Now: now})
	return assess.NewDesk(assess.DeskDeps{Archive: archive, Now: now})
}

// site is the pages over a desk, seen by somebody with these permissions.
func site(t *testing.T, desk *assess.Desk, may ...web.Permission) http.Handler {
	t.Helper()
	pages, err := maturityweb.New(maturityweb.Deps{Assess: desk.Assess, Evidence: desk.Evidence,
		Add: func(ctx context.Context, actor audit.Actor, upload maturityweb.Upload) (evidence.Item, error) {
			return desk.Add(ctx, actor, assess.Upload(upload))
		}})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Site(t, webtest.Viewer("Pat", 2, may...), pages.Routes()...)
}

// bring sends a file as the form does.
func bring(t *testing.T, handler http.Handler, name string, content []byte, fields map[string]string) webtest.Response {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range fields {
		if err := form.WriteField(key, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	form.Close()
	r := httptest.NewRequest(http.MethodPost, webtest.Base+maturityweb.Path+"/evidence/add", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	return webtest.Do(t, handler, r)
}

func TestExportsBroughtInTheBrowserGiveTheSameAnswerAsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	pages := site(t, desk, web.MaturityRead, maturityweb.EvidenceWrite)
	if empty := webtest.Get(t, pages, maturityweb.Path); empty.Status != http.StatusOK || !strings.Contains(empty.Body, "There is no evidence yet") {
		t.Fatalf("without evidence: %d", empty.Status)
	}
	for _, name := range []string{"credential-report.csv", "mfa-devices.json", "virtual-mfa-devices.json", "account-summary.json", "registrations-1.json",
		"registrations-2.json", "conditional-access.json", "authentication-methods.json", "staff.csv"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]string{"exported": "2026-11-22"}
		if name == "registrations-2.json" {
			fields["another"] = "yes"
		}
		if answer := bring(t, pages, name, content, fields); answer.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", name, answer.Status, answer.Document.Text())
		}
	}
	command := judge(t, harbour(t))
	kept, err := desk.Assess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if kept.Level != command.Level || len(kept.Criteria) != len(command.Criteria) {
		t.Fatalf("level %d in the browser, %d on the command line", kept.Level, command.Level)
	}
	for i := range kept.Criteria {
		if kept.Criteria[i].Sentence != command.Criteria[i].Sentence {
			t.Errorf("%s: %q, on the command line %q", kept.Criteria[i].ID, kept.Criteria[i].Sentence, command.Criteria[i].Sentence)
		}
	}
	level := webtest.Get(t, pages, maturityweb.Path)
	for _, want := range []string{"Level 1: Encouraged but Not Enforced", "L2.G2 Partial Gains", "warder-chart", "Finance", "credential-report.csv"} {
		if !strings.Contains(level.Body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	one := webtest.Get(t, pages, maturityweb.Path+"/criterion/L3.G1")
	for _, want := range []string{"emil.nowak", "Left out by the rule leaver", "Over 90% of your users and services"} {
		if !strings.Contains(one.Body, want) {
			t.Errorf("the page of the criterion has no %q", want)
		}
	}
	if missing := webtest.Get(t, pages, maturityweb.Path+"/criterion/L9.G9"); missing.Status != http.StatusNotFound {
		t.Errorf("a criterion that does not exist: %d", missing.Status)
	}
}

func TestFaultyFileBroughtInTheBrowserIsNotKept(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	pages := site(t, desk, web.MaturityRead, maturityweb.EvidenceWrite)
	for name, c := range map[string]struct{ content, want string }{
		"cut.json":   {`{"value":[{"userPrincipalName":"a@b","methodsRegistered":[`, "cut.json:1:"},
		"book.xlsx":  {"PK\x03\x04rest", "found a zip archive or spreadsheet"},
		"report.csv": {"user,arn,password_enabled,mfa_active\nx,y,true,true\n", "report.csv:2:3:"},
		"empty.csv":  {"", "none of the exports"},
	} {
		answer := bring(t, pages, name, []byte(c.content), nil)
		if answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Body, c.want) {
			t.Errorf("%s: %d, no %q", name, answer.Status, c.want)
		}
	}
	if items, err := desk.Evidence(t.Context()); err != nil || len(items) != 0 {
		t.Errorf("%d items were kept (%v)", len(items), err)
	}
}

func TestOnlyWhoMayBringEvidenceCan(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	if answer := bring(t, site(t, desk, web.MaturityRead), "staff.csv", []byte("user_name,name\na,A\n"), nil); answer.Status != http.StatusForbidden {
		t.Errorf("reading was enough to bring evidence: %d", answer.Status)
	}
	if answer := webtest.Get(t, site(t, desk, web.KeysRead), maturityweb.Path); answer.Status != http.StatusForbidden {
		t.Errorf("the level was shown to somebody who may not see it: %d", answer.Status)
	}
}

func TestNewerExportSupersedesTheOlder(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	for _, text := range []string{"user_name,name\na,A\n", "user_name,name\na,A\nb,B\n"} {
		if _, err := desk.Add(t.Context(), audit.Command("pat"), assess.Upload{Name: "staff.csv", File: strings.NewReader(text), ExportedAt: today}); err != nil {
			t.Fatal(err)
		}
	}
	assessment, err := desk.Assess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(assessment.Facts.People) != 2 || len(assessment.Facts.Sources) != 1 {
		t.Errorf("%d people from %d files", len(assessment.Facts.People), len(assessment.Facts.Sources))
	}
}

func TestNextExportTakesThePlaceOfAllPagesOfTheLast(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	page := func(names ...string) string {
		var rows []string
		for _, name := range names {
			rows = append(rows, `{"id":"`+name+`","userPrincipalName":"`+name+`@example.org","userType":"member","isMfaRegistered":true,"isMfaCapable":true,"methodsRegistered":["fido2SecurityKey"],"lastUpdatedDateTime":"2026-11-01T00:00:00Z"}`)
		}
		return `{"value":[` + strings.Join(rows, ",") + `]}`
	}
	for _, upload := range []assess.Upload{
		{Name: "october-1.json", File: strings.NewReader(page("a", "b"))},
		{Name: "october-2.json", File: strings.NewReader(page("c")), Another: true},
		{Name: "november-1.json", File: strings.NewReader(page("a"))},
		{Name: "november-2.json", File: strings.NewReader(page("d")), Another: true},
	} {
		if _, err := desk.Add(t.Context(), audit.Command("pat"), upload); err != nil {
			t.Fatal(err)
		}
	}
	items, err := desk.Evidence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, item := range items {
		names = append(names, item.Name)
	}
	if diff := cmp.Diff([]string{"november-2.json", "november-1.json"}, names); diff != "" {
		t.Errorf("what counts now (-want +got):\n%s", diff)
	}
}
