package condition

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/warder-project/warder/internal/access/policy"
)

// Fact is one thing that a condition may speak of.
type Fact struct {
	Name string
	Kind string // for documents: "text", "number", "time", …
	// Missing says that it may be not known.
	Missing bool
	About   string

	celType *cel.Type
	value   func(f *policy.Facts) any // nil when not known
}

// unknown is what a fact that is not known looks like to an expression.
var unknown = types.NewUnknown(1, nil)

// Facts lists what a condition may speak of, in the order of documents. Nothing in it
// names a person: whom a rule is for is said by its own fields, which only include.
func Facts() []Fact {
	session := func(value func(f *policy.Facts) any) func(f *policy.Facts) any {
		return func(f *policy.Facts) any {
			if f.Session != policy.SessionAlive {
				return nil
			}
			return value(f)
		}
	}
	facts := []Fact{
		{"now", "time", false, "when the request came", cel.TimestampType, func(f *policy.Facts) any { return f.At }},
		{"request.method", "text", true, "its method, upper case", cel.StringType, func(f *policy.Facts) any { return text(f.Method) }},
		{"request.path", "text", true, "its path, without the query; a path with encoded bytes, or with a part that ends in a dot, is not known", cel.StringType, path},
		{"request.route", "text", true, "the id of the route", cel.StringType, func(f *policy.Facts) any { return text(f.Route) }},
		{"request.service", "text", false, "the service, as in services", cel.StringType, func(f *policy.Facts) any { return f.Service }},
		{"session.age", "duration", true, "how long ago the person signed in", cel.DurationType, session(func(f *policy.Facts) any { return f.At.Sub(f.AuthTime) })},
		{"session.aal", "number", true, "1 to 3", cel.IntType, session(func(f *policy.Facts) any { return int64(f.Assurance.AAL) })},
		{"session.method", "text", true, "the way of signing in, in the words of the catalogue", cel.StringType, session(func(f *policy.Facts) any { return f.Assurance.Method.String() })},
		{"session.phishing_resistant", "truth", true, "", cel.BoolType, session(func(f *policy.Facts) any { return f.Assurance.PhishingResistant })},
		{"session.hardware_bound", "truth", true, "", cel.BoolType, session(func(f *policy.Facts) any { return f.Assurance.HardwareBound })},
		{"session.attested", "truth", true, "", cel.BoolType, session(func(f *policy.Facts) any { return f.Assurance.Attested })},
		{"network.names", "list of texts", true, "the named networks that the address lies in", cel.ListType(cel.StringType), networks},
		{"device.managed", "truth", true, "", cel.BoolType, func(f *policy.Facts) any { return truth(f.Device) }},
		{"signals.country", "text", true, "where the address is, two capital letters", cel.StringType, func(f *policy.Facts) any { return text(f.Signals.Country) }},
	}
	for _, one := range []struct {
		name, about string
		of          func(s *policy.Signals) policy.Truth
	}{
		{"new_network", "a network this person has not signed in from", func(s *policy.Signals) policy.Truth { return s.NewNetwork }},
		{"new_asn", "a provider this person has not signed in from", func(s *policy.Signals) policy.Truth { return s.NewASN }},
		{"new_country", "a country this person has not signed in from", func(s *policy.Signals) policy.Truth { return s.NewCountry }},
		{"impossible_travel", "too far from the last place for the time between", func(s *policy.Signals) policy.Truth { return s.ImpossibleTravel }},
		{"new_device", "a browser this person has not signed in with", func(s *policy.Signals) policy.Truth { return s.NewDevice }},
		{"unusual_hour", "an hour at which this person is not usually here", func(s *policy.Signals) policy.Truth { return s.UnusualHour }},
		{"failure_burst", "many sign-ins of this person have just failed", func(s *policy.Signals) policy.Truth { return s.FailureBurst }},
		{"listed_network", "an address on a list of those to be wary of", func(s *policy.Signals) policy.Truth { return s.ListedNetwork }},
		{"key_reported_lost", "the key was used while it was reported lost", func(s *policy.Signals) policy.Truth { return s.KeyReportedLost }},
	} {
		facts = append(facts, Fact{"signals." + one.name, "truth", true, one.about, cel.BoolType,
			func(f *policy.Facts) any { return truth(one.of(&f.Signals)) }})
	}
	return facts
}

func text(value string) any {
	if value == "" {
		return nil
	}
	return value
}

// path is not known when applications may read it in more than one way.
func path(f *policy.Facts) any {
	if strings.ContainsAny(f.Path, "%; ") || strings.HasSuffix(f.Path, ".") || strings.Contains(f.Path, "./") {
		return nil
	}
	return text(f.Path)
}

func truth(value policy.Truth) any {
	switch value {
	case policy.Yes:
		return types.True
	case policy.No:
		return types.False
	case policy.Unknown:
	}
	return nil
}

func networks(f *policy.Facts) any {
	if !f.Network.Known {
		return nil
	}
	return slices.Clip(f.Network.Names)
}

// view shows the facts of one request to an expression.
type view struct {
	names map[string]Fact
	facts *policy.Facts
}

// ResolveName gives one fact. A name that is no fact of ours is not known either,
// though no expression with one is ever made.
func (v *view) ResolveName(name string) (any, bool) {
	fact, ok := v.names[name]
	if !ok {
		return nil, false
	}
	value := fact.value(v.facts)
	switch value := value.(type) {
	case nil:
		return unknown, true
	case time.Time:
		return types.Timestamp{Time: value}, true
	case time.Duration:
		return types.Duration{Duration: value}, true
	}
	return value, true
}

// Parent is for facts that are looked up in layers; ours are in one.
func (v *view) Parent() cel.Activation { return nil }
