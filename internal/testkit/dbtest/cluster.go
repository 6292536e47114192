package dbtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// undertaker outlives the test process by a moment: its standard input is a
// pipe only the test process holds, so it reads the end of it when that process
// ends, even by SIGKILL. Then it stops the server and removes the folder.
const undertaker = `
cat >/dev/null
read -r pid <"$1/data/postmaster.pid" 2>/dev/null && kill -QUIT "$pid" 2>/dev/null
tries=0
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 200 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
rm -rf "$1"
`

// startCluster makes and starts a private cluster and returns the address of
// its database "postgres".
func startCluster() (address string, err error) {
	initdb, server, err := programs()
	if err != nil {
		return "", err
	}
	folder, err := clusterFolder()
	if err != nil {
		return "", err
	}
	if err := startUndertaker(folder); err != nil {
		os.RemoveAll(folder)
		return "", err
	}
	owner, err := serverUser(folder)
	if err != nil {
		return "", err
	}
	data := filepath.Join(folder, "data")
	// --no-sync and fsync=off: a test cluster need not survive a power cut.
	create := exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C", "--no-sync", "--no-instructions")
	create.SysProcAttr, create.Dir = owner, folder
	if output, err := create.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, output)
	}
	run := exec.Command(server, "-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories="+folder,
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "max_connections=300",
		"-c", "shared_buffers=32MB", "-c", "max_pred_locks_per_transaction=256")
	run.SysProcAttr, run.Dir = owner, folder
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return "", err
	}
	defer log.Close()
	run.Stdout, run.Stderr = log, log
	if err := run.Start(); err != nil {
		return "", fmt.Errorf("start postgres: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	address = "postgres:///postgres?user=postgres&host=" + url.QueryEscape(folder)
	return address, answering(address, ended, log.Name())
}

// answering waits until the server takes connections.
func answering(address string, ended <-chan error, log string) error {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(log)
			return fmt.Errorf("postgres ended: %w: %s", err, bytes.TrimSpace(text))
		case <-ctx.Done():
			return errors.New("postgres does not answer after a minute")
		case <-tick.C:
			if pool.PingContext(ctx) == nil {
				return nil
			}
		}
	}
}

// programs finds initdb and postgres: in PATH, else the newest of Debian's folders.
func programs() (initdb, server string, err error) {
	if initdb, err = exec.LookPath("initdb"); err == nil {
		if server, err = exec.LookPath("postgres"); err == nil {
			return initdb, server, nil
		}
	}
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(a, b string) int { return release(b) - release(a) })
	for _, folder := range folders {
		initdb, server = filepath.Join(folder, "initdb"), filepath.Join(folder, "postgres")
		if executable(initdb) && executable(server) {
			return initdb, server, nil
		}
	}
	return "", "", errNoPostgres
}

func release(folder string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return number
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// clusterFolder is a new folder whose path leaves room for a socket's name,
// which may have at most 107 characters in all.
func clusterFolder() (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	return os.MkdirTemp(parent, "warder-pg-")
}

func startUndertaker(folder string) error {
	command := exec.Command("/bin/sh", "-c", undertaker, "undertaker", folder)
	// A session of its own, so that an interrupt at the keyboard does not end it first.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	hold, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the undertaker: %w", err)
	}
	// Never closed by us: the system closes it when this process ends.
	held.Store(hold)
	return nil
}

// held keeps the pipe from being closed by the garbage collector.
var held atomic.Value

// serverUser says as whom to run the server, which refuses to run as root.
func serverUser(folder string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(account.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attributes, os.Chown(folder, int(uid), int(gid))
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}
