package keysweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// listView is the list of keys with its search.
type listView struct {
	Search     govuk.Input
	State      govuk.Select
	Find       govuk.Button
	Table      govuk.Table
	None       bool
	Pagination *govuk.Pagination
	Add        *govuk.Button // nil for those who may only look
}

const longestSearch = 100

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	search := strings.TrimSpace(query.Get("q"))
	if len(search) > longestSearch {
		search = strings.ToValidUTF8(search[:longestSearch], "")
	}
	filter, err := p.filter(r, search)
	if err != nil {
		return err
	}
	found, next, err := p.deps.Keys.List(r.Context(), filter)
	if err != nil {
		return err
	}
	view := listView{
		Search: govuk.Input{Name: "q", Type: "search", Value: search, Label: govuk.Label{Text: "Serial number, name of the key, or user name"}, Classes: "govuk-input--width-20"},
		State:  stateChoice(filter.State), Find: govuk.Button{Text: "Find", Classes: govuk.Secondary}, None: len(found) == 0,
	}
	if view.Table, err = p.table(r, found); err != nil {
		return err
	}
	if next != "" {
		onward := url.Values{"q": {search}, "state": {string(filter.State)}, "after": {string(next)}}
		view.Pagination = &govuk.Pagination{LandmarkLabel: "More keys", Next: &govuk.PageLink{Text: "Next page", Href: Path + "?" + onward.Encode()}}
	}
	if may := web.ViewerOf(r).May; may != nil && may(web.KeysWrite) {
		view.Add = &govuk.Button{Text: "Add a key", Href: Path + "/add"}
	}
	return p.templates.Render(w, r, web.Page{Name: "list.html", Title: "Security keys", Section: Path, View: view})
}

// filter reads the search. A text that is somebody's user name finds their
// keys; an unknown state finds none, rather than all.
func (p *Pages) filter(r *http.Request, search string) (keys.Filter, error) {
	query := r.URL.Query()
	filter := keys.Filter{Text: search, State: keys.State(query.Get("state"))}
	if after := query.Get("after"); after != "" {
		id, err := ids.Parse[ids.Key](after)
		if err != nil {
			return keys.Filter{}, keys.NotFound.Because(err)
		}
		filter.After = id
	}
	if search == "" {
		return filter, nil
	}
	person, err := p.deps.People.ByUserName(r.Context(), search)
	if problem.Is(err, people.NotFound) {
		return filter, nil
	}
	if err != nil {
		return keys.Filter{}, err
	}
	filter.Text, filter.Holder = "", person.ID
	return filter, nil
}

func stateChoice(chosen keys.State) govuk.Select {
	choice := govuk.Select{Name: "state", Value: string(chosen), Label: govuk.Label{Text: "State"},
		Items: []govuk.SelectItem{{Value: "", Text: "Any state", Selected: chosen == ""}}}
	for _, state := range keys.States() {
		choice.Items = append(choice.Items, govuk.SelectItem{Value: string(state), Text: state.Label()})
	}
	return choice
}

func (p *Pages) table(r *http.Request, found []keys.Key) (govuk.Table, error) {
	table := govuk.Table{
		Caption: "Security keys", CaptionClasses: "govuk-visually-hidden", FirstCellIsHeader: true,
		Head: []govuk.Cell{{Text: "Key"}, {Text: "State"}, {Text: "Holder"}, {Text: "Model"}, {Text: "Last change"}},
	}
	for _, key := range found {
		holder, err := p.holderName(r.Context(), key.Holder)
		if err != nil {
			return govuk.Table{}, err
		}
		model, err := p.deps.Models.NameOf(r.Context(), key)
		if err != nil {
			return govuk.Table{}, err
		}
		table.Rows = append(table.Rows, []govuk.Cell{
			{Text: key.Name(), Href: pathOf(key.ID)}, {Tag: stateTag(key.State)}, {Text: holder}, {Text: model},
			{Text: govuk.DateTime(key.ChangedAt), Time: key.ChangedAt.UTC().Format("2006-01-02T15:04:05Z")},
		})
	}
	return table, nil
}
