package forecast

import (
	"fmt"
	"strings"
)

// Text is the forecast for a terminal, with every list. It ends with a line break.
func (f *Forecast) Text() string {
	var b strings.Builder
	against := "in place of version " + f.Against
	if f.Against == "" {
		against = "where nothing is in force: nobody gets in today, and nobody can be locked out"
	}
	fmt.Fprintf(&b, "Forecast for %s: version %s, %s.\n", f.At.Format("2 January 2006"), f.Version, against)
	fmt.Fprintf(&b, "%s\n", f.Basis())
	for _, finding := range f.Findings {
		mark := "note"
		if finding.Blocks {
			mark = "STOP"
		}
		count := ""
		if len(finding.People) > 0 {
			count = fmt.Sprintf(": %d", len(finding.People))
		}
		fmt.Fprintf(&b, "\n%s  %s%s\n      %s\n", mark, finding.Kind.Title(), count, finding.Kind.Next())
		for i := range finding.People {
			fmt.Fprintf(&b, "      - %s\n", finding.People[i].line())
		}
	}
	for i, service := range f.ByName {
		if i == 0 {
			b.WriteString("\nBy service:\n")
		}
		fmt.Fprintf(&b, "  %s: %d of %d would be locked out\n", service.Service, len(service.Locked), service.Judged)
	}
	fmt.Fprintf(&b, "\nService desk: expect about %d. %s\n", f.Load.Contacts, f.Load.Assumption)
	if blockers := len(f.Blockers()); blockers > 0 {
		fmt.Fprintf(&b, "\nNot to be enforced like this: %d of the findings stop it.\n", blockers)
	} else {
		b.WriteString("\nNothing stops it.\n")
	}
	return b.String()
}

// Basis says who was judged, and where.
func (f *Forecast) Basis() string {
	if f.Scope == WhereLetIn {
		return fmt.Sprintf("Judged: %d people, each at every service that a rule lets them into today.", f.People)
	}
	return fmt.Sprintf("Judged: %d people, each at the services they used from %s to %s.", f.People, f.Uses.Since.Format("2 January 2006"), f.Uses.Until.Format("2 January 2006 at 15:04"))
}

// line is one person for a terminal.
func (e *Entry) line() string {
	parts := []string{e.UserName + " (" + e.Name + ")"}
	for _, asked := range e.At {
		parts = append(parts, asked.String())
	}
	if len(e.Notes) > 0 {
		parts = append(parts, strings.Join(e.Notes, " "))
	}
	return strings.Join(parts, "; ")
}

// String is for people: "payroll asks for AAL3, attested (rules payroll, staff)".
func (a Asked) String() string {
	switch len(a.Rules) {
	case 0:
		return a.Service + ": no rule lets them in"
	case 1:
		return a.Service + " asks for " + a.Asks + " (rule " + a.Rules[0] + ")"
	}
	return a.Service + " asks for " + a.Asks + " (rules " + strings.Join(a.Rules, ", ") + ")"
}
