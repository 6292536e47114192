package peopleweb

import (
	"time"

	"github.com/warder-project/warder/internal/base/web/govuk"
	"github.com/warder-project/warder/internal/registry/people"
)

// How things about people are said on these pages.

func stateName(state people.State) string {
	switch state {
	case people.Active:
		return "Active"
	case people.Suspended:
		return "Suspended"
	case people.Left:
		return "Left"
	}
	return "Not known"
}

func stateTag(state people.State) *govuk.Tag {
	tag := &govuk.Tag{Text: stateName(state), Classes: govuk.Grey}
	switch state {
	case people.Active:
		tag.Classes = govuk.Green
	case people.Suspended:
		tag.Classes = govuk.Yellow
	case people.Left:
	}
	return tag
}

func kindName(kind people.Kind) string {
	switch kind {
	case people.KindPerson:
		return "Person who works here"
	case people.KindGuest:
		return "Guest, who works for somebody else"
	case people.KindShared:
		return "Shared by several people"
	case people.KindService:
		return "Program (cannot sign in)"
	case people.KindBreakGlass:
		return "Kept for emergencies"
	}
	return "Not known"
}

// signIn says whether the directory lets somebody sign in, and if not, why.
func signIn(person people.Person, now time.Time) string {
	tomorrow := now.AddDate(0, 0, 1)
	switch {
	case person.MaySignIn(now) && !person.MaySignIn(tomorrow):
		return "Yes, until midnight: today is their last working day"
	case person.MaySignIn(now):
		return "Yes"
	case person.State != people.Active:
		return "No: they are not active"
	case person.Kind == people.KindBreakGlass:
		return "No: it is kept for emergencies, and opens Warder only together with another"
	case person.Kind == people.KindService || !person.Kind.Known():
		return "No: this is not somebody who could touch a key"
	case person.Starts.After(now):
		return "No: their first working day is still to come"
	}
	return "No: their last working day is over"
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
