package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/warder-project/warder/internal/base/problem"
)

// Document is an export in JSON whose faults can be placed.
type Document struct {
	Name string
	Kind Kind
	text []byte
}

// Part is a piece of a document: one element of a list, one member.
type Part struct {
	Raw    json.RawMessage
	offset int
}

// Read reads an export of a kind and checks that it is well-formed JSON. One
// value is the rule; several, one after the other, are what a loop over a cloud's
// command line writes, and are accepted.
func Read(name string, r io.Reader, want Kind) (*Document, []Part, error) {
	text, err := ReadAll(name, r, want)
	if err != nil {
		return nil, nil, err
	}
	document := &Document{Name: name, Kind: want, text: text}
	if first := bytes.TrimSpace(text)[0]; first != '{' && first != '[' {
		return nil, nil, WrongKind(name, Sniff(text), want)
	}
	parts, err := document.values(text, 0)
	if err != nil {
		return nil, nil, err
	}
	return document, parts, nil
}

// values cuts text into the JSON values that stand in it.
func (d *Document) values(text []byte, offset int) ([]Part, error) {
	var parts []Part
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, d.fault(err, offset+int(decoder.InputOffset()))
		}
		parts = append(parts, Part{raw, offset + int(decoder.InputOffset()) - len(raw)})
	}
}

// fault turns an error of the JSON decoder into a problem with a place. base is
// where the decoder's own offset begins to count when it has none.
func (d *Document) fault(err error, base int) error {
	var syntax *json.SyntaxError
	if isEnd(err) || errors.As(err, &syntax) && strings.Contains(syntax.Error(), "unexpected end") {
		return Truncated(d.Place(len(d.text), "the file ends here, in the middle of a value; expected the rest of "+d.Kind.Name()))
	}
	if errors.As(err, &syntax) {
		return Malformed(d.Place(int(syntax.Offset)-1, syntax.Error()+"; expected JSON"))
	}
	return Malformed(d.Place(base, "expected JSON"))
}

// Place is a field of a problem at a byte of the document.
func (d *Document) Place(at int, message string) problem.Field {
	line, column := position(d.text, at)
	return problem.Field{File: d.Name, Line: line, Column: column, Message: message}
}

// At is a field of a problem at the beginning of a part.
func (d *Document) At(part Part, message string) problem.Field { return d.Place(part.offset, message) }

// Wrong is the refusal of a document that is something else.
func (d *Document) Wrong() error { return WrongKind(d.Name, Sniff(d.text), d.Kind) }

// Members are the members of an object by lower-case name: PowerShell exports
// capitalise what the interface does not. False when the part is no object.
func (d *Document) Members(part Part) (map[string]Part, bool) {
	if len(part.Raw) == 0 || part.Raw[0] != '{' {
		return nil, false
	}
	members := map[string]Part{}
	decoder := json.NewDecoder(bytes.NewReader(part.Raw))
	if _, err := decoder.Token(); err != nil {
		return nil, false
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		var raw json.RawMessage
		if decoder.Decode(&raw) != nil {
			return nil, false
		}
		key, _ := name.(string)
		members[strings.ToLower(key)] = Part{raw, part.offset + int(decoder.InputOffset()) - len(raw)}
	}
	return members, true
}

// Elements are the elements of an array. False when the part is no array.
func (d *Document) Elements(part Part) ([]Part, bool) {
	if len(part.Raw) == 0 || part.Raw[0] != '[' {
		return nil, false
	}
	elements := []Part{}
	decoder := json.NewDecoder(bytes.NewReader(part.Raw))
	if _, err := decoder.Token(); err != nil {
		return nil, false
	}
	for decoder.More() {
		var raw json.RawMessage
		if decoder.Decode(&raw) != nil {
			return nil, false
		}
		elements = append(elements, Part{raw, part.offset + int(decoder.InputOffset()) - len(raw)})
	}
	return elements, true
}

// Decode fills a value from a part. A value of the wrong type is named with
// its place and what was expected.
func (d *Document) Decode(part Part, into any) (problem.Field, bool) {
	err := json.Unmarshal(part.Raw, into)
	var wrong *json.UnmarshalTypeError
	var ours *valueError
	switch {
	case err == nil:
		return problem.Field{}, true
	case errors.As(err, &wrong):
		field := d.Place(part.offset+int(wrong.Offset)-1, fmt.Sprintf("found a %s, expected a %s", wrong.Value, wrong.Type))
		field.Name = wrong.Field
		return field, false
	case errors.As(err, &ours):
		at := max(bytes.Index(part.Raw, ours.raw), 0)
		return d.Place(part.offset+at, ours.Error()), false
	}
	return d.At(part, "expected "+d.Kind.Name()), false
}

// Null reports whether the part is missing or null.
func (p Part) Null() bool { return len(p.Raw) == 0 || string(p.Raw) == "null" }
