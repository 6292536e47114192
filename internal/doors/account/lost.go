package account

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/lostkey"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/keys"
)

// lostView asks what has happened to the key.
type lostView struct {
	Key    govuk.SummaryList
	Action string
	Reason govuk.Radios
	Block  govuk.Button
	Back   string
}

// reportedView says what the report has stopped, and what to do now.
type reportedView struct {
	Panel       govuk.Panel
	KeyName     string
	Sessions    string
	Credentials string
	SignedOut   bool // the session of this very browser was made with the key
	Stolen      bool
	HelpDesk    string
	SignInPath  string
	Back        string
}

// keyPath is the page of a deed that is done to one's own key.
func keyPath(key ids.Key, deed string) string { return Path + "/keys/" + string(key) + "/" + deed }

func lostPath(key ids.Key) string { return keyPath(key, "lost") }

// ownKey is the key in the address, if the viewer holds it. Somebody else's key
// is answered like one that does not exist.
func (p *Pages) ownKey(ctx context.Context, r *http.Request) (keys.Key, error) {
	id, err := ids.Parse[ids.Key](r.PathValue("key"))
	if err != nil {
		return keys.Key{}, keys.NotFound.Because(err)
	}
	key, err := p.deps.Keys.Get(ctx, id)
	if err != nil {
		return keys.Key{}, err
	}
	if key.Holder != web.ViewerOf(r).Person {
		return keys.Key{}, keys.NotFound.New()
	}
	return key, nil
}

func (p *Pages) askLost(w http.ResponseWriter, r *http.Request) error { return p.renderLost(w, r, nil) }

func (p *Pages) renderLost(w http.ResponseWriter, r *http.Request, faults []web.FieldError) error {
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	model, err := p.deps.Models.NameOf(r.Context(), key)
	if err != nil {
		return err
	}
	view := lostView{
		Key:    about(key, model),
		Action: lostPath(key.ID), Back: Path,
		Reason: govuk.Radios{
			Name: "reason", ErrorMessage: web.ErrorFor(faults, "reason"),
			Fieldset: &govuk.Fieldset{Legend: govuk.Legend{Text: "What has happened to the key?", Classes: "govuk-fieldset__legend--m"}},
			Items: []govuk.Choice{
				{Value: string(keys.Lost), Text: "I cannot find it", Hint: govuk.Hint{Text: "It may turn up again. If it does, take it to the service desk."}},
				{Value: string(keys.Stolen), Text: "It was stolen, or somebody else may have it"},
			},
		},
		Block: govuk.Button{Text: "Block this key now", Classes: govuk.Warning, PreventDoubleClick: true},
	}
	page := web.Page{Name: "lost.html", Title: "Report a key lost or stolen", Section: Path, View: view, Errors: faults}
	if len(faults) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// about is the little that tells one key from another.
func about(key keys.Key, model string) govuk.SummaryList {
	return govuk.SummaryList{Rows: []govuk.SummaryRow{
		row("Key", govuk.SummaryValue{Text: keyName(key)}),
		row("Model", govuk.SummaryValue{Text: model}),
		row("Serial number", govuk.SummaryValue{Text: orElse(key.Serial, "Not known")}),
	}}
}

// reportLost blocks the key. The answer is a page and not a redirect: the
// session that would have to follow one may have just ended.
func (p *Pages) reportLost(w http.ResponseWriter, r *http.Request) error {
	reported := p.deps.Now()
	key, err := p.ownKey(r.Context(), r)
	if err != nil {
		return err
	}
	reason, err := keys.ParseReason(r.PostFormValue("reason"))
	if err != nil {
		return p.renderLost(w, r, []web.FieldError{{Field: "reason", Message: "Say whether you cannot find the key or it was stolen"}})
	}
	viewer := web.ViewerOf(r)
	own, err := p.deps.Sessions.Get(r.Context(), viewer.Session)
	if err != nil {
		return err
	}
	outcome, err := p.deps.LostKeys.Report(r.Context(), audit.Person(viewer.Person), key.ID, reason, reported)
	if err != nil {
		return err
	}
	view := reportOf(outcome)
	view.SignedOut, view.HelpDesk = own.Key == key.ID, p.deps.HelpDesk
	return p.templates.Render(w, r, web.Page{Name: "reported.html", Title: "The key is blocked", Section: Path, View: view, SignedOut: view.SignedOut})
}

func reportOf(outcome lostkey.Outcome) reportedView {
	return reportedView{
		Panel:   govuk.Panel{TitleText: "The key is blocked", Text: "It took " + howLong(outcome.Took) + ". Nobody can sign in with it any more."},
		KeyName: keyName(outcome.Key), Stolen: outcome.Key.State == keys.StateStolen,
		Sessions:    count(outcome.SessionsEnded, "No session was open.", "1 session was ended.", " sessions were ended."),
		Credentials: count(outcome.CredentialsSuspended, "Nothing was registered on it.", "1 registration was stopped.", " registrations were stopped."),
		SignInPath:  web.SignInPath, Back: Path,
	}
}

func count(n int, none, one, many string) string {
	switch n {
	case 0:
		return none
	case 1:
		return one
	}
	return govuk.Number(n) + many
}

// howLong is for people: "34 milliseconds".
func howLong(took time.Duration) string {
	if took < time.Millisecond {
		return "less than a millisecond"
	}
	if took < 2*time.Millisecond {
		return "1 millisecond"
	}
	return strconv.FormatInt(took.Milliseconds(), 10) + " milliseconds"
}
