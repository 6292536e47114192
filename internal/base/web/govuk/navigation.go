package govuk

// Crumb is one step of the way to a page. The last has no Href.
type Crumb struct {
	Text       string
	Href       string
	Attributes Attributes
}

// Breadcrumbs is the way to a page.
type Breadcrumbs struct {
	Items            []Crumb
	CollapseOnMobile bool
	LabelText        string // "Breadcrumb" when empty
	Classes          string
	Attributes       Attributes
}

// Label is what a screen reader calls the landmark.
func (b Breadcrumbs) Label() string { return firstOf(b.LabelText, "Breadcrumb") }

// BackLink goes back one page of a journey.
type BackLink struct {
	Text       string // "Back" when empty
	Href       string // "#" when empty
	Classes    string
	Attributes Attributes
}

// Words is the text of the link.
func (b BackLink) Words() string { return firstOf(b.Text, "Back") }

// Target is the address of the link.
func (b BackLink) Target() string { return firstOf(b.Href, "#") }

// SkipLink jumps over the navigation.
type SkipLink struct {
	Text       string
	Href       string // "#content" when empty
	Classes    string
	Attributes Attributes
}

// Target is the address of the link.
func (s SkipLink) Target() string { return firstOf(s.Href, "#content") }

// PhaseBanner says what state the whole service is in.
type PhaseBanner struct {
	Tag        Tag
	Text       string
	Classes    string
	Attributes Attributes
}

// TagView is the tag with the banner's class.
func (p PhaseBanner) TagView() Tag {
	tag := p.Tag
	tag.Classes = "govuk-phase-banner__content__tag " + tag.Classes
	return tag
}

// PageLink leads to the previous or next page of a list.
type PageLink struct {
	Text       string
	LabelText  string
	Href       string
	Attributes Attributes
}

// PageItem is one page of a list.
type PageItem struct {
	Number             string
	VisuallyHiddenText string
	Href               string
	Current            bool
	Ellipsis           bool
	Attributes         Attributes
}

// Label is what a screen reader says for the link.
func (p PageItem) Label() string { return firstOf(p.VisuallyHiddenText, "Page "+p.Number) }

// Pagination leads through a long list. With keyset paging there are only
// Previous and Next.
type Pagination struct {
	Previous, Next *PageLink
	Items          []PageItem
	LandmarkLabel  string // "Pagination" when empty
	Classes        string
	Attributes     Attributes
}

// PageArrow is a PageLink as it is printed.
type PageArrow struct {
	PageLink
	Block, Decorated, Labelled bool
}

// Block reports whether previous and next stand below each other.
func (p Pagination) Block() bool { return p.Items == nil && (p.Next != nil || p.Previous != nil) }

// Landmark is what a screen reader calls the landmark.
func (p Pagination) Landmark() string { return firstOf(p.LandmarkLabel, "Pagination") }

// Back is the link to the previous page, nil when there is none.
func (p Pagination) Back() *PageArrow { return p.arrow(p.Previous) }

// Forward is the link to the next page, nil when there is none.
func (p Pagination) Forward() *PageArrow { return p.arrow(p.Next) }

func (p Pagination) arrow(link *PageLink) *PageArrow {
	if link == nil || link.Href == "" {
		return nil
	}
	block := p.Block()
	return &PageArrow{
		PageLink:  *link,
		Block:     block,
		Decorated: block && link.LabelText == "",
		Labelled:  block && link.LabelText != "",
	}
}

// NavigationItem is one item of the service navigation.
type NavigationItem struct {
	Text       string
	Href       string
	Current    bool // this very page
	Active     bool // a page below it
	Attributes Attributes
}

// CurrentValue is aria-current: "page", "true", or empty.
func (n NavigationItem) CurrentValue() string {
	switch {
	case n.Current:
		return "page"
	case n.Active:
		return "true"
	default:
		return ""
	}
}

// ServiceNavigation is the bar with the service's name and its main parts.
type ServiceNavigation struct {
	ServiceName, ServiceURL string
	Navigation              []NavigationItem
	NavigationID            string // "navigation" when empty
	NavigationLabel         string // MenuButtonText when empty
	NavigationClasses       string
	MenuButtonText          string // "Menu" when empty
	MenuButtonLabel         string
	AriaLabel               string // "Service information" when empty
	Classes                 string
	Attributes              Attributes
}

// Menu is the text of the button that opens the list on a narrow screen.
func (s ServiceNavigation) Menu() string { return firstOf(s.MenuButtonText, "Menu") }

// MenuLabel is the button's label when it differs from its text.
func (s ServiceNavigation) MenuLabel() string {
	if s.MenuButtonLabel == s.Menu() {
		return ""
	}
	return s.MenuButtonLabel
}

// ListID is the id of the list.
func (s ServiceNavigation) ListID() string { return firstOf(s.NavigationID, "navigation") }

// ListLabel is what a screen reader calls the navigation.
func (s ServiceNavigation) ListLabel() string { return firstOf(s.NavigationLabel, s.Menu()) }

// SectionLabel is what a screen reader calls the whole bar.
func (s ServiceNavigation) SectionLabel() string { return firstOf(s.AriaLabel, "Service information") }

// Collapses reports whether the list is worth hiding behind a button.
func (s ServiceNavigation) Collapses() bool { return len(s.Navigation) > 1 }
