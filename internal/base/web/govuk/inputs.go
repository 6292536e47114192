package govuk

import "strconv"

// Label names one input.
type Label struct {
	Text          string
	Classes       string
	For           string // inside an input: left empty, it is the input's id
	IsPageHeading bool   // wraps the label in the page's h1
	Attributes    Attributes
}

// Hint explains one input. An empty text is no hint.
type Hint struct {
	Text       string
	ID         string // inside an input: left empty
	Classes    string
	Attributes Attributes
}

// ErrorMessage says what is wrong with one input. An empty text is no error.
type ErrorMessage struct {
	Text       string
	ID         string // inside an input: left empty
	Classes    string
	Attributes Attributes
}

// Affix is the short text before or after an input ("£", "days").
type Affix struct {
	Text       string
	Classes    string
	Attributes Attributes
}

// Input is a single line of text.
type Input struct {
	ID, Name     string // ID is Name when empty
	Type         string // "text" when empty
	Value        string
	Label        Label
	Hint         Hint
	ErrorMessage ErrorMessage
	Prefix       Affix
	Suffix       Affix
	Classes      string // "govuk-input--width-10"
	DescribedBy  string
	Autocomplete string
	Inputmode    string
	Pattern      string
	Disabled     bool
	Attributes   Attributes
}

// FieldID is the id of the input element.
func (i Input) FieldID() string { return firstOf(i.ID, i.Name) }

// Describers is the value of aria-describedby.
func (i Input) Describers() string {
	return describedBy(i.DescribedBy, i.FieldID(), i.Hint, i.ErrorMessage)
}

// FieldType is the type attribute.
func (i Input) FieldType() string { return firstOf(i.Type, "text") }

// FieldLabel is the label pointing at the input.
func (i Input) FieldLabel() Label { return i.Label.pointingAt(i.FieldID()) }

// FieldHint is the hint with its id.
func (i Input) FieldHint() Hint { return i.Hint.of(i.FieldID()) }

// FieldError is the error message with its id.
func (i Input) FieldError() ErrorMessage { return i.ErrorMessage.of(i.FieldID()) }

// Textarea is several lines of text.
type Textarea struct {
	ID, Name     string
	Value        string
	Rows         int // 5 when 0
	Label        Label
	Hint         Hint
	ErrorMessage ErrorMessage
	Classes      string
	DescribedBy  string
	Autocomplete string
	Disabled     bool
	Attributes   Attributes
}

// FieldID is the id of the textarea element.
func (t Textarea) FieldID() string { return firstOf(t.ID, t.Name) }

// Describers is the value of aria-describedby.
func (t Textarea) Describers() string {
	return describedBy(t.DescribedBy, t.FieldID(), t.Hint, t.ErrorMessage)
}

// FieldRows is the rows attribute.
func (t Textarea) FieldRows() string {
	if t.Rows <= 0 {
		return "5"
	}
	return strconv.Itoa(t.Rows)
}

// FieldLabel is the label pointing at the textarea.
func (t Textarea) FieldLabel() Label { return t.Label.pointingAt(t.FieldID()) }

// FieldHint is the hint with its id.
func (t Textarea) FieldHint() Hint { return t.Hint.of(t.FieldID()) }

// FieldError is the error message with its id.
func (t Textarea) FieldError() ErrorMessage { return t.ErrorMessage.of(t.FieldID()) }

// SelectItem is one choice of a Select.
type SelectItem struct {
	Value, Text string
	Selected    bool
	Disabled    bool
	Attributes  Attributes
}

// Select is a choice from a list that is too long for radios.
type Select struct {
	ID, Name     string
	Value        string // selects the item with this value, besides those marked Selected
	Items        []SelectItem
	Label        Label
	Hint         Hint
	ErrorMessage ErrorMessage
	Classes      string
	DescribedBy  string
	Disabled     bool
	Attributes   Attributes
}

// FieldID is the id of the select element.
func (s Select) FieldID() string { return firstOf(s.ID, s.Name) }

// Describers is the value of aria-describedby.
func (s Select) Describers() string {
	return describedBy(s.DescribedBy, s.FieldID(), s.Hint, s.ErrorMessage)
}

// Choices are the items with the chosen one marked.
func (s Select) Choices() []SelectItem {
	choices := make([]SelectItem, len(s.Items))
	for i, item := range s.Items {
		item.Selected = item.Selected || (s.Value != "" && item.Value == s.Value)
		choices[i] = item
	}
	return choices
}

// FieldLabel is the label pointing at the select.
func (s Select) FieldLabel() Label { return s.Label.pointingAt(s.FieldID()) }

// FieldHint is the hint with its id.
func (s Select) FieldHint() Hint { return s.Hint.of(s.FieldID()) }

// FieldError is the error message with its id.
func (s Select) FieldError() ErrorMessage { return s.ErrorMessage.of(s.FieldID()) }

func (l Label) pointingAt(id string) Label {
	l.For = id
	return l
}

func (h Hint) of(id string) Hint {
	h.ID = id + "-hint"
	return h
}

func (e ErrorMessage) of(id string) ErrorMessage {
	e.ID = id + "-error"
	return e
}
