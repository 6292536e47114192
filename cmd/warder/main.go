// Command warder is the whole of Warder: the server, the demo, and one command
// per noun for administrators and scripts. Each noun has a file here; what a
// command does is in internal/app and the rooms below it.
//
// Exit codes: 0 done; 1 findings exist; 2 the input or the usage is wrong;
// 3 refused by policy; 4 something that is needed cannot be reached, or an
// internal fault.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/registry/audit"
)

// version is set by the release build.
var version = "dev"

type commands struct {
	Config configCommand `cmd:"" help:"Check and describe the configuration file."`
	Serve  serveCommand  `cmd:"" help:"Run Warder."`
	Demo   demoCommand   `cmd:"" help:"Run a made-up department to look around in, or its tour."`

	Person     personCommand     `cmd:"" help:"People: add, list, show, import, invite, suspend, leave."`
	Session    sessionCommand    `cmd:"" help:"Who is signed in where: list, end."`
	Risk       riskCommand       `cmd:"" help:"What is unusual about a sign-in: what is kept of a person, what is known of an address."`
	Key        keyCommand        `cmd:"" help:"Hardware keys: add, list, issue, block, and the models that are allowed."`
	Pass       passCommand       `cmd:"" help:"One-time codes with which a person registers a key: issue."`
	Recovery   recoveryCommand   `cmd:"" help:"People who cannot sign in any more: open a case, list, show, withdraw."`
	MDS        mdsCommand        `cmd:"" name:"mds" help:"What the FIDO Alliance says about makes of keys: import its list, show it."`
	Service    serviceCommand    `cmd:"" help:"What people sign in to: add, list, routes."`
	Policy     policyCommand     `cmd:"" help:"The policy: write, check, compare, try, put in force."`
	Exception  exceptionCommand  `cmd:"" help:"Leave to sign in with less, for a time: propose, list, show, end, renew."`
	Decide     decideCommand     `cmd:"" help:"Say what would be decided for a person and a service, and why."`
	Assess     assessCommand     `cmd:"" help:"Work out the maturity level from exported files. Needs no server and no database."`
	Retire     retireCommand     `cmd:"" help:"Take a weak method from people who have proven a strong one."`
	Evidence   evidenceCommand   `cmd:"" help:"Evidence: import exports, list, take an original out."`
	Audit      auditCommand      `cmd:"" help:"The audit record: verify, export."`
	Secrets    secretsCommand    `cmd:"" help:"The master key: rotate it."`
	Mail       mailCommand       `cmd:"" help:"Messages to people: list what has not arrived, send a test."`
	BreakGlass breakGlassCommand `cmd:"" name:"breakglass" help:"Emergency access: its identities, keys, places and tests."`

	Recover recoverCommand `cmd:"" help:"Last resort on the host: make an administrator and a one-time link. Needs root or the owner of the master key."`

	Version kong.VersionFlag `help:"Print the version."`
}

// world is what every command gets: where it writes, and how it is stopped.
type world struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
}

// exit is a command's wish to end with a code and without an error message.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// The exit codes.
const (
	exitFindings    exit = 1
	exitUsage       exit = 2
	exitRefused     exit = 3
	exitUnreachable exit = 4
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(arguments []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A limit on file sizes is then an error of the write that meets it, as a full
	// disk is, and not the end of the process.
	signal.Ignore(syscall.SIGXFSZ)
	if len(arguments) > 0 && arguments[0] == "help" { // as in other programs: help for a command
		arguments = append(arguments[1:len(arguments):len(arguments)], "--help")
	}
	var root commands
	ended := -1
	parser, err := kong.New(&root,
		kong.Name("warder"),
		kong.Description("Warder takes an organisation from “MFA is encouraged” to “everyone signs in with centrally managed hardware keys”, and proves it."),
		kong.Vars{"version": version},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { ended = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return tell(stderr, err)
	}
	chosen, err := parser.Parse(arguments)
	if ended >= 0 { // --help and --version have already printed
		return ended
	}
	if err != nil {
		return tell(stderr, mistyped.Detailf("%v.", err))
	}
	return tell(stderr, chosen.Run(&world{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}))
}

// The problems of the command line itself.
var (
	mistyped = problem.Define(problem.Invalid, "usage.mistyped", "There is no such command, or something is missing from it.",
		"Run the command with --help; `warder --help` lists them all.")
	unexpected = problem.Define(problem.Internal, "usage.unexpected", "Something went wrong that Warder did not expect.",
		"Try again. If it goes on, report it with what stands in brackets.")
)

var interrupted = problem.Define(problem.Unavailable, "usage.interrupted", "The command was stopped before it was done.",
	"What it has not reported as done was not done. Run it again.")

// tell is the only place where a problem becomes an exit code.
func tell(stderr io.Writer, err error) int {
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	found, ok := problem.Of(err)
	if errors.Is(err, context.Canceled) {
		found, ok = interrupted.New(), true
	}
	if !ok {
		found = unexpected.Because(err)
	}
	fmt.Fprintf(stderr, "warder: %s\n", found.Sentence)
	if found.Detail != "" {
		fmt.Fprintf(stderr, "  %s\n", found.Detail)
	}
	for _, field := range found.Fields {
		fmt.Fprintf(stderr, "  %s\n", field)
	}
	if found.Cause != nil && (found.Kind == problem.Internal || found.Kind == problem.Unavailable) {
		fmt.Fprintf(stderr, "  (%v)\n", found.Cause)
	}
	fmt.Fprintf(stderr, "Next: %s\nCode: %s\n", found.Next, found.Code)
	switch found.Kind {
	case problem.Invalid, problem.NotFound, problem.Conflict, problem.TooMany:
		return int(exitUsage)
	case problem.Unauthenticated, problem.StepUp, problem.Forbidden:
		return int(exitRefused)
	case problem.Unavailable, problem.Internal:
	}
	return int(exitUnreachable)
}

// me is who runs the command, for the audit record.
func me() audit.Actor {
	if current, err := user.Current(); err == nil {
		return audit.Command(current.Username)
	}
	return audit.Command("unknown")
}
