package coverage

import "slices"

// Question is what is asked of each account or service.
type Question struct {
	Sentence string // "is asked for a second factor at every sign-in"
	Account  func(*Account) Fact
	System   func(*System) Fact
}

// Figure is one number with what it is made of. Yes+No+NotKnown = Of.
type Figure struct {
	Unit     string      `json:"unit"` // people, accounts, services
	Sentence string      `json:"question"`
	Yes      int         `json:"numerator"`
	No       int         `json:"no"`
	NotKnown int         `json:"not_known"`
	Of       int         `json:"denominator"`
	Complete bool        `json:"denominator_complete"`
	Why      []Gap       `json:"denominator_gaps,omitempty"`
	Excluded []Exclusion `json:"excluded"`
	Groups   []Group     `json:"departments,omitempty"`

	walk func(func(Unit) bool)
}

// Exclusion is how many were left out under one rule.
type Exclusion struct {
	Rule     string `json:"rule"`
	Sentence string `json:"sentence"`
	Count    int    `json:"count"`
}

// Group is the figure of one department.
type Group struct {
	Name string `json:"department"`
	Yes  int    `json:"numerator"`
	Of   int    `json:"denominator"`
}

// Unit is one thing behind a figure.
type Unit struct {
	Name     string // as people know it
	In       string // department, or the system an account is in
	Fact     Fact
	Excluded Rule
	Why      string // why it is in or out
}

// Walk goes through everything behind the figure: counted and left out.
func (f Figure) Walk(yield func(Unit) bool) {
	if f.walk != nil {
		f.walk(yield)
	}
}

// Left is how many were left out under all rules together.
func (f Figure) Left() int {
	left := 0
	for _, exclusion := range f.Excluded {
		left += exclusion.Count
	}
	return left
}

// Over says whether more than percent of the whole is yes. What is not known
// counts against, so it is yes only when certain and no only when certain.
func (f Figure) Over(percent int) Fact {
	return f.reach(func(part, whole int) bool { return part*100 > percent*whole })
}

// AtLeast says whether percent or more of the whole is yes.
func (f Figure) AtLeast(percent int) Fact {
	return f.reach(func(part, whole int) bool { return part*100 >= percent*whole })
}

func (f Figure) reach(enough func(part, whole int) bool) Fact {
	if !f.Complete {
		return Unknown
	}
	switch {
	case f.Of == 0:
		return Unknown // nobody to ask proves nothing
	case enough(f.Yes, f.Of):
		return Yes
	case !enough(f.Yes+f.NotKnown, f.Of):
		return No
	}
	return Unknown
}

// count fills a figure from a walk.
func count(figure Figure, walk func(func(Unit) bool)) Figure {
	figure.walk = walk
	var excluded [len(ruleTexts)]int
	groups := map[string]*Group{}
	var group *Group // that of the unit before: neighbours are often colleagues
	walk(func(unit Unit) bool {
		if unit.Excluded != Counted {
			excluded[unit.Excluded]++
			return true
		}
		if group == nil || group.Name != unit.In {
			if group = groups[unit.In]; group == nil {
				group = &Group{Name: unit.In}
				groups[unit.In] = group
			}
		}
		figure.Of++
		group.Of++
		switch unit.Fact {
		case Yes:
			figure.Yes++
			group.Yes++
		case No:
			figure.No++
		case Unknown:
			figure.NotKnown++
		}
		return true
	})
	figure.Excluded = []Exclusion{}
	for rule := range ruleTexts {
		if n := excluded[rule]; n > 0 {
			figure.Excluded = append(figure.Excluded, Exclusion{Rule(rule).Code(), Rule(rule).Sentence(), n})
		}
	}
	for _, group := range groups {
		figure.Groups = append(figure.Groups, *group)
	}
	// The department with most left to do comes first: it is the next step.
	slices.SortFunc(figure.Groups, func(a, b Group) int {
		if d := (b.Of - b.Yes) - (a.Of - a.Yes); d != 0 {
			return d
		}
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return figure
}

// OfPeople asks the question of every person: yes when it is yes for each of
// the person's counted accounts. A person of whom no account is known is
// counted and not known. An account nobody is named for counts as one person,
// because somebody uses it.
func (f *Facts) OfPeople(question Question) Figure {
	complete := f.StaffKnown && len(f.Gaps) == 0
	figure := Figure{Unit: "people", Sentence: question.Sentence, Complete: complete, Why: f.Gaps}
	return count(figure, func(yield func(Unit) bool) { f.walkPeople(question, yield) })
}

func (f *Facts) walkPeople(question Question, yield func(Unit) bool) {
	type tally struct {
		fact  Fact
		known bool
	}
	tallies := make([]tally, len(f.People))
	for account := range f.Accounts() {
		if account.person == 0 || account.Excluded != Counted {
			continue
		}
		t := &tallies[account.person-1]
		if fact := question.Account(account); t.known {
			t.fact = And(t.fact, fact)
		} else {
			*t = tally{fact, true}
		}
	}
	for i := range f.People {
		person := &f.People[i]
		why := "On the staff list."
		if !tallies[i].known {
			why = "On the staff list, and no account of theirs that a person signs in to is in the evidence."
		}
		if person.Excluded != Counted {
			why = person.Excluded.Sentence()
		}
		if !yield(Unit{person.label(), person.Department, tallies[i].fact, person.Excluded, why}) {
			return
		}
	}
	for account := range f.Accounts() {
		if account.person != 0 {
			continue
		}
		why := account.Linked.Sentence()
		if account.Excluded != Counted {
			why = account.Excluded.Sentence()
		}
		unit := Unit{account.Name, "not on the staff list", question.Account(account), account.Excluded, why}
		if !yield(unit) {
			return
		}
	}
}

func (p *Person) label() string {
	if p.UserName != "" {
		return p.UserName
	}
	return p.Email
}

// OfAccounts asks the question of every counted account. It needs no staff list.
func (f *Facts) OfAccounts(question Question) Figure {
	return f.accountsWhere(question, "accounts", func(a *Account) Rule { return a.Excluded })
}

// OfPrivileged asks the question of every privileged account, root included.
func (f *Facts) OfPrivileged(question Question) Figure {
	return f.accountsWhere(question, "privileged accounts", func(a *Account) Rule {
		switch {
		case a.Privileged == No:
			return RuleNotPrivileged
		case a.SignsIn == No:
			return RuleNoPassword
		case a.Privileged == Unknown:
			return RulePrivilegeNotKnown
		}
		return Counted
	})
}

func (f *Facts) accountsWhere(question Question, unit string, rule func(*Account) Rule) Figure {
	gaps := f.accountGaps()
	figure := Figure{Unit: unit, Sentence: question.Sentence, Complete: len(gaps) == 0, Why: gaps}
	return count(figure, func(yield func(Unit) bool) {
		for account := range f.Accounts() {
			excluded := rule(account)
			why := "An account a person can sign in to."
			if excluded != Counted {
				why = excluded.Sentence()
			}
			unit := Unit{account.Name, f.Systems[account.System].Name, question.Account(account), excluded, why}
			if !yield(unit) {
				return
			}
		}
	})
}

// OfServices asks the question of every service.
func (f *Facts) OfServices(question Question) Figure {
	gaps := f.accountGaps()
	figure := Figure{Unit: "services", Sentence: question.Sentence, Complete: len(gaps) == 0, Why: gaps}
	return count(figure, func(yield func(Unit) bool) {
		for i := range f.Systems {
			system := &f.Systems[i]
			unit := Unit{Name: system.Name, In: system.Cloud, Fact: question.System(system), Why: "A service people sign in to."}
			if system.NobodySignsIn {
				unit.Excluded, unit.Why = RuleNobodySignsIn, RuleNobodySignsIn.Sentence()
			}
			if !yield(unit) {
				return
			}
		}
	})
}

// ServicesWhere asks of every service whether percent or more of its counted
// accounts answer yes.
func (f *Facts) ServicesWhere(question Question, percent int) Figure {
	tallies := make([]Figure, len(f.Systems))
	for account := range f.Accounts() {
		if account.Excluded != Counted {
			continue
		}
		tally := &tallies[account.System]
		tally.Of++
		switch question.Account(account) {
		case Yes:
			tally.Yes++
		case No:
			tally.No++
		case Unknown:
			tally.NotKnown++
		}
	}
	facts := make(map[*System]Fact, len(f.Systems))
	for i := range f.Systems {
		tallies[i].Complete = true
		facts[&f.Systems[i]] = tallies[i].AtLeast(percent)
	}
	question.System = func(system *System) Fact { return facts[system] }
	return f.OfServices(question)
}
