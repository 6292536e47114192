package canonical

import (
	"fmt"
	"slices"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/registry/assurance"
)

// version is the first byte.
const version = 1

// The fields. A moment takes two numbers: see writer.time.
const (
	at field = 1 + iota
	_
	truths
	service
	session
	sessionEnd
	personState
	groups
	keyState
	proven
	provenWith
	authTime
	_
	userName
	department
	roles
	route
	method
	path
	networks
	signals
	country
	exceptions
)

// Encode appends the facts to dst.
func Encode(dst []byte, f *policy.Facts) []byte {
	w := writer{append(dst, version)}
	w.time(at, f.At)
	w.number(truths, pack(truthsOf(f)))
	w.text(service, f.Service)
	w.number(session, uint64(known(f.Session, policy.SessionAlive)))
	w.text(sessionEnd, f.SessionEnd)
	w.text(personState, f.PersonState)
	w.list(groups, f.Groups.Names())
	w.text(keyState, f.KeyState)
	w.number(proven, packAssurance(f.Assurance))
	w.number(provenWith, uint64(f.Assurance.Method.Class().Method))
	w.time(authTime, f.AuthTime)
	w.text(userName, f.UserName)
	w.text(department, f.Department)
	w.list(roles, f.Roles.Names())
	w.text(route, f.Route)
	w.text(method, f.Method)
	w.text(path, f.Path)
	w.list(networks, inOrder(f.Network.Names))
	w.number(signals, pack(signalsOf(f)))
	w.text(country, f.Signals.Country)
	w.exceptions(exceptions, f.Exceptions)
	return w.out
}

// Decode reads what Encode wrote, in this version of Warder or an earlier one.
func Decode(data []byte) (policy.Facts, error) {
	if len(data) == 0 {
		return policy.Facts{}, fmt.Errorf("facts: %w", errCut)
	}
	if data[0] != version {
		return policy.Facts{}, fmt.Errorf("facts: they are written in version %d, which this Warder does not know", data[0])
	}
	r := reader{rest: string(data[1:])}
	r.advance()
	var f policy.Facts
	f.At = r.time(at)
	r.truths(&f, r.below(truths, 1<<(2*truthCount)))
	f.Service = r.text(service)
	f.Session = policy.SessionState(r.below(session, uint64(policy.SessionAlive)+1))
	f.SessionEnd = r.text(sessionEnd)
	f.PersonState = r.text(personState)
	f.Groups = policy.GroupsOf(r.set(groups)...)
	f.KeyState = r.text(keyState)
	f.Assurance = unpackAssurance(r.below(proven, 1<<6))
	f.Assurance.Method = r.method(provenWith)
	f.AuthTime = r.time(authTime)
	f.UserName = r.text(userName)
	f.Department = r.text(department)
	f.Roles = policy.GroupsOf(r.set(roles)...)
	f.Route = r.text(route)
	f.Method = r.text(method)
	f.Path = r.text(path)
	f.Network.Names = r.set(networks)
	r.signals(&f.Signals, r.below(signals, 1<<(2*signalCount)))
	f.Signals.Country = r.text(country)
	f.Exceptions = r.exceptions(exceptions)
	if r.next != 0 {
		r.fail("field %d is not known to this Warder", r.next)
	}
	if r.fault != nil {
		return policy.Facts{}, fmt.Errorf("facts: %w", r.fault)
	}
	return f, nil
}

// known is a state, or "not known" when it is none. Policy reads it so as well.
func known[T ~uint8](state, last T) T {
	if state > last {
		return 0
	}
	return state
}

// packAssurance is what was proven without the method. A level that does not exist
// has proven nothing.
func packAssurance(have assurance.Assurance) uint64 {
	var packed uint64
	for i, holds := range [...]bool{have.PhishingResistant, have.HardwareBound, have.Attested, have.UserVerified} {
		if holds {
			packed |= 1 << i
		}
	}
	if have.AAL >= assurance.AAL1 && have.AAL <= assurance.AAL3 {
		packed |= uint64(have.AAL) << 4
	}
	return packed
}

func unpackAssurance(packed uint64) assurance.Assurance {
	return assurance.Assurance{AAL: assurance.Level(packed >> 4), PhishingResistant: packed&1 != 0, HardwareBound: packed&2 != 0,
		Attested: packed&4 != 0, UserVerified: packed&8 != 0}
}

// method reads the number of a method. The catalogue keeps its numbers.
func (r *reader) method(f field) assurance.Method {
	value := r.below(f, 256)
	method := assurance.Method(value)
	if uint64(method.Class().Method) != value {
		r.fail("field %d names method %d, which is not known", f, value)
	}
	return method
}

// set reads a list that is in order and has each entry once.
func (r *reader) set(f field) []string {
	names := r.list(f)
	for i := 1; i < len(names); i++ {
		if names[i-1] >= names[i] {
			r.fail("field %d is not in order", f)
			return nil
		}
	}
	return names
}

// inOrder is the names in order, each once.
func inOrder(names []string) []string {
	if len(names) < 2 {
		return names
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
