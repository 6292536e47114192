package app

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
)

// Capability C29.5: a list that is missing or out of date is a warning on the health page,
// never a failure, and lets nobody in or out.
func TestStaleOrMissingMetadataStopsNothingAndIsSaid(t *testing.T) {
	t.Parallel()
	d := openDepartment(t)
	service := fidotest.NewService(t)
	d.Config.MetadataRoot, d.Config.MetadataSigner = filepath.Join(t.TempDir(), "root.pem"), fidotest.Name
	if err := os.WriteFile(d.Config.MetadataRoot, service.Root.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	says := func(codes ...string) {
		t.Helper()
		d.watchMetadata(t.Context())
		var got []string
		for _, condition := range d.Health.List() {
			if condition.Severity != health.Warning || condition.Cause == "" || condition.Next == "" {
				t.Errorf("%+v", condition)
			}
			got = append(got, condition.Code)
		}
		if strings.Join(got, " ") != strings.Join(codes, " ") {
			t.Errorf("conditions %v, want %v", got, codes)
		}
		answer := httptest.NewRecorder()
		d.operatorPages().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", nil))
		if answer.Code != http.StatusOK {
			t.Errorf("the health page answers %d", answer.Code)
		}
		model, _, err := d.Models.Get(t.Context(), d.batch.AAGUID())
		if err != nil || !model.Worth(d.Now()).Register || !model.Worth(d.Now()).HardwareBound {
			t.Errorf("%+v, %v", model, err)
		}
	}
	bring := func(number int, next string) {
		t.Helper()
		payload, err := json.Marshal(map[string]any{"legalHeader": "For tests only.", "no": number, "nextUpdate": next,
			"entries": []any{fidotest.About(d.batch.AAGUID(), "FIDO_CERTIFIED")}})
		if err != nil {
			t.Fatal(err)
		}
		list, err := d.ReadMetadata("blob.jwt", bytes.NewReader(service.Sign(t, payload)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Metadata.Import(t.Context(), d.operator, list); err != nil {
			t.Fatal(err)
		}
	}
	says(metadataMissing)
	bring(1, "2020-01-01")
	says(metadataStale)
	bring(2, "2999-01-01")
	says()
}
