package forecast

import (
	"cmp"
	"slices"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/base/ids"
)

// enough is how many strong ways in somebody needs who must not be locked out.
const enough = 2

// Make works out whom the draft would lock out.
func Make(facts *Facts) *Forecast {
	m := &maker{facts: facts, judge: newJudge(facts), lists: map[Kind][]Entry{}, services: make([]AtOne, len(facts.Services))}
	m.forecast = &Forecast{At: facts.At, Version: facts.Next.Version(), Against: facts.Before.Version(), Scope: facts.Scope, Uses: facts.Uses, People: len(facts.People), Services: facts.Services}
	for i := range facts.People {
		m.person(&facts.People[i])
	}
	m.finish()
	return m.forecast
}

type maker struct {
	facts    *Facts
	judge    *judge
	forecast *Forecast
	lists    map[Kind][]Entry
	services []AtOne
	spare    bool // an administrator has enough
	more     int  // people who would be asked for more, and can show it
}

// seen is what was found of one person at all services.
type seen struct {
	locked, out, elsewise, already []Asked
	let                            uint64 // the ways that open everything they are judged at
	more                           bool
}

func (m *maker) person(who *Somebody) {
	class, at := m.judge.classOf(who)
	found := m.look(who, class)
	notes := m.notes(who)
	add := func(kind Kind, asked []Asked) {
		m.lists[kind] = append(m.lists[kind], Entry{ID: who.ID, UserName: who.UserName, Name: who.Name, Department: who.Department, At: asked, Notes: notes})
	}
	for kind, asked := range map[Kind][]Asked{NoMethod: found.locked, ShutOut: found.out, Elsewise: found.elsewise, Already: found.already} {
		if len(asked) > 0 {
			add(kind, asked)
		}
	}
	strong := m.strong(who, at, found.let)
	m.spare = m.spare || who.Administer && strong >= enough
	if m.facts.Privileged && len(who.Roles) > 0 && strong < enough {
		add(WeakPrivileged, nil)
	}
	if keysOf(who) == 1 {
		add(OneKey, nil)
	}
	if len(who.Post) > 0 {
		add(InPost, nil)
	}
	if who.Shared {
		add(SharedAccount, nil)
	}
	// Whoever can do what is asked has nothing to do before the day.
	locked := len(found.locked) > 0 || len(found.out) > 0
	switch {
	case locked && who.Leave.Away == policy.Yes:
		add(OnLeave, nil)
	case locked && who.Leave.Away == policy.Unknown:
		add(LeaveUnknown, nil)
	}
	if found.more && !locked {
		m.more++
	}
}

// look judges somebody at every service in scope.
func (m *maker) look(who *Somebody, c *class) seen {
	found := seen{let: ^uint64(0)}
	one := func(service int) {
		o := m.judge.at(c, service)
		if m.facts.Scope == WhereLetIn && !o.wanted {
			return
		}
		m.services[service].Judged++
		found.more = found.more || o.more && o.before
		if !o.out && !o.elsewise {
			found.let &= o.let
		}
		asked := Asked{Service: m.facts.Services[service].Slug, Asks: o.asks, Rules: o.rules}
		switch {
		case o.locked() && o.out:
			found.out = append(found.out, asked)
		case o.locked():
			found.locked = append(found.locked, asked)
		case o.elsewise && o.before:
			found.elsewise = append(found.elsewise, asked)
		case !o.before && o.wanted:
			found.already = append(found.already, asked)
		}
		if o.locked() {
			m.services[service].Locked = append(m.services[service].Locked, who.UserName)
		}
	}
	if m.facts.Scope == WhereLetIn {
		for service := range m.facts.Services {
			one(service)
		}
		return found
	}
	for _, service := range who.Uses {
		one(service)
	}
	return found
}

// strong counts the different keys, each as good as a key must be, with which
// somebody gets in everywhere.
func (m *maker) strong(who *Somebody, at []int, let uint64) int {
	keys := map[ids.Key]bool{}
	for i, way := range who.Ways {
		if way.Spare && way.Key != "" && at[i] >= 0 && let>>at[i]&1 == 1 {
			keys[way.Key] = true
		}
	}
	return len(keys)
}

func keysOf(who *Somebody) int {
	keys := map[ids.Key]bool{}
	for _, way := range who.Ways {
		if way.Key != "" {
			keys[way.Key] = true
		}
	}
	return len(keys)
}

// notes are what else is known that matters to whoever must help.
func (m *maker) notes(who *Somebody) []string {
	var notes []string
	switch who.Leave.Away {
	case policy.Yes:
		notes = append(notes, "On leave, back on "+who.Leave.Back.Format("2 January 2006")+".")
	case policy.No, policy.Unknown:
	}
	for _, key := range who.Post {
		notes = append(notes, "Key "+key+" is issued and not registered.")
	}
	if len(who.Ways) == 0 {
		notes = append(notes, "Has nothing that works.")
	}
	if len(who.Roles) > 0 {
		notes = append(notes, "Holds a role.")
	}
	if who.Shared {
		notes = append(notes, "Several people use this name.")
	}
	return notes
}

func (m *maker) finish() {
	// Where nothing is in force, nobody gets in, and the first policy locks nobody out.
	alone := m.facts.Before == nil
	organisation := map[Kind]bool{NoAdministrator: !alone && !m.spare, NoBreakGlass: !alone && m.facts.BreakGlass != policy.Yes}
	for _, kind := range Kinds() {
		if people := m.lists[kind]; len(people) > 0 || organisation[kind] {
			m.forecast.Findings = append(m.forecast.Findings, Finding{Kind: kind, Blocks: kind.Blocks() && !alone, People: people})
		}
	}
	for i := range m.services {
		if len(m.services[i].Locked) > 0 {
			m.services[i].Service = m.facts.Services[i].Slug
			m.forecast.ByName = append(m.forecast.ByName, m.services[i])
		}
	}
	slices.SortStableFunc(m.forecast.ByName, func(a, b AtOne) int { return cmp.Compare(len(b.Locked), len(a.Locked)) })
	m.forecast.Load = loadOf(m.lockedPeople(), m.more)
}

// lockedPeople counts who is locked out of something, each once.
func (m *maker) lockedPeople() int {
	people := map[ids.Person]bool{}
	for _, kind := range []Kind{NoMethod, ShutOut} {
		for _, entry := range m.lists[kind] {
			people[entry.ID] = true
		}
	}
	return len(people)
}

// loadOf expects each who is locked out at the service desk, and one in ten of those
// who are asked for more than before and can show it.
func loadOf(locked, more int) Load {
	return Load{Locked: locked, More: more, Contacts: locked + (more+9)/10,
		Assumption: "In the first five working days: everybody who is locked out, once, and one in ten of those who are asked for more than before. This is an assumption, not a measurement."}
}

// Noon is the moment for which a forecast for a day is made: midday UTC, when it is
// that day in London all year round.
func Noon(day time.Time) time.Time { return day.Add(12 * time.Hour) }
