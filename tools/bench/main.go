// Command bench runs the benchmarks of the module, one package after the other
// so that they do not disturb each other, and writes what they measured as a
// table: a row for each benchmark, a column for each unit.
//
// Machines differ, so the numbers to look at are the ratios that a benchmark
// reports against a plain program measured in the same run. docs/performance.md
// says which of them are promises.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
)

// result is one benchmark as go test prints it.
type result struct {
	pkg, name, runs string
	values          map[string]string // by unit
}

func main() {
	out := flag.String("out", "build/bench.txt", "where the table goes")
	pattern := flag.String("bench", ".", "which benchmarks, as go test -bench")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *pattern); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, pattern string) error {
	packages, err := withBenchmarks()
	if err != nil {
		return err
	}
	if len(packages) == 0 {
		return fmt.Errorf("no package has a benchmark")
	}
	var results []result
	for _, pkg := range packages {
		command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchmem", "-timeout", "30m", pkg)
		var output bytes.Buffer
		command.Stdout = io.MultiWriter(os.Stdout, &output)
		command.Stderr = os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("benchmarks of %s: %w", pkg, err)
		}
		results = append(results, read(pkg, output.String())...)
	}
	var table bytes.Buffer
	fmt.Fprintf(&table, "%s, %s/%s, %d processors\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	write(&table, results)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out, table.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("\n%s\nwritten to %s\n", table.String(), out)
	return nil
}

// withBenchmarks returns the folders, below the working directory, whose tests
// declare a benchmark, as arguments for go test.
func withBenchmarks() ([]string, error) {
	declares := regexp.MustCompile(`(?m)^func Benchmark`)
	var packages []string
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{"node_modules", "testdata", ".git", "build"}, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		folder := "./" + filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(path, "_test.go") || slices.Contains(packages, folder) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && declares.Match(text) {
			packages = append(packages, folder)
		}
		return err
	})
	return packages, err
}

// read takes the lines "BenchmarkName-2  1000  1234 ns/op  1.31 ×bare".
func read(pkg, output string) []result {
	var results []result
	lines := bufio.NewScanner(strings.NewReader(output))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		one := result{pkg: strings.TrimPrefix(pkg, "./"), runs: fields[1], values: map[string]string{}}
		one.name = regexp.MustCompile(`-\d+$`).ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		for i := 2; i+1 < len(fields); i += 2 {
			one.values[fields[i+1]] = fields[i]
		}
		results = append(results, one)
	}
	return results
}

// write prints a row for each result and a column for each unit that occurs.
func write(to io.Writer, results []result) {
	var units []string
	for _, one := range results {
		for unit := range one.values {
			if !slices.Contains(units, unit) {
				units = append(units, unit)
			}
		}
	}
	slices.Sort(units)
	table := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "package\tbenchmark\truns\t%s\n", strings.Join(units, "\t"))
	for _, one := range results {
		row := []string{one.pkg, one.name, one.runs}
		for _, unit := range units {
			row = append(row, one.values[unit])
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	table.Flush()
}
