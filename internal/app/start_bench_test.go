package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/warder-project/warder/internal/testkit"
)

const (
	people    = 800
	starts    = 7                // each program is started so often, and the median counts
	idleFor   = 3 * time.Second  // how long it idles before its memory is looked at
	startMost = 20 * time.Second // a program that takes longer does not start
)

// bareServer is what a Go server costs that does nothing.
const bareServer = `package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	panic(http.ListenAndServe(os.Args[1], nil))
}
`

// BenchmarkStart is the time from starting the program to its first healthy
// answer, on a database that exists, and the memory it holds when it then idles;
// beside it the same of a bare Go server. docs/performance.md has the promises.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		warder, bare := newWarder(b), newBare(b)
		warder.fill(b)
		var ours, bares []float64
		var ourMemory, bareMemory int
		for i := range starts {
			idle := time.Duration(0)
			if i == starts-1 {
				idle = idleFor
			}
			took, memory := bare.startAndIdle(b, idle)
			bares, bareMemory = append(bares, took), memory
			took, memory = warder.startAndIdle(b, idle)
			ours, ourMemory = append(ours, took), memory
		}
		slices.Sort(ours)
		slices.Sort(bares)
		b.ReportMetric(ours[starts/2], "ms-to-health")
		b.ReportMetric(bares[starts/2], "bare-ms-to-health")
		b.ReportMetric(float64(ourMemory)/1024, "MiB-idle")
		b.ReportMetric(float64(bareMemory)/1024, "bare-MiB-idle")
		b.ReportMetric(0, "ns/op")
	}
}

// program is a server that can be started again and again.
type program struct {
	path   string
	args   []string
	folder string
	health string
}

func newWarder(b *testing.B) program {
	b.Helper()
	folder := b.TempDir()
	portal, gate, operator := testkit.FreeAddress(b), testkit.FreeAddress(b), testkit.FreeAddress(b)
	configuration := fmt.Sprintf("public_url: http://localhost:%s\nlisten: %s\ngateway_listen: %s\noperator_listen: %s\ndatabase: sqlite:%s\nmaster_key: %s\n",
		portal[strings.LastIndexByte(portal, ':')+1:], portal, gate, operator, filepath.Join(folder, "warder.db"), filepath.Join(folder, "warder.key"))
	path := filepath.Join(folder, "warder.yaml")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		b.Fatal(err)
	}
	return program{path: testkit.Warder(b), args: []string{"serve", "--config", path}, folder: folder, health: "http://" + operator + "/health"}
}

func newBare(b *testing.B) program {
	b.Helper()
	folder := b.TempDir()
	source, path := filepath.Join(folder, "main.go"), filepath.Join(folder, "bare")
	if err := os.WriteFile(source, []byte(bareServer), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", path, source).CombinedOutput(); err != nil {
		b.Fatalf("build the bare server: %v\n%s", err, out)
	}
	address := testkit.FreeAddress(b)
	return program{path: path, args: []string{address}, folder: folder, health: "http://" + address + "/health"}
}

// fill makes the database, with the staff of a department in it.
func (p program) fill(b *testing.B) {
	b.Helper()
	staff := filepath.Join(p.folder, "staff.csv")
	text := []byte("user_name,name,email,department\n")
	for i := range people {
		text = fmt.Appendf(text, "person.%d,Person %d,person.%d@example.org,Finance\n", i, i, i)
	}
	if err := os.WriteFile(staff, text, 0o600); err != nil {
		b.Fatal(err)
	}
	command := exec.Command(p.path, "person", "import", staff, "--config", p.args[2])
	command.Dir = p.folder
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("import staff: %v\n%s", err, out)
	}
}

// startAndIdle answers with the milliseconds from starting the program to its
// first healthy answer, and the KiB it holds after idling. The program has ended
// when it returns.
func (p program) startAndIdle(b *testing.B, idle time.Duration) (milliseconds float64, memory int) {
	b.Helper()
	began := time.Now()
	process := testkit.Run(b, testkit.Command{Path: p.path, Args: p.args, Dir: p.folder})
	p.await(b, process, began)
	took := time.Since(began)
	<-time.After(idle) // what is measured is how it is after this time
	memory = resident(b, process.PID())
	process.Stop()
	return float64(took.Microseconds()) / 1000, memory
}

func (p program) await(b *testing.B, process *testkit.Process, began time.Time) {
	b.Helper()
	client := http.Client{Timeout: time.Second}
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for time.Since(began) < startMost {
		response, err := client.Get(p.health)
		if err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			client.CloseIdleConnections()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-pause.C:
		case <-process.Ended():
			b.Fatalf("%s ended before it was healthy:\n%s", p.path, process.Output())
		}
	}
	b.Fatalf("%s was not healthy within %s:\n%s", p.path, startMost, process.Output())
}

// resident reads how much memory a process holds, in KiB.
func resident(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			if err != nil {
				b.Fatal(err)
			}
			return kib
		}
	}
	b.Fatal("the system does not say how much memory a process holds")
	return 0
}
