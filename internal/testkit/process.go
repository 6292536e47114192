package testkit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for another process before it fails.
const Patience = 30 * time.Second

// Command is a real program to run.
type Command struct {
	Path string   // the program
	Args []string // its arguments, without its name
	Dir  string   // working directory; empty means a fresh temporary one
	Env  []string // added to the environment of the test, "NAME=value"
}

// Process is a child process of a test. It is ended, with the processes it
// started, when the test ends.
type Process struct {
	t       testing.TB
	name    string
	command *exec.Cmd
	exited  chan struct{} // closed when the process has been waited for
	silent  chan struct{} // closed when nobody can print to its output any more

	mu    sync.Mutex
	lines []string      // what it has printed; guarded by mu
	more  chan struct{} // closed and replaced at each new line; guarded by mu
}

// Run starts a program and arranges for its end.
func Run(t testing.TB, what Command) *Process {
	t.Helper()
	command := exec.Command(what.Path, what.Args...)
	command.Dir = what.Dir
	if command.Dir == "" {
		command.Dir = t.TempDir()
	}
	command.Env = append(os.Environ(), what.Env...)
	// A group of its own, so that ending it ends its children and nobody else's.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatalf("make a pipe for %s: %v", what.Path, err)
	}
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatalf("start %s: %v", what.Path, err)
	}
	writer.Close()
	p := &Process{t: t, name: what.Path, command: command,
		exited: make(chan struct{}), silent: make(chan struct{}), more: make(chan struct{})}
	go p.read(reader)
	go func() {
		command.Wait() // how it ended is in ProcessState
		close(p.exited)
	}()
	t.Cleanup(p.end)
	return p
}

func (p *Process) read(from io.ReadCloser) {
	defer close(p.silent)
	defer from.Close()
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			p.mu.Lock()
			p.lines = append(p.lines, strings.TrimRight(line, "\r\n"))
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// Output returns what the process has printed so far, both streams together.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// PID returns the process id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Line waits until the process has printed a line that matches pattern, and
// returns the match and its groups as regexp.FindStringSubmatch does. The test
// fails when the process ends without such a line or Patience runs out.
func (p *Process) Line(pattern string) []string {
	p.t.Helper()
	wanted := regexp.MustCompile(pattern)
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	seen := 0
	for {
		p.mu.Lock()
		lines, more := p.lines[seen:], p.more
		seen = len(p.lines)
		p.mu.Unlock()
		for _, line := range lines {
			if match := wanted.FindStringSubmatch(line); match != nil {
				return match
			}
		}
		if len(lines) > 0 {
			continue
		}
		select {
		case <-more:
		case <-p.exited:
			p.drained()
			p.mu.Lock()
			left := len(p.lines) > seen
			p.mu.Unlock()
			if !left {
				p.t.Fatalf("%s ended (%s) without a line that matches %q; it printed:\n%s",
					p.name, p.command.ProcessState, pattern, p.Output())
			}
		case <-patience.C:
			p.t.Fatalf("%s printed no line that matches %q within %s; it printed:\n%s",
				p.name, pattern, Patience, p.Output())
		}
	}
}

// drained waits until the reader has taken what an ended process left in the
// pipe. A child that outlives it may keep the pipe open, hence the bound.
func (p *Process) drained() {
	select {
	case <-p.silent:
	case <-time.After(time.Second):
	}
}

// Ready waits until url answers with any status below 500. The test fails when
// the process ends first or Patience runs out.
func (p *Process) Ready(url string) {
	p.t.Helper()
	client := http.Client{
		Timeout:       2 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		response, err := client.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode < http.StatusInternalServerError {
				return
			}
			err = fmt.Errorf("status %d", response.StatusCode)
		}
		select {
		case <-pause.C:
		case <-p.exited:
			p.t.Fatalf("%s ended (%s) before %s answered; it printed:\n%s",
				p.name, p.command.ProcessState, url, p.Output())
		case <-patience.C:
			p.t.Fatalf("%s did not answer at %s within %s (%v); it printed:\n%s",
				p.name, url, Patience, err, p.Output())
		}
	}
}

// Wait waits for the process to end by itself and returns its exit code, -1
// where a signal ended it.
func (p *Process) Wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(Patience):
		p.t.Fatalf("%s did not end within %s; it printed:\n%s", p.name, Patience, p.Output())
	}
	p.drained()
	return p.command.ProcessState.ExitCode()
}

// Stop asks the process to end (SIGTERM), waits, and returns its exit code.
func (p *Process) Stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.Wait()
}

// Kill ends the process and its children at once (SIGKILL), as a power cut
// would, and waits until it is gone.
func (p *Process) Kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.Wait()
}

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.exited }

// signal reaches the group of the process: ESRCH means that it is gone already.
func (p *Process) signal(signal syscall.Signal) {
	select {
	case <-p.exited:
		return // its id may be somebody else's by now
	default:
	}
	if err := syscall.Kill(-p.PID(), signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		p.t.Errorf("signal %s (process %d): %v", p.name, p.PID(), err)
	}
}

func (p *Process) end() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		p.signal(syscall.SIGKILL)
		<-p.exited
	}
	if p.t.Failed() {
		p.t.Logf("%s printed:\n%s", p.name, p.Output())
	}
}
