// Package prepared keeps statements of SQLite ready, because reading their text
// costs as much as running them. (PostgreSQL's driver does this by itself.) A
// change of the schema does no harm: SQLite reads the text again by itself.
//
// It knows nothing of units of work but their transaction; base/db, which does,
// is its only caller.
package prepared

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// mostPrepared bounds how many texts are kept prepared, on each connection: more
// than the house has. Lists of every length would fill it, so long ones are not kept.
const (
	mostPrepared = 600
	longList     = "$41"
)

// Statements are those of one pool. They are safe for concurrent use.
type Statements struct {
	pool *sql.DB

	mu     sync.RWMutex
	ready  map[string]*sql.Stmt // guarded by mu; nil: met in a unit of work, to be prepared after it
	unmade []string             // guarded by mu; those that are nil
}

// statement recognises what does nothing before it is run; a pragma may.
var statement = regexp.MustCompile(`(?i)^\s*(select|insert|update|delete|with)\s`)

// New returns the statements of a pool; none is ready yet.
func New(pool *sql.DB) *Statements {
	return &Statements{pool: pool, ready: map[string]*sql.Stmt{}}
}

// find returns the statement of a text, or nil, and remembers the text for the
// next PrepareUnmade.
func (p *Statements) find(text string) *sql.Stmt {
	p.mu.RLock()
	found, met := p.ready[text]
	full := len(p.ready) >= mostPrepared
	p.mu.RUnlock()
	if met || full || strings.Contains(text, longList) || !statement.MatchString(text) {
		return found
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, met := p.ready[text]; !met {
		p.ready[text] = nil
		p.unmade = append(p.unmade, text)
	}
	return p.ready[text]
}

// PrepareUnmade prepares what was met and is not ready. The one connection that
// writes is in use by the unit of work that meets a text, so it is called before
// the next. What cannot be prepared is run as text, and says why then.
func (p *Statements) PrepareUnmade(ctx context.Context) {
	p.mu.RLock()
	none := len(p.unmade) == 0
	p.mu.RUnlock()
	if none {
		return
	}
	p.mu.Lock()
	texts := p.unmade
	p.unmade = nil
	p.mu.Unlock()
	for _, text := range texts {
		made, err := p.pool.PrepareContext(ctx, text)
		p.mu.Lock()
		if err == nil {
			p.ready[text] = made
		} else {
			delete(p.ready, text)
		}
		p.mu.Unlock()
	}
}

// Reader runs statements of the reading connections prepared.
type Reader struct{ *Statements }

// ExecContext is that of database/sql.
func (q Reader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.pool.ExecContext(ctx, query, args...) // is refused: these connections only read
}

// QueryContext is that of database/sql.
func (q Reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if quick := q.find(query); quick != nil {
		return quick.QueryContext(ctx, args...)
	}
	q.PrepareUnmade(ctx)
	return q.pool.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of database/sql.
func (q Reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if quick := q.find(query); quick != nil {
		return quick.QueryRowContext(ctx, args...)
	}
	q.PrepareUnmade(ctx)
	return q.pool.QueryRowContext(ctx, query, args...)
}

// Writer runs statements of one unit of work prepared. A prepared statement can
// only run once at a time on its connection, and the same text may be met again
// while its rows are read one by one; so a text whose rows were read is run as text
// from then on. A statement that has begun is not interrupted when the caller goes
// away: SQLite would undo the whole transaction, in which others' work may be. The
// unit of work ends with the caller all the same.
//
// It is of one goroutine, as a unit of work is.
type Writer struct {
	statements *Statements
	tx         *sql.Tx
	read       []string // texts whose rows may still be open
}

// In returns what runs the statements of a unit of work.
func (p *Statements) In(t *sql.Tx) *Writer { return &Writer{statements: p, tx: t} }

func (q *Writer) find(text string) *sql.Stmt {
	if slices.Contains(q.read, text) {
		return nil
	}
	return q.statements.find(text)
}

// ExecContext is that of database/sql.
func (q *Writer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	if quick := q.find(query); quick != nil {
		return q.tx.StmtContext(ctx, quick).ExecContext(ctx, args...)
	}
	return q.tx.ExecContext(ctx, query, args...)
}

// QueryContext is that of database/sql.
func (q *Writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	if quick := q.find(query); quick != nil {
		q.read = append(q.read, query)
		return q.tx.StmtContext(ctx, quick).QueryContext(ctx, args...)
	}
	return q.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is that of database/sql.
func (q *Writer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return q.tx.QueryRowContext(ctx, query, args...) // says so, and runs nothing
	}
	ctx = context.WithoutCancel(ctx)
	if quick := q.find(query); quick != nil {
		return q.tx.StmtContext(ctx, quick).QueryRowContext(ctx, args...)
	}
	return q.tx.QueryRowContext(ctx, query, args...)
}
