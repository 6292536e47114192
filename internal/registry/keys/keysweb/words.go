package keysweb

import (
	"context"
	"unicode"
	"unicode/utf8"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/keys"
	"github.com/warder-project/warder/internal/registry/people"
)

// How things about keys are said on these pages.

// calledKey names a key within a sentence: by the number on it, or by what its
// holder calls it.
func calledKey(key keys.Key) string {
	switch {
	case key.Serial != "":
		return "key " + key.Serial
	case key.Label != "":
		return "“" + key.Label + "”"
	}
	return "a key without a number"
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func stateTag(state keys.State) *govuk.Tag {
	tag := &govuk.Tag{Text: state.Label(), Classes: govuk.Grey}
	switch {
	case state.MaySignIn():
		tag.Classes = govuk.Green
	case state.Blocked():
		tag.Classes = govuk.Red
	case state == keys.StateHeld:
		tag.Classes = govuk.Yellow
	}
	return tag
}

// holderName is who has the key; "Nobody" when nobody does.
func (p *Pages) holderName(ctx context.Context, holder ids.Person) (string, error) {
	if holder == "" {
		return "Nobody", nil
	}
	person, err := p.deps.People.Get(ctx, holder)
	if problem.Is(err, people.NotFound) {
		return "Somebody who is not in the directory", nil
	}
	if err != nil {
		return "", err
	}
	return person.Name + " (" + person.UserName + ")", nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func serialGrade(grade keys.SerialGrade) string {
	switch grade {
	case keys.SerialDeclared:
		return "somebody typed it"
	case keys.SerialProbed:
		return "a program read it from the key"
	case keys.SerialAttested:
		return "the maker’s certificate says it"
	}
	return "not known how"
}
