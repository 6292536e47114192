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
