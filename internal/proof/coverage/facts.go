package coverage

import (
	"iter"
	"strings"
	"time"
)

const chunk = 8192 // accounts per piece: a million grow without being copied

// Facts is everything known at one moment. Fill it, then call Join once.
type Facts struct {
	AsOf       time.Time
	Snapshot   string // names what the answer rests on: the same snapshot gives the same answer
	Systems    []System
	People     []Person
	StaffKnown bool      // the staff list was given and is fresh
	Gaps       []Gap     // evidence that is missing
	Sources    []Source  // files read
	Findings   []Finding // things to look at

	accounts [][]Account
	total    int
	joined   bool
}

// AddSystem adds a system and returns its index for Account.System.
func (f *Facts) AddSystem(system System) int16 {
	f.Systems = append(f.Systems, system)
	return int16(len(f.Systems) - 1)
}

// Add adds an account.
func (f *Facts) Add(account Account) {
	if f.total%chunk == 0 {
		f.accounts = append(f.accounts, make([]Account, 0, chunk))
	}
	last := len(f.accounts) - 1
	f.accounts[last] = append(f.accounts[last], account)
	f.total++
}

// Len is the number of accounts.
func (f *Facts) Len() int { return f.total }

// Accounts goes through all accounts in the order they were added.
func (f *Facts) Accounts() iter.Seq[*Account] {
	return func(yield func(*Account) bool) {
		for _, piece := range f.accounts {
			for i := range piece {
				if !yield(&piece[i]) {
					return
				}
			}
		}
	}
}

// PersonOf is the person an account was joined to.
func (f *Facts) PersonOf(account *Account) (*Person, bool) {
	if account.person == 0 {
		return nil, false
	}
	return &f.People[account.person-1], true
}

// Find adds a finding for one thing: the count goes up, the first twenty are named.
func (f *Facts) Find(code, sentence, example string) {
	for i := range f.Findings {
		if f.Findings[i].Code == code && f.Findings[i].Sentence == sentence {
			f.Findings[i].Count++
			if len(f.Findings[i].Examples) < 20 {
				f.Findings[i].Examples = append(f.Findings[i].Examples, example)
			}
			return
		}
	}
	f.Findings = append(f.Findings, Finding{Code: code, Sentence: sentence, Count: 1, Examples: []string{example}})
}

// accountGaps are the gaps that leave accounts and services uncounted.
func (f *Facts) accountGaps() []Gap {
	var gaps []Gap
	for _, gap := range f.Gaps {
		if !gap.PeopleOnly {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// Join links accounts to people and settles which accounts are counted.
func (f *Facts) Join() {
	if f.joined {
		return
	}
	f.joined = true
	roll := newRoll(f.People)
	live := make([]bool, len(f.Systems))
	for account := range f.Accounts() {
		f.link(roll, account)
		f.settle(account)
		if account.Kind != OfRoot && account.Excluded != RuleNoPassword {
			live[account.System] = true
		}
	}
	for i := range f.Systems {
		f.Systems[i].NobodySignsIn = !live[i] && f.systemComplete(i)
	}
}

// systemComplete says whether the accounts of a system are all known: with a
// gap somewhere an empty list proves nothing.
func (f *Facts) systemComplete(system int) bool {
	if len(f.accountGaps()) > 0 {
		return false
	}
	for account := range f.Accounts() {
		if int(account.System) == system {
			return true
		}
	}
	return false
}

func (f *Facts) link(roll roll, account *Account) {
	account.person, account.Linked = roll.find(account.Name)
	if account.Linked == Unlinked && f.StaffKnown && account.Kind == OfPerson && account.SignsIn != No {
		f.Find("account.unlinked", "Accounts that nobody on the staff list is named for. Each is counted as one person.", account.Name)
	}
	if account.Linked == LinkAmbiguous {
		f.Find("account.ambiguous", "Several people on the staff list fit one account, so it is joined to none of them.", account.Name)
	}
}

// settle decides by named rules whether an account is counted.
func (f *Facts) settle(account *Account) {
	person, linked := f.PersonOf(account)
	if linked && person.Excluded == RuleLeaver && account.SignsIn != No {
		f.Find("account.leaver", "People who have left still have an account.", account.Name)
	}
	switch {
	case account.Kind == OfRoot:
		account.Excluded = RuleRoot
	case account.SignsIn == No || account.Kind == OfService:
		account.Excluded = RuleNoPassword
	case account.Kind == OfGuest:
		account.Excluded = RuleGuest
	case linked && person.Excluded != Counted:
		account.Excluded = person.Excluded
	default:
		account.Excluded = Counted
	}
}

// roll is the staff list by every name an account may carry.
type roll struct {
	byName  map[string]entry
	domains map[string]bool
}

type entry struct {
	person int32 // index+1
	link   Link
}

func newRoll(people []Person) roll {
	r := roll{byName: make(map[string]entry, 2*len(people)), domains: map[string]bool{}}
	for i := range people {
		person := int32(i + 1)
		r.put(people[i].UserName, entry{person, LinkUserName})
		r.put(people[i].Email, entry{person, LinkEmail})
		if _, domain, ok := strings.Cut(strings.ToLower(people[i].Email), "@"); ok {
			r.domains[domain] = true
		}
	}
	return r
}

func (r roll) put(name string, new entry) {
	if name == "" {
		return
	}
	name = strings.ToLower(name)
	if old, taken := r.byName[name]; taken && old.person != new.person {
		new = entry{0, LinkAmbiguous}
	} else if taken {
		return
	}
	r.byName[name] = new
}

func (r roll) find(account string) (int32, Link) {
	if len(r.byName) == 0 {
		return 0, Unlinked
	}
	name := strings.ToLower(account)
	if found, ok := r.byName[name]; ok {
		return found.person, found.link
	}
	local, domain, ok := strings.Cut(name, "@")
	if !ok || !r.domains[domain] {
		return 0, Unlinked
	}
	found, ok := r.byName[local]
	switch {
	case !ok || found.link == LinkEmail:
		return 0, Unlinked
	case found.link == LinkAmbiguous:
		return 0, LinkAmbiguous
	}
	return found.person, LinkLocalPart
}
