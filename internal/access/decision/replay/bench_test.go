package replay_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/decision"
	"github.com/warder-project/warder/internal/access/decision/decisiondb"
	"github.com/warder-project/warder/internal/access/decision/replay"
	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/testkit/dbtest"
)

// BenchmarkReplay makes 40,000 decisions of 800 people again under 50 rules: reading
// them, judging them and summing up, on one core.
func BenchmarkReplay(b *testing.B) {
	const kept = 40_000
	d := dbtest.SQLite(b)
	var text strings.Builder
	text.WriteString("version: fifty\nrules:\n")
	for i := range 50 {
		service := fmt.Sprintf("service-%d", i)
		if i == 49 {
			service = "payroll"
		}
		fmt.Fprintf(&text, "  - {id: rule-%d, title: Rule %d, services: [%s], groups: [finance, staff], require: {aal: 3, phishing_resistant: true, max_age: 8h}}\n", i, i, service)
	}
	draft := compile(b, text.String())
	fill(b, d, draft, kept)
	player := replay.New(decisiondb.New(d))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for b.Loop() {
		report, err := player.Report(b.Context(), draft, always(), replay.Limits{})
		if err != nil || report.Total.Of(replay.Same) != kept {
			b.Fatal(report.Total, err)
		}
	}
	b.ReportMetric(kept*float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

// manyEnv is how many decisions BenchmarkReplayMany replays; 400,000 unless it is set.
// Fourteen months of a department of 800 are about 4,000,000, which takes two
// gigabytes for the while.
const manyEnv = "WARDER_BENCH_DECISIONS"

// BenchmarkReplayMany is how much memory a long replay takes.
func BenchmarkReplayMany(b *testing.B) {
	const seeds = 4000
	many := 400_000
	if asked, err := strconv.Atoi(os.Getenv(manyEnv)); err == nil {
		many = asked
	}
	d := dbtest.SQLite(b)
	draft := compile(b, "version: one\nrules:\n  - {id: all, title: All, services: ['*'], require: {aal: 3, phishing_resistant: true, max_age: 8h}}\n")
	fill(b, d, draft, seeds)
	const columns = `at, person, session, key, service, route, ip, effect, reasons, policy, require_aal, require_marks, require_age, had_method, had_aal, had_marks,
		auth_time, request_count, requests, input`
	must(b, d.InTx(b.Context(), func(ctx context.Context) error {
		_, err := d.From(ctx).ExecContext(ctx, `
			with recursive copy(n) as (select 2 union all select n + 1 from copy where n < $1)
			insert into decision (id, `+columns+`)
			select substr(id, 1, 14) || substr('0000000000000000' || n, -16), `+columns+`
			from decision, copy`, many/seeds)
		return err
	}))
	player := replay.New(decisiondb.New(d))
	for b.Loop() {
		runtime.GC()
		var most uint64
		report, err := player.Report(b.Context(), draft, always(), replay.Limits{Progress: func(done int64, _ time.Time) {
			if done%50_000 == 0 {
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}})
		if err != nil || report.Total.Of(replay.Same) != int64(many) {
			b.Fatal(report.Total, err)
		}
		b.ReportMetric(float64(most)/(1<<20), "MiB")
	}
	b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

// BenchmarkJudge is the same without reading: what one decision costs once it is in
// memory.
func BenchmarkJudge(b *testing.B) {
	draft := compile(b, "version: one\nrules:\n  - {id: all, title: All, services: ['*'], require: {aal: 3, phishing_resistant: true, max_age: 8h}}\n")
	facts := good("amira.khan", "Finance")
	facts.Groups = policy.GroupsOf("finance", "staff")
	record := decision.Remember(about(), &facts, draft.Decide(&facts))
	b.ReportAllocs()
	for b.Loop() {
		if one, err := replay.Judge(draft, &record); err != nil || one.Kind != replay.Same {
			b.Fatal(one.Kind, err)
		}
	}
}

// fill keeps decisions of 800 people, a minute apart.
func fill(b testing.TB, d *db.DB, draft *policy.Compiled, count int) {
	store := decisiondb.New(d)
	people := make([]decision.About, 800)
	for i := range people {
		people[i] = about()
	}
	service := ids.New[ids.Service]()
	for done := 0; done < count; {
		var records []decision.Record
		for range min(4000, count-done) {
			i := done % len(people)
			facts := good(fmt.Sprintf("person.%d", i), fmt.Sprintf("Department %d", i%12))
			facts.At = facts.At.Add(-time.Duration(done) * 9 * time.Second)
			facts.AuthTime = facts.At.Add(-time.Hour)
			facts.Groups = policy.GroupsOf("finance", "staff")
			facts.Route, facts.Method, facts.Path = string(ids.New[ids.Route]()), "GET", "/payroll/payslips/2026/11"
			one := people[i]
			one.Service = service
			records = append(records, decision.Remember(one, &facts, draft.Decide(&facts)))
			done++
		}
		must(b, d.InTx(b.Context(), func(ctx context.Context) error { return store.Keep(ctx, records) }))
	}
}
