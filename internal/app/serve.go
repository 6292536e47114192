package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/warder-project/warder/internal/access/invitations"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/assets"
	"github.com/warder-project/warder/internal/doors/gateway"
	"github.com/warder-project/warder/internal/registry/audit"
)

// FirstAdministrator is the sign-in name that the first one-time link is for.
const FirstAdministrator = "admin"

// Serve answers requests until ctx ends. What an operator must see at once (the
// addresses, and the first administrator's one-time link) goes to terminal; operator is who
// started the server, for the audit record.
func Serve(ctx context.Context, s Settings, operator audit.Actor, terminal io.Writer) error {
	s.Serve = true
	a, err := Open(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	server, err := a.NewServer(ctx, ServerOptions{})
	if err != nil {
		return err
	}
	if err := server.Listen(); err != nil {
		return err
	}
	if err := a.announce(ctx, server, operator, terminal); err != nil {
		server.Close()
		return err
	}
	return server.Run(ctx)
}

// announce prints where Warder is, and how the first administrator gets in.
func (a *App) announce(ctx context.Context, server *Server, operator audit.Actor, terminal io.Writer) error {
	fmt.Fprintf(terminal, "Warder is at %s (listening on %s)\n", a.Config.PublicURL, server.PortalAddress())
	token, err := a.Invitations.FirstAdministrator(ctx, operator, FirstAdministrator)
	if problem.Is(err, invitations.AdministratorExists) {
		return nil
	}
	if problem.Is(err, invitations.NotForThem) {
		// What is behind Warder must not stay shut for want of an administrator.
		fmt.Fprintf(terminal, "\nThere is no administrator who can sign in, and %q can no longer be the first. Choose somebody on this machine:\n\n"+
			"  warder person role NAME administrator\n  warder person invite NAME\n\n", FirstAdministrator)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal, "\nThere is no administrator who can sign in yet. Open this address once, within 24 hours, to register your key as %q:\n\n  %s\n\n",
		FirstAdministrator, a.enrolAddress(token.Reveal()))
	return nil
}

// ServerOptions are what the demo does differently from a real server.
type ServerOptions struct {
	Demo       bool
	DemoKeyURL string
	Extra      func(mux *http.ServeMux) // further paths on the portal's listener
}

// Server is Warder's listeners and everything that runs beside them.
type Server struct {
	app      *App
	gate     *gateway.Gateway
	listens  []listening
	opened   []net.Listener
	loopsRun []func(ctx context.Context) error
	assets   *assets.Bundle
}

// Stylesheet is the path of the portal's stylesheet.
func (s *Server) Stylesheet() string { return s.assets.Path("app.css") }

const gatewayName = "gateway"

type listening struct {
	name, address string
	server        *http.Server
	tls           bool
}

// NewServer makes the pages and the gateway, fills the live view, and is ready
// to listen.
func (a *App) NewServer(ctx context.Context, options ServerOptions) (*Server, error) {
	if err := a.Keyset.Ensure(ctx); err != nil {
		return nil, err
	}
	bundle, err := assets.Load()
	if err != nil {
		return nil, err
	}
	gate := a.newGateway(bundle)
	if err := a.goLive(ctx, gate); err != nil {
		return nil, err
	}
	site, err := a.newSite(bundle, options)
	if err != nil {
		return nil, err
	}
	portal := http.NewServeMux()
	portal.HandleFunc("GET /.well-known/warder/jwks.json", a.publishKeys)
	if options.Extra != nil {
		options.Extra(portal)
	}
	portal.Handle("/", site.Handler())
	s := &Server{app: a, gate: gate, loopsRun: a.loops(gate), assets: bundle}
	s.add("portal", a.Config.Listen, hotPath{portal: portal, authz: gate.Authz()})
	if a.Config.GatewayListen != "" {
		s.add(gatewayName, a.Config.GatewayListen, gate)
	}
	if a.Config.OperatorListen != "" {
		s.add("operator", a.Config.OperatorListen, a.operatorPages())
	}
	return s, nil
}

// hotPath lets the questions of proxies past everything else.
type hotPath struct{ portal, authz http.Handler }

func (h hotPath) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/authz/") {
		h.authz.ServeHTTP(w, r)
		return
	}
	h.portal.ServeHTTP(w, r)
}

// How long a request to the portal, and its answer, may take: an export of 100 MB over
// a slow line. What sends a byte now and then holds a connection no longer.
const (
	longestRequest = 5 * time.Minute
	longestAnswer  = 10 * time.Minute
)

func (s *Server) add(name, address string, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		ErrorLog:  slog.NewLogLogger(s.app.Log.Handler(), slog.LevelWarn),
	}
	if name != gatewayName { // what applications stream has no end
		server.ReadTimeout, server.WriteTimeout = longestRequest, longestAnswer
	}
	s.listens = append(s.listens, listening{name: name, address: address, tls: s.app.Config.TLSCertificate != "" && name != "operator", server: server})
}

// Listen opens all sockets, so that an address in use is known before anything
// is announced.
func (s *Server) Listen() error {
	for _, l := range s.listens {
		socket, err := net.Listen("tcp", l.address)
		if err != nil {
			s.Close()
			taken := addressInUse.Because(err)
			taken.Detail = fmt.Sprintf("It is %s, for the %s.", l.address, l.name)
			return taken
		}
		s.opened = append(s.opened, socket)
	}
	return nil
}

var addressInUse = problem.Define(problem.Unavailable, "serve.cannot_listen",
	"Warder cannot listen on one of its addresses.",
	"Stop the other program that uses it, or give another address in warder.yaml.")

// PortalAddress is where the portal really listens.
func (s *Server) PortalAddress() string { return s.opened[0].Addr().String() }

// Close closes sockets that Run has not taken over.
func (s *Server) Close() {
	for _, socket := range s.opened {
		_ = socket.Close() // nothing was ever accepted on it
	}
	s.opened = nil
}

// Run answers until ctx ends, then lets requests that are under way finish.
func (s *Server) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var background sync.WaitGroup
	for _, loop := range s.loopsRun {
		background.Go(func() {
			if err := loop(ctx); err != nil && ctx.Err() == nil {
				stop(err)
			}
		})
	}
	var serving sync.WaitGroup
	for i, l := range s.listens {
		serving.Go(func() {
			err := s.accept(l, s.opened[i])
			if !errors.Is(err, http.ErrServerClosed) {
				stop(fmt.Errorf("serve the %s: %w", l.name, err))
			}
		})
	}
	<-ctx.Done()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for _, l := range s.listens {
		if err := l.server.Shutdown(closing); err != nil {
			_ = l.server.Close() // what has not finished by now is cut
		}
	}
	serving.Wait()
	background.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func (s *Server) accept(l listening, socket net.Listener) error {
	if l.tls {
		return l.server.ServeTLS(socket, s.app.Config.TLSCertificate, s.app.Config.TLSKey)
	}
	return l.server.Serve(socket)
}

// publishKeys serves the JWK Set with which applications check what they are told.
func (a *App) publishKeys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := json.NewEncoder(w).Encode(a.Keyset.Public()); err != nil {
		a.Log.Debug("key set not sent", "error", err)
	}
}

// operatorPages is /health: 200 unless something is failing, with every
// condition and what to do about it.
func (a *App) operatorPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if a.Health.Worst() == health.Failing {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		err := json.NewEncoder(w).Encode(map[string]any{
			"status": a.Health.Worst().String(), "conditions": a.Health.List(), "sessions": a.View.Count(), "decisions": a.Decisions.Counts()})
		if err != nil {
			a.Log.Debug("health not sent", "error", err)
		}
	})
	return mux
}
