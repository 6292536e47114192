package adoptionweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// pageLength is how many people are on a page of a list.
const pageLength = 100

// listView is the people behind a number.
type listView struct {
	Heading    string
	Back       govuk.BackLink
	Count      string
	Table      govuk.Table
	None       bool
	Pagination *govuk.Pagination
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	choose, heading := selection(query)
	if choose == nil {
		return web.NotFound.New()
	}
	picture, err := p.deps.Counter.Count(r.Context())
	if err != nil {
		return err
	}
	found := choose(picture)
	view := listView{Heading: heading, Back: govuk.BackLink{Text: "How people sign in", Href: Path},
		Count: people(len(found)), None: len(found) == 0}
	if after := query.Get("after"); after != "" {
		at, here := slices.BinarySearchFunc(found, after, func(account *adoption.Account, name string) int {
			return strings.Compare(account.Person.UserName, name)
		})
		if here {
			at++
		}
		found = found[at:]
	}
	if len(found) > pageLength {
		found = found[:pageLength]
		query.Set("after", found[pageLength-1].Person.UserName)
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More people", Next: &govuk.PageLink{Text: "Next page", Href: adoption.ListAddress(query)}}
	}
	view.Table = accountTable(heading, found)
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: heading, Section: Path, View: view})
}

// selection reads which number was opened; nil for what is none. Without any it is
// everybody.
func selection(query url.Values) (func(*adoption.Picture) []*adoption.Account, string) {
	if !query.Has("rung") && !query.Has("undone") && !query.Has("have") && !query.Has("only") {
		return (*adoption.Picture).Everybody, "Everybody who may sign in"
	}
	if word := query.Get("rung"); word != "" {
		return onRung(word, query.Get("who"))
	}
	if word := query.Get("undone"); word != "" {
		rung, known := adoption.ParseRung(word)
		if !known {
			return nil, ""
		}
		return func(picture *adoption.Picture) []*adoption.Account { return picture.Split()[rung].Undone() },
			rung.Name() + ", undone by a weaker way"
	}
	for _, asked := range []struct {
		name, with string
		of         func(adoption.Reliance) []*adoption.Account
	}{
		{"have", "People who have: ", func(reliance adoption.Reliance) []*adoption.Account { return reliance.Have }},
		{"only", "People who could not sign in without: ", func(reliance adoption.Reliance) []*adoption.Account { return reliance.Only }},
	} {
		word := query.Get(asked.name)
		if weakness, known := assurance.ParseWeakness(word); known {
			return func(picture *adoption.Picture) []*adoption.Account { return asked.of(picture.RelyOnWeakness(weakness)) },
				asked.with + "anything " + weakness.String()
		}
		if method := assurance.ParseMethod(word); method != assurance.UnknownMethod {
			return func(picture *adoption.Picture) []*adoption.Account { return asked.of(picture.RelyOn(method)) },
				asked.with + method.Class().Name
		}
	}
	return nil, ""
}

func onRung(word, who string) (func(*adoption.Picture) []*adoption.Account, string) {
	rung, known := adoption.ParseRung(word)
	if !known {
		return nil, ""
	}
	switch who {
	case "role":
		return func(picture *adoption.Picture) []*adoption.Account { return picture.Split()[rung].Privileged },
			rung.Name() + ", people who hold a role"
	case "other":
		return func(picture *adoption.Picture) []*adoption.Account { return picture.Split()[rung].Others },
			rung.Name() + ", people without a role"
	case "":
		return func(picture *adoption.Picture) []*adoption.Account { return picture.Split()[rung].All() }, rung.Name()
	}
	return nil, ""
}

func accountTable(caption string, accounts []*adoption.Account) govuk.Table {
	table := govuk.Table{Caption: caption, CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Person"}, {Text: "User name"}, {Text: "Roles"}, {Text: "Ways to sign in"}, {Text: "As strong as"}}}
	for _, account := range accounts {
		var ways, held []string
		for _, way := range account.Ways() {
			ways = append(ways, way.String())
		}
		for _, role := range account.Roles {
			held = append(held, role.Label())
		}
		table.Rows = append(table.Rows, []govuk.Cell{
			{Text: account.Person.Name, Href: "/admin/people/" + string(account.Person.ID)}, {Text: account.Person.UserName},
			{Text: orNone(held)}, {Text: orNone(ways)}, {Text: account.Strength().String()}})
	}
	return table
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "None"
	}
	return strings.Join(names, "; ")
}

func people(count int) string {
	if count == 1 {
		return "1 person."
	}
	return strconv.Itoa(count) + " people."
}
