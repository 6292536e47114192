package assess

import (
	"time"

	"github.com/warder-project/warder/internal/feeds/cloud"
	"github.com/warder-project/warder/internal/feeds/hr"
	"github.com/warder-project/warder/internal/proof/coverage"
	"github.com/warder-project/warder/internal/registry/people"
)

func (r *run) staff() error {
	source := r.inputs.Staff
	if source == nil {
		r.facts.Gaps = append(r.facts.Gaps, coverage.Gap{Sentence: "There is no staff list, so nobody knows how many people there are.",
			Next: "Give --staff with a CSV of everybody who works here.", PeopleOnly: true})
		return nil
	}
	t := take(source, cloud.Staff)
	rows, err := hr.ParsePeople(source.Name, t.reader)
	if err != nil {
		return err
	}
	for i := range rows {
		r.facts.People = append(r.facts.People, r.person(&rows[i]))
	}
	fresh, err := r.done(t, len(rows), time.Time{})
	r.facts.StaffKnown = fresh
	if err == nil && !fresh {
		r.facts.Gaps = append(r.facts.Gaps, coverage.Gap{Sentence: "The staff list is too old, or nobody knows how old it is.",
			Next: "Export the staff list again and give it with --staff.", PeopleOnly: true})
	}
	return err
}

// person settles whether somebody on the staff list is counted. Ends is the last
// day: the day after, the person has left.
func (r *run) person(row *people.Row) coverage.Person {
	person := coverage.Person{UserName: row.UserName, Name: row.Name, Email: row.Email, Department: row.Department}
	switch {
	case row.Kind == people.KindBreakGlass:
		person.Excluded = coverage.RuleBreakGlass
	case row.Kind != "" && row.Kind != people.KindPerson:
		person.Excluded = coverage.RuleNotAPerson
	case !row.Ends.IsZero() && !r.inputs.AsOf.Before(row.Ends.AddDate(0, 0, 1)):
		person.Excluded = coverage.RuleLeaver
	case row.Starts.After(r.inputs.AsOf):
		person.Excluded = coverage.RuleNotStarted
	}
	return person
}
