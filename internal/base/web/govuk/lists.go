package govuk

// Cell is one cell of a table, or of its head.
type Cell struct {
	Text             string
	Href             string // ours: makes the text a link
	Tag              *Tag   // ours: printed after the text
	Time             string // ours: machine-readable time; makes the text a <time>
	Format           string // "numeric"
	Classes          string
	Colspan, Rowspan int
	Attributes       Attributes
}

// Table is rows of cells. Give it a caption.
type Table struct {
	Caption, CaptionClasses string // "govuk-table__caption--m"
	Head                    []Cell
	Rows                    [][]Cell
	FirstCellIsHeader       bool
	Classes                 string
	Attributes              Attributes
}

// Words is a text with classes.
type Words struct {
	Text    string
	Classes string
}

// SummaryValue is what a summary list says about a key.
type SummaryValue struct {
	Text    string
	Classes string
	Href    string   // ours: makes the text a link
	Tag     *Tag     // ours: printed after the text
	Lines   []string // ours: further lines below
}

// Action is a link to change something.
type Action struct {
	Text               string
	Href               string
	VisuallyHiddenText string // what the link is about: "Change" … "name"
	Classes            string
	Attributes         Attributes
}

// Actions stand at the end of a row or card.
type Actions struct {
	Items   []Action
	Classes string
}

// SummaryRow is one line of a summary list.
type SummaryRow struct {
	Key     Words
	Value   SummaryValue
	Actions Actions
	Classes string
}

// CardTitle is the title of a summary card.
type CardTitle struct {
	Text         string
	HeadingLevel int // 2 when 0; 1 to 4
	Classes      string
}

// SummaryCard frames a summary list about one of several things.
type SummaryCard struct {
	Title      CardTitle
	Actions    Actions
	Classes    string
	Attributes Attributes
}

// SummaryList says what we know about one thing.
type SummaryList struct {
	Rows       []SummaryRow
	Card       *SummaryCard
	Classes    string
	Attributes Attributes
}

// ActionLink is an Action as it is printed.
type ActionLink struct {
	Action
	About string // title of the card
}

// RowView is a SummaryRow as it is printed.
type RowView struct {
	SummaryRow
	NoActions bool // while other rows have some
	Links     []ActionLink
	Single    bool
}

// Lines are the rows as they are printed.
func (s SummaryList) Lines() []RowView {
	anyActions, about := false, ""
	for _, row := range s.Rows {
		anyActions = anyActions || len(row.Actions.Items) > 0
	}
	if s.Card != nil {
		about = s.Card.Title.Text
	}
	views := make([]RowView, len(s.Rows))
	for i, row := range s.Rows {
		views[i] = RowView{
			SummaryRow: row,
			NoActions:  anyActions && row.Actions.Items == nil,
			Links:      links(row.Actions.Items, about),
			Single:     len(row.Actions.Items) == 1,
		}
	}
	return views
}

// Heading is the card's title with its level.
func (c SummaryCard) Heading() Heading {
	class := "govuk-summary-card__title"
	if c.Title.Classes != "" {
		class += " " + c.Title.Classes
	}
	return Heading{Level: levelOr(c.Title.HeadingLevel, 2), Text: c.Title.Text, Class: class}
}

// Links are the card's actions as they are printed.
func (c SummaryCard) Links() []ActionLink { return links(c.Actions.Items, c.Title.Text) }

// Single reports whether there is exactly one action.
func (c SummaryCard) Single() bool { return len(c.Actions.Items) == 1 }

func links(actions []Action, about string) []ActionLink {
	found := make([]ActionLink, len(actions))
	for i, action := range actions {
		found[i] = ActionLink{Action: action, About: about}
	}
	return found
}
