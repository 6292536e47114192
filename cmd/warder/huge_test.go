package main

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// endless gives head once and then the same row, until size bytes are out.
type endless struct {
	head, row string
	size      int
	rest      string
}

func (e *endless) Read(into []byte) (int, error) {
	if e.rest == "" {
		if e.size <= 0 {
			return 0, io.EOF
		}
		e.rest, e.head = e.head+strings.Repeat(e.row, 1+4096/len(e.row)), ""
	}
	n := copy(into, e.rest)
	e.rest, e.size = e.rest[n:], e.size-n
	return n, nil
}

// TestExportOf200MegabytesIsRefusedInBoundedMemory pours files of 200 MB in.
func TestExportOf200MegabytesIsRefusedInBoundedMemory(t *testing.T) {
	t.Parallel()
	const megabyte = 1 << 20
	h := newHouse(t)
	for name, test := range map[string]struct {
		option    string
		content   endless
		code      string
		place     string
		megabytes int64 // of memory, at most
	}{
		"an Entra export": {"--entra-registrations",
			endless{head: `{"value":[{}`, row: `,{"id":"1","userPrincipalName":"a@department.example","isMfaRegistered":true}`}, "export.too_large", "standard input: expected at most 100 MB", 500},
		"a list of devices": {"--aws-mfa-devices",
			endless{head: `{"MFADevices":[{}`, row: `,{"UserName":"bob","SerialNumber":"GAKT1"}`}, "export.too_large", "standard input: expected at most 100 MB", 500},
		"a quotation mark that is never closed": {"--staff",
			endless{head: "user_name,name\namira,\"", row: "and so on "}, "table.too_large", "standard input:2: one row is longer than", 100},
		"a disk image": {"--staff",
			endless{row: "\x00"}, "table.bad_text", "standard input:1:1: found a NUL byte", 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := test.content
			content.size = 200 * megabyte
			command := exec.Command(binary(t), "assess", test.option, "-")
			var stderr bytes.Buffer
			command.Dir, command.Stdin, command.Stderr = h.directory, &content, &stderr
			err := command.Run()
			// Whoever pours is told by a broken pipe that no more is wanted.
			if command.ProcessState == nil || command.ProcessState.ExitCode() != 2 {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			if said := stderr.String(); !strings.Contains(said, "Code: "+test.code+"\n") || !strings.Contains(said, test.place) {
				t.Errorf("said:\n%s", said)
			}
			usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
			if !ok {
				t.Fatal("the system does not say what was used")
			}
			if used := usage.Maxrss / 1024; used > test.megabytes {
				t.Errorf("%d MB of memory were used, want at most %d", used, test.megabytes)
			}
		})
	}
}
