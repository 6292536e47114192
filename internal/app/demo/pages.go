package demo

import (
	"html/template"
	"net/http"

	"github.com/warder-project/warder/internal/base/mail"
)

// pages are what only a demo has: the key that answers from the server, and the
// mail that a real server would send.
func (d *Demo) pages(mux *http.ServeMux) {
	mux.Handle("POST "+keyPath, d.keys)
	mux.HandleFunc("GET /demo/mail", d.mail)
}

var mailPage = template.Must(template.New("mail").Parse(`<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail sent – Warder demo</title>
<link rel="stylesheet" href="{{.Stylesheet}}"></head>
<body class="govuk-template__body">
<div class="govuk-width-container"><main class="govuk-main-wrapper" id="main-content">
<h1 class="govuk-heading-l">Mail sent</h1>
<p class="govuk-body">In this demo nothing leaves the machine. This is what people would have received.</p>
{{range .Messages}}
<h2 class="govuk-heading-m">{{.Subject}}</h2>
<p class="govuk-body-s">To {{.To}}, {{.CreatedAt.Format "2 January 2006 at 15:04"}}</p>
<p class="govuk-body warder-preserved">{{.Text}}</p>
{{else}}<p class="govuk-body">No mail yet. Report a key lost, and come back.</p>{{end}}
<p class="govuk-body"><a class="govuk-link" href="/">Back to the staff portal</a></p>
</main></div></body></html>
`))

type mailView struct {
	Stylesheet string
	Messages   []mail.Message
}

func (d *Demo) mail(w http.ResponseWriter, r *http.Request) {
	messages, err := d.App.Mail.List(r.Context(), "", 50)
	if err != nil {
		d.App.Log.Error("list mail", "error", err)
		http.Error(w, "The mail cannot be read just now. Try again.", http.StatusServiceUnavailable)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	err = mailPage.Execute(w, mailView{d.server.Stylesheet(), messages})
	if err != nil {
		d.App.Log.Debug("mail page not sent", "error", err)
	}
}
