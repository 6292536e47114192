package standards

import "github.com/warder-project/warder/internal/registry/assurance"

// Mapping is where each method stands, as of one version.
type Mapping struct {
	Version string // the month from which it is in force: "2026-04"
	Sources []Source
	Rows    []Row // in the order of the catalogue
}

// Source is a text that a mapping rests on.
type Source struct {
	Standard Standard
	Title    string
	Date     string // of the text, as it gives it
	Read     Reading
}

// Reading says how sure we are of what a source says. The zero value is the least.
type Reading string

// The readings.
const (
	NotVerified Reading = "not verified: sources conflict"
	SecondHand  Reading = "read in a secondary source"
	FirstHand   Reading = "read in the standard itself"
)

// Standard is who published it.
type Standard string

// The standards.
const (
	NIST            Standard = "NIST SP 800-63B"
	NCSC            Standard = "NCSC"
	CyberEssentials Standard = "Cyber Essentials"
)

// Row is where one method stands.
type Row struct {
	Method assurance.Method
	// AAL is the most that a use of it can reach: of what is one factor beside a
	// password, of what is two with the user verified. None is nothing.
	AAL             assurance.Level
	NCSC            string // the type of method in the NCSC's words
	CyberEssentials string // the type of factor
	NotMet          string // what is not met, not proven or not known
}

// In is what the row says under one standard, in words.
func (r Row) In(standard Standard) string {
	switch standard {
	case NIST:
		return r.AAL.String()
	case NCSC:
		return r.NCSC
	case CyberEssentials:
		return r.CyberEssentials
	}
	return ""
}

// Of is the row of a method; of a method that it does not have, one that grants
// nothing.
func (m Mapping) Of(method assurance.Method) Row {
	for _, row := range m.Rows {
		if row.Method == method {
			return row
		}
	}
	return Row{Method: method, NCSC: notDescribed, CyberEssentials: notDescribed, NotMet: "This version of the mapping does not know the method."}
}

// Change is one method that stands elsewhere under one standard.
type Change struct {
	Method        assurance.Method
	Standard      Standard
	Before, After string
}

// Diff lists who changes class from one mapping to another, in the order of the
// catalogue.
func Diff(before, after Mapping) []Change {
	var changes []Change
	for _, class := range assurance.Catalogue() {
		old, now := before.Of(class.Method), after.Of(class.Method)
		for _, standard := range []Standard{NIST, NCSC, CyberEssentials} {
			if old.In(standard) != now.In(standard) {
				changes = append(changes, Change{class.Method, standard, old.In(standard), now.In(standard)})
			}
		}
	}
	return changes
}

// Current is the mapping in force.
func Current() Mapping {
	all := Versions()
	return all[len(all)-1]
}

// Versions lists every mapping, oldest first.
func Versions() []Mapping { return []Mapping{april2025(), april2026()} }
