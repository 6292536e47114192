package maturity

import (
	"fmt"

	"github.com/warder-project/warder/internal/proof/coverage"
)

// human is the judge of what no file can show.
func human(sign string) func(*bench) Criterion {
	return func(*bench) Criterion {
		return Criterion{State: NeedsHuman, Sentence: "No file can show this.", Sign: sign, Next: sign}
	}
}

func capable(a *coverage.Account) coverage.Fact { return a.Capable }

func someoneHasIt(b *bench) Criterion {
	question := coverage.Question{Sentence: "A second factor is set up.",
		Account: func(a *coverage.Account) coverage.Fact { return a.Registered }}
	criterion := some(b.facts.OfAccounts(question), b.facts.OfPrivileged(question))
	switch criterion.State {
	case NotMet:
		criterion.Next = "Let one group of people set up a second factor."
	case NotKnown:
		criterion.Next = "Give a recent export that shows who has a second factor."
	case Met, NeedsHuman:
	}
	return criterion
}

func privilegedHaveIt(b *bench) Criterion {
	return all(goal{figure: b.privileged("A second factor is set up and may be used.", capable), percent: 100})
}

func somewhereEnforced(b *bench) Criterion {
	criterion := some(b.services("A policy in force demands a second factor of somebody.",
		func(s *coverage.System) coverage.Fact { return s.SomeEnforced }))
	criterion.Lists = b.notes()
	if criterion.State != Met {
		criterion.Next = "Put one conditional access policy that demands MFA in force (not report-only), for administrators first, and give the export of the policies."
	}
	return criterion
}

func enforcementOn(b *bench) Criterion {
	criterion := all(goal{figure: b.services("A policy in force demands a second factor of somebody.",
		func(s *coverage.System) coverage.Fact { return s.SomeEnforced }), percent: 100})
	criterion.Lists = b.notes()
	return criterion
}

func manyHaveIt(b *bench) Criterion {
	question := coverage.Question{Sentence: "A second factor is set up and may be used.", Account: capable}
	services := b.facts.ServicesWhere(question, b.thresholds.Many)
	services.Sentence = fmt.Sprintf("At least %d%% of its accounts have a second factor they may use.", b.thresholds.Many)
	return all(goal{figure: b.facts.OfPeople(question), percent: b.thresholds.Many},
		goal{figure: services, percent: b.thresholds.Many})
}

func uniform(b *bench) Criterion {
	criterion := all(
		goal{figure: b.services("A policy in force demands a second factor of somebody.",
			func(s *coverage.System) coverage.Fact { return s.SomeEnforced }), percent: 100},
		goal{figure: b.privileged("A second factor is set up and may be used.", capable), percent: 100})
	criterion.Lists = b.notes()
	return criterion
}

func highCoverage(b *bench) Criterion {
	criterion := all(goal{figure: b.peopleRequired, percent: b.thresholds.Over, over: true},
		goal{figure: b.servicesEnforced, percent: b.thresholds.Over, over: true})
	criterion.Lists = b.notes()
	return criterion
}

// exceptions: what is excluded is known where the policies are known.
func exceptions(b *bench) Criterion {
	figure := b.services("Its policies are in the evidence, so that each exception is known.",
		func(s *coverage.System) coverage.Fact {
			if s.PoliciesKnown {
				return coverage.Yes
			}
			return coverage.Unknown
		})
	criterion := Criterion{Figures: []coverage.Figure{figure, b.peopleRequired}}
	var excluded []string
	for _, system := range b.facts.Systems {
		excluded = append(excluded, system.Exceptions...)
	}
	if len(excluded) > 0 {
		criterion.Lists = []List{{"Exceptions found in the policies", excluded}}
	}
	known := goal{figure: figure, percent: 100}
	switch {
	case known.reached() != coverage.Yes:
		criterion.State = NotKnown
		criterion.Sentence = fmt.Sprintf("The policies of %d of %d services are in the evidence.", figure.Yes, figure.Of)
		criterion.Next = known.next()
	case len(excluded) == 0 && b.peopleRequired.Complete && b.peopleRequired.No == 0 && b.peopleRequired.NotKnown == 0:
		criterion.State = Met
		criterion.Sentence = "No policy excludes anybody, and there is nobody of whom no second factor is demanded."
	default:
		criterion.State = NeedsHuman
		criterion.Sentence = fmt.Sprintf("%d exclusions in the policies; %d people of whom no second factor is demanded or it is not known.",
			len(excluded), b.peopleRequired.No+b.peopleRequired.NotKnown)
		criterion.Sign = "Confirm that each of these exceptions has an owner, a risk assessment and an end date."
		criterion.Next = criterion.Sign
	}
	return criterion
}

func (b *bench) notes() []List {
	var notes []string
	for _, system := range b.facts.Systems {
		for _, note := range system.Notes {
			notes = append(notes, system.Name+": "+note)
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return []List{{"What was found in the settings", notes}}
}

func stepUp(b *bench) Criterion {
	return some(b.services("A policy in force answers a risky sign-in with a second factor or a refusal.",
		func(s *coverage.System) coverage.Fact { return s.StepUp }))
}

func deviceChecked(b *bench) Criterion {
	return some(b.services("A policy in force asks for a managed device.",
		func(s *coverage.System) coverage.Fact { return s.DeviceChecked }))
}

func phoneForbidden(b *bench) Criterion {
	criterion := all(goal{figure: b.services("Codes by text message, call and e-mail are switched off.",
		func(s *coverage.System) coverage.Fact { return s.PhoneForbidden }), percent: 100})
	criterion.Lists = b.notes()
	return criterion
}

func firmPolicy(b *bench) Criterion {
	return afterwards(phoneForbidden(b), "Confirm that the organisation has published that phone-based sign-in is not allowed.")
}

// afterwards is a criterion whose evidence must hold before a human is asked.
func afterwards(criterion Criterion, sign string) Criterion {
	if criterion.State == Met {
		criterion.State, criterion.Sign, criterion.Next = NeedsHuman, sign, sign
	}
	return criterion
}

func strongOnly(b *bench) Criterion {
	return all(goal{figure: b.people("A strong factor on every account, and nothing open to SIM swapping left.",
		func(a *coverage.Account) coverage.Fact { return a.WeakFree }), percent: b.thresholds.Everyone})
}

func privilegedResistant(b *bench) Criterion {
	return all(goal{figure: b.privileged("A phishing-resistant method is set up.",
		func(a *coverage.Account) coverage.Fact { return a.ResistantHeld }), percent: 100})
}

func keysManaged(b *bench) goal {
	return goal{figure: b.services("Only attested keys of chosen models can be registered.",
		func(s *coverage.System) coverage.Fact { return s.KeysManaged }), percent: 100}
}

func robustOnly(b *bench) Criterion {
	criterion := all(goal{figure: b.services("Policy demands a phishing-resistant method of everybody, everywhere.",
		func(s *coverage.System) coverage.Fact { return s.Resistant }), percent: 100}, keysManaged(b))
	criterion.Lists = b.notes()
	return criterion
}

func keysOnly(a *coverage.Account) coverage.Fact { return a.KeysOnly }

func keysForAll(b *bench) Criterion {
	return all(goal{figure: b.people("Attested hardware keys and nothing else, on every account.", keysOnly), percent: 100},
		goal{figure: b.privileged("Attested hardware keys and nothing else.", keysOnly), percent: 100})
}

func keyLifecycle(b *bench) Criterion {
	return afterwards(all(keysManaged(b)), "Confirm that issue, loss and return of every key are recorded and that lost keys are blocked at once.")
}

func highAssurance(b *bench) Criterion {
	return all(goal{figure: b.people("Policy demands a phishing-resistant method, and everything set up is an attested hardware key.",
		func(a *coverage.Account) coverage.Fact { return coverage.And(a.Resistant, a.KeysOnly) }), percent: 100})
}
