// Package payroll is the demo's old application: a payroll of the kind that
// every department still has. It knows nothing of keys, sessions or tokens. It
// believes the Remote-User header, as its makers were told to do long ago, and
// that is why it may be reached through the gateway only.
package payroll

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var page = template.Must(template.New("payroll").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Payroll 2004 – Department for Examples</title></head>
<body>
<main>
<h1>Payroll 2004</h1>
<p>Signed on as: <strong id="user">{{.User}}</strong> ({{.Name}})</p>
<table>
<caption>Your last payslip</caption>
<tbody>
<tr><th scope="row">Month</th><td>{{.Month}}</td></tr>
<tr><th scope="row">Gross pay</th><td>£{{.Gross}}</td></tr>
<tr><th scope="row">Tax</th><td>£{{.Tax}}</td></tr>
<tr><th scope="row">Net pay</th><td>£{{.Net}}</td></tr>
</tbody>
</table>
<h2>For the payroll office</h2>
<ul>
<li><a href="/payroll/export?months=1">Export this month</a></li>
<li><a href="/payroll/export?months=12">Export the whole year</a></li>
</ul>
<form method="post" action="/payroll/bank">
<p><label for="account">Pay into account</label> <input id="account" name="account" autocomplete="off" value="12345678"> <button>Change</button></p>
</form>
<p><a href="{{.Portal}}/me">Back to the staff portal</a></p>
</main>
</body></html>
`))

type payslipView struct {
	User, Name, Portal, Month string
	Gross, Tax, Net           int // pounds
}

// Handler serves the old application. portal is where its one link leads.
func Handler(portal string, now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /payroll", func(w http.ResponseWriter, r *http.Request) { payslip(w, r, portal, now()) })
	mux.HandleFunc("GET /payroll/api/payslip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "{\"user\":%q,\"gross\":%d}\n", r.Header.Get("Remote-User"), gross(r.Header.Get("Remote-User")))
	})
	mux.HandleFunc("GET /payroll/export", export)
	mux.HandleFunc("POST /payroll/bank", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "OK %s IS NOW PAID INTO %.20q\n", r.Header.Get("Remote-User"), r.FormValue("account"))
	})
	return mux
}

// staff is how many people the payroll pays.
const staff = 800

// export writes what everybody was paid, a row for each person and month. Like its
// kind, it gives that to whoever is signed on.
func export(w http.ResponseWriter, r *http.Request) {
	months, err := strconv.Atoi(r.FormValue("months"))
	if err != nil || months < 1 || months > 24 {
		http.Error(w, "ERR-0012 MONTHS 1-24", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8") // so that a browser shows it
	fmt.Fprintln(w, "employee,month,gross")
	for employee := range staff {
		number := fmt.Sprintf("E%05d", 10000+employee)
		for month := range months {
			fmt.Fprintf(w, "%s,%d,%d\n", number, month+1, gross(number))
		}
	}
}

func payslip(w http.ResponseWriter, r *http.Request, portal string, now time.Time) {
	user := r.Header.Get("Remote-User")
	if user == "" {
		// What such an application does when nobody is named: it breaks.
		http.Error(w, "ERR-0041 NO USER", http.StatusInternalServerError)
		return
	}
	pay := gross(user)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := page.Execute(w, payslipView{
		User: user, Name: r.Header.Get("Remote-Name"), Portal: strings.TrimSuffix(portal, "/"),
		Month: now.AddDate(0, -1, 0).Format("January 2006"), Gross: pay, Tax: pay / 5, Net: pay - pay/5,
	})
	if err != nil {
		http.Error(w, "ERR-0007", http.StatusInternalServerError)
	}
}

// gross makes up a salary that stays the same for a person.
func gross(user string) int {
	sum := fnv.New32a()
	sum.Write([]byte(user))
	return 2100 + int(sum.Sum32()%2400)
}
