package retirement

import (
	"github.com/warder-project/warder/internal/proof/adoption"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// Class says what a method is to somebody who has it.
type Class string

// The classes, in the order in which they are told.
const (
	Only   Class = "only"   // they have nothing strong
	Beside Class = "beside" // beside something strong
	Back   Class = "back"   // a way back in, not a way in
)

// Classes lists them.
func Classes() []Class { return []Class{Only, Beside, Back} }

// Label is the class for people.
func (c Class) Label() string {
	switch c {
	case Only:
		return "Nothing strong besides"
	case Beside:
		return "Something strong besides"
	case Back:
		return "As a way back in"
	}
	return "Not known"
}

// Step is one thing to be done, in order.
type Step struct {
	Text string
	Done bool
}

// Item is one person in a plan.
type Item struct {
	Account *adoption.Account
	Class   Class
	Steps   []Step // in the order in which they must be taken
	Ready   bool   // the method would be disabled now
}

// Plan is what retiring a method means for everybody who has it.
type Plan struct {
	Method   assurance.Method
	Accepted bool   // the policy takes it of somebody, so that people can set it up again
	Items    []Item // in order of user name
}

// Of lists the items of a class.
func (p Plan) Of(class Class) []Item {
	var found []Item
	for _, item := range p.Items {
		if item.Class == class {
			found = append(found, item)
		}
	}
	return found
}

// Ready counts for whom the method would be disabled now.
func (p Plan) Ready() int {
	count := 0
	for _, item := range p.Items {
		if item.Ready {
			count++
		}
	}
	return count
}

// daysProven is on how many different days a strong method must have signed somebody
// in before a weak one goes: once may have been under guidance.
const daysProven = 2

// retirable reports whether Warder keeps the method, and may forget it.
func retirable(method assurance.Method) bool {
	switch method {
	case assurance.Password, assurance.TOTP, assurance.RecoveryCode:
		return true
	default:
		return false
	}
}

// plan works out what everybody needs. It is a pure function of the picture.
func plan(method assurance.Method, picture *adoption.Picture) Plan {
	made := Plan{Method: method}
	for i := range picture.Accounts {
		account := &picture.Accounts[i]
		item, has := itemOf(method, account)
		if !has {
			continue
		}
		made.Items = append(made.Items, item)
		for _, holding := range account.Holdings {
			made.Accepted = made.Accepted || holding.Method == method && holding.Accepted
		}
	}
	return made
}

// itemOf is one person's way to being without the method; false when they do not have it.
func itemOf(method assurance.Method, account *adoption.Account) (Item, bool) {
	item := Item{Account: account, Class: Only}
	var has, strong, proven, password bool
	for _, holding := range account.Holdings {
		has = has || holding.Method == method
		password = password || holding.Method == assurance.Password
		if holding.Accepted && holding.Method.Weaknesses()&assurance.Phishable == 0 {
			strong = true
			proven = proven || holding.DaysUsed >= daysProven
		}
	}
	if !has {
		return Item{}, false
	}
	switch {
	case method == assurance.RecoveryCode:
		item.Class = Back
	case strong:
		item.Class = Beside
	}
	item.Steps = []Step{
		{"Issue a security key and register it, with a one-time link or a pass.", strong},
		{"Sign in with it on two different days.", proven},
	}
	item.Ready = proven
	switch method {
	case assurance.RecoveryCode:
		// Without the codes, a second key is the only way back that asks nobody.
		item.Steps = append(item.Steps, Step{"Register a second key.", account.Complete})
		item.Ready = proven && account.Complete
	case assurance.TOTP:
		// A code is asked for after a password, and goes after it.
		item.Steps = append(item.Steps, Step{"Retire the password first.", !password})
		item.Ready = proven && !password
	default: // a password goes as soon as it is replaced
	}
	item.Steps = append(item.Steps, Step{Text: "Disable the " + method.Class().Name + "."})
	if len(account.WaysBack()) > 0 && method != assurance.RecoveryCode {
		item.Steps = append(item.Steps, Step{Text: "Retire the recovery codes: they can be phished too."})
	}
	return item, true
}
