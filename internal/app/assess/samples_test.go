package assess_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/assess"
	"github.com/warder-project/warder/internal/proof/maturity"
)

// shared is the folder of public samples. It stands beside the checkout, or
// where WARDER_SHARED says; without it the test is skipped aloud.
func shared(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("WARDER_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(folder, "samples", "aws")); err != nil {
		t.Skipf("SKIPPED: the public samples are not here (%s); set WARDER_SHARED to their folder", folder)
	}
	return filepath.Join(folder, "samples")
}

func open(t *testing.T, exported time.Time, path ...string) assess.Source {
	t.Helper()
	file, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return assess.Source{Name: filepath.Base(file.Name()), Reader: file, ExportedAt: exported, Basis: "said by the person"}
}

func TestPublicSamplesGiveALevelAndEveryCriterionAState(t *testing.T) {
	t.Parallel()
	folder := shared(t)
	day := time.Date(2023, 3, 20, 12, 0, 0, 0, time.UTC) // a week after the registrations say they were made
	one := func(path ...string) *assess.Source {
		source := open(t, day, append([]string{folder}, path...)...)
		return &source
	}
	assessment, err := assess.Run(t.Context(), assess.Inputs{AsOf: day,
		AWSCredentialReport:        one("aws", "cloudmapper-credential-report.csv"),
		AWSMFADevices:              one("aws", "aws-cli-list-mfa-devices.json"),
		AWSVirtualMFADevices:       one("aws", "aws-cli-list-virtual-mfa-devices.json"),
		AWSAccountSummary:          one("aws", "cloudmapper-iam-get-account-summary.json"),
		EntraRegistrations:         []assess.Source{*one("entra", "graph-userRegistrationDetails.json")},
		EntraConditionalAccess:     []assess.Source{*one("entra", "conditionalAccess-policies.from-scubagear.json")},
		EntraAuthenticationMethods: one("entra", "authenticationMethods.from-scubagear.json"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if assessment.Level != 1 {
		t.Errorf("level %d, want 1: there is no staff list, so nobody knows how many people there are", assessment.Level)
	}
	want := map[string]maturity.State{"L1.T": maturity.Met, "L2.T": maturity.Met, "L2.G2": maturity.NotKnown,
		"L3.T": maturity.NotKnown, "L3.G1": maturity.NotMet, "L4.T": maturity.NotKnown, "L5.G2": maturity.NotKnown}
	for _, criterion := range assessment.Criteria {
		if state, asked := want[criterion.ID]; asked && state != criterion.State {
			t.Errorf("%s is %q, want %q: %s", criterion.ID, criterion.State, state, criterion.Sentence)
		}
		if criterion.State == "" || criterion.Sentence == "" {
			t.Errorf("%s has no answer", criterion.ID)
		}
	}
	var text bytes.Buffer
	if err := assess.Text(&text, assessment); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	if !strings.Contains(text.String(), "Level 1 by evidence: Encouraged but Not Enforced") {
		t.Error("the text does not begin with the level")
	}
	text.Reset()
	assess.Explain(&text, assessment, "L3.G1")
	t.Log(text.String())
}
