package assurance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/warder-project/warder/internal/registry/assurance"
)

func TestCatalogueNamesEachMethodOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i, class := range assurance.Catalogue() {
		if class.Method != assurance.Method(i+1) {
			t.Errorf("row %d of the catalogue is %s", i+1, class.Word)
		}
		if class.Word == "" || class.Name == "" || seen[class.Word] || seen[class.Name] {
			t.Errorf("%q (%q) is there twice or has no name", class.Word, class.Name)
		}
		seen[class.Word], seen[class.Name] = true, true
		if assurance.ParseMethod(class.Word) != class.Method || class.Method.String() != class.Word {
			t.Errorf("%s does not come back from its word", class.Word)
		}
	}
}

func TestMethodThatIsNotKnownHasEveryWeakness(t *testing.T) {
	t.Parallel()
	for _, method := range []assurance.Method{assurance.UnknownMethod, assurance.ParseMethod("laser"), 250} {
		if method.Weaknesses() != assurance.EveryWeakness || method.SignsIn() {
			t.Errorf("%d: %v, signs in %v", method, method.Weaknesses(), method.SignsIn())
		}
	}
	for _, class := range assurance.Catalogue() {
		for _, weakness := range assurance.Weaknesses() {
			held := class.Method.Weaknesses()&weakness != 0
			if held != (weakness.Of(class) != assurance.No) {
				t.Errorf("%s, %s: %v", class.Word, weakness, held)
			}
		}
	}
}

// Capability C27.2: the telephone network is only ever observed elsewhere.
func TestNothingOpenToSIMSwappingSignsAnyoneIn(t *testing.T) {
	t.Parallel()
	for _, class := range assurance.Catalogue() {
		if class.SignsIn && class.Method.Weaknesses()&(assurance.SIMSwappable|assurance.Restricted) != 0 {
			t.Errorf("%s signs people in", class.Word)
		}
	}
	for _, method := range []assurance.Method{assurance.SMS, assurance.Voice, assurance.Phone, assurance.Email} {
		if method.SignsIn() {
			t.Errorf("%s signs people in", method)
		}
	}
}

func TestMethodOfASessionIsWhatHappened(t *testing.T) {
	t.Parallel()
	for want, seen := range map[assurance.Method]assurance.Observation{
		assurance.SecurityKeyAttested: {Attested: true, HardwareBound: true},
		assurance.PasskeySynced:       {Attested: true, HardwareBound: true, BackupEligible: true},
		assurance.PasskeyDevice:       {BuiltIn: true},
		assurance.SecurityKey:         {Attested: true},
	} {
		if got := assurance.Of(seen).Method; got != want || !got.SignsIn() {
			t.Errorf("%+v is %s, want %s", seen, got, want)
		}
	}
}

func TestForbiddenPropertiesAreJudgedOneByOne(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ways := map[assurance.Weakness]assurance.Shortfall{
		assurance.Phishable: assurance.ForbiddenPhishable, assurance.SIMSwappable: assurance.ForbiddenSIMSwappable,
		assurance.Exportable: assurance.ForbiddenExportable, assurance.Replayable: assurance.ForbiddenReplayable,
		assurance.Restricted: assurance.ForbiddenRestricted,
	}
	for _, weakness := range assurance.Weaknesses() {
		need := assurance.Requirement{AAL: 1, Forbid: weakness}
		for _, class := range append(assurance.Catalogue(), assurance.UnknownMethod.Class()) {
			want := assurance.Shortfall(0)
			if weakness.Of(class) != assurance.No {
				want = ways[weakness]
			}
			if got := need.Unmet(assurance.Assurance{Method: class.Method, AAL: 1}, now, now); got != want {
				t.Errorf("%s forbidden, %s used: %b, want %b", weakness, class.Word, got, want)
			}
		}
		if got, ok := assurance.ParseWeakness(weakness.Words()[0]); !ok || got != weakness {
			t.Errorf("%s does not come back from its word", weakness)
		}
		if sentence := ways[weakness].Sentence(); !strings.HasSuffix(sentence, "That is not allowed here.") {
			t.Errorf("%s: %q", weakness, sentence)
		}
	}
	both := assurance.Requirement{AAL: 1, Forbid: assurance.Phishable}.And(assurance.Requirement{AAL: 1, Forbid: assurance.Exportable})
	if diff := cmp.Diff(assurance.Requirement{AAL: 1, Forbid: assurance.Phishable | assurance.Exportable}, both); diff != "" {
		t.Error(diff)
	}
	if either := both.Or(assurance.Requirement{AAL: 1, Forbid: assurance.Exportable | assurance.Restricted}); either.Forbid != assurance.Exportable {
		t.Errorf("either forbids %s", either.Forbid)
	}
	if got := both.String(); got != "AAL1, nothing phishable or exportable" {
		t.Errorf("reads %q", got)
	}
}
