package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
)

// tailRounds is how many rounds each server has: enough for a median of the slowest
// hundredth.
const tailRounds = 41

// BenchmarkForwardAuthTail is how long the slowest hundredth of requests takes with the
// record of decisions, against the same server without. Each request comes from an
// address of its own, so that each has a record of its own: the worst case.
func BenchmarkForwardAuthTail(b *testing.B) {
	for b.Loop() {
		without, with := startServer(b, "forward-auth-unrecorded", ""), startServer(b, "forward-auth", "")
		var plain, ours, ratios []float64
		for range tailRounds {
			a, c := without.tail(b), with.tail(b)
			plain, ours, ratios = append(plain, a), append(ours, c), append(ratios, c/a)
		}
		b.ReportMetric(median(ratios), "x-unrecorded")
		b.ReportMetric(median(ours), "µs-p99")
		b.ReportMetric(median(plain), "µs-p99-unrecorded")
	}
}

// tail is the 99th percentile of one round, in microseconds.
func (s *benchServer) tail(b *testing.B) float64 {
	b.Helper()
	took := make([][]time.Duration, connections)
	failed := make([]error, connections)
	var together sync.WaitGroup
	for i := range connections {
		together.Go(func() { took[i], failed[i] = s.timed(i, perRound/connections) })
	}
	together.Wait()
	for _, err := range failed {
		if err != nil {
			b.Fatal(err)
		}
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return float64(all[len(all)*99/100].Nanoseconds()) / 1000
}

// timed asks n times on one connection, each time from another address.
func (s *benchServer) timed(which, n int) ([]time.Duration, error) {
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	took := make([]time.Duration, n)
	for i := range n {
		request := strings.Replace(string(s.request), "198.51.100.7", fmt.Sprintf("198.51.%d.%d", which*64+i/250, i%250), 1)
		begun := time.Now()
		if _, err := connection.Write([]byte(request)); err != nil {
			return nil, err
		}
		if err := skipAnswer(reader); err != nil {
			return nil, err
		}
		took[i] = time.Since(begun)
	}
	return took, nil
}

// forgetful keeps no decision.
type forgetful struct{ decision.Store }

func (forgetful) Keep(context.Context, []decision.Record) error { return nil }
