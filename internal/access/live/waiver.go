package live

import (
	"context"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// Waivers is every exception that is approved, sorted by where it is for. It never
// changes. The zero value, and nil, has none.
type Waivers struct {
	at         map[ids.Service][]waiver
	everywhere []waiver
}

// waiver is one exception, made ready for many requests.
type waiver struct {
	exception Exception
	people    map[ids.Person]bool
}

// NewWaivers sorts exceptions. Those that are not approved are left out.
func NewWaivers(all []Exception) *Waivers {
	sorted := &Waivers{at: map[ids.Service][]waiver{}}
	for _, exception := range windowed(all) {
		one := waiver{exception: exception, people: make(map[ids.Person]bool, len(exception.Subject.People))}
		for _, person := range exception.Subject.People {
			one.people[person] = true
		}
		switch {
		case exception.State != ExceptionApproved:
		case exception.Subject.Service != "":
			sorted.at[exception.Subject.Service] = append(sorted.at[exception.Subject.Service], one)
		case !exception.Subject.Everybody(): // for everybody everywhere there is none
			sorted.everywhere = append(sorted.everywhere, one)
		}
	}
	return sorted
}

// windowed is one exception for each of the times in which it lowers what is asked: a
// review that nobody does closes the first by its date, whoever does any work.
func windowed(all []Exception) []Exception {
	var found []Exception
	for _, exception := range all {
		for _, window := range exception.Windows() {
			exception.Start, exception.End, exception.Floor, exception.Lapses = window.From, window.Until, window.Floor, time.Time{}
			found = append(found, exception)
		}
	}
	return found
}

// For is what an exception may let this person do with less, at a route of a service
// and at a moment. It allocates nothing where there is none.
func (l *Waivers) For(person ids.Person, groups policy.Groups, service ids.Service, route ids.Route, at time.Time) []policy.Exception {
	if l == nil || service == "" || person == "" {
		return nil
	}
	var found []policy.Exception
	for _, list := range [2][]waiver{l.at[service], l.everywhere} {
		for i := range list {
			if one := &list[i]; one.exception.InForce(at) && one.isFor(person, groups, route) {
				found = append(found, policy.Exception{ID: one.exception.ID, Floor: one.exception.Floor, From: one.exception.Start, Until: one.exception.End})
			}
		}
	}
	return found
}

func (w *waiver) isFor(person ids.Person, groups policy.Groups, route ids.Route) bool {
	subject := &w.exception.Subject
	if subject.Route != "" && subject.Route != route {
		return false
	}
	if subject.Everybody() || w.people[person] {
		return true
	}
	for _, name := range subject.Groups {
		if groups.Contains(name) {
			return true
		}
	}
	return false
}

// rereadWaivers reads the exceptions anew.
func (v *View) rereadWaivers(ctx context.Context) error {
	all, err := v.deps.Reader.Exceptions(ctx)
	if err != nil {
		return err
	}
	frame := *v.frame.Load()
	frame.Waivers = NewWaivers(all)
	v.frame.Store(&frame)
	return nil
}
