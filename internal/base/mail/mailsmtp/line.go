package mailsmtp

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// line is the connection under a conversation. The library leaves it open where the
// conversation does not come about, so we keep hold of it.
type line struct {
	server Server

	mu   sync.Mutex
	conn net.Conn // guarded by mu
	over bool     // guarded by mu
}

func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, l.server.address())
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.conn = conn
	over := l.over
	l.mu.Unlock()
	if over {
		l.hangUp()
		return nil, context.Canceled
	}
	if l.server.Encryption != Implicit {
		return conn, nil
	}
	encrypted := tls.Client(conn, l.server.tls())
	return encrypted, encrypted.HandshakeContext(ctx)
}

// hangUp ends the connection; who waits on it is told.
func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	if l.conn != nil {
		_ = l.conn.Close() // it may have been closed already
	}
}
