// Package aside is what only a demo has besides the site: the key that answers from
// the server, the mail that a real server would send, and the clock that can be moved.
package aside

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/app/demo/clock"
	"github.com/warder-project/warder/internal/app/demo/keyring"
	"github.com/warder-project/warder/internal/base/mail"
	"github.com/warder-project/warder/internal/base/problem"
)

// Pages are the demo's own.
type Pages struct {
	Keys       http.Handler // see keyring
	Mail       *mail.Outbox
	Clock      *clock.Clock
	Stylesheet func() string // path; known once the site is built
	Log        *slog.Logger
}

// Add puts them beside the site.
func (d *Pages) Add(mux *http.ServeMux) {
	mux.Handle("POST "+keyring.Path, d.Keys)
	mux.HandleFunc("GET /demo/mail", d.showMail)
	sameSite := http.NewCrossOriginProtection()
	mux.HandleFunc("GET /demo/clock", d.showClock)
	mux.Handle("POST /demo/clock", sameSite.Handler(http.HandlerFunc(d.moveClock)))
}

// The frame of the demo's own pages. They stand outside the site, which knows
// nothing of them.
const (
	pageHead = `<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} – Warder demo</title>
<link rel="stylesheet" href="{{.Stylesheet}}"></head>
<body class="govuk-template__body">
<div class="govuk-width-container"><main class="govuk-main-wrapper" id="main-content">
<h1 class="govuk-heading-l">{{.Title}}</h1>
`
	pageFoot = `
<p class="govuk-body"><a class="govuk-link" href="/">Back to the staff portal</a></p>
</main></div></body></html>
`
)

var mailPage = template.Must(template.New("mail").Parse(pageHead + `<p class="govuk-body">In this demo nothing leaves the machine. This is what people would have received.</p>
{{range .Messages}}
<h2 class="govuk-heading-m">{{.Subject}}</h2>
<p class="govuk-body-s">To {{.To}}, {{.CreatedAt.Format "2 January 2006 at 15:04"}}</p>
<p class="govuk-body warder-preserved">{{.Text}}</p>
{{else}}<p class="govuk-body">No mail yet. Report a key lost, and come back.</p>{{end}}` + pageFoot))

type mailView struct {
	Title, Stylesheet string
	Messages          []mail.Message
}

var clockPage = template.Must(template.New("clock").Parse(pageHead + `<p class="govuk-body">In this demo it is <strong>{{.Now.Format "Monday 2 January 2006, 15:04"}}</strong> (UTC){{if .Moved}}, {{.Moved}} ahead of this machine{{end}}.</p>
<p class="govuk-body">Move it forward to see what ends by itself: sessions, passes, waiting times, exceptions. It does not go back; <code>warder demo --reset</code> begins afresh.
Everybody who is signed in may be signed out by it.</p>
<form method="post" action="/demo/clock"><div class="govuk-button-group">
{{range .Steps}}<button class="govuk-button govuk-button--secondary" type="submit" name="forward" value="{{.Value}}">Forward {{.Words}}</button>
{{end}}</div></form>` + pageFoot))

type clockView struct {
	Title, Stylesheet string
	Now               time.Time
	Moved             string // "" when it was not
	Steps             []clockStep
}

type clockStep struct{ Value, Words string }

var clockSteps = []clockStep{{"10m", "10 minutes"}, {"1h", "1 hour"}, {"4h", "4 hours"}, {"24h", "1 day"}, {"168h", "1 week"}, {"720h", "30 days"}}

func (d *Pages) showClock(w http.ResponseWriter, _ *http.Request) {
	view := clockView{Title: "The demo’s clock", Stylesheet: d.Stylesheet(), Now: d.Clock.Now().UTC(), Steps: clockSteps}
	if moved := d.Clock.Moved(); moved > 0 {
		view.Moved = clock.InWords(moved)
	}
	d.answer(w, clockPage, view)
}

// moveClock takes one of the steps of the page.
func (d *Pages) moveClock(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1024)
	asked := r.PostFormValue("forward")
	if !slices.ContainsFunc(clockSteps, func(step clockStep) bool { return step.Value == asked }) {
		http.Error(w, "Choose one of the steps on the page.", http.StatusBadRequest)
		return
	}
	by, err := time.ParseDuration(asked)
	if err == nil {
		err = d.Clock.Forward(by)
	}
	var found *problem.Error
	switch {
	case errors.As(err, &found):
		http.Error(w, found.Sentence+" "+found.Next, http.StatusBadRequest)
	case err != nil:
		d.Log.Error("move the clock", "error", err)
		http.Error(w, "The clock cannot be moved just now. Try again.", http.StatusServiceUnavailable)
	default:
		http.Redirect(w, r, "/demo/clock", http.StatusSeeOther)
	}
}

func (d *Pages) showMail(w http.ResponseWriter, r *http.Request) {
	messages, err := d.Mail.List(r.Context(), "", 50)
	if err != nil {
		d.Log.Error("list mail", "error", err)
		http.Error(w, "The mail cannot be read just now. Try again.", http.StatusServiceUnavailable)
		return
	}
	d.answer(w, mailPage, mailView{"Mail sent", d.Stylesheet(), messages})
}

func (d *Pages) answer(w http.ResponseWriter, page *template.Template, view any) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	if err := page.Execute(w, view); err != nil {
		d.Log.Debug("a page of the demo was not sent", "error", err)
	}
}
