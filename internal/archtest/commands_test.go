package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/testkit"
)

// TestCommandsInDocumentsExist asks the real binary about every warder command
// in a document, flags included, by its own help.
func TestCommandsInDocumentsExist(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	binary := testkit.Warder(t)
	inText := regexp.MustCompile("`(warder [^`]+)`")
	seen := 0
	for _, document := range documents(t, root) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(document, root+string(filepath.Separator))
		var lines []string
		for _, match := range inText.FindAllStringSubmatch(string(text), -1) {
			lines = append(lines, match[1])
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "warder ") {
				lines = append(lines, line)
			}
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "…<") { // `warder person …` speaks of several
				continue
			}
			seen++
			if fault := askHelp(t, binary, strings.Fields(line)[1:]); fault != "" {
				t.Errorf("%s: %q: %s", name, line, fault)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d commands were found in the documents", seen)
	}
}

// askHelp follows the words down the tree of commands, and then looks for the flags.
func askHelp(t *testing.T, binary string, words []string) string {
	t.Helper()
	help := func(path []string) string {
		output, err := exec.Command(binary, append(path, "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("warder %s --help: %v\n%s", strings.Join(path, " "), err, output)
		}
		return string(output)
	}
	text := help(nil)
	var path []string
	for usage := firstLine(text); strings.Contains(usage, "<command>"); usage = firstLine(text) {
		if len(words) == 0 || strings.HasPrefix(words[0], "-") {
			break // `warder --help`, or a noun alone
		}
		path, words = append(path, words[0]), words[1:]
		text = help(path)
		if want := "Usage: warder " + strings.Join(path, " "); !strings.HasPrefix(firstLine(text), want) {
			return "there is no such command"
		}
	}
	for _, word := range words {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(flag, "--") && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(text) {
			return "there is no flag " + flag
		}
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
