package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/base/db/prepared"
	"github.com/warder-project/warder/internal/base/db/turns"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
)

// Options say which database to open and how.
type Options struct {
	// URL is "sqlite:PATH", "sqlite::memory:" (a throw-away database, gone
	// after Close) or "postgres://…".
	URL string
	Log *slog.Logger     // nil discards
	Now func() time.Time // nil is the clock of this machine
	// Exclusive is for a serving process. A second exclusive Open of the same
	// SQLite file is refused with InUse. PostgreSQL takes any number of nodes.
	Exclusive bool
	// Trouble is told once when a unit of work fails because the disk is full or
	// broken or the server is gone (Full, Faulty, Unreachable), and once, with nil, when one is kept
	// again. It may be nil.
	Trouble func(*problem.Error)
}

// The engines.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine string
	node   ids.Node
	log    *slog.Logger
	now    func() time.Time
	url    string
	path   string // SQLite: the file
	serves bool

	write   *sql.DB // SQLite: exactly one connection
	read    *sql.DB // read-only connections
	closing []func() error

	quickWrite, quickRead *prepared.Statements // SQLite only, as is turns
	turns                 *turns.Turns

	retries  atomic.Int64
	troubled atomic.Bool
	trouble  func(*problem.Error)

	mu        sync.RWMutex
	listeners []func(context.Context, []tx.Change) // guarded by mu
}

// Open opens the database without migrating it. Problems: BadAddress,
// CannotOpen, InUse, Unreachable.
func Open(ctx context.Context, options Options) (*DB, error) {
	d := &DB{node: ids.New[ids.Node](), log: options.Log, now: options.Now, url: options.URL, serves: options.Exclusive}
	if d.trouble = options.Trouble; d.trouble == nil {
		d.trouble = func(*problem.Error) {}
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if err := d.open(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *DB) open(ctx context.Context) error {
	path, isFile := strings.CutPrefix(d.url, "sqlite:")
	switch {
	case isFile && path == ":memory:":
		return d.openThrowAway(ctx)
	case isFile && path != "":
		return d.openSQLite(ctx, path)
	case strings.HasPrefix(d.url, "postgres://"), strings.HasPrefix(d.url, "postgresql://"):
		return d.openPostgres(ctx)
	default:
		// The address may hold a password, so it is not repeated.
		return BadAddress.New()
	}
}

// openThrowAway keeps the database in a temporary folder, in memory where the
// system offers that, because a database without a file behaves differently:
// its readers and its writer block each other.
func (d *DB) openThrowAway(ctx context.Context) error {
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	folder, err := os.MkdirTemp(parent, "warder-")
	if err != nil {
		return CannotOpen.Because(fmt.Errorf("make a folder for a throw-away database: %w", err))
	}
	d.closing = append(d.closing, func() error { return os.RemoveAll(folder) })
	return d.openSQLite(ctx, folder+"/warder.db")
}

// Engine is "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine }

// Node is the id of this open database among the processes that share it. It
// is made at Open; leases are held under it.
func (d *DB) Node() ids.Node { return d.node }

// Retries counts how often a unit of work was run again since Open.
func (d *DB) Retries() int64 { return d.retries.Load() }

// Close ends all connections and gives up the lock of an exclusive Open.
func (d *DB) Close() error {
	var first error
	note := func(err error) {
		if first == nil && err != nil {
			first = fmt.Errorf("close database: %w", err)
		}
	}
	if d.read != nil {
		note(d.read.Close())
	}
	if d.write != nil {
		note(d.write.Close())
	}
	for i := len(d.closing) - 1; i >= 0; i-- {
		note(d.closing[i]())
	}
	d.closing = nil
	return first
}
