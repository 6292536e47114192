package exceptions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

// House is what other rooms know, and this one must.
type House interface {
	// Standing says what somebody is here; the zero Standing when nobody knows them.
	Standing(ctx context.Context, person ids.Person) (Standing, error)
	// Target says what a service and a route of it are; route may be "".
	Target(ctx context.Context, service ids.Service, route ids.Route) (Target, error)
	// MissingGroups are those of the names that no group has.
	MissingGroups(ctx context.Context, names []string) ([]string, error)
	// May says whether somebody holds a permission.
	May(ctx context.Context, person ids.Person, permission string) (bool, error)
	// Fresh says whether the session is this person's, and they have touched a key that
	// nobody can have passed on, within ten minutes.
	Fresh(ctx context.Context, person ids.Person, session ids.Session) (bool, error)
}

// Standing is what somebody is here.
type Standing struct {
	Known     bool
	MaySignIn bool // now
	Left      bool
	Groups    []string
}

// Target is a service as an exception sees it.
type Target struct {
	Open       bool // it is there and not retired
	Owner      ids.Person
	RouteKnown bool
}

// Deps is what a Register needs.
type Deps struct {
	Store Store
	House House
	Tx    tx.Runner
	Audit *audit.Log
	Now   func() time.Time
	// Follow says, in the unit of work of a change, when what has changed lapses without a
	// review; zero when none is due.
	Follow func(ctx context.Context, e Exception) (time.Time, error)
}

// Register is the room's entry: every exception there is or was.
type Register struct{ deps Deps }

// New returns the register.
func New(deps Deps) *Register { return &Register{deps: deps} }

// Get returns an exception. Problem: NotFound.
func (r *Register) Get(ctx context.Context, id ids.Exception) (Exception, error) {
	return r.deps.Store.ByID(ctx, id)
}

// Named returns the exception of a name such as E-012, or of an id. Problem: NotFound.
func (r *Register) Named(ctx context.Context, name string) (Exception, error) {
	if id, err := ids.Parse[ids.Exception](name); err == nil {
		return r.Get(ctx, id)
	}
	number, ok := ParseName(name)
	if !ok {
		return Exception{}, NotFound.New()
	}
	found, err := r.deps.Store.List(ctx, Filter{Number: number})
	if err != nil {
		return Exception{}, fmt.Errorf("read exception %d: %w", number, err)
	}
	if len(found) == 0 {
		return Exception{}, NotFound.New()
	}
	return found[0], nil
}

// List returns exceptions, the latest first.
func (r *Register) List(ctx context.Context, filter Filter) ([]Exception, error) {
	found, err := r.deps.Store.List(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list exceptions: %w", err)
	}
	return found, nil
}

// Propose asks for an exception, which relaxes nothing until it is approved. Of the
// proposal everything up to OnOverdue, with the owner and the times, is taken; the
// owner is whoever proposes when none is named. Problems: Malformed, NoEnd, TooLong, NotYours.
func (r *Register) Propose(ctx context.Context, by By, proposal Exception) (Exception, error) {
	now := moment(r.deps.Now())
	made := Exception{ID: ids.New[ids.Exception](), Subject: proposal.Subject, Floor: proposal.Floor, Reason: proposal.Reason,
		Narrative: proposal.Narrative, Risk: proposal.Risk, Controls: append([]Control(nil), proposal.Controls...),
		Sunset:  Sunset{Path: proposal.Sunset.Path, Milestones: append([]Milestone(nil), proposal.Sunset.Milestones...)},
		Reviews: append([]time.Time(nil), proposal.Reviews...), Evidence: append([]string(nil), proposal.Evidence...), OnOverdue: proposal.OnOverdue,
		State: Proposed, Owner: proposal.Owner, ProposedBy: by.Actor, Start: proposal.Start, End: proposal.End,
		ProposedAt: now, ChangedAt: now, Version: 1}
	if made.Owner == "" {
		made.Owner = by.Person()
	}
	if err := made.complete(now); err != nil {
		return Exception{}, err
	}
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		target, err := r.find(ctx, &made)
		if err != nil {
			return err
		}
		if err := r.mayPropose(ctx, by, target); err != nil {
			return err
		}
		if made.Number, err = r.deps.Store.Add(ctx, made); err != nil {
			return err
		}
		return r.tell(ctx, by.Actor, "exception.proposed", made, nil)
	})
	if err != nil {
		return Exception{}, fmt.Errorf("propose exception: %w", err)
	}
	return made, nil
}

// Check refuses a proposal that Propose would refuse, and changes nothing.
func (r *Register) Check(ctx context.Context, proposal Exception) error {
	if err := proposal.complete(moment(r.deps.Now())); err != nil {
		return err
	}
	_, err := r.find(ctx, &proposal)
	return err
}

// mayPropose lets the command line, those with the permission, and the owner of the
// service ask for an exception.
func (r *Register) mayPropose(ctx context.Context, by By, target Target) error {
	if by.Actor.Kind == audit.ActorCommand || by.Person() != "" && by.Person() == target.Owner {
		return nil
	}
	return r.need(ctx, by, MayPropose)
}

// need refuses whoever does not hold the permission.
func (r *Register) need(ctx context.Context, by By, permission string) error {
	if by.Person() == "" {
		return NotYours.New()
	}
	may, err := r.deps.House.May(ctx, by.Person(), permission)
	if err == nil && !may {
		return NotYours.New()
	}
	return err
}

// mayTend refuses whoever neither owns the exception nor might have proposed it.
func (r *Register) mayTend(ctx context.Context, by By, e Exception) error {
	if by.Actor.Kind == audit.ActorCommand || by.Actor.Kind == audit.ActorSystem || by.Person() != "" && by.Person() == e.Owner {
		return nil
	}
	var target Target
	if e.Subject.Service != "" {
		var err error
		if target, err = r.deps.House.Target(ctx, e.Subject.Service, ""); err != nil {
			return err
		}
	}
	// Whoever may let it in may send it away: reviewers are those who may approve it.
	judged := e
	judged.Renewal = Renewal{}
	if err := r.MayApprove(ctx, by, judged); err == nil || !problem.Is(err, SamePerson) && !problem.Is(err, NotYourRoute) && !problem.Is(err, NeedsKey) {
		return err
	}
	return r.mayPropose(ctx, by, target)
}

// step does one thing to one exception, in one unit of work: it moves the state,
// lets work change the rest, and records it.
func (r *Register) step(ctx context.Context, by By, id ids.Exception, what event, work func(ctx context.Context, e *Exception) error) (Exception, error) {
	var after Exception
	err := r.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		before, err := r.deps.Store.ByID(ctx, id)
		if err != nil {
			return err
		}
		after = before
		if after.State, err = move(before.State, what); err != nil {
			return MovedOn.Because(err)
		}
		after.ChangedAt = moment(r.deps.Now())
		if err := work(ctx, &after); err != nil {
			return err
		}
		if after.State.Over() {
			after.EndedAt, after.Renewal = after.ChangedAt, Renewal{}
		}
		if after.Lapses, err = r.follow(ctx, after); err != nil {
			return err
		}
		if err := r.deps.Store.Advance(ctx, after); err != nil {
			return err
		}
		after.Version++
		if err := r.tell(ctx, by.Actor, "exception."+string(what), after, details(before, after)); err != nil {
			return err
		}
		return tx.Publish(ctx, tx.Exception, string(id))
	})
	if err != nil {
		return Exception{}, fmt.Errorf("exception %s: %s: %w", id, what, err)
	}
	return after, nil
}

// follow asks when an exception lapses without a review. Without anybody to ask it is
// never looked at, and ends at its end.
func (r *Register) follow(ctx context.Context, e Exception) (time.Time, error) {
	if r.deps.Follow == nil {
		return time.Time{}, nil
	}
	lapses, err := r.deps.Follow(ctx, e)
	return moment(lapses), err
}

// details is what a change of an exception was, for the record.
func details(before, after Exception) map[string]string {
	said := map[string]string{}
	for name, values := range map[string][2]string{
		"ending":   {before.Ending, after.Ending},
		"approver": {string(before.ApprovedBy), string(after.ApprovedBy)},
		"owner":    {string(before.Owner), string(after.Owner)},
		"start":    {before.Start.Format(time.RFC3339), after.Start.Format(time.RFC3339)},
		"end":      {before.End.Format(time.RFC3339), after.End.Format(time.RFC3339)},
		"floor":    {before.Floor.String(), after.Floor.String()},
	} {
		if values[0] != values[1] {
			said[name] = values[1]
		}
	}
	if after.Renewal.Asked() && !before.Renewal.Asked() {
		said["renewal"], said["reason"] = after.Renewal.End.Format(time.RFC3339), after.Renewal.Reason
	}
	return said
}

func (r *Register) tell(ctx context.Context, actor audit.Actor, action string, e Exception, details map[string]string) error {
	if details == nil {
		details = map[string]string{"end": e.End.Format(time.RFC3339), "floor": e.Floor.String(), "owner": string(e.Owner)}
	}
	details["name"] = e.Name()
	return r.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: action, Subject: string(e.ID), Details: details})
}

// because checks the sentence that says why something is done.
func because(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > longestText || strings.ContainsRune(text, 0) {
		return "", Malformed.New().At(problem.Field{Name: "reason", Message: "Say why, in a sentence; it goes into the record"})
	}
	return text, nil
}
