// Command docs writes what in docs/ is generated from the code: the list of all
// problems (problems.md) and the list of rooms that exist (a part of
// architecture.md). With -check it writes nothing and fails where a document
// differs from the code, which is how make check keeps them true.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// document is a file in docs/ and how its text is made from what it is now.
type document struct {
	path string
	make func(tree *tree, now string) (string, error)
}

func main() {
	root := flag.String("root", ".", "the checkout")
	check := flag.Bool("check", false, "write nothing, and fail where a document differs from the code")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	code, err := read(root)
	if err != nil {
		return err
	}
	documents := []document{
		{"docs/problems.md", problemsPage},
		{"docs/architecture.md", roomsPart},
		{"docs/licences.md", licencesPage(root)},
	}
	var stale []string
	for _, one := range documents {
		path := filepath.Join(root, filepath.FromSlash(one.path))
		now, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		text, err := one.make(code, string(now))
		if err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
		switch {
		case bytes.Equal(now, []byte(text)):
		case check:
			stale = append(stale, one.path)
		default:
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return err
			}
			fmt.Println("wrote", one.path)
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("%s no longer matches the code: run make docs and read the difference", strings.Join(stale, ", "))
	}
	return nil
}
