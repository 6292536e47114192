package breakglassweb

import (
	"net/http"

	"github.com/warder-project/warder/internal/access/breakglass"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// useView is one use.
type useView struct {
	Heading string
	About   govuk.SummaryList
	End     string // where it is ended; "" when it is not open, or the viewer may not
	EndDo   govuk.Button
	Review  string // where the review is recorded; "" when there is nothing to review, or the viewer may not
	Found   govuk.Textarea
	Save    govuk.Button
	WhyNot  string // why the viewer may not review it
	Back    govuk.BackLink
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error { return p.renderUse(w, r, nil) }

func (p *Pages) renderUse(w http.ResponseWriter, r *http.Request, wrong error) error {
	id, err := useOf(r)
	if err != nil {
		return err
	}
	use, err := p.deps.Desk.Get(r.Context(), id)
	if err != nil {
		return err
	}
	view := useView{Heading: purposeName(use.Purpose) + " of " + govuk.DateTime(use.BegunAt), Back: back()}
	if view.About, err = p.about(r, use); err != nil {
		return err
	}
	if use.State == breakglass.Open && mayWrite(r) {
		view.End, view.EndDo = pathOf(id), govuk.Button{Text: "End it now", Classes: govuk.Warning, PreventDoubleClick: true, Name: fieldDeed, Value: deedEnd}
	}
	if err := p.offerReview(r, use, &view, wrong); err != nil {
		return err
	}
	page := web.Page{Name: "use.html", Title: view.Heading, Section: AdminPath, View: view, Errors: web.Complaints(wrong)}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.templates.Render(w, r, page)
}

// about is all that is known of a use.
func (p *Pages) about(r *http.Request, use breakglass.Use) (govuk.SummaryList, error) {
	list := govuk.SummaryList{Rows: []govuk.SummaryRow{row("State", stateName(use)), row("Reason", use.Reason)}}
	add := func(name, value string) { list.Rows = append(list.Rows, row(name, value)) }
	if use.Purpose == breakglass.Recovery {
		name, err := p.name(r, use.First)
		if err != nil {
			return list, err
		}
		add("Made on the host by", use.First.Holder)
		add("For", name)
	} else {
		for _, one := range []struct {
			name  string
			touch breakglass.Touch
		}{{"First key", use.First}, {"Second key", use.Second}} {
			if one.touch.Person == "" {
				add(one.name, "Not touched")
				continue
			}
			name, err := p.name(r, one.touch)
			if err != nil {
				return list, err
			}
			add(one.name, name+", held by "+one.touch.Holder)
		}
	}
	if !use.OpenedAt.IsZero() && use.Purpose == breakglass.Emergency {
		add("Opened", govuk.DateTime(use.OpenedAt))
		add("Open at most until", govuk.DateTime(use.Until))
	}
	if use.Ending != "" && !use.EndedAt.IsZero() {
		add("Ended", govuk.DateTime(use.EndedAt)+", "+endingName(use.Ending))
	}
	if use.State == breakglass.Reviewed {
		reviewer, err := p.deps.People.Get(r.Context(), use.Reviewer)
		if err != nil {
			return list, err
		}
		add("Reviewed", govuk.DateTime(use.ReviewedAt)+", by "+reviewer.Name)
		add("Found", use.Found)
	}
	return list, nil
}

// name is what the identity of a touch is called.
func (p *Pages) name(r *http.Request, touch breakglass.Touch) (string, error) {
	person, err := p.deps.People.Get(r.Context(), touch.Person)
	if problem.Is(err, people.NotFound) {
		return string(touch.Person), nil
	}
	return person.Name, err
}

func (p *Pages) offerReview(r *http.Request, use breakglass.Use, view *useView, wrong error) error {
	if use.State != breakglass.Closed || !mayWrite(r) {
		return nil
	}
	_, err := p.deps.Desk.MayReview(r.Context(), web.ViewerOf(r).Person, use.ID)
	if known, refused := problem.Of(err); refused {
		view.WhyNot = known.Sentence + " " + known.Next
		return nil
	}
	view.Review, view.Save = pathOf(use.ID), govuk.Button{Text: "Record the review", PreventDoubleClick: true}
	view.Found = govuk.Textarea{Name: "found", Label: govuk.Label{Text: "What was done, and was it right?", Classes: "govuk-label--m"},
		Hint:  govuk.Hint{Text: "First read what stands in the audit record for that hour (warder audit export). Say what has to be undone."},
		Value: r.PostFormValue("found"), ErrorMessage: web.ErrorFor(web.Complaints(wrong), "found"), Attributes: govuk.Attributes{"maxlength": "4000"}}
	return err
}

func endingName(ending breakglass.Ending) string {
	switch ending {
	case breakglass.TimeUp:
		return "when its hour was over"
	case breakglass.SignedOut:
		return "by signing out, or because it was not used"
	case breakglass.EndedByAdmin:
		return "by an administrator"
	case breakglass.Superseded:
		return "because two people opened Warder anew"
	case breakglass.Recovered:
		return "as soon as the link was made"
	}
	return "for a reason that is not known"
}

// What the form of a use asks for.
const (
	fieldDeed = "deed"
	deedEnd   = "end"
)

// change ends a use, or records its review: the page shows one form or the other.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	id, err := useOf(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	if r.PostForm.Get(fieldDeed) == deedEnd {
		if err := p.deps.Desk.End(r.Context(), actor(r), id); err != nil {
			return err
		}
		return web.SeeOther(w, r, AdminPath+"?done=ended")
	}
	err = p.deps.Desk.Review(r.Context(), web.ViewerOf(r).Person, id, r.PostForm.Get("found"))
	if problem.Is(err, breakglass.Malformed) {
		return p.renderUse(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, AdminPath+"?done=reviewed")
}
