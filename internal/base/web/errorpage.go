package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// errorView is what error.html prints.
type errorView struct {
	Heading  string
	Detail   string
	Fields   []string
	Next     string
	Incident string
	Link     string // where to go next; empty for the start page
	LinkText string
}

// failPage shows a problem as a page. Should even that fail, plain text is left.
func (s *Site) failPage(w http.ResponseWriter, r *http.Request, found *problem.Error) {
	view := errorView{
		Heading:  strings.TrimSuffix(found.Sentence, "."),
		Detail:   found.Detail,
		Next:     found.Next,
		Incident: visitOf(r.Context()).incident,
		Link:     s.linkFor(r, found),
	}
	for _, field := range found.Fields {
		view.Fields = append(view.Fields, field.String())
	}
	switch {
	case found.Code == WrongAddress.Code:
		view.LinkText = "Go to " + view.Link
	case view.Link != "":
		view.LinkText = "Sign in"
	default:
		view.Link, view.LinkText = "/", "Go to the start page"
	}
	status := statusOf(found)
	page := Page{Name: "error.html", Status: status, Title: found.Sentence, View: view}
	if err := s.ownPages.Render(w, r, page); err != nil {
		s.deps.Log.LogAttrs(r.Context(), slog.LevelError, "error page", slog.Any("error", err))
		if !started(w) {
			http.Error(w, fmt.Sprintf("%s %s %s", found.Sentence, found.Next, view.Incident), status)
		}
	}
}

// failAddress answers a request that came to another address than ours, before
// anything else is looked at: a key would not work there.
func (s *Site) failAddress(w http.ResponseWriter, r *http.Request) {
	s.deps.Log.LogAttrs(r.Context(), slog.LevelWarn, "wrong address",
		slog.String("host", r.Host), slog.String("scheme", s.schemeOf(r)),
		slog.String("expected", s.origin()), slog.Bool("from_proxy", s.fromProxy(r)))
	s.fail(w, r, WrongAddress.Detailf("Security keys work only at the address they were registered for."))
}
