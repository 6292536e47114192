// Command fuzz runs every fuzz target of the module for a short while, one after
// the other, and fails when one finds something. go test fuzzes one target of
// one package at a time; this finds them all, so that a new target is never
// forgotten.
//
// What a target finds is kept by go test in the package's testdata/fuzz, and is
// run as an ordinary test from then on: commit it with the fix.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"strings"
	"syscall"
	"time"
)

// target is one fuzz function.
type target struct{ pkg, name string }

func main() {
	each := flag.Duration("each", 3*time.Second, "how long to fuzz one target")
	budget := flag.Duration("budget", 6*time.Minute, "how long the whole may take, building included")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *budget)
	defer cancel()
	if err := run(ctx, *each); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, each time.Duration) error {
	targets, err := find(ctx)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return errors.New("there is no fuzz target at all: every parser of outside bytes has one")
	}
	start := time.Now()
	for _, one := range targets {
		began := time.Now()
		command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+one.name+"$",
			"-fuzztime", each.String(), one.pkg)
		var output bytes.Buffer
		command.Stdout, command.Stderr = &output, &output
		if err := command.Run(); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("stopped in %s of %s: the budget is used up", one.name, one.pkg)
			}
			if !endedByTheClock(one.name, output.String()) {
				return fmt.Errorf("%s of %s: %w\n%s", one.name, one.pkg, err, output.String())
			}
		}
		fmt.Printf("ok  %-50s %5.1fs\n", path.Base(one.pkg)+"."+one.name, time.Since(began).Seconds())
	}
	fmt.Printf("%d fuzz targets in %s\n", len(targets), time.Since(start).Round(time.Second))
	return nil
}

// endedByTheClock reports whether a run failed only because its time was over. Go
// before 1.27 now and then takes the end of -fuzztime for an error of the target
// (go.dev/issue/75804): it then prints that error alone. Whatever a target
// really finds is printed with its place in the test, and written to testdata/fuzz.
func endedByTheClock(name, output string) bool {
	var said []string
	failed := false
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "--- FAIL: "+name+" ("):
			failed = true
		case line == "" || line == "FAIL" || line == "exit status 1" || strings.HasPrefix(line, "fuzz: elapsed: ") ||
			strings.HasPrefix(line, "FAIL\t"):
		default:
			said = append(said, line)
		}
	}
	return failed && len(said) == 1 && said[0] == "context deadline exceeded"
}

// find lists the fuzz targets. The packages that have any are found in the text
// first, because go test -list has to build every package it is asked about.
func find(ctx context.Context) ([]target, error) {
	packages, err := withFuzz(ctx)
	if err != nil || len(packages) == 0 {
		return nil, err
	}
	arguments := append([]string{"test", "-list", "^Fuzz"}, packages...)
	listed, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("list the targets: %w\n%s", err, listed)
	}
	return readList(string(listed)), nil
}

// readList reads what go test -list prints: the names of one package, each on a
// line, and then "ok", the package and a time.
func readList(listed string) []target {
	var targets []target
	var names []string
	for line := range strings.Lines(listed) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			names = append(names, fields[0])
		case len(fields) >= 2 && fields[0] == "ok":
			for _, name := range names {
				targets = append(targets, target{pkg: fields[1], name: name})
			}
			names = nil
		}
	}
	return targets
}

// withFuzz returns the packages whose test files declare a fuzz function.
func withFuzz(ctx context.Context) ([]string, error) {
	const format = `{{$dir := .Dir}}{{$path := .ImportPath}}` +
		`{{range .TestGoFiles}}{{$path}} {{$dir}}/{{.}}{{"\n"}}{{end}}` +
		`{{range .XTestGoFiles}}{{$path}} {{$dir}}/{{.}}{{"\n"}}{{end}}`
	list := exec.CommandContext(ctx, "go", "list", "-f", format, "./...")
	list.Stderr = os.Stderr
	listed, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	var packages []string
	for line := range strings.Lines(string(listed)) {
		pkg, file, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || len(packages) > 0 && packages[len(packages)-1] == pkg {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(text, []byte("\nfunc Fuzz")) {
			packages = append(packages, pkg)
		}
	}
	return packages, nil
}
