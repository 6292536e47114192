package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/warder-project/warder/internal/testkit"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// TestEveryCommandOfTheReadmeWorks runs each block marked sh, as a reader would,
// in an empty directory.
func TestEveryCommandOfTheReadmeWorks(t *testing.T) {
	root := testkit.Root(t)
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllSubmatch(readme, -1)
	if len(blocks) < 3 {
		t.Fatalf("the README has %d blocks marked sh, want at least 3", len(blocks))
	}
	for _, block := range blocks {
		command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", string(block[1]))
		command.Dir = t.TempDir()
		command.Env = append(os.Environ(), "WARDER_SOURCE="+root)
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\nprinted:\n%s", err, block[1], output)
		}
	}
}
