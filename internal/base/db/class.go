package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// PostgreSQL error codes (PostgreSQL documentation, appendix A).
const (
	pgUniqueViolation      = "23505"
	pgForeignKeyViolation  = "23503"
	pgCheckViolation       = "23514"
	pgSerializationFailure = "40001"
	pgDeadlockDetected     = "40P01"
	pgDiskFull             = "53100"
)

// IsConflict reports whether err is a second value where table.column must be
// unique. Of a rule over several columns any one may be named; an empty column
// stands for any rule of the table. PostgreSQL names the constraint and the
// columns, SQLite only the columns, or the index when it is over an expression.
func IsConflict(err error, table, column string) bool {
	name := table + "_" + column + "_uq"
	if pg, ok := postgresError(err, pgUniqueViolation); ok {
		if pg.TableName != table {
			return false
		}
		return column == "" || pg.ConstraintName == name || slices.Contains(keyColumns(pg.Detail), column)
	}
	message, ok := sqliteMessage(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	if !ok {
		return false
	}
	list := brokenRule(message)
	if index, ok := strings.CutPrefix(list, "index '"); ok {
		index = strings.TrimSuffix(index, "'")
		return index == name || column == "" && strings.HasPrefix(index, table+"_")
	}
	for _, part := range strings.Split(list, ", ") {
		owner, name, _ := strings.Cut(part, ".")
		if owner == table && (column == "" || name == column) {
			return true
		}
	}
	return false
}

// keyColumns reads the columns from "Key (a, b)=(1, 2) already exists.".
func keyColumns(detail string) []string {
	rest, ok := strings.CutPrefix(detail, "Key (")
	if !ok {
		return nil
	}
	list, _, _ := strings.Cut(rest, ")=(")
	return strings.Split(list, ", ")
}

// IsMissingParent reports whether err is a reference to a row that is not
// there, or the removal of a row that others refer to. SQLite does not say which.
func IsMissingParent(err error) bool {
	if _, ok := postgresError(err, pgForeignKeyViolation); ok {
		return true
	}
	_, ok := sqliteMessage(err, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
	return ok
}

// IsRuleBroken reports whether err is a row that breaks the named check constraint.
func IsRuleBroken(err error, constraint string) bool {
	if pg, ok := postgresError(err, pgCheckViolation); ok {
		return pg.ConstraintName == constraint
	}
	message, ok := sqliteMessage(err, sqlite3.SQLITE_CONSTRAINT_CHECK)
	if !ok {
		return false
	}
	return brokenRule(message) == constraint
}

// IsFull reports whether err says that the disk of the database is full.
func IsFull(err error) bool {
	if _, ok := postgresError(err, pgDiskFull); ok {
		return true
	}
	return sqlitePrimary(err) == sqlite3.SQLITE_FULL
}

// isFaulty reports whether err says that the system refused to read or write the
// files of the database for another reason than a full disk.
func isFaulty(err error) bool { return sqlitePrimary(err) == sqlite3.SQLITE_IOERR }

// isContention reports whether err is a clash with another writer that goes
// away when the whole unit of work is run again.
func isContention(err error) bool {
	if _, ok := postgresError(err, pgSerializationFailure, pgDeadlockDetected); ok {
		return true
	}
	return sqlitePrimary(err) == sqlite3.SQLITE_BUSY
}

// isUnreachable reports whether err says that the server is not there, is
// going away, or has dropped the connection.
func isUnreachable(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Class 08 is connection trouble; 57P01 to 57P03 a server stopping or starting.
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P0")
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn)
}

// isRefused reports whether the database itself has answered err, so that it is
// certain that the transaction has not been committed.
func isRefused(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return !isUnreachable(err)
	}
	code := sqlitePrimary(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_CONSTRAINT
}

func postgresError(err error, codes ...string) (*pgconn.PgError, bool) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !slices.Contains(codes, pg.Code) {
		return nil, false
	}
	return pg, true
}

func sqliteMessage(err error, codes ...int) (string, bool) {
	var lite *sqlite.Error
	if !errors.As(err, &lite) || !slices.Contains(codes, lite.Code()) {
		return "", false
	}
	return lite.Error(), true
}

// brokenRule takes the rule out of SQLite's message, which reads
// "constraint failed: CHECK constraint failed: key_state_ck (275)".
func brokenRule(message string) string {
	const before = "constraint failed: "
	if i := strings.LastIndex(message, before); i >= 0 {
		message = message[i+len(before):]
	}
	if i := strings.LastIndex(message, " ("); i >= 0 {
		message = message[:i]
	}
	return message
}

// sqlitePrimary is the primary result code: the low byte of the extended one.
func sqlitePrimary(err error) int {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return sqlite3.SQLITE_OK
	}
	return lite.Code() & 0xff
}
