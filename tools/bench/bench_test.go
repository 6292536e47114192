package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableHasARowForEachBenchmarkAndAColumnForEachUnit(t *testing.T) {
	t.Parallel()
	const printed = `goos: linux
BenchmarkAsk/live-2         	  500000	      2100 ns/op	         1.31 x-bare
BenchmarkPlain-2            	     100	      9000 ns/op
PASS
`
	var table strings.Builder
	write(&table, read("./internal/doors/gateway", printed))
	want := strings.TrimPrefix(`
package                 benchmark  runs    ns/op  x-bare
internal/doors/gateway  Ask/live   500000  2100   1.31
internal/doors/gateway  Plain      100     9000   
`, "\n")
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
