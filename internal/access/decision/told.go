package decision

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// Told is a decision in two sentences for the person it was about: what was decided,
// and why. It has no code, nothing about anybody else and no name of a rule. service
// is what people call the service.
func (r *Record) Told(service string) string {
	var code policy.Code
	if len(r.Reasons) > 0 {
		code = r.Reasons[0].Code
	}
	why, _, _ := strings.Cut(Sentence(code), ". ")
	why = strings.TrimSuffix(why, ".") + "."
	switch r.Effect {
	case policy.Allow:
		if code == policy.CodeException {
			return "You were let in to " + service + " without being asked for more. " + why
		}
		return "You were let in to " + service + " and were not asked again. You had signed in " + ago(r.At.Sub(r.AuthTime)) + " (" + r.Assurance.Method.Class().Name + "), which is enough there."
	case policy.StepUp:
		return "You were asked to sign in for " + service + ". " + why
	case policy.Deny:
	}
	return "You were not let in to " + service + ". " + why
}

// ago is how long before somebody had signed in.
func ago(since time.Duration) string {
	switch {
	case since < 2*time.Minute:
		return "a moment before"
	case since < 2*time.Hour:
		return fmt.Sprintf("%d minutes before", int(since.Minutes()))
	}
	return fmt.Sprintf("%d hours before", int(since.Hours()))
}

// askedLately is how long somebody who was asked to sign in may take to get to the page.
const askedLately = 5 * time.Minute

// WhyAsked is why somebody is asked to sign in for a service, in a sentence or two: the
// reasons of the last time, if that was just now. It is empty when nothing is known:
// signing in does not wait for a reason.
func (d *Desk) WhyAsked(ctx context.Context, person ids.Person, service ids.Service) string {
	if person == "" || service == "" {
		return ""
	}
	records, _, err := d.List(ctx, Filter{Person: person, Service: service, Effect: policy.StepUp.String(), Limit: 1})
	if err != nil {
		d.deps.Log.WarnContext(ctx, "why somebody is asked to sign in could not be read", "person", person, "error", err)
	}
	if len(records) == 0 || d.deps.Now().Sub(records[0].At) > askedLately {
		return ""
	}
	var sentences []string
	for _, reason := range records[0].Reasons {
		sentence, _, _ := strings.Cut(Sentence(reason.Code), ". ")
		sentence = strings.TrimSuffix(sentence, ".") + "."
		if len(sentences) < 2 && (len(sentences) == 0 || sentences[0] != sentence) {
			sentences = append(sentences, sentence)
		}
	}
	return strings.Join(sentences, " ")
}
