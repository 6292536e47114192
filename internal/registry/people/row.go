package people

import (
	"time"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/problem"
)

// Row is one person as a feed describes them. Every field counts, also an empty
// one: an empty Email takes the address away. Keep names the fields the feed
// does not speak about; they stay as they are stored.
type Row struct {
	File string // the file, as the person named it; "" when there is none
	Line int    // 1-based line the row starts on; 0 is unknown

	UserName   string
	Name       string
	Email      string
	EmployeeID string
	Department string
	JobTitle   string
	Kind       Kind      // "" means KindPerson
	Manager    string    // the manager's user name; "" for none
	Starts     time.Time // a calendar date; zero for none
	Ends       time.Time // a calendar date; zero for none
	Groups     []string  // names of groups

	Keep Fields
}

// Check returns what is wrong with the values of the row by themselves, by
// column. What it says about other people is only known to Import.
func (r *Row) Check() []problem.Field {
	person := r.onto(Person{Kind: KindPerson})
	faults := checkDetails(person)
	if r.Manager != "" {
		if message := checkSlug(r.Manager); message != "" {
			faults = append(faults, problem.Field{Name: "manager", Message: message})
		} else if r.Manager == r.UserName {
			faults = append(faults, problem.Field{Name: "manager", Message: "is the person's own user name; expected their manager's, or nothing"})
		}
	}
	for _, name := range r.Groups {
		if message := checkSlug(name); message != "" {
			faults = append(faults, problem.Field{Name: "groups", Message: message})
		}
	}
	return faults
}

// Fields is a set of columns of a feed.
type Fields uint16

// The fields a feed may leave out.
const (
	FieldEmail Fields = 1 << iota
	FieldEmployeeID
	FieldDepartment
	FieldJobTitle
	FieldKind
	FieldManager
	FieldStarts
	FieldEnds
	FieldGroups
)

// Has reports whether all of other is in f.
func (f Fields) Has(other Fields) bool { return f&other == other }

// Mode says whether an import is only worked out or also carried out. The zero
// value changes nothing.
type Mode int

// The modes.
const (
	DryRun Mode = iota
	Apply
)

// Plan is what an import does, or would do. Every list is ordered by user name.
type Plan struct {
	Applied   bool     // false after a dry run
	Rows      int      // people in the feed
	Joins     []Join   // not known until now
	Changes   []Change // known, and something differs
	Unchanged int      // known, and nothing differs
	NewGroups []string // groups named by the feed that do not exist yet
	Missing   []Known  // people we have (of kind person, not left) whom the feed does not name; never removed
	Left      []Known  // people the feed names although they have left; their state is not touched
}

// Join is somebody new.
type Join struct {
	Person   ids.Person // given when the import was applied
	UserName string
	Name     string
	Line     int
}

// Change is somebody known about whom the feed says something new.
type Change struct {
	Person   ids.Person
	UserName string
	Line     int
	Fields   []FieldChange
}

// FieldChange is one value that differs, as text.
type FieldChange struct {
	Field string // the column: "email", "ends", "groups", …
	From  string
	To    string
}

// Known is somebody already in the directory.
type Known struct {
	Person   ids.Person
	UserName string
	Name     string
	State    State
}
