package webtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Document is a parsed page.
type Document struct{ root *html.Node }

// Parse parses a page.
func Parse(t testing.TB, text string) Document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("parse the page: %v", err)
	}
	return Document{root: root}
}

// Element is one element of a page.
type Element struct{ node *html.Node }

// All returns the elements with this name, in the order of the page.
func (d Document) All(name string) []Element {
	return d.find(func(e Element) bool { return e.node.Data == name })
}

// WithClass returns the elements that have this class.
func (d Document) WithClass(class string) []Element {
	return d.find(func(e Element) bool { return slices.Contains(strings.Fields(e.Attribute("class")), class) })
}

// ByID returns the element with this id.
func (d Document) ByID(id string) (Element, bool) {
	found := d.find(func(e Element) bool { return e.Attribute("id") == id })
	if id == "" || len(found) == 0 {
		return Element{}, false
	}
	return found[0], true
}

// Text is the text of the whole page, with single spaces.
func (d Document) Text() string { return Element{d.root}.Text() }

// Title is the text of <title>.
func (d Document) Title() string {
	for _, one := range d.All("title") {
		if one.node.Namespace == "" {
			return one.Text()
		}
	}
	return ""
}

// Heading is the text of the first h1.
func (d Document) Heading() string {
	if found := d.All("h1"); len(found) > 0 {
		return found[0].Text()
	}
	return ""
}

func (d Document) find(matches func(Element) bool) []Element {
	var found []Element
	for node := range d.root.Descendants() {
		if node.Type == html.ElementNode && matches(Element{node}) {
			found = append(found, Element{node})
		}
	}
	return found
}

// All returns the elements with this tag name inside of it, in document order.
func (e Element) All(name string) []Element { return Document{e.node}.All(name) }

// Name is the name of the element.
func (e Element) Name() string { return e.node.Data }

// Attribute is the value of an attribute, empty when it is not there.
func (e Element) Attribute(name string) string {
	value, _ := e.Has(name)
	return value
}

// Has returns an attribute and whether it is there.
func (e Element) Has(name string) (string, bool) {
	for _, attribute := range e.node.Attr {
		if attribute.Key == name {
			return attribute.Val, true
		}
	}
	return "", false
}

// Text is the text inside, with single spaces.
func (e Element) Text() string {
	var text strings.Builder
	for node := range e.node.Descendants() {
		if node.Type == html.TextNode {
			text.WriteString(node.Data + " ")
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// inside reports whether an ancestor has this name.
func (e Element) inside(name string) bool {
	for node := range e.node.Ancestors() {
		if node.Data == name {
			return true
		}
	}
	return false
}

// Structure checks what every page must have: a title, a language, one h1, no
// jump in headings, one main, a name for every input, link, button and picture,
// ids that are there once, references that lead somewhere, no inline script or style.
func Structure(t testing.TB, d Document) {
	t.Helper()
	for _, fault := range d.Faults() {
		t.Errorf("page %q: %s", d.Title(), fault)
	}
}

// Faults are what Structure complains of.
func (d Document) Faults() []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if d.Title() == "" {
		add("there is no title")
	}
	if roots := d.All("html"); len(roots) != 1 || roots[0].Attribute("lang") == "" {
		add("the html element has no language")
	}
	if n := len(d.All("h1")); n != 1 {
		add("there are %d h1, want 1", n)
	}
	if n := len(d.All("main")); n != 1 {
		add("there are %d main, want 1", n)
	}
	faults = append(faults, d.headingFaults()...)
	faults = append(faults, d.nameFaults()...)
	faults = append(faults, d.referenceFaults()...)
	return append(faults, d.inlineFaults()...)
}

// headingFaults finds headings that skip a level.
func (d Document) headingFaults() []string {
	var faults []string
	last := 0
	levels := []string{"h1", "h2", "h3", "h4", "h5", "h6"}
	for _, heading := range d.find(func(e Element) bool { return slices.Contains(levels, e.node.Data) && e.inside("main") }) {
		level := slices.Index(levels, heading.Name()) + 1
		if last != 0 && level > last+1 {
			faults = append(faults, fmt.Sprintf("heading %q is an h%d after an h%d", heading.Text(), level, last))
		}
		last = level
	}
	return faults
}

// nameFaults finds controls a screen reader could not announce.
func (d Document) nameFaults() []string {
	var faults []string
	labelled := map[string]bool{}
	for _, label := range d.All("label") {
		labelled[label.Attribute("for")] = label.Text() != ""
	}
	for _, one := range d.find(isControl) {
		kind := one.Attribute("type")
		if one.Name() == "input" && (kind == "hidden" || kind == "submit") {
			continue
		}
		_, byLabelled := one.Has("aria-labelledby")
		if !labelled[one.Attribute("id")] && one.Attribute("aria-label") == "" && !byLabelled {
			faults = append(faults, fmt.Sprintf("%s %q has no label", one.Name(), one.Attribute("name")))
		}
	}
	for _, one := range d.find(func(e Element) bool { return e.node.Data == "a" || e.node.Data == "button" }) {
		if one.Text() == "" && one.Attribute("aria-label") == "" {
			faults = append(faults, fmt.Sprintf("%s %q has no text", one.Name(), one.Attribute("href")))
		}
	}
	for _, one := range d.All("img") {
		if _, ok := one.Has("alt"); !ok {
			faults = append(faults, fmt.Sprintf("picture %q has no alt", one.Attribute("src")))
		}
	}
	for _, one := range d.All("svg") {
		if one.Attribute("aria-hidden") != "true" && (one.Attribute("role") != "img" || one.Attribute("aria-labelledby") == "") {
			faults = append(faults, "an svg is neither hidden nor named")
		}
	}
	return faults
}

func isControl(e Element) bool {
	return slices.Contains([]string{"input", "select", "textarea"}, e.node.Data)
}

// referenceFaults finds ids that are there twice and references to ids that are not there.
func (d Document) referenceFaults() []string {
	var faults []string
	known := map[string]bool{}
	for _, one := range d.find(func(e Element) bool { return e.Attribute("id") != "" }) {
		if known[one.Attribute("id")] {
			faults = append(faults, fmt.Sprintf("id %q is there twice", one.Attribute("id")))
		}
		known[one.Attribute("id")] = true
	}
	for _, one := range d.find(func(Element) bool { return true }) {
		for _, name := range []string{"for", "aria-labelledby", "aria-describedby", "aria-controls"} {
			for _, id := range strings.Fields(one.Attribute(name)) {
				if !known[id] {
					faults = append(faults, fmt.Sprintf("%s=%q of %s leads nowhere", name, id, one.Name()))
				}
			}
		}
		if id, ok := strings.CutPrefix(one.Attribute("href"), "#"); ok && one.Name() == "a" && !known[id] {
			faults = append(faults, fmt.Sprintf("link %q leads to #%s, which is not there", one.Text(), id))
		}
	}
	return faults
}

// inlineFaults finds what the content security policy would block.
func (d Document) inlineFaults() []string {
	var faults []string
	for _, one := range d.find(func(Element) bool { return true }) {
		kind := one.Attribute("type")
		_, hasSource := one.Has("src")
		if one.Name() == "script" && !hasSource && kind != "application/json" {
			faults = append(faults, "there is an inline script")
		}
		if one.Name() == "style" {
			faults = append(faults, "there is an inline style sheet")
		}
		for _, attribute := range one.node.Attr {
			if attribute.Key == "style" || strings.HasPrefix(attribute.Key, "on") {
				faults = append(faults, fmt.Sprintf("%s has the attribute %s", one.Name(), attribute.Key))
			}
		}
	}
	return faults
}
