package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresWriters = 10
	postgresReaders = 16
)

func (d *DB) openPostgres(ctx context.Context) error {
	d.engine = Postgres
	config, err := postgresConfig(d.url)
	if err != nil {
		return err
	}
	d.write = openPool(config, postgresWriters)
	reading := config.Copy()
	// A write outside a unit of work is refused, as it is on SQLite.
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	d.read = openPool(reading, postgresReaders)
	if err := d.write.PingContext(ctx); err != nil {
		return Unreachable.Because(err)
	}
	return nil
}

func postgresConfig(address string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's error may repeat the address, and with it a password.
		return nil, BadAddress.New()
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	config.RuntimeParams["application_name"] = "warder"
	// A node that hangs inside a unit of work must not hold up the others for ever.
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	return config, nil
}

func openPool(config *pgx.ConnConfig, size int) *sql.DB {
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}

// listenConnection is a connection of its own for LISTEN.
func (d *DB) listenConnection(ctx context.Context) (*pgx.Conn, error) {
	config, err := postgresConfig(d.url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to listen: %w", err)
	}
	return conn, nil
}
