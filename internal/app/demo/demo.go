// Package demo runs the Department for Examples: a whole Warder with 800 made-up
// people, fourteen months of history, an old payroll behind the gateway, and a
// software key for everybody who has none of their own. `warder demo` lets a
// person look around in it; `warder demo --tour` walks through the story by
// itself.
//
// Everything is in one directory and goes when that is removed. The demo key is
// trusted by this directory's database alone, because its vendor root is made
// anew with it; a real server has neither the root nor the page that answers
// for the key.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/app"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/app/demo/aside"
	"github.com/warder-project/warder/internal/app/demo/clock"
	"github.com/warder-project/warder/internal/app/demo/department"
	"github.com/warder-project/warder/internal/app/demo/keyring"
	"github.com/warder-project/warder/internal/app/demo/payroll"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/problem"
)

// Options say where and how the demo runs.
type Options struct {
	Directory string // everything the demo keeps
	Port      int    // the portal's port; the gateway has the next one, then the operator's page, then the payroll itself
	Log       *slog.Logger
}

// Problems of the demo.
var (
	notOurs = problem.Define(problem.Conflict, "demo.not_a_demo",
		"This directory holds something that is not a Warder demo.",
		"Give another directory with --dir. Nothing has been changed.")
	portTaken = problem.Define(problem.Unavailable, "demo.port_taken",
		"A port that the demo needs is in use.",
		"Stop the other program, or give another port with --port. The demo uses that port and the three after it.")
)

// Problems lists every problem of this room.
func Problems() []problem.Definition {
	return slices.Concat(clock.Problems(), keyring.Problems(), []problem.Definition{notOurs, portTaken})
}

// The files in the demo's directory.
const (
	markFile     = "warder-demo" // its presence says that the directory is ours; its text, whether it is complete
	databaseFile = "warder.db"
	masterFile   = "warder.key"
	keysFile     = "demo-keys.json"
	complete     = "complete\n"
)

// Demo is a running department.
type Demo struct {
	App    *app.App
	server *app.Server
	clock  *clock.Clock
	keys   *keyring.Keyring
	config config.Config
	legacy *http.Server
	ports  ports
}

type ports struct{ portal, gateway, operator, payroll int }

// Open makes the department, or finds it again, and is ready to Run.
func Open(ctx context.Context, options Options) (*Demo, error) {
	used, err := choosePorts(options.Port)
	if err != nil {
		return nil, err
	}
	fresh, err := prepare(ctx, options.Directory)
	if err != nil {
		return nil, err
	}
	d := &Demo{ports: used}
	d.clock, err = clock.Open(options.Directory)
	if err != nil {
		return nil, err
	}
	d.config, err = configuration(options.Directory, used)
	if err != nil {
		return nil, err
	}
	d.keys, err = keyring.Open(filepath.Join(options.Directory, keysFile), d.config.PublicURL)
	if err != nil {
		return nil, err
	}
	d.App, err = app.Open(ctx, app.Settings{Config: d.config, Log: options.Log, Now: d.clock.Now, Serve: true})
	if err != nil {
		return nil, err
	}
	if err := d.begin(ctx, options, fresh); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Demo) begin(ctx context.Context, options Options, fresh bool) error {
	var err error
	beside := &aside.Pages{Keys: d.keys, Mail: d.App.Mail, Clock: d.clock, Stylesheet: func() string { return d.server.Stylesheet() }, Log: d.App.Log}
	d.server, err = d.App.NewServer(ctx, app.ServerOptions{Demo: true, DemoKeyURL: keyring.Path, Extra: beside.Add})
	if err != nil {
		return err
	}
	if fresh {
		if err := d.makeHistory(ctx); err != nil {
			return fmt.Errorf("make up the department: %w", err)
		}
		if err := os.WriteFile(filepath.Join(options.Directory, markFile), []byte(complete), 0o600); err != nil {
			return fmt.Errorf("finish the demo directory: %w", err)
		}
	}
	d.legacy = &http.Server{Handler: payroll.Handler(d.config.PublicURL, d.clock.Now), ReadHeaderTimeout: 10 * time.Second}
	return nil
}

// Close closes the database. A Demo that has Run closes by itself.
func (d *Demo) Close() error { return d.App.Close() }

// Run answers until ctx ends. ready is called when everything listens.
func (d *Demo) Run(ctx context.Context, ready func()) error {
	defer d.Close()
	socket, err := net.Listen("tcp", address(d.ports.payroll))
	if err != nil {
		return portTaken.Because(err)
	}
	if err := d.server.Listen(); err != nil {
		socket.Close()
		return err
	}
	go func() {
		if err := d.legacy.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			d.App.Log.Error("payroll stopped", "error", err)
		}
	}()
	defer d.legacy.Close()
	if ready != nil {
		ready()
	}
	return d.server.Run(ctx)
}

// Announce prints the addresses and accounts, and nothing else.
func (d *Demo) Announce(out io.Writer) {
	portal := d.config.PublicURL
	fmt.Fprintf(out, `Warder demo – Department for Examples (%d people, made up)
  Staff portal     %s/            sign in as  %s   (Finance)
  Administrator    %s/admin       sign in as  %s
  Service desk     %s/admin/keys  sign in as  %s
  Legacy app       %s     protected by the gateway
  Mail sent        %s/demo/mail
  Clock            %s/demo/clock  moves the demo’s time on, to see what ends
Everybody here signs in with the demo key: type the user name, then choose “Use the demo key”.
Stop: Ctrl-C   Start again: warder demo   Begin afresh: warder demo --reset   The story by itself: warder demo --tour
`, department.Size, portal, department.Staff, portal, department.Administrator, portal, department.ServiceDesk, d.PayrollAddress(), portal, portal)
}

// PayrollAddress is where people reach the old payroll.
func (d *Demo) PayrollAddress() string { return gatewayOrigin(d.ports) + "/payroll" }

func gatewayOrigin(p ports) string { return "http://localhost:" + strconv.Itoa(p.gateway) }

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// configuration is the demo's warder.yaml. It goes through the same checks.
func configuration(directory string, used ports) (config.Config, error) {
	text := fmt.Sprintf("public_url: http://localhost:%d\nlisten: %s\ngateway_listen: %s\noperator_listen: %s\ndatabase: %q\nmaster_key: %q\ntrusted_proxies: [127.0.0.1/32]\nhelp_contact: \"020 7946 0000 (made up)\"\n",
		used.portal, address(used.portal), address(used.gateway), address(used.operator),
		"sqlite:"+filepath.Join(directory, databaseFile), filepath.Join(directory, masterFile))
	return config.Parse("demo", []byte(text))
}

// choosePorts takes four ports in a row, or four free ones for port 0. That one
// is taken is known before anything is made.
func choosePorts(first int) (ports, error) {
	var found [4]int
	for i := range found {
		wanted := 0
		if first != 0 {
			wanted = first + i
		}
		socket, err := net.Listen("tcp", address(wanted))
		if err != nil {
			return ports{}, portTaken.Because(err)
		}
		defer socket.Close()
		found[i] = socket.Addr().(*net.TCPAddr).Port
	}
	return ports{found[0], found[1], found[2], found[3]}, nil
}

// prepare makes the directory, or checks that it is a demo of ours. One whose
// making was interrupted is made again. fresh says that history has to be made up.
func prepare(ctx context.Context, directory string) (fresh bool, err error) {
	mark, err := os.ReadFile(filepath.Join(directory, markFile))
	if err == nil && string(mark) == complete {
		return false, nil
	}
	if err == nil {
		if err := Reset(ctx, directory); err != nil {
			return false, err
		}
	} else if entries, err := os.ReadDir(directory); err == nil && len(entries) > 0 {
		return false, notOurs.Detailf("It is %s.", directory)
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return false, fmt.Errorf("make the demo directory: %w", err)
	}
	return true, os.WriteFile(filepath.Join(directory, markFile), []byte("being made\n"), 0o600)
}

// Reset removes a demo. It refuses a directory that is not one, and one that is
// running, with db.InUse.
func Reset(ctx context.Context, directory string) error {
	if _, err := os.Stat(filepath.Join(directory, markFile)); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(directory); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return notOurs.Detailf("It is %s.", directory)
	}
	running, err := db.Open(ctx, db.Options{URL: "sqlite:" + filepath.Join(directory, databaseFile), Exclusive: true})
	if err != nil {
		return err
	}
	if err := running.Close(); err != nil {
		return fmt.Errorf("remove the demo: %w", err)
	}
	for _, name := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", databaseFile + ".lock", masterFile, keysFile, markFile} {
		if err := os.Remove(filepath.Join(directory, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the demo: %w", err)
		}
	}
	return nil
}
