package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/web/pace"
)

// Paths that the frame itself refers to; the pages behind them belong to rooms.
const (
	SignInPath  = "/signin"  // access/signin: GET, with next=, step= and way=
	AnyWay      = "any"      // as way=: the sign-in may be one that could be phished
	SignOutPath = "/signout" // POST; the button is shown only when the route exists
)

// Assets are the built style sheets and scripts.
type Assets interface {
	http.Handler             // serves /assets/…
	Path(name string) string // the address of "app.css" with its content hash
}

// NavItem is an item of the navigation or footer, shown to those who may use it.
type NavItem struct {
	Label, Path string
	Permission  Permission
}

// Deps is what the site needs. BaseURL, Gatekeeper, Assets, Log and Now are required.
type Deps struct {
	BaseURL    *url.URL // scheme and host people reach us at, without a path
	Gatekeeper Gatekeeper
	Assets     Assets
	Log        *slog.Logger
	Now        func() time.Time
	Product    string // shown in the header and titles; "Warder" when empty
	Demo       bool   // shows the banner of a throw-away department
	Navigation []NavItem
	Footer     []NavItem
	// Notice is what everybody who may know must see on every page, and where it is
	// about. May be nil; an empty label is nothing.
	Notice  func(ctx context.Context, viewer Viewer) (Link, error)
	Proxies []netip.Prefix // peers whose X-Forwarded-Proto and X-Forwarded-For are believed; none by default
}

// Site is the route table and what surrounds every page.
type Site struct {
	deps       Deps
	mux        *http.ServeMux
	routes     []Route
	crossSite  *http.CrossOriginProtection
	ownPages   *Templates
	hasSignOut bool
	paces      pace.Keeper
}

// New returns a site without routes.
func New(deps Deps) (*Site, error) {
	if err := deps.check(); err != nil {
		return nil, fmt.Errorf("make the site: %w", err)
	}
	if deps.Product == "" {
		deps.Product = "Warder"
	}
	own, err := Parse(ownFiles)
	if err != nil {
		return nil, fmt.Errorf("make the site: %w", err)
	}
	site := &Site{
		deps:      deps,
		mux:       http.NewServeMux(),
		crossSite: http.NewCrossOriginProtection(),
		ownPages:  own,
	}
	// Behind a proxy that ends TLS the browser's Origin is still the base address.
	if err := site.crossSite.AddTrustedOrigin(site.origin()); err != nil {
		return nil, fmt.Errorf("make the site: %w", err)
	}
	return site, site.Add(site.assetsRoute())
}

func (d Deps) check() error {
	switch {
	case d.BaseURL == nil || d.BaseURL.Host == "":
		return errors.New("the base address is missing")
	case d.BaseURL.Scheme != "https" && d.BaseURL.Scheme != "http":
		return fmt.Errorf("the base address has the scheme %q; it must be https (or http for a try-out)", d.BaseURL.Scheme)
	case strings.Trim(d.BaseURL.Path, "/") != "" || d.BaseURL.RawQuery != "" || d.BaseURL.User != nil:
		return errors.New("the base address must be a scheme and a host, and nothing else")
	case d.Gatekeeper == nil:
		return errors.New("there is no gatekeeper")
	case d.Assets == nil:
		return errors.New("there are no assets")
	case d.Log == nil || d.Now == nil:
		return errors.New("the logger or the clock is missing")
	}
	return nil
}

// Add puts routes into the table. It refuses a route that does not say who may
// use it and one that clashes with another.
func (s *Site) Add(routes ...Route) error {
	for _, route := range routes {
		if err := route.check(); err != nil {
			return err
		}
		if err := s.register(&route); err != nil {
			return err
		}
		s.routes = append(s.routes, route)
		s.hasSignOut = s.hasSignOut || route.String() == http.MethodPost+" "+SignOutPath
	}
	return nil
}

// register turns ServeMux's panic about a bad or clashing pattern into an error.
func (s *Site) register(route *Route) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("route %q: %v", route, reason)
		}
	}()
	s.mux.Handle(route.String(), s.serveRoute(route))
	return nil
}

// Routes returns the route table, sorted by path and method.
func (s *Site) Routes() []Route {
	sorted := slices.Clone(s.routes)
	slices.SortFunc(sorted, func(a, b Route) int {
		if order := strings.Compare(a.Path, b.Path); order != 0 {
			return order
		}
		return strings.Compare(a.Method, b.Method)
	})
	return sorted
}

// origin is the base address as a browser writes an origin: no default port.
func (s *Site) origin() string { return s.deps.BaseURL.Scheme + "://" + ownHost(s.deps.BaseURL) }
