package recoveryweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/warder-project/warder/internal/access/recovery"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
)

func (p *Pages) identity(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	c, err := p.deps.Desk.Check(r.Context(), by(r), which, recovery.Identity{Method: recovery.Method(r.PostFormValue("method")), Note: r.PostFormValue("note")})
	return p.done(w, r, c, err)
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	c, err := p.deps.Desk.Approve(r.Context(), by(r), which)
	return p.done(w, r, c, err)
}

// ending is a deed that ends a case for a reason.
func (p *Pages) ending(deed func(ctx context.Context, by recovery.By, id ids.Recovery, reason string) (recovery.Case, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		which, err := id(r)
		if err != nil {
			return err
		}
		c, err := deed(r.Context(), by(r), which, r.PostFormValue("reason"))
		return p.done(w, r, c, err)
	}
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	c, err := p.deps.Desk.Stop(r.Context(), by(r), which)
	return p.done(w, r, c, err)
}

// issuedView tells a pass, once.
type issuedView struct {
	Name     string
	UserName string
	Code     string
	Until    string
	PassPath string
	Back     govuk.BackLink
}

// issue tells the pass in the answer itself: it is kept nowhere, so there is no
// page to come back to for it.
func (p *Pages) issue(w http.ResponseWriter, r *http.Request) error {
	which, err := id(r)
	if err != nil {
		return err
	}
	minutes, err := strconv.Atoi(r.PostFormValue("minutes"))
	if err != nil || minutes <= 0 || minutes > 24*60 {
		return p.again(w, r, recovery.Incomplete.New().At(problem.Field{Name: "minutes", Message: "Choose how long the pass works"}))
	}
	pass, c, err := p.deps.Desk.IssueFor(r.Context(), by(r), which, recovery.Wanted{Life: time.Duration(minutes) * time.Minute})
	if err != nil {
		return p.again(w, r, err)
	}
	person, err := p.deps.People.Get(r.Context(), c.Person)
	if err != nil {
		return err
	}
	return p.templates.Render(w, r, web.Page{Name: "issued.html", Title: "Pass for " + person.Name, Section: ListPath, View: issuedView{
		Name: person.Name, UserName: person.UserName, Code: pass.Code.Reveal(), Until: govuk.DateTime(pass.ExpiresAt), PassPath: p.deps.PassPath,
		Back: govuk.BackLink{Text: "Back to the case", Href: pathOf(c.ID)},
	}})
}
