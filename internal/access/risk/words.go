package risk

import (
	"fmt"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
)

// Why is one sentence to the person about what is unusual, for example "this is the
// first sign-in from Spain"; "" when nothing is. It stands after "because".
func (s *Sight) Why() string {
	where := s.Place.Called()
	if where == "" {
		where = "this place"
	}
	signals := s.Signals
	switch {
	case signals.KeyReportedLost == policy.Yes:
		return "somebody has tried to use a key of yours that was reported lost"
	case signals.ImpossibleTravel == policy.Yes && s.Travel != nil:
		return "you were in " + orPlace(s.Travel.FromPlace.Called()) + " " + ago(s.Travel.Took) + " before, and nobody travels from there to " + where + " so fast"
	case signals.ImpossibleTravel == policy.Yes:
		return "your session is in use at two places that are too far from each other"
	case signals.NewCountry == policy.Yes:
		return "this is the first sign-in from " + where
	case signals.ListedNetwork == policy.Yes:
		return "this network is on a list of networks that hide where somebody is (" + strings.Join(s.Lists, ", ") + ")"
	case signals.NewDevice == policy.Yes && signals.NewNetwork == policy.Yes:
		return "this is a browser and a network that you have not signed in from before"
	case signals.FailureBurst == policy.Yes:
		return "there were many wrong tries to sign in as you in the last hour"
	case signals.NewDevice == policy.Yes:
		return "this is a browser that you have not signed in from before"
	case signals.NewNetwork == policy.Yes, signals.NewASN == policy.Yes:
		return "this is a network that you have not signed in from before"
	case signals.UnusualHour == policy.Yes:
		return "this is an hour at which you do not usually sign in"
	}
	return ""
}

func orPlace(name string) string {
	if name == "" {
		return "another place"
	}
	return name
}

// ago is a length of time as a person says it.
func ago(took time.Duration) string {
	switch minutes := int(took.Round(time.Minute).Minutes()); {
	case minutes < 2:
		return "a minute"
	case minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	default:
		return fmt.Sprintf("%d hours", int(took.Round(time.Hour).Hours()))
	}
}

// Row is one value for an administrator.
type Row struct{ Name, Value string }

// About is what is known of the address of a sight, whoever was there.
func (s *Sight) About() []Row {
	rows := []Row{{"Address", s.Address.String() + " in " + text(s.Network)}, {"Place", s.place()}}
	if len(s.Names) > 0 {
		rows = append(rows, Row{"Named networks", strings.Join(s.Names, ", ") + " (" + string(s.Kind) + ")"})
	}
	if len(s.Lists) > 0 {
		rows = append(rows, Row{"On lists", strings.Join(s.Lists, ", ")})
	}
	return rows
}

// Rows are the values behind a sight, for an administrator.
func (s *Sight) Rows() []Row {
	rows := s.About()
	if t := s.Travel; t != nil {
		rows = append(rows, Row{"Way from the event before", fmt.Sprintf("%.0f km in %s: %.0f km/h. Before: session %s in %s, %s",
			t.DistanceKM, t.Took.Round(time.Second), t.KMH, t.From, orPlace(t.FromPlace.Called()), t.FromAt.UTC().Format(time.RFC3339))})
	}
	rows = append(rows, Row{"Wrong tries in the last hour", fmt.Sprint(s.Failures)})
	for _, one := range Named(s.Signals) {
		rows = append(rows, Row{one.Label, one.Value.word()})
	}
	if s.Before != nil {
		rows = append(rows, Row{"Re-validated", s.Revalidated.UTC().Format(time.RFC3339) + ", before that: " + strings.Join(raisedOf(*s.Before), ", ")})
	}
	return rows
}

func raisedOf(signals policy.Signals) []string {
	all := []string{}
	for _, one := range Named(signals) {
		if one.Value.Truth == policy.Yes {
			all = append(all, strings.ToLower(one.Label))
		}
	}
	if len(all) == 0 {
		return []string{"nothing unusual"}
	}
	return all
}

func (s *Sight) place() string {
	p := s.Place
	parts := []string{orUnknown(p.Called())}
	if p.ASN != 0 {
		parts = append(parts, fmt.Sprintf("AS%d %s", p.ASN, p.Organisation))
	}
	if p.Located {
		parts = append(parts, fmt.Sprintf("%.2f, %.2f, good to %.0f km", p.Latitude, p.Longitude, p.RadiusKM))
	}
	return strings.TrimSpace(strings.Join(parts, "; "))
}

func orUnknown(name string) string {
	if name == "" {
		return "not known"
	}
	return name
}

// Value is a signal in words.
type Value struct{ policy.Truth }

func (v Value) word() string {
	switch v.Truth {
	case policy.Yes:
		return "yes"
	case policy.No:
		return "no"
	case policy.Unknown:
	}
	return "not known"
}

// Signal is one signal with its name.
type Signal struct {
	Label string
	Value Value
}

// Named lists the signals in the order in which they are shown.
func Named(s policy.Signals) []Signal {
	return []Signal{
		{"New network", Value{s.NewNetwork}}, {"New operator (ASN)", Value{s.NewASN}}, {"New country", Value{s.NewCountry}},
		{"Impossible travel", Value{s.ImpossibleTravel}}, {"New browser", Value{s.NewDevice}}, {"Unusual hour", Value{s.UnusualHour}},
		{"Burst of wrong tries", Value{s.FailureBurst}}, {"Listed network", Value{s.ListedNetwork}}, {"Lost key in use", Value{s.KeyReportedLost}},
	}
}
