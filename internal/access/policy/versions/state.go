package versions

// State is what a version is used for. The zero value is no state.
type State string

// The states.
const (
	Draft      State = "draft"       // being written; decides nothing
	ReportOnly State = "report_only" // asked beside the one in force; what it would have said is counted
	Enforced   State = "enforced"    // decides; there is one
	Retired    State = "retired"     // was in force once, or was thrown away; kept for the record
)

// States lists them in the order of a version's life.
func States() []State { return []State{Draft, ReportOnly, Enforced, Retired} }

// Words is the state for people.
func (s State) Words() string {
	switch s {
	case Draft:
		return "draft"
	case ReportOnly:
		return "report-only"
	case Enforced:
		return "in force"
	case Retired:
		return "retired"
	}
	return "not known"
}

// act is what is done to a version.
type act string

const (
	edit      act = "edit"      // change its text
	report    act = "report"    // try it beside the one in force
	withdraw  act = "withdraw"  // back to being written
	enforce   act = "enforce"   // put it in force
	supersede act = "supersede" // another one is put in force
	retire    act = "retire"    // put it away
)

// acts lists them all.
func acts() []act { return []act{edit, report, withdraw, enforce, supersede, retire} }

// after is the state that an act leads to, and false where it is not possible. A
// version in force is only ever replaced: without one, every service is shut. What is
// retired stays so: its text may be saved again under a new name.
func (s State) after(what act) (State, bool) {
	switch s {
	case Draft:
		return fromDraft(what)
	case ReportOnly:
		return fromReportOnly(what)
	case Enforced:
		if what == supersede {
			return Retired, true
		}
	case Retired:
	}
	return "", false
}

func fromDraft(what act) (State, bool) {
	switch what {
	case edit:
		return Draft, true
	case report:
		return ReportOnly, true
	case enforce:
		return Enforced, true
	case retire:
		return Retired, true
	case withdraw, supersede:
	}
	return "", false
}

func fromReportOnly(what act) (State, bool) {
	switch what {
	case withdraw:
		return Draft, true
	case enforce:
		return Enforced, true
	case retire:
		return Retired, true
	case edit, report, supersede:
	}
	return "", false
}
