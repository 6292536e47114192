package adoption

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Where people can look at the numbers, and at the people behind one.
const (
	Page     = "/admin/adoption"
	ListPage = Page + "/people"
)

// ListAddress is where the people behind a number are listed. query is one of:
// rung=WORD with who=role or who=other or without; undone=WORD of a rung;
// have=WORD or only=WORD of a method or of a weakness; empty is everybody.
func ListAddress(query url.Values) string { return ListPage + "?" + query.Encode() }

// Step is one rung with the people on it.
type Step struct {
	Rung       Rung
	Privileged []*Account // who hold a role
	Others     []*Account
}

// All is everybody on the rung, in order of user name.
func (s Step) All() []*Account {
	all := slices.Concat(s.Privileged, s.Others)
	slices.SortFunc(all, func(a, b *Account) int { return cmp.Compare(a.Person.UserName, b.Person.UserName) })
	return all
}

// Undone lists those on the rung whom a weaker way undoes.
func (s Step) Undone() []*Account {
	var found []*Account
	for _, account := range s.All() {
		if account.Strength().Downgraded() {
			found = append(found, account)
		}
	}
	return found
}

// Split is everybody by the best they have, lowest rung first. Each is on one rung.
func (p *Picture) Split() []Step {
	steps := make([]Step, len(Rungs()))
	for i, rung := range Rungs() {
		steps[i].Rung = rung
	}
	for i := range p.Accounts {
		account := &p.Accounts[i]
		step := &steps[account.Rung()]
		if account.Privileged() {
			step.Privileged = append(step.Privileged, account)
		} else {
			step.Others = append(step.Others, account)
		}
	}
	return steps
}

// Everybody lists all who are counted, in order of user name.
func (p *Picture) Everybody() []*Account {
	all := make([]*Account, len(p.Accounts))
	for i := range p.Accounts {
		all[i] = &p.Accounts[i]
	}
	return all
}

// Complete counts who can lose a key and still sign in.
func (p *Picture) Complete() int {
	count := 0
	for _, account := range p.Accounts {
		if account.Complete {
			count++
		}
	}
	return count
}

// OneKey lists people whose access hangs from a single key: they have keys, and all
// of them are the same one. Whoever has none hangs from nothing.
func (p *Picture) OneKey() []*Account {
	var found []*Account
	for i := range p.Accounts {
		account := &p.Accounts[i]
		if len(account.keys(keyMethods()...)) == 1 {
			found = append(found, account)
		}
	}
	return found
}

// SharedKey is a key that is the only one of several accounts.
type SharedKey struct {
	Key      ids.Key
	Accounts []*Account
}

// SharedKeys lists keys on which more than one account has its only active
// credentials, whether those work at the moment or not.
func (p *Picture) SharedKeys() []SharedKey {
	onKeys := map[int]int{} // how many keys each account has credentials on
	for _, accounts := range p.shared {
		for _, i := range accounts {
			onKeys[i]++
		}
	}
	var found []SharedKey
	for key, accounts := range p.shared {
		one := SharedKey{Key: key}
		for _, i := range accounts {
			if onKeys[i] == 1 {
				one.Accounts = append(one.Accounts, &p.Accounts[i])
			}
		}
		if len(one.Accounts) > 1 {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b SharedKey) int { return cmp.Compare(a.Key, b.Key) })
	return found
}

// Reliance says who depends on a method.
type Reliance struct {
	Have []*Account // people for whom it works and is accepted
	Only []*Account // people who could not sign in without it
}

// RelyOn says who has a method, and who could not sign in without it.
func (p *Picture) RelyOn(method assurance.Method) Reliance {
	return p.relyOn(func(other assurance.Method) bool { return other == method })
}

// RelyOnWeakness is the same for all methods that have a weakness, or may have it,
// together: Only are those who would be shut out if it were forbidden.
func (p *Picture) RelyOnWeakness(weakness assurance.Weakness) Reliance {
	return p.relyOn(func(method assurance.Method) bool { return method.Weaknesses()&weakness != 0 })
}

func (p *Picture) relyOn(gone func(assurance.Method) bool) Reliance {
	var reliance Reliance
	for i := range p.Accounts {
		account := &p.Accounts[i]
		rest, has := *account, false
		rest.Holdings = nil
		for _, one := range account.Holdings {
			switch {
			case !one.Accepted:
			case gone(one.Method):
				has = true
			default:
				rest.Holdings = append(rest.Holdings, one)
			}
		}
		if !has {
			continue
		}
		reliance.Have = append(reliance.Have, account)
		if len(account.Ways()) > 0 && len(rest.Ways()) == 0 {
			reliance.Only = append(reliance.Only, account)
		}
	}
	return reliance
}

// EveryoneStrong says whether it may be claimed that everybody signs in with what
// cannot be phished, and what stands against it. A way back that can be phished is a
// way in for whoever has the patience to use it, so the ways back count too. Of
// nobody nothing is claimed.
func (p *Picture) EveryoneStrong() (assurance.Fact, []string) {
	var nothing, phishable, back int
	for _, account := range p.Accounts {
		strength := account.Strength()
		switch {
		case len(strength.Best) == 0:
			nothing++
		case strength.Phishable():
			phishable++
		}
		for _, method := range account.WaysBack() {
			if method.Weaknesses()&assurance.Phishable != 0 {
				back++
			}
		}
	}
	var against []string
	add := func(count int, one, many string) {
		switch {
		case count == 1:
			against = append(against, "1 "+one)
		case count > 1:
			against = append(against, fmt.Sprint(count)+" "+many)
		}
	}
	add(nothing, "person has nothing to sign in with.", "people have nothing to sign in with.")
	add(phishable, "person can be let in with something that a fake website can pass on.", "people can be let in with something that a fake website can pass on.")
	add(back, "person has a way back in that a fake website can pass on.", "people have a way back in that a fake website can pass on.")
	switch {
	case len(against) > 0:
		return assurance.No, against
	case len(p.Accounts) == 0:
		return assurance.Unknown, []string{"There is nobody who may sign in."}
	}
	return assurance.Yes, nil
}
