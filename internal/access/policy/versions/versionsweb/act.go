package versionsweb

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/access/policy/versions"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

// The last word of the address, for each change of state.
const (
	reportOnly = "report-only"
	draft      = "draft"
	enforce    = "enforce"
	retire     = "retire"
)

// actView says what a change of state would do.
type actView struct {
	Heading  string
	Back     govuk.BackLink
	Meaning  string
	Compared string
	Changes  *govuk.Table
	Tested   *govuk.Table
	Secrets  []string
	Action   string
	Revision string // of the version as it is shown here
	Over     string // the number of the version that it is compared with here
	Do       govuk.Button
}

// deed is what one of the words does.
type deed struct {
	heading, meaning, button string
	classes                  string
}

func deeds() map[string]deed {
	return map[string]deed{
		reportOnly: {"Try it in report-only", "It will be asked about each decision after that was made. It decides nothing and slows nothing. What it would have said is counted, by service and department, and shown with each decision. Three versions can be in report-only at once.", "Begin report-only", ""},
		draft:      {"Take it back to draft", "It is no longer asked, and can be edited again. What it has shown so far is not counted when it is tried again.", "Back to draft", ""},
		enforce:    {"Put it in force", "From the next request on, everything is decided by it, on every server. The version in force now is retired. To go back, save its text under a new version.", "Put it in force now", govuk.Warning},
		retire:     {"Retire it", "It is put away for good. Its text stays for the record, and can be saved again under a new version.", "Retire it now", govuk.Warning},
	}
}

func (p *Pages) askAct(w http.ResponseWriter, r *http.Request) error {
	return p.renderAct(w, r, nil, 0)
}

func (p *Pages) renderAct(w http.ResponseWriter, r *http.Request, faults []web.FieldError, status int) error {
	act := r.PathValue("act")
	what, known := deeds()[act]
	if !known {
		return web.NotFound.New()
	}
	version, err := p.versionOf(r)
	if err != nil {
		return err
	}
	view := actView{Heading: what.heading + ": " + version.Version, Meaning: what.meaning, Back: govuk.BackLink{Text: "Back", Href: Path(version.Number)},
		Action: Path(version.Number) + "/" + act, Revision: strconv.FormatInt(version.Revision, 10), Over: strconv.Itoa(versions.NoneInForce),
		Do: govuk.Button{Text: what.button, Classes: what.classes, PreventDoubleClick: true}}
	if act == enforce || act == reportOnly {
		if view.Compared, view.Changes, err = p.compared(r.Context(), version); err != nil {
			return err
		}
		results, err := version.Tested(p.deps.Now())
		if err != nil {
			return err
		}
		view.Tested = testTable(results)
	}
	if act == enforce {
		if err := p.beforeEnforcing(r, version, &view); err != nil {
			return err
		}
	}
	return p.templates.Render(w, r, web.Page{Name: "act.html", Title: view.Heading, Section: section, View: view, Errors: faults, Status: status})
}

// beforeEnforcing adds what has to be seen and said before a version is put in force.
func (p *Pages) beforeEnforcing(r *http.Request, version versions.Version, view *actView) error {
	current, _, err := p.deps.Policies.Current(r.Context())
	if err == nil {
		view.Over = strconv.FormatInt(current.Number, 10)
	} else if !problem.Is(err, versions.NonePublished) {
		return err
	}
	view.Secrets, err = p.deps.Preview(r.Context(), version.Name, []byte(version.Text))
	return err
}

func (p *Pages) doAct(w http.ResponseWriter, r *http.Request) error {
	version, err := p.versionOf(r)
	if err != nil {
		return err
	}
	revision, over := seen(r, "revision"), seen(r, "over")
	switch act := r.PathValue("act"); act {
	case reportOnly:
		_, err = p.deps.Policies.ReportOnly(r.Context(), actor(r), version.Number, revision)
	case draft:
		_, err = p.deps.Policies.Withdraw(r.Context(), actor(r), version.Number, revision)
	case retire:
		_, err = p.deps.Policies.Retire(r.Context(), actor(r), version.Number, revision)
	case enforce:
		// What holds for everybody is not changed by a browser that was left open.
		viewer := web.ViewerOf(r)
		if err = p.deps.Fresh(r.Context(), viewer.Person, viewer.Session); err != nil {
			return err
		}
		_, err = p.deps.Policies.Enforce(r.Context(), actor(r), version.Number, versions.EnforceOptions{Revision: revision, Over: over})
	default:
		return web.NotFound.New()
	}
	if cause, ok := problem.Of(err); ok && (cause.Kind == problem.Conflict || cause.Kind == problem.Invalid) {
		return p.renderAct(w, r, refusals(cause), http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(version.Number)+"?done="+r.PathValue("act"))
}

// seen is a number that the page carried. One that cannot be read is nobody's, and
// whatever it stands for is refused as changed meanwhile.
func seen(r *http.Request, name string) int64 {
	number, err := strconv.ParseInt(r.PostFormValue(name), 10, 64)
	if err != nil || number == 0 {
		return -2
	}
	return number
}

// refusals is why something was not done, with what to do.
func refusals(cause *problem.Error) []web.FieldError {
	faults := []web.FieldError{{Message: strings.Join(strings.Fields(cause.Sentence+" "+cause.Detail+" "+cause.Next), " ")}}
	for _, one := range cause.Fields {
		faults = append(faults, web.FieldError{Message: placed(one)})
	}
	return faults
}
