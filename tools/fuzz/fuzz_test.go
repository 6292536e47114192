package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryListedTargetIsFuzzed(t *testing.T) {
	t.Parallel()
	const listed = "FuzzParse\nFuzzRoots\nok  \texample.test/keys\t0.004s\n" +
		"ok  \texample.test/people\t0.003s\nFuzzRows\nok  \texample.test/table\t(cached)\n"
	want := []target{{"example.test/keys", "FuzzParse"}, {"example.test/keys", "FuzzRoots"}, {"example.test/table", "FuzzRows"}}
	if diff := cmp.Diff(want, readList(listed), cmp.AllowUnexported(target{})); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestTheEndOfTheTimeIsNoFinding(t *testing.T) {
	t.Parallel()
	const progress = "fuzz: elapsed: 3s, execs: 42085 (14026/sec), new interesting: 43 (total: 336)\n"
	const end = "FAIL\nexit status 1\nFAIL\texample.test/keys\t4.118s\n"
	for name, test := range map[string]struct {
		output string
		want   bool
	}{
		"only the clock":  {progress + "--- FAIL: FuzzParse (4.10s)\n    context deadline exceeded\n" + end, true},
		"another target":  {progress + "--- FAIL: FuzzOther (4.10s)\n    context deadline exceeded\n" + end, false},
		"a found input":   {progress + "--- FAIL: FuzzParse (1.10s)\n    --- FAIL: FuzzParse (0.00s)\n        parse_test.go:9: context deadline exceeded\n\n    Failing input written to testdata/fuzz/FuzzParse/0a\n" + end, false},
		"a broken corpus": {"--- FAIL: FuzzParse (0.00s)\n    --- FAIL: FuzzParse/seed#1 (0.00s)\n        parse_test.go:9: not equal\n" + end, false},
		"does not build":  {"# example.test/keys\nkeys.go:3:1: syntax error\nFAIL\texample.test/keys [build failed]\n", false},
		"stuck":           {progress + "--- FAIL: FuzzParse (4.10s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\n    context deadline exceeded\n" + end, false},
		"nothing printed": {"", false},
	} {
		if got := endedByTheClock("FuzzParse", test.output); got != test.want {
			t.Errorf("%s: ended by the clock = %v, want %v", name, got, test.want)
		}
	}
}
