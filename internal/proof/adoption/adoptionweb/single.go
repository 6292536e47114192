package adoptionweb

import (
	"net/http"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/keys"
)

// singleView is the page of single points of failure.
type singleView struct {
	People   govuk.Table
	NoPeople bool
	Count    string
	More     string // how many are not shown
	Keys     govuk.Table
	NoKeys   bool
	Back     govuk.BackLink
}

// mostShown is how many people the page shows; the command lists them all.
const mostShown = 500

func (p *Pages) single(w http.ResponseWriter, r *http.Request) error {
	picture, err := p.deps.Counter.Count(r.Context())
	if err != nil {
		return err
	}
	one, shared := picture.OneKey(), picture.SharedKeys()
	view := singleView{NoPeople: len(one) == 0, NoKeys: len(shared) == 0, Count: people(len(one)), Back: govuk.BackLink{Text: "How people sign in", Href: Path}}
	one = privilegedFirst(one)
	if len(one) > mostShown {
		view.More = govuk.Number(len(one)-mostShown) + " more: list them on the server with “warder person methods --single”."
		one = one[:mostShown]
	}
	view.People = accountTable("People with one key", one)
	view.Keys = govuk.Table{Caption: "Keys that are the only key of several people", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Key"}, {Text: "State"}, {Text: "People"}}}
	for _, found := range shared {
		row, err := p.sharedRow(r, found)
		if err != nil {
			return err
		}
		view.Keys.Rows = append(view.Keys.Rows, row)
	}
	return p.templates.Render(w, r, web.Page{Name: "single.html", Title: "Single points of failure", Section: Path, View: view})
}

func (p *Pages) sharedRow(r *http.Request, shared adoption.SharedKey) ([]govuk.Cell, error) {
	name, state := "A key that is not on record", "Not known"
	key, err := p.deps.Keys.Get(r.Context(), shared.Key)
	switch {
	case problem.Is(err, keys.NotFound):
	case err != nil:
		return nil, err
	default:
		name, state = key.Name(), key.State.Label()
	}
	var names []string
	for _, account := range shared.Accounts {
		names = append(names, account.Person.Name)
	}
	return []govuk.Cell{{Text: name, Href: "/admin/keys/" + string(shared.Key)}, {Text: state}, {Text: strings.Join(names, ", ")}}, nil
}

// privilegedFirst puts people with roles first: theirs is the key that is missed most.
func privilegedFirst(accounts []*adoption.Account) []*adoption.Account {
	var first, rest []*adoption.Account
	for _, account := range accounts {
		if account.Privileged() {
			first = append(first, account)
		} else {
			rest = append(rest, account)
		}
	}
	return append(first, rest...)
}
