package db

import (
	"context"
	"database/sql"
	"regexp"
	"sync"
)

// mostPrepared bounds how many texts are kept prepared, on each connection. The
// house has a few hundred; lists of many lengths would otherwise fill it.
const mostPrepared = 1000

// prepared keeps statements of SQLite ready, because reading their text costs as
// much as running them. (PostgreSQL's driver does this by itself.) A change of the
// schema does not harm: SQLite reads the text again by itself.
type prepared struct {
	pool *sql.DB

	mu     sync.RWMutex
	ready  map[string]*sql.Stmt // guarded by mu; nil: met in a unit of work, to be prepared after it
	unmade []string             // guarded by mu; those that are nil
}

// statement recognises what does nothing before it is run; a pragma may.
var statement = regexp.MustCompile(`(?i)^\s*(select|insert|update|delete|with)\s`)

func newPrepared(pool *sql.DB) *prepared {
	return &prepared{pool: pool, ready: map[string]*sql.Stmt{}}
}

// find returns the statement of a text, or nil, and remembers the text for the
// next prepareUnmade.
func (p *prepared) find(text string) *sql.Stmt {
	if !statement.MatchString(text) {
		return nil
	}
	p.mu.RLock()
	found, met := p.ready[text]
	full := len(p.ready) >= mostPrepared
	p.mu.RUnlock()
	if met || full {
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

// prepareUnmade prepares what was met and is not ready. The one connection that
// writes is in use by the unit of work that meets a text, so it is called before
// the next. What cannot be prepared is run as text, and says why then.
func (p *prepared) prepareUnmade(ctx context.Context) {
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

// quickReader runs statements of the reading connections prepared.
type quickReader struct{ *prepared }

func (q quickReader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.pool.ExecContext(ctx, query, args...) // is refused: these connections only read
}

func (q quickReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if quick := q.find(query); quick != nil {
		return quick.QueryContext(ctx, args...)
	}
	q.prepareUnmade(ctx)
	return q.pool.QueryContext(ctx, query, args...)
}

func (q quickReader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if quick := q.find(query); quick != nil {
		return quick.QueryRowContext(ctx, args...)
	}
	q.prepareUnmade(ctx)
	return q.pool.QueryRowContext(ctx, query, args...)
}

// quickWriter runs statements of one unit of work prepared. Rows that are read one
// by one are not: the same text may be met again while they are, and a prepared
// statement can only run once at a time on its connection. A statement that has
// begun is not interrupted when the caller goes away, for whom the driver would
// watch with a goroutine for each; the unit of work ends with the caller all the same.
type quickWriter struct {
	*prepared
	tx *sql.Tx
}

func (q quickWriter) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if quick := q.find(query); quick != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ctx = context.WithoutCancel(ctx)
		return q.tx.StmtContext(ctx, quick).ExecContext(ctx, args...)
	}
	return q.tx.ExecContext(ctx, query, args...)
}

func (q quickWriter) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.tx.QueryContext(ctx, query, args...)
}

func (q quickWriter) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if quick := q.find(query); quick != nil && ctx.Err() == nil {
		ctx = context.WithoutCancel(ctx)
		return q.tx.StmtContext(ctx, quick).QueryRowContext(ctx, args...)
	}
	return q.tx.QueryRowContext(ctx, query, args...)
}
