package rulebook_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/rulebook"
	"github.com/warder-project/warder/internal/registry/assurance"
)

const (
	benchServices = 500
	benchPeople   = 50_000
	benchGroups   = 400
)

// compiledMany reads many in parts, since 10,000 rules are more than a text may have.
func compiledMany(t testing.TB, n int) *policy.Compiled {
	t.Helper()
	all := &policy.Policy{Version: "many"}
	for from := 0; from < n; from += 1000 {
		parsed, err := rulebook.Parse("many.yaml", []byte(many(from, min(from+1000, n))))
		if err != nil {
			t.Fatal(err)
		}
		all.Rules = append(all.Rules, parsed.Rules...)
	}
	return policy.Compile(all)
}

// many is a policy of rules over 500 services: one for each service in turn, every
// tenth with a condition, every fiftieth for all services.
func many(from, to int) string {
	var b strings.Builder
	b.WriteString("version: many\nrules:\n")
	for i := from; i < to; i++ {
		service := fmt.Sprintf("%q", fmt.Sprintf("service-%d", i%benchServices))
		if i%50 == 0 {
			service = `"*"`
		}
		fmt.Fprintf(&b, "  - id: rule-%d\n    title: Rule %d\n    services: [%s]\n", i, i, service)
		switch {
		case i == 0: // everybody
		case i%7 == 0:
			fmt.Fprintf(&b, "    departments: [Department %d]\n", i%60)
		case i%11 == 0:
			b.WriteString("    privileged: true\n")
		case i%13 == 0:
			fmt.Fprintf(&b, "    people: [person.%d]\n", i)
		default:
			fmt.Fprintf(&b, "    groups: [group-%d, group-%d]\n", i%benchGroups, (i*7+1)%benchGroups)
		}
		if i%10 == 3 {
			b.WriteString("    when: 'signals.new_country || hour(now, \"Europe/London\") < 7 && !(\"office\" in network.names)'\n    unknown: applies\n")
		}
		b.WriteString("    require: {aal: 2, phishing_resistant: true, max_age: 8h}\n    forbid: [phishable]\n")
	}
	return b.String()
}

// crowds are requests of people and services at random: so many that hardly any kind is
// remembered from before.
func crowds(random *rand.Rand) []policy.Facts {
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	people := make([]policy.Facts, benchPeople)
	for i := range people {
		var groups []string
		for range 1 + random.IntN(8) {
			groups = append(groups, fmt.Sprintf("group-%d", random.IntN(benchGroups)))
		}
		people[i] = facts(at)
		people[i].UserName, people[i].Department = fmt.Sprintf("person.%d", i), fmt.Sprintf("Department %d", random.IntN(60))
		people[i].Groups, people[i].Privileged = policy.GroupsOf(groups...), policy.Of(random.IntN(100) == 0)
		people[i].Assurance = assurance.Assurance{Method: assurance.SecurityKeyAttested, AAL: 3, PhishingResistant: true, HardwareBound: true, Attested: true, UserVerified: true}
		people[i].Signals.NewCountry, people[i].Network = policy.No, policy.Network{Known: true, Names: []string{"office"}}
		people[i].Method, people[i].Path = "GET", "/app/payslips/2026/11"
	}
	requests := make([]policy.Facts, 1<<17)
	for i := range requests {
		requests[i] = people[random.IntN(benchPeople)]
		requests[i].Service = fmt.Sprintf("service-%d", random.IntN(benchServices))
	}
	return requests
}

// BenchmarkDecide is one decision among 500 services and 50,000 people, each request of
// somebody else (fresh) and over and over by the same thousand (known), beside the
// processor time of a request to a handler that only says yes.
func BenchmarkDecide(b *testing.B) {
	requests := crowds(rand.New(rand.NewPCG(1, 2)))
	bare := bareRequest(b)
	for _, n := range []int{100, 1_000, 10_000} {
		c := compiledMany(b, n)
		for name, of := range map[string][]policy.Facts{"fresh": requests, "known": requests[:1000]} {
			b.Run(fmt.Sprintf("rules=%d/%s", n, name), func(b *testing.B) {
				for i := range of[:1000] {
					c.Decide(&of[i])
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if c.Decide(&of[i%len(of)]).Effect != policy.Allow {
						b.Fatal("refused")
					}
					i++
				}
				took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				b.ReportMetric(took/bare, "x-bare")
				b.ReportMetric(slowest(c, of), "p99-ns")
			})
		}
	}
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(bare, "ns/request")
	})
}

// slowest is the time that 99 of 100 decisions do not take.
func slowest(c *policy.Compiled, of []policy.Facts) float64 {
	took := make([]time.Duration, min(len(of), 20_000))
	for i := range took {
		began := time.Now()
		c.Decide(&of[i])
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return float64(took[len(took)*99/100].Nanoseconds())
}

// bareRequest is the processor time, in nanoseconds, of a request to a handler that only
// says yes. Whoever asks is in the same process and does as little as can be; half of the
// time is taken for the handler's, which is less than its share.
func bareRequest(b *testing.B) float64 {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })}
	go server.Serve(listener)
	defer server.Close()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close()
	answers := bufio.NewReader(connection)
	const request = "GET /app/payslips/2026/11 HTTP/1.1\r\nHost: service-7.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n"
	ask := func(times int) {
		for range times {
			if _, err := io.WriteString(connection, request); err != nil {
				b.Fatal(err)
			}
			for line := ""; line != "\r\n"; {
				if line, err = answers.ReadString('\n'); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	const times = 20_000
	ask(times / 10)
	before := processor(b)
	ask(times)
	return float64((processor(b) - before).Nanoseconds()) / times / 2
}

// processor is the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkParse is reading a policy of 1,000 rules, every tenth with a condition.
func BenchmarkParse(b *testing.B) {
	text := []byte(many(0, 1000))
	for b.Loop() {
		if _, err := rulebook.Parse("many.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

// A rule that is for somebody else costs nothing, not even memory.
func TestRulesForOthersCostNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	requests := crowds(random)[:200]
	cost := func(n int) float64 {
		c := compiledMany(t, n)
		for i := range requests {
			c.Decide(&requests[i])
		}
		return testing.AllocsPerRun(3, func() {
			for i := range requests {
				if c.Decide(&requests[i]).Effect != policy.Allow {
					t.Fatal("refused")
				}
			}
		})
	}
	few, lots := cost(100), cost(5000)
	if lots > few*8 && lots > 200*8 {
		t.Errorf("%v allocations with 100 rules, %v with 5,000", few, lots)
	}
}
