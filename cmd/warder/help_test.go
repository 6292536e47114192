package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestHelpOfEveryCommandIsInTheStory(t *testing.T) {
	t.Parallel()
	story, err := os.ReadFile(filepath.Join("testdata", "script", "help.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&commands{}, kong.Vars{"version": version})
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(true)
	if len(leaves) < 20 {
		t.Fatalf("only %d commands were found", len(leaves))
	}
	for _, leaf := range leaves {
		words := []string{leaf.Name}
		for above := leaf.Parent; above != nil && above.Type == kong.CommandNode; above = above.Parent {
			words = append([]string{above.Name}, words...)
		}
		if line := "exec warder " + strings.Join(words, " ") + " --help\n"; !strings.Contains(string(story), line) {
			t.Errorf("help.txtar lacks %q", strings.TrimSpace(line))
		}
	}
}
