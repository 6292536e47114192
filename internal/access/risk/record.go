package risk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// Why sessions end here.
const (
	NotMe       sessions.Reason = "not_me"          // its holder says that it is somebody else's
	EndedByMail sessions.Reason = "ended_from_mail" // it was its holder, who is done with it
)

// Heard holds the use of a lost key against its holder's account, in the event's
// own unit of work. App lets it hear every event.
func (w *Watch) Heard(ctx context.Context, event audit.Event) error {
	person := ids.Person(event.Details["person"])
	if event.Action != "factor.refused" || event.Details["problem"] != "factor.key_blocked" || person == "" {
		return nil
	}
	now := w.now()
	known := Known{Kind: LostKey, Value: event.Details["key"], First: now, Last: now, Times: 1}
	if known.Value == "" {
		return errors.New("hold the use of a lost key against somebody: the event does not say which key")
	}
	if err := w.deps.Store.Learn(ctx, person, []Known{known}, nil); err != nil {
		return err
	}
	// Whoever has the key may have more of the person's things: what is signed in is judged anew.
	live, err := w.deps.Store.Sights(ctx, Which{Person: person, Live: true})
	if err != nil {
		return err
	}
	for _, sight := range live {
		sight.Signals.KeyReportedLost = policy.Yes
		if err := w.deps.Store.KeepSight(ctx, sight); err != nil {
			return err
		}
		if err := tx.Publish(ctx, tx.Session, string(sight.Session)); err != nil {
			return err
		}
	}
	return nil
}

// Profile is all that is kept about one person.
type Profile struct {
	Known  []Known
	Sights []Sight // the latest first, at most 50
}

// Lines are the profile for a terminal: what, value, first and last seen, and when it
// was confirmed or why it was unusual.
func (p Profile) Lines() [][]string {
	moment := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	var lines [][]string
	for _, known := range p.Known {
		lines = append(lines, []string{string(known.Kind), known.Value, moment(known.First), moment(known.Last), moment(known.Confirmed)})
	}
	for i := range p.Sights {
		seen := &p.Sights[i]
		lines = append(lines, []string{"seen", seen.NetworkText() + " " + seen.Place.Called(), moment(seen.At), "", seen.Why()})
	}
	return lines
}

// Of is all that is kept about one person.
func (w *Watch) Of(ctx context.Context, person ids.Person) (Profile, error) {
	known, err := w.deps.Store.Known(ctx, person)
	if err != nil {
		return Profile{}, fmt.Errorf("read what is usual for %s: %w", person, err)
	}
	sights, err := w.deps.Store.Sights(ctx, Which{Person: person, Limit: 50})
	if err != nil {
		return Profile{}, fmt.Errorf("read where %s was: %w", person, err)
	}
	return Profile{known, sights}, nil
}

// Seen are the sights of one session, the latest first.
func (w *Watch) Seen(ctx context.Context, session ids.Session) ([]Sight, error) {
	return w.deps.Store.Sights(ctx, Which{Sessions: []ids.Session{session}})
}

// Retention is how long what was last seen is kept.
const Retention = 180 * 24 * time.Hour

// Forget drops what has not been seen for as long as Retention, but open cases.
func (w *Watch) Forget(ctx context.Context) error {
	err := w.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		_, err := w.deps.Store.Forget(ctx, w.now().Add(-Retention))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget where people were: %w", err)
	}
	return nil
}
