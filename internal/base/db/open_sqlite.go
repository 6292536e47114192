package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/warder-project/warder/internal/base/db/prepared"
	"github.com/warder-project/warder/internal/base/db/turns"
	"github.com/warder-project/warder/internal/base/tx"
)

const sqliteReaders = 8

func (d *DB) openSQLite(ctx context.Context, path string) error {
	d.engine = SQLite
	path, err := filepath.Abs(path)
	if err != nil {
		return CannotOpen.Because(err)
	}
	d.path = path
	if d.serves {
		if err := d.lock(path); err != nil {
			return err
		}
	}
	if err := createPrivate(path); err != nil {
		return CannotOpen.Because(fmt.Errorf("create database file: %w", err))
	}
	if d.write, err = sql.Open("sqlite", sqliteName(path, "_txlock=immediate&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(4000)")); err != nil {
		return CannotOpen.Because(err)
	}
	d.write.SetMaxOpenConns(1)
	d.write.SetMaxIdleConns(1)
	if d.read, err = sql.Open("sqlite", sqliteName(path, "_query_only=1")); err != nil {
		return CannotOpen.Because(err)
	}
	d.read.SetMaxOpenConns(sqliteReaders)
	d.read.SetMaxIdleConns(sqliteReaders)
	d.quickWrite, d.quickRead = prepared.New(d.write), prepared.New(d.read)
	d.turns = turns.New(d.write, turns.Ends{Before: d.quickWrite.PrepareUnmade, Last: d.last, Refused: isRefused, Kept: d.tell})
	if err := d.write.PingContext(ctx); err != nil {
		return CannotOpen.Because(fmt.Errorf("open %s: %w", path, err))
	}
	return nil
}

// last is what is written once for all units of work that share a commit.
func (d *DB) last(ctx context.Context, t *sql.Tx, all []tx.Change) ([]tx.Change, error) {
	return d.spread(ctx, d.quickWrite.In(t), all)
}

// sqliteName is the driver's name for the file. WAL lets readers go on beside
// the writer; synchronous=FULL makes an acknowledged commit survive a crash of
// the machine, not only of Warder.
func sqliteName(path, extra string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_dqs=0&" + extra
}

// createPrivate makes a missing database file readable by its owner only; the
// files SQLite puts beside it take over that mode. An existing file is not
// touched: closing a second handle on it would drop this process's own locks.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new file's name survive a crash of the machine.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// lock takes PATH.lock for as long as the database is open. The system gives
// it up when the process ends, however it ends, so there are no stale locks.
func (d *DB) lock(path string) error {
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return CannotOpen.Because(fmt.Errorf("open lock file: %w", err))
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		defer file.Close()
		return InUse.Detailf("%s is held by %s.", path, holder(file))
	}
	if err != nil {
		file.Close()
		return CannotOpen.Because(fmt.Errorf("lock %s.lock: %w", path, err))
	}
	d.closing = append(d.closing, file.Close)
	if err := file.Truncate(0); err != nil {
		return CannotOpen.Because(fmt.Errorf("write lock file: %w", err))
	}
	// A full disk must not keep Warder from starting: the pid is a courtesy.
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		d.log.Warn("lock file holds no process id", "error", err)
	}
	return nil
}

func holder(file *os.File) string {
	text := make([]byte, 32)
	n, _ := file.ReadAt(text, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}

// lockFolder keeps two processes from migrating one file at the same time.
func lockFolder(path string) (release func() error, err error) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX); err != nil {
		folder.Close()
		return nil, fmt.Errorf("lock %s: %w", filepath.Dir(path), err)
	}
	return folder.Close, nil
}
