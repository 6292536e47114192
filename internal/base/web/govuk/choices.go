package govuk

import (
	"slices"
	"strconv"
	"strings"
)

// Legend names a group of inputs.
type Legend struct {
	Text          string
	Classes       string // "govuk-fieldset__legend--m"
	IsPageHeading bool
}

// Fieldset groups inputs. Around other markup use the partials
// govuk-fieldset-start and govuk-fieldset-end.
type Fieldset struct {
	Legend      Legend
	DescribedBy string
	Classes     string
	Role        string
	Attributes  Attributes
}

// ItemLabel is how the label of one choice looks.
type ItemLabel struct{ Classes string }

// Choice is one radio button or checkbox, or a divider ("or") between them.
type Choice struct {
	Value, Text string
	ID, Name    string // left empty; Name is for checkboxes only
	Checked     bool
	Disabled    bool
	Hint        Hint
	Label       ItemLabel
	Divider     string // a text between choices; everything else is ignored
	Behaviour   string // "exclusive" for the checkbox that unticks the others
	Attributes  Attributes
}

// Radios is a choice of one. Give it a fieldset with a legend.
type Radios struct {
	Name, IDPrefix string // IDPrefix is Name when empty; it is the id of the first button
	Value          string // checks the choice with this value, besides those marked Checked
	Items          []Choice
	Fieldset       *Fieldset
	Hint           Hint
	ErrorMessage   ErrorMessage
	Classes        string // "govuk-radios--inline"
	Attributes     Attributes
}

// Checkboxes is a choice of any number. Give it a fieldset with a legend.
type Checkboxes struct {
	Name, IDPrefix string
	Values         []string // checks the choices with these values, besides those marked Checked
	Items          []Choice
	Fieldset       *Fieldset
	Hint           Hint
	ErrorMessage   ErrorMessage
	DescribedBy    string
	Classes        string
	Attributes     Attributes
}

// ChoiceView is a Choice with everything worked out, as the partial prints it.
type ChoiceView struct {
	Choice
	FieldID, FieldName string
	Describers         string
	FieldLabel         Label
	FieldHint          Hint
}

func (r Radios) prefix() string { return firstOf(r.IDPrefix, r.Name) }

// Group is the fieldset with what describes it; nil when there is none.
func (r Radios) Group() *Fieldset {
	return describedGroup(r.Fieldset, "", r.prefix(), r.Hint, r.ErrorMessage)
}

// FieldHint is the hint with its id.
func (r Radios) FieldHint() Hint { return r.Hint.of(r.prefix()) }

// FieldError is the error message with its id.
func (r Radios) FieldError() ErrorMessage { return r.ErrorMessage.of(r.prefix()) }

// Choices are the buttons as they are printed.
func (r Radios) Choices() []ChoiceView {
	views := make([]ChoiceView, len(r.Items))
	for i, item := range r.Items {
		item.Checked = item.Checked || (r.Value != "" && item.Value == r.Value)
		item.Name = ""
		views[i] = item.view(r.Name, numbered(r.prefix(), i), "", "govuk-radios")
	}
	return views
}

func (c Checkboxes) prefix() string { return firstOf(c.IDPrefix, c.Name) }

// Group is the fieldset with what describes it; nil when there is none.
func (c Checkboxes) Group() *Fieldset {
	return describedGroup(c.Fieldset, c.DescribedBy, c.prefix(), c.Hint, c.ErrorMessage)
}

// FieldHint is the hint with its id.
func (c Checkboxes) FieldHint() Hint { return c.Hint.of(c.prefix()) }

// FieldError is the error message with its id.
func (c Checkboxes) FieldError() ErrorMessage { return c.ErrorMessage.of(c.prefix()) }

// Choices are the boxes as they are printed. Without a fieldset each box is
// described by the hint and the error itself.
func (c Checkboxes) Choices() []ChoiceView {
	around := ""
	if c.Fieldset == nil {
		around = describedBy(c.DescribedBy, c.prefix(), c.Hint, c.ErrorMessage)
	}
	views := make([]ChoiceView, len(c.Items))
	for i, item := range c.Items {
		item.Checked = item.Checked || slices.Contains(c.Values, item.Value)
		views[i] = item.view(c.Name, numbered(c.prefix(), i), around, "govuk-checkboxes")
	}
	return views
}

func (c Choice) view(name, id, around, block string) ChoiceView {
	id = firstOf(c.ID, id)
	hintID := ""
	if c.Hint.Text != "" {
		hintID = id + "-item-hint"
	}
	hint := c.Hint
	hint.ID = hintID
	hint.Classes = strings.TrimSpace(block + "__hint " + hint.Classes)
	return ChoiceView{
		Choice:     c,
		FieldID:    id,
		FieldName:  firstOf(c.Name, name),
		Describers: strings.TrimSpace(around + " " + hintID),
		FieldLabel: Label{Text: c.Text, For: id, Classes: strings.TrimSpace(block + "__label " + c.Label.Classes)},
		FieldHint:  hint,
	}
}

// numbered leaves the first id without a number, so that an error summary can link to it.
func numbered(prefix string, index int) string {
	if index == 0 {
		return prefix
	}
	return prefix + "-" + strconv.Itoa(index+1)
}

func describedGroup(given *Fieldset, by, prefix string, hint Hint, message ErrorMessage) *Fieldset {
	if given == nil {
		return nil
	}
	group := *given
	group.DescribedBy = describedBy(firstOf(given.DescribedBy, by), prefix, hint, message)
	return &group
}
