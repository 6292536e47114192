package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/feeds/fido/fidotest"
)

// TestMain lets this test program be warder when it is called by that name, so
// that stories run a process of its own, built from exactly this source.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"warder": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"tamper": func() { os.Exit(tamper(os.Args[1:])) },
	})
}

// tamper is what an attacker does who can write to the database file: each
// argument after the file is one SQL statement.
func tamper(arguments []string) int {
	ctx := context.Background()
	err := func() error {
		if len(arguments) < 2 {
			return errors.New("usage: tamper FILE SQL…")
		}
		if _, err := os.Stat(arguments[0]); err != nil {
			return err
		}
		d, err := db.Open(ctx, db.Options{URL: "sqlite:" + arguments[0]})
		if err != nil {
			return err
		}
		defer d.Close()
		return d.InTx(ctx, func(ctx context.Context) error {
			for _, statement := range arguments[1:] {
				result, err := d.From(ctx).ExecContext(ctx, statement)
				if err != nil {
					return err
				}
				if rows, err := result.RowsAffected(); err != nil || rows == 0 {
					return fmt.Errorf("%s: nothing was changed (%w)", statement, err)
				}
			}
			return nil
		})
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tamper:", err)
		return 1
	}
	return 0
}

// TestStories runs each promise of the command line as it is told in
// testdata/script. Rewrite what they expect with WARDER_UPDATE=1, and read the
// difference.
func TestStories(t *testing.T) {
	t.Parallel()
	service := fidotest.NewService(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("WARDER_UPDATE") == "1",
		Setup: func(env *testscript.Env) error {
			fixtures, err := filepath.Abs(filepath.Join("..", "..", "internal", "app", "assess", "testdata"))
			if err != nil {
				return err
			}
			env.Setenv("FIXTURES", fixtures)
			env.Setenv("TZ", "UTC")
			return os.WriteFile(filepath.Join(env.WorkDir, "warder.yaml"), []byte("public_url: http://localhost:8420\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exit": exitCode, "take": take, "bytes": rewrite, "metadata": metadata(t, service)},
	})
}

// exitCode runs a command and wants it to end with a code: exit 3 warder decide …
func exitCode(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND…")
	}
	err := ts.Exec(arguments[1], arguments[2:]...)
	code := "0"
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = fmt.Sprint(ended.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != arguments[0] {
		ts.Fatalf("exit code %s, want %s", code, arguments[0])
	}
}

// metadata signs a list of an imaginary Metadata Service, and writes its root beside it:
// metadata FILE NUMBER NEXT-UPDATE [AAGUID=STATUS,STATUS…]…
func metadata(t testing.TB, service *fidotest.Service) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, negated bool, arguments []string) {
		if negated || len(arguments) < 3 {
			ts.Fatalf("usage: metadata FILE NUMBER NEXT-UPDATE [AAGUID=STATUS,…]…")
		}
		entries := []any{}
		for _, argument := range arguments[3:] {
			aaguid, statuses, _ := strings.Cut(argument, "=")
			entries = append(entries, fidotest.About(aaguid, strings.Split(statuses, ",")...))
		}
		payload, err := json.Marshal(map[string]any{"legalHeader": "For tests only.", "no": json.Number(arguments[1]), "nextUpdate": arguments[2], "entries": entries})
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(arguments[0]), service.Sign(t, payload), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("root.pem"), service.Root.PEM(), 0o600))
	}
}

// take keeps what a pattern finds in the last output: take KEY 'key_\w+'
func take(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 2 {
		ts.Fatalf("usage: take NAME PATTERN")
	}
	found := regexp.MustCompile(arguments[1]).FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("no match for %q", arguments[1])
	}
	ts.Setenv(arguments[0], found)
}

// rewrite makes a damaged copy of a file, as exports are damaged on their way:
// bytes bom|crlf|half FROM TO
func rewrite(ts *testscript.TestScript, negated bool, arguments []string) {
	if negated || len(arguments) != 3 {
		ts.Fatalf("usage: bytes bom|crlf|half FROM TO")
	}
	text, err := os.ReadFile(ts.MkAbs(arguments[1]))
	ts.Check(err)
	switch arguments[0] {
	case "bom":
		text = append([]byte("\xef\xbb\xbf"), text...)
	case "crlf":
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	case "half":
		text = text[:len(text)/2]
	default:
		ts.Fatalf("unknown damage %q", arguments[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(arguments[2]), text, 0o600))
}
