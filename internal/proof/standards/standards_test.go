package standards_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/proof/standards"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func TestEveryMethodStandsInEveryVersion(t *testing.T) {
	t.Parallel()
	for _, mapping := range standards.Versions() {
		if mapping.Version == "" || len(mapping.Rows) != len(assurance.Catalogue()) {
			t.Fatalf("version %q has %d rows", mapping.Version, len(mapping.Rows))
		}
		for i, class := range assurance.Catalogue() {
			row := mapping.Rows[i]
			if row.Method != class.Method || row.NCSC == "" || row.CyberEssentials == "" || row.NotMet == "" {
				t.Errorf("%s: row %d, of %s, is not whole: %+v", mapping.Version, i, class.Word, row)
			}
			if row.AAL == assurance.AAL3 && (class.Phishable != assurance.No || class.Exportable != assurance.No) {
				t.Errorf("%s: %s is AAL3 and phishable or exportable (NIST SP 800-63B-4 §2.3)", mapping.Version, class.Word)
			}
		}
		for _, source := range mapping.Sources {
			if source.Title == "" || source.Date == "" || source.Read == "" {
				t.Errorf("%s: a source is not whole: %+v", mapping.Version, source)
			}
		}
	}
}

// Capability C49.2: the level of each kind of ceremony, from what happens in it,
// is the level that the mapping prints. Run with -v to see the table.
func TestEachCeremonyReachesTheLevelThatIsPrinted(t *testing.T) {
	t.Parallel()
	reached := map[assurance.Method]assurance.Level{}
	for bits := range 32 {
		seen := assurance.Observation{UserVerified: bits&1 != 0, Attested: bits&2 != 0, HardwareBound: bits&4 != 0, BackupEligible: bits&8 != 0, BuiltIn: bits&16 != 0}
		have := assurance.Of(seen)
		t.Logf("%-22s user verified %-5v %v, acr %q, amr %s", have.Method, seen.UserVerified, have.AAL, have.ACR(), strings.Join(have.AMR(), " "))
		reached[have.Method] = max(reached[have.Method], have.AAL)
	}
	have := assurance.OfSecrets(assurance.Password, assurance.TOTP)
	t.Logf("%-22s beside a password    %v, acr %q, amr %s", have.Method, have.AAL, have.ACR(), strings.Join(have.AMR(), " "))
	reached[have.Method] = have.AAL
	for _, class := range assurance.Catalogue() {
		if !class.SignsIn {
			continue
		}
		if want := standards.Current().Of(class.Method).AAL; reached[class.Method] != want {
			t.Errorf("%s reaches %v, and the mapping prints %v", class.Word, reached[class.Method], want)
		}
		delete(reached, class.Method)
	}
	if len(reached) > 0 {
		t.Errorf("ceremonies of methods that sign nobody in: %v", reached)
	}
}

func TestNewVersionTellsWhoChangesClass(t *testing.T) {
	t.Parallel()
	all := standards.Versions()
	changes := standards.Diff(all[0], all[1])
	got := map[string]string{}
	for _, change := range changes {
		got[change.Method.String()+" "+string(change.Standard)] = change.Before + " → " + change.After
	}
	want := "no assurance → AAL2"
	if got["passkey_synced NIST SP 800-63B"] != want || got["sms NIST SP 800-63B"] != "" {
		t.Errorf("synced passkeys: %q, text messages: %q", got["passkey_synced NIST SP 800-63B"], got["sms NIST SP 800-63B"])
	}
	if same := standards.Diff(all[1], all[1]); len(same) != 0 {
		t.Errorf("nothing changed, and %v did", same)
	}
	// A version in which one method falls to a lower level, as a standard may have it.
	next := standards.Current()
	next.Rows = append([]standards.Row(nil), next.Rows...)
	for i := range next.Rows {
		if next.Rows[i].Method == assurance.TOTP {
			next.Rows[i].AAL = assurance.AAL1
		}
	}
	if diff := cmp.Diff([]standards.Change{{Method: assurance.TOTP, Standard: standards.NIST, Before: "AAL2", After: "AAL1"}}, standards.Diff(standards.Current(), next)); diff != "" {
		t.Error(diff)
	}
}

func TestMethodThatNoMappingKnowsIsGrantedNothing(t *testing.T) {
	t.Parallel()
	if row := standards.Current().Of(assurance.UnknownMethod); row.AAL != assurance.None || row.NotMet == "" {
		t.Errorf("%+v", row)
	}
}
