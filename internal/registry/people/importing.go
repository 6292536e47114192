package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/warder-project/warder/internal/base/days"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/base/tx"
	"github.com/warder-project/warder/internal/registry/audit"
)

const (
	// maxFaults is how many places of a feed are listed before looking stops.
	maxFaults = 20
	// manyChanges is when it is kinder to tell listeners to read everybody again
	// than to name each person.
	manyChanges = 500
)

// Import brings the directory in line with a feed, all of it or nothing, and
// returns what it did; with DryRun, what it would do. It adds and changes people
// and what a feed says about their groups. It never removes anybody and never
// changes a state: who is missing from the feed is reported.
//
// An import that names a row that cannot be stored is problem ImportRefused,
// with up to 20 places.
func (d *Directory) Import(ctx context.Context, actor audit.Actor, rows []Row, mode Mode) (Plan, error) {
	var plan Plan
	err := d.deps.Tx.InTx(ctx, func(ctx context.Context) error {
		work, err := d.compare(ctx, rows)
		if err != nil {
			return err
		}
		plan = work.plan
		if mode != Apply {
			return nil
		}
		return d.apply(ctx, actor, work)
	})
	if err != nil {
		return Plan{}, fmt.Errorf("import %d people: %w", len(rows), err)
	}
	plan.Applied = mode == Apply
	return plan, nil
}

// work is an import under way: the plan, and what has to be written for it.
type work struct {
	rows   []Row
	stored map[string]Person // by user name
	groups map[string]Group  // by name
	fed    map[ids.Person][]string
	byID   map[ids.Person]string // user names
	emails map[string]string     // lower-case address → user name, as it will be
	heads  map[string]string     // user name → manager's user name, as it will be
	lines  map[string]int        // user name → index into rows

	plan      Plan
	faults    []problem.Field
	added     []Person
	changed   []Person
	newGroups []Group
	joining   []Member
	leaving   []Member
}

// compare reads what is stored and works out the plan.
func (d *Directory) compare(ctx context.Context, rows []Row) (*work, error) {
	w, err := d.load(ctx, rows)
	if err != nil {
		return nil, err
	}
	w.indexRows()
	if len(w.faults) == 0 {
		for i := range rows {
			w.compareRow(&rows[i], d)
		}
	}
	if len(w.faults) == 0 {
		w.checkEmails()
		w.checkHeads()
	}
	if len(w.faults) > 0 {
		return nil, ImportRefused.New().At(w.faults...)
	}
	w.report()
	return w, nil
}

func (d *Directory) load(ctx context.Context, rows []Row) (*work, error) {
	w := &work{rows: rows, stored: map[string]Person{}, groups: map[string]Group{}, fed: map[ids.Person][]string{},
		byID: map[ids.Person]string{}, emails: map[string]string{}, heads: map[string]string{}, lines: make(map[string]int, len(rows))}
	w.plan.Rows = len(rows)
	err := d.deps.Store.Each(ctx, func(person Person) error {
		w.stored[person.UserName] = person
		w.byID[person.ID] = person.UserName
		return nil
	})
	if err != nil {
		return nil, err
	}
	groups, err := d.deps.Store.AllGroups(ctx)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		w.groups[group.Name] = group
	}
	err = d.deps.Store.EachMember(ctx, func(member Member, group string) error {
		if member.Source == ByFeed {
			w.fed[member.Person] = append(w.fed[member.Person], group)
		}
		return nil
	})
	for _, names := range w.fed {
		slices.Sort(names) // the database may sort by another alphabet
	}
	return w, err
}

// indexRows finds every row by user name and refuses doubles, so that a row may
// name a manager who comes later in the file.
func (w *work) indexRows() {
	for i := range w.rows {
		row := &w.rows[i]
		if first, twice := w.lines[row.UserName]; twice {
			w.fault(row, "user_name", fmt.Sprintf("%q is on line %d already; expected everybody once", clip(row.UserName), w.rows[first].Line))
			continue
		}
		w.lines[row.UserName] = i
	}
}

// compareRow works out what one row means: a join, a change, or nothing.
func (w *work) compareRow(row *Row, d *Directory) {
	before, known := w.stored[row.UserName]
	after := row.onto(before)
	if !known {
		after.ID, after.State = ids.New[ids.Person](), Active
		after.CreatedAt = moment(d.deps.Now())
	}
	after.ChangedAt = moment(d.deps.Now())
	faults := row.Check()
	if len(faults) == 0 {
		faults = checkDates(after) // with the dates the feed keeps silent about
	}
	for _, fault := range faults {
		w.fault(row, fault.Name, fault.Message)
	}
	if known && (before.Kind == KindBreakGlass) != (after.Kind == KindBreakGlass) {
		// What never signs in by itself must not become somebody who does, nor the
		// other way round, by a line in a file.
		w.fault(row, "kind", fmt.Sprintf("changes from %s to %s; an identity kept for emergencies stays one, and nobody becomes one", before.Kind, after.Kind))
	}
	w.setHead(row, before)
	groups := w.wantedGroups(row, before)
	if !known {
		w.added = append(w.added, after)
		w.plan.Joins = append(w.plan.Joins, Join{Person: after.ID, UserName: after.UserName, Name: after.Name, Line: row.Line})
		w.setGroups(after.ID, nil, groups, d)
		return
	}
	fields := differences(before, after)
	if manager := w.heads[row.UserName]; manager != w.byID[before.Manager] {
		fields = append(fields, FieldChange{Field: "manager", From: w.byID[before.Manager], To: manager})
	}
	if !slices.Equal(groups, w.fed[before.ID]) {
		fields = append(fields, FieldChange{Field: "groups", From: strings.Join(w.fed[before.ID], ";"), To: strings.Join(groups, ";")})
	}
	if len(fields) == 0 {
		w.plan.Unchanged++
		return
	}
	w.changed = append(w.changed, after)
	w.plan.Changes = append(w.plan.Changes, Change{Person: before.ID, UserName: before.UserName, Line: row.Line, Fields: fields})
	w.setGroups(before.ID, w.fed[before.ID], groups, d)
}

// onto returns the person as the row wants them. The manager is settled later,
// when everybody has an id.
func (r *Row) onto(p Person) Person {
	p.UserName, p.Name = r.UserName, strings.TrimSpace(r.Name)
	set := func(field Fields, target *string, value string) {
		if !r.Keep.Has(field) {
			*target = value
		}
	}
	set(FieldEmail, &p.Email, r.Email)
	set(FieldEmployeeID, &p.EmployeeID, r.EmployeeID)
	set(FieldDepartment, &p.Department, r.Department)
	set(FieldJobTitle, &p.JobTitle, r.JobTitle)
	if !r.Keep.Has(FieldKind) {
		p.Kind = r.Kind
	}
	if p.Kind == "" {
		p.Kind = KindPerson
	}
	if !r.Keep.Has(FieldStarts) {
		p.Starts = days.Of(r.Starts)
	}
	if !r.Keep.Has(FieldEnds) {
		p.Ends = days.Of(r.Ends)
	}
	return p
}

func differences(before, after Person) []FieldChange {
	var fields []FieldChange
	for _, field := range []struct{ name, from, to string }{
		{"name", before.Name, after.Name},
		{"email", before.Email, after.Email},
		{"employee_id", before.EmployeeID, after.EmployeeID},
		{"department", before.Department, after.Department},
		{"job_title", before.JobTitle, after.JobTitle},
		{"kind", string(before.Kind), string(after.Kind)},
		{"starts", days.Format(before.Starts), days.Format(after.Starts)},
		{"ends", days.Format(before.Ends), days.Format(after.Ends)},
	} {
		if field.from != field.to {
			fields = append(fields, FieldChange{Field: field.name, From: field.from, To: field.to})
		}
	}
	return fields
}

func (w *work) setHead(row *Row, before Person) {
	manager := row.Manager
	if row.Keep.Has(FieldManager) {
		manager = w.byID[before.Manager]
	}
	if manager != "" {
		w.heads[row.UserName] = manager
	}
}

// wantedGroups returns the names in order, each once.
func (w *work) wantedGroups(row *Row, before Person) []string {
	if row.Keep.Has(FieldGroups) {
		return w.fed[before.ID]
	}
	names := slices.Clone(row.Groups)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil
	}
	return names
}

func (w *work) setGroups(person ids.Person, before, after []string, d *Directory) {
	for _, name := range after {
		if slices.Contains(before, name) {
			continue
		}
		group, known := w.groups[name]
		if !known {
			group = Group{ID: ids.New[ids.Group](), Name: name, CreatedAt: moment(d.deps.Now())}
			w.groups[name] = group
			w.newGroups = append(w.newGroups, group)
			w.plan.NewGroups = append(w.plan.NewGroups, name)
		}
		w.joining = append(w.joining, Member{Group: group.ID, Person: person, Source: ByFeed})
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			w.leaving = append(w.leaving, Member{Group: w.groups[name].ID, Person: person, Source: ByFeed})
		}
	}
}

func (w *work) fault(row *Row, name, message string) {
	if len(w.faults) < maxFaults {
		w.faults = append(w.faults, problem.Field{File: row.File, Line: row.Line, Name: name, Message: message})
	}
}

// report fills the parts of the plan that are about people the feed does not
// change, and puts everything in order.
func (w *work) report() {
	for userName, person := range w.stored {
		known := Known{Person: person.ID, UserName: userName, Name: person.Name, State: person.State}
		_, named := w.lines[userName]
		switch {
		case named && person.State == Left:
			w.plan.Left = append(w.plan.Left, known)
		case !named && person.State != Left && person.Kind == KindPerson:
			w.plan.Missing = append(w.plan.Missing, known)
		}
	}
	byUserName := func(a, b Known) int { return strings.Compare(a.UserName, b.UserName) }
	slices.SortFunc(w.plan.Missing, byUserName)
	slices.SortFunc(w.plan.Left, byUserName)
	slices.SortFunc(w.plan.Joins, func(a, b Join) int { return strings.Compare(a.UserName, b.UserName) })
	slices.SortFunc(w.plan.Changes, func(a, b Change) int { return strings.Compare(a.UserName, b.UserName) })
	slices.Sort(w.plan.NewGroups)
}

// apply writes what compare has worked out.
func (d *Directory) apply(ctx context.Context, actor audit.Actor, w *work) error {
	w.settleManagers()
	now := moment(d.deps.Now())
	for _, write := range []func() error{
		// Changes come first: somebody new may have an address that was somebody else's.
		func() error { return d.deps.Store.Change(ctx, w.changed) },
		func() error { return d.deps.Store.Add(ctx, w.added) },
		func() error { return d.deps.Store.AddGroups(ctx, w.newGroups) },
		func() error { return d.deps.Store.RemoveMembers(ctx, w.leaving) },
		func() error { return d.deps.Store.AddMembers(ctx, w.joining, now) },
		func() error { return d.tellMoves(ctx, w) },
		func() error { return d.recordImport(ctx, actor, w) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return w.publish(ctx)
}

// tellMoves says who is no longer reached where they were.
func (d *Directory) tellMoves(ctx context.Context, w *work) error {
	for _, person := range w.changed {
		before := w.stored[person.UserName].Email
		if d.deps.Moved == nil || strings.EqualFold(before, person.Email) {
			continue
		}
		if err := d.deps.Moved(ctx, person.ID, before); err != nil {
			return err
		}
	}
	return nil
}

// settleManagers turns the managers' user names into ids.
func (w *work) settleManagers() {
	id := make(map[string]ids.Person, len(w.stored)+len(w.added))
	for userName, person := range w.stored {
		id[userName] = person.ID
	}
	for _, person := range w.added {
		id[person.UserName] = person.ID
	}
	for _, list := range [][]Person{w.added, w.changed} {
		for i := range list {
			list[i].Manager = id[w.heads[list[i].UserName]]
		}
	}
}

func (d *Directory) recordImport(ctx context.Context, actor audit.Actor, w *work) error {
	for _, person := range w.added {
		if err := d.record(ctx, actor, "person.added", person.ID, addedDetails(person)); err != nil {
			return err
		}
	}
	for _, group := range w.newGroups {
		if err := d.recordGroup(ctx, actor, "group.added", group, nil); err != nil {
			return err
		}
	}
	for _, change := range w.plan.Changes {
		if err := d.record(ctx, actor, "person.changed", change.Person, change.details()); err != nil {
			return err
		}
	}
	return d.deps.Audit.Record(ctx, audit.Event{Actor: actor, Action: "people.imported", Details: map[string]string{
		"rows": strconv.Itoa(w.plan.Rows), "joins": strconv.Itoa(len(w.plan.Joins)), "changes": strconv.Itoa(len(w.plan.Changes)),
		"unchanged": strconv.Itoa(w.plan.Unchanged), "missing": strconv.Itoa(len(w.plan.Missing)),
	}})
}

// details is what the audit record says about a change: which fields, and the
// values of those that are not personal data.
func (c Change) details() map[string]string {
	details := map[string]string{}
	names := make([]string, 0, len(c.Fields))
	for _, field := range c.Fields {
		names = append(names, field.Field)
		switch field.Field {
		case "kind", "starts", "ends", "manager", "groups", "department":
			details[field.Field+"_from"], details[field.Field+"_to"] = clip(field.From), clip(field.To)
		}
	}
	details["fields"] = strings.Join(names, ",")
	return details
}

func (w *work) publish(ctx context.Context) error {
	if len(w.added)+len(w.changed) > manyChanges {
		return tx.Publish(ctx, tx.Person, "")
	}
	for _, list := range [][]Person{w.added, w.changed} {
		for _, person := range list {
			if err := tx.Publish(ctx, tx.Person, string(person.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}
