package exempt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/app/exempt"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/assurance"
)

func TestFileOfExceptionsIsReadStrictly(t *testing.T) {
	t.Parallel()
	list, err := exempt.ReadFile("x.json", strings.NewReader(`[{"service": "payroll", "floor": "aal2", "end": "2026-12-01"}]`))
	if err != nil || len(list) != 1 || list[0].Service != "payroll" {
		t.Fatalf("%+v, %v", list, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "no list": "{}", "a field nobody knows": `[{"service": "payroll", "ends": "2026-12-01"}]`,
		"cut off": `[{"service":`, "two lists": "[] []", "another type": `[{"likelihood": "2"}]`,
	} {
		if _, err := exempt.ReadFile("x.json", strings.NewReader(text)); !problem.Is(err, exempt.FileMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFloorIsReadOrRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]assurance.Requirement{
		"aal2": {AAL: assurance.AAL2},
		"AAL3, attested,hardware_bound,user_verified,phishing_resistant": {AAL: assurance.AAL3, Attested: true, HardwareBound: true, UserVerified: true, PhishingResistant: true},
		"aal1,max_age=8h,forbid=sim_swappable":                           {AAL: assurance.AAL1, MaxAge: 8 * time.Hour, Forbid: 1 << 1},
	} {
		if got, ok := exempt.ParseFloor(text); got != want || !ok {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", "attested", "aal0", "aal4", "aal2,aal3", "aal2,", "aal2,strong", "aal2,max_age=0s", "aal2,max_age=x", "aal2,forbid=x"} {
		if got, ok := exempt.ParseFloor(text); ok {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}
