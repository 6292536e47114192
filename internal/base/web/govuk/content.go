package govuk

// Classes of buttons that are not the main one of a page.
const (
	Secondary = "govuk-button--secondary"
	Warning   = "govuk-button--warning"
)

// Button is a button, or a link that looks like one when Href is set.
type Button struct {
	Text               string
	Name, Type, Value  string // Type is "submit" when empty
	Href               string
	ID                 string
	Classes            string // Secondary, Warning
	Disabled           bool
	IsStartButton      bool
	PreventDoubleClick bool // with script: a second click within a second is ignored
	Attributes         Attributes
}

// FieldType is the type attribute.
func (b Button) FieldType() string { return firstOf(b.Type, "submit") }

// ErrorItem is one line of an error summary, linking to its field.
type ErrorItem struct {
	Text       string
	Href       string // "#name"
	Attributes Attributes
}

// ErrorSummary stands at the top of a page with errors.
type ErrorSummary struct {
	TitleText       string
	DescriptionText string
	ErrorList       []ErrorItem
	Classes         string
	Attributes      Attributes
}

// Colours of tags. The text of a tag must say it without the colour.
const (
	Grey   = "govuk-tag--grey"
	Green  = "govuk-tag--green"
	Red    = "govuk-tag--red"
	Yellow = "govuk-tag--yellow"
	Orange = "govuk-tag--orange"
	Blue   = "govuk-tag--blue"
)

// Tag is a state in a word or two.
type Tag struct {
	Text       string
	Classes    string
	Attributes Attributes
}

// NotificationBanner tells of something that is not about this page's own form.
// Around other markup use govuk-notification-banner-start and -end.
type NotificationBanner struct {
	Type              string // "success" or empty
	TitleText         string
	TitleID           string
	TitleHeadingLevel int // 2 when 0; 1 to 4
	Role              string
	Text              string
	Classes           string
	Attributes        Attributes
}

func (n NotificationBanner) success() bool { return n.Type == "success" }

// HeadingID is the id of the heading.
func (n NotificationBanner) HeadingID() string {
	return firstOf(n.TitleID, "govuk-notification-banner-title")
}

// Heading is the heading with its level.
func (n NotificationBanner) Heading() Heading {
	title := "Important"
	if n.success() {
		title = "Success"
	}
	return Heading{
		Level: levelOr(n.TitleHeadingLevel, 2),
		Text:  firstOf(n.TitleText, title),
		Class: "govuk-notification-banner__title",
		ID:    n.HeadingID(),
	}
}

// BannerRole is the role attribute: a success is announced at once.
func (n NotificationBanner) BannerRole() string {
	if n.success() {
		return firstOf(n.Role, "alert")
	}
	return firstOf(n.Role, "region")
}

// TypeClass is the class of a success.
func (n NotificationBanner) TypeClass() string {
	if n.success() {
		return "govuk-notification-banner--success"
	}
	return ""
}

// Heading is an h1 to h4.
type Heading struct {
	Level           int
	Text, Class, ID string
}

// One, Two, Three and Four say which element it is; a template cannot print a tag's name.
func (h Heading) One() bool { return h.Level == 1 }

// Two is an h2.
func (h Heading) Two() bool { return h.Level == 2 }

// Three is an h3.
func (h Heading) Three() bool { return h.Level == 3 }

// Four is an h4.
func (h Heading) Four() bool { return h.Level >= 4 }

func levelOr(level, otherwise int) int {
	if level == 0 {
		return otherwise
	}
	return level
}

// InsetText sets a quotation or an example apart. Around other markup use
// govuk-inset-text-start and -end.
type InsetText struct {
	Text       string
	ID         string
	Classes    string
	Attributes Attributes
}

// WarningText warns of something with consequences.
type WarningText struct {
	Text             string
	IconFallbackText string // "Warning" when empty
	Classes          string
	Attributes       Attributes
}

// Fallback is what a screen reader says for the icon.
func (w WarningText) Fallback() string { return firstOf(w.IconFallbackText, "Warning") }

// Panel confirms that something has been done.
type Panel struct {
	TitleText    string
	Text         string
	HeadingLevel int // 1 when 0; 1 to 4
	Classes      string
	Attributes   Attributes
}

// Heading is the title with its level.
func (p Panel) Heading() Heading {
	return Heading{Level: levelOr(p.HeadingLevel, 1), Text: p.TitleText, Class: "govuk-panel__title"}
}

// Details hides what few people need. Around other markup use
// govuk-details-start and -end.
type Details struct {
	SummaryText string
	Text        string
	ID          string
	Open        bool
	Classes     string
	Attributes  Attributes
}
